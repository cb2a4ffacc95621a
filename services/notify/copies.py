"""What notify holds about somebody, for her copy of her data."""

from services import directory
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

INBOX = """
    SELECT notice.id, notice.kind, notice.why, notice.link, notice.facts, notice.created_at,
           inbox.read_at
    FROM inbox JOIN notices notice ON notice.id = inbox.notice_id
    WHERE inbox.person_id = :person ORDER BY inbox.notice_id DESC
"""
FOLLOWS = "SELECT post_id FROM follows WHERE person_id = :person ORDER BY post_id DESC"
DUTIES = """
    SELECT role, path, expires_at, ended FROM duties
    WHERE person_id = :person ORDER BY path, role, grant_id
"""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """Her inbox, the threads that she follows, and the offices that she is told for."""
    session = uow.session
    return {
        "inbox": section(session, INBOX, person=person_id),
        "follows": section(session, FOLLOWS, person=person_id),
        "duties": section(session, DUTIES, person=person_id),
        "cards": directory.held_about(uow, person_id),
    }
