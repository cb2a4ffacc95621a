"""Whom the grid platform may be told about: only a reporter who consented to it (PIPL art. 23).

Identity keeps the ledger and is asked each time, at the moment of handing over: what was withdrawn
a second ago is not sent again. A work order never waits for a name. While identity is away, and for
those who asked not to be named to their neighbours, it goes out without one.
"""

from services.contracts.errors import ShequError
from services.contracts.events import grid as border
from services.contracts.operations.identity import GridReporter
from services.grid_bridge.models import IssueRow
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)


def reporter_for_grid(uow: UnitOfWork, issue: IssueRow) -> border.Reporter | None:
    """The reporter, masked, or nobody (identity has 2 s to say)."""
    if issue.hide_name or issue.reporter_id is None:
        return None
    try:
        told = uow.ask("identity", "reporter_for_grid", person_id=issue.reporter_id)
    except ShequError as error:
        log.warning("work order goes out without its reporter", code=error.code)
        return None
    found = GridReporter.model_validate(told)
    masked = " ".join(part for part in (found.name, found.phone) if part)
    return border.Reporter(masked=masked) if found.consented and masked else None
