"""What a person's copy of her data holds of projects and the party garden, by section."""

from typing import Final

COPIES: Final = {
    "volunteering": """
        SELECT post_id, joined_at, left_at FROM feed_volunteers WHERE person_id = :person
        ORDER BY joined_at DESC, post_id
    """,
    "volunteer_hours": """
        SELECT id, post_id, hours, on_date, note, confirmed_at, logged_at
        FROM feed_project_hours WHERE person_id = :person ORDER BY on_date DESC, id DESC
    """,
    "project_steps": """
        SELECT s.id, s.post_id, s.step, s.actor_role, s.note, s.attachments, s.at
        FROM feed_project_steps s WHERE s.actor_id = :person ORDER BY s.at DESC, s.id DESC
    """,
    "project_money": """
        SELECT id, post_id, kind, amount, subject, on_date, note, attachments, cancels, at
        FROM feed_project_money WHERE by = :person ORDER BY at DESC, id DESC
    """,
    "party_check_ins": """
        SELECT community_id, kind, offers, checked_in_at FROM feed_party_check_ins
        WHERE person_id = :person ORDER BY checked_in_at DESC, community_id
    """,
    "studied": """
        SELECT post_id, note, at FROM feed_study_completions
        WHERE person_id = :person ORDER BY at DESC, post_id
    """,
    "pledges_kept_with": """
        SELECT post_id, named_at FROM feed_pledge_keepers
        WHERE person_id = :person ORDER BY named_at DESC, post_id
    """,
    "deeds": """
        SELECT id, post_id, on_date, note, attachments, at FROM feed_pledge_records
        WHERE by = :person ORDER BY at DESC, id DESC
    """,
    "witnessed": """
        SELECT record_id, seen, note, at FROM feed_pledge_witnesses
        WHERE person_id = :person ORDER BY at DESC, record_id
    """,
}
