"""What votes holds about somebody, for her copy of her data, section by section."""

from services import directory
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

COPIES: dict[str, str] = {
    "topics": """
        SELECT id, community_id, title, body, state, convener, aim, outcome, from_post_id, again_of,
               seconders, assisted_by IS NOT NULL AS assisted, created_at
        FROM topics WHERE author_id = :person ORDER BY id DESC
    """,
    "topic_wordings": """
        SELECT topic_id, version, kind, title, body, role, at FROM topic_wordings
        WHERE written_by = :person ORDER BY at DESC, topic_id, version DESC
    """,
    "topics_seconded": """
        SELECT topic_id, at FROM topic_seconders WHERE person_id = :person
        ORDER BY at DESC, topic_id
    """,
    # Which steps she took, as everybody reads them; reasons are the office's.
    "topic_steps": """
        SELECT topic_id, kind, was, state, actor_role, at FROM topic_steps
        WHERE actor_id = :person ORDER BY id DESC
    """,
    "topics_raised_for_others": """
        SELECT id AS topic_id, created_at FROM topics WHERE assisted_by = :person ORDER BY id DESC
    """,
    "chain_settings": """
        SELECT community_id, version, note, changed_at FROM chain_settings
        WHERE changed_by = :person ORDER BY changed_at DESC, community_id
    """,
    "opinions": """
        SELECT id, topic_id, stance, body, earlier, state, proposal, created_at, corrected_at,
               assisted_by IS NOT NULL AS assisted, decision_reason, appeal
        FROM opinions WHERE author_id = :person ORDER BY created_at DESC, id DESC
    """,
    # What she did in office about others' words: that she did, not what they were.
    "opinions_decided": """
        SELECT topic_id, state, decided_role, decided_at FROM opinions
        WHERE decided_by = :person ORDER BY decided_at DESC, id DESC
    """,
    "moderations": """
        SELECT topic_id, appointed_at, ended_at, person_id = :person AS moderated
        FROM topic_moderators WHERE :person IN (person_id, appointed_by) ORDER BY id DESC
    """,
    "proposals_written": """
        SELECT topic_id, version, hash, written_role, written_at FROM proposal_versions
        WHERE written_by = :person ORDER BY written_at DESC, topic_id
    """,
    "objections": """
        SELECT id, topic_id, period, kind, body, mark, filed_at, marked_at, withdrawn_at,
               assisted_by IS NOT NULL AS assisted
        FROM objections WHERE objector_id = :person ORDER BY id DESC
    """,
    "objection_notes": """
        SELECT objection_id, side, body, by_role, at FROM objection_notes
        WHERE by_id = :person ORDER BY id DESC
    """,
    "polls_audited": """
        SELECT poll_id, at FROM poll_audits WHERE person_id = :person ORDER BY at DESC, poll_id
    """,
    "results_decided": """
        SELECT poll_id, sign_off, signed_at, filed_at, annulled_at, signed_by = :person AS signed,
               filed_by = :person AS filed, annulled_by = :person AS annulled
        FROM results WHERE :person IN (signed_by, filed_by, annulled_by)
        ORDER BY published_at DESC, poll_id
    """,
    "rolls": """
        SELECT e.poll_id, e.kind, e.building, e.place, e.area, e.state FROM roll_people mine
        JOIN roll_entries e ON e.poll_id = mine.poll_id AND e.code = mine.code
        WHERE mine.person_id = :person ORDER BY e.poll_id DESC, e.code
    """,
    "proxies": """
        SELECT id, poll_id, code, principal_id = :person AS given, holder_id = :person AS held,
               CASE WHEN :person IN (principal_id, holder_id) THEN choice END AS choice, written,
               granted_at, revoked_at
        FROM proxies WHERE :person IN (principal_id, holder_id, recorded_by) ORDER BY id DESC
    """,
    # What she changed in office: that she did, and why in public.
    "roll_changes": """
        SELECT poll_id, kind, reason, at FROM roll_changes WHERE by = :person ORDER BY id DESC
    """,
    "rules_confirmed": """
        SELECT district_id, preset, version, signed_as, confirmed_at, revoked_at,
               confirmed_by = :person AS confirmed, revoked_by = :person AS revoked
        FROM rule_confirmations WHERE :person IN (confirmed_by, revoked_by) ORDER BY id DESC
    """,
    "covenant_agreements": """
        SELECT covenant_id, version, named, at FROM covenant_agreements
        WHERE person_id = :person ORDER BY at DESC, covenant_id, version
    """,
    "breaches": """
        SELECT id, covenant_id, article, state, hidden, place, building, reason, created_at,
               ended_at, assisted_by IS NOT NULL AS assisted
        FROM covenant_breaches WHERE reporter_id = :person ORDER BY id DESC
    """,
    "breach_notes": """
        SELECT breach_id, part, role, body, talk, at FROM breach_notes
        WHERE author_id = :person ORDER BY id DESC
    """,
    "breaches_concerning": """
        SELECT breach_id, at FROM breach_people
        WHERE person_id = :person ORDER BY at DESC, breach_id
    """,
    # Whose name she saw is the reporter's to read, in her access log.
    "breaches_looked_at": """
        SELECT breach_id, day FROM breach_looks
        WHERE actor_id = :person ORDER BY day DESC, breach_id
    """,
    "breaches_ended": """
        SELECT id, state, ended_at FROM covenant_breaches
        WHERE ended_by = :person ORDER BY ended_at DESC, id
    """,
    "follow_ups": """
        SELECT id, topic_id, what, state, created_at, updated_at, created_by = :person AS created,
               updated_by = :person AS updated
        FROM follow_ups WHERE :person IN (created_by, updated_by) ORDER BY id DESC
    """,
    "surveys_made": """
        SELECT id, title, state, created_at FROM surveys
        WHERE created_by = :person ORDER BY id DESC
    """,
    # Of an anonymous survey that she has answered is all that anybody knows.
    "surveys_answered": """
        SELECT m.survey_id, s.title, s.anonymous, a.answers, a.at,
               a.assisted_by IS NOT NULL AS assisted
        FROM survey_marks AS m JOIN surveys AS s ON s.id = m.survey_id
        LEFT JOIN survey_answers AS a
            ON a.survey_id = m.survey_id AND a.subject = m.subject AND a.person_id = :person
        WHERE m.person_id = :person ORDER BY m.survey_id DESC
    """,
    "assisted": """
        SELECT 'breach' AS what, id, created_at AS at FROM covenant_breaches
        WHERE assisted_by = :person
        UNION ALL SELECT 'survey', survey_id, at FROM survey_answers WHERE assisted_by = :person
        UNION ALL SELECT 'opinion', id, created_at FROM opinions WHERE assisted_by = :person
        UNION ALL SELECT 'objection', id, filed_at FROM objections WHERE assisted_by = :person
        UNION ALL SELECT 'reply', objection_id, at FROM objection_notes WHERE assisted_by = :person
        ORDER BY at DESC, id
    """,
    # That a paper was handed out for one of her entries, and came back: never what it said.
    "papers": """
        SELECT papers.poll_id, papers.serial, papers.state, papers.issued_at FROM papers
        JOIN roll_people p ON p.poll_id = papers.poll_id AND p.code = papers.code
        WHERE p.person_id = :person ORDER BY papers.issued_at DESC, papers.poll_id, papers.serial
    """,
    # What she did at a desk is about others: that she did it, and when.
    "paper_desk": """
        SELECT poll_id, 'issue' AS act, issued_at AS at FROM papers WHERE issued_by = :person
        UNION ALL SELECT poll_id, act, entered_at FROM paper_acts WHERE person_id = :person
        UNION ALL SELECT sheet.poll_id, 'read', reading.entered_at
        FROM paper_readings reading JOIN paper_sheets sheet ON sheet.id = reading.sheet_id
        WHERE reading.person_id = :person ORDER BY at DESC, poll_id
    """,
}
"""The sections, each a query of the families' tables that names ``:person``."""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """All that votes holds about her."""
    return {
        "cards": directory.held_about(uow, person_id),
        **{name: section(uow.session, query, person=person_id) for name, query in COPIES.items()},
    }
