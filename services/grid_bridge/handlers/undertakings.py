"""Undertakings with a date (承诺整改), and the reporter's word whether it is solved (居民确认).

::

    undertaking, due ──the date has come──► reminder to who handles it ──► check, with a photo
         │                                                                   │
         └───────── checked, or the attempt ended: nothing to remind ◄───────┘
"""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.events import IssueConfirmed, IssueReminder
from services.contracts.operations.grid_bridge import ConfirmSolved, Issue
from services.grid_bridge import repository, repository_casework, repository_handling
from services.grid_bridge import texts_handling as texts
from services.grid_bridge.domain import handling as rules
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.handlers import outcomes, promises
from services.grid_bridge.handlers.common import (
    CLOCK,
    Doer,
    about,
    for_reporter,
    nameless,
    tell,
)
from services.grid_bridge.handlers.consulting_table import ended_by_reporter
from services.grid_bridge.handlers.reading import shown
from services.grid_bridge.models import IssueRow
from services.kit.uow import UnitOfWork

WAITING = frozenset(
    {Status.SELF_GOVERNING, Status.TRIAGED, Status.REFERRED, Status.IN_CONSULTATION}
)
"""Where an undertaking is still waited for; a later round has undertakings of its own."""


def confirm(uow: UnitOfWork, cmd: ConfirmSolved, actor: Actor, now: datetime) -> Issue:
    """The reporter says yes, which ends self-governance, or no, which is told."""
    row, doer = for_reporter(uow, actor, cmd.id)
    changed = rules.confirm(repository.as_issue(row), solved=cmd.solved)
    at_table = row.status == Status.IN_CONSULTATION
    repository.keep(row, changed, now)
    if at_table and cmd.solved:
        ended_by_reporter(uow, row, now)
    said(uow, row, doer, now, solved=cmd.solved, comment=cmd.comment)
    return shown(uow, row, actor, now)


def said(
    uow: UnitOfWork, row: IssueRow, doer: Doer, now: datetime, *, solved: bool, comment: str
) -> None:
    """Tell the reporter's word; after a yes nothing is promised and nothing to be checked."""
    text = texts.confirmed(solved=solved, comment=comment)
    tell(uow, row, "confirmed" if solved else "not_confirmed", doer, text, now)
    event = IssueConfirmed(**about(row), solved=solved, comment=comment, nameless=nameless(row))
    if solved:
        promises.end(uow, row, now)
        checked(uow, row, now)
        outcomes.emit(uow, row, event, doer, text, now)
    else:
        uow.emit(event)


def checked(uow: UnitOfWork, row: IssueRow, now: datetime) -> None:
    """Somebody looked whether what was undertaken was done."""
    repository_handling.undertakings_checked(uow.session, row.id, now)


def remind(uow: UnitOfWork, now: datetime, *, limit: int = 50) -> int:
    """Bring the undertakings to mind whose date has come; how many there were.

    Each once: the reminder moves the row on in the transaction of its event.
    """
    due = list(repository_casework.reminders(uow.session, now, limit))
    today = now.astimezone(sla.ZONE).date()
    for row, step in due:
        step.remind_at = None
        if row.status not in WAITING or step.round != row.round or step.due_at is None:
            continue
        handler = row.assignee_id
        if handler is not None:
            away = repository_casework.absence_on(uow.session, row.community_id, handler, today)
            handler = away.cover_id if away else handler
        tell(uow, row, "reminder", CLOCK, texts.reminder(step.due_at), now, staff_only=True)
        uow.emit(IssueReminder(**about(row), due_at=step.due_at, assignee_id=handler))
    return len(due)
