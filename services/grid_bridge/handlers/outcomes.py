"""How an issue came out, told to all whom it concerns: supporters, and issues merged into it.

Each merged issue gets the same event under its own head, so that its thread, its reporter and its
own supporters hear the outcome as if it were theirs. It is.
"""

from collections.abc import Iterable
from datetime import datetime

from services.contracts.events import Attachment
from services.contracts.events.grid_bridge import OutcomeEvent
from services.grid_bridge import repository_handling as store
from services.grid_bridge import texts_handling as texts
from services.grid_bridge.handlers.common import Doer, about, tell
from services.grid_bridge.models import IssueRow
from services.kit.uow import UnitOfWork


def emit(
    uow: UnitOfWork,
    row: IssueRow,
    event: OutcomeEvent,
    doer: Doer,
    text: str,
    now: datetime,
    *,
    attachments: Iterable[Attachment] = (),
) -> None:
    """Tell ``event`` of the issue, whose lock the caller holds, and of all merged into it.

    Args:
        text: what its own timeline says; the others' quote it.
    """
    uow.emit(_to_supporters(uow, row, event))
    attached = list(attachments)
    for other in store.merged_into(uow.session, row.id):
        other.result = row.result
        other.updated_at = now
        shared = texts.shared_outcome(row.title, text)
        tell(uow, other, "shared_outcome", doer, shared, now, attachments=attached)
        head = {**about(other), "merged_into": row.id}
        uow.emit(_to_supporters(uow, other, event.model_copy(update=head)))


def take_back(uow: UnitOfWork, row: IssueRow, doer: Doer, reason: str, now: datetime) -> None:
    """The issue was opened again: what was merged into it has no outcome any more either."""
    for other in store.merged_into(uow.session, row.id):
        other.result = None
        other.updated_at = now
        tell(uow, other, "shared_reopening", doer, texts.shared_reopening(row.title, reason), now)


def _to_supporters(uow: UnitOfWork, row: IssueRow, event: OutcomeEvent) -> OutcomeEvent:
    told = store.followers(uow.session, row.id) if row.supporters else []
    return event.model_copy(update={"supporter_ids": told})
