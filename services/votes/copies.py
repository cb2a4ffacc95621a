"""What votes holds about somebody, for her copy of her data, section by section."""

from services import directory
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

COPIES: dict[str, str] = {
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
    "rules_confirmed": """
        SELECT district_id, preset, version, signed_as, confirmed_at, revoked_at,
               confirmed_by = :person AS confirmed, revoked_by = :person AS revoked
        FROM rule_confirmations WHERE :person IN (confirmed_by, revoked_by) ORDER BY id DESC
    """,
}
"""The sections, each a query of the families' tables that names ``:person``."""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """All that votes holds about her."""
    return {
        "cards": directory.held_about(uow, person_id),
        **{name: section(uow.session, query, person=person_id) for name, query in COPIES.items()},
    }
