"""What a person's copy of her data holds of moderation, by section; of others' words nothing.

Who reported her is in none of it: her copy is hers, the reporter's protection is the reporter's.
"""

from typing import Final

COPIES: Final = {
    "reports_made": """
        SELECT k.target, k.target_id, k.post_id, r.kind, r.reason, r.at
        FROM feed_reports r JOIN feed_moderation_cases k ON k.id = r.case_id
        WHERE r.reporter_id = :person ORDER BY r.at DESC, k.id DESC
    """,
    "decisions_about_me": """
        SELECT id, target, target_id, post_id, community_id, module, evidence, opened_at, state,
               decision, reason, decided_at, appeal, appealed_at, final_decision, final_reason,
               final_at
        FROM feed_moderation_cases WHERE author_id = :person AND held
        ORDER BY opened_at DESC, id DESC
    """,
    "moderated": """
        SELECT at, action, target, target_id, community_id, actor_role, reason
        FROM feed_moderation_log WHERE actor_id = :person ORDER BY id DESC
    """,
    "distances": """
        SELECT CASE WHEN NOT hidden THEN other_id END AS person_id, kind, post_id, comment_id, since
        FROM feed_distances WHERE person_id = :person ORDER BY since DESC, id DESC
    """,
    "silences": """
        SELECT community_id, reason, since, until, lifted_at FROM feed_silences
        WHERE person_id = :person ORDER BY since DESC, id DESC
    """,
}
