"""Merging issues of one problem: asked of the reporter, told on both threads, undone when wrong.

Nobody is moved silently. Supporters stay where they joined and hear the common outcome there.
"""

from datetime import datetime
from typing import Literal

from services.contracts.actor import Actor, Role
from services.contracts.events import IssueClosed, MergeChanged
from services.contracts.events.grid_bridge import MergeStanding
from services.contracts.operations.grid_bridge import (
    ConsentToMerge,
    Issue,
    MergeIssue,
    OfIssue,
)
from services.grid_bridge import repository
from services.grid_bridge import repository_handling as store
from services.grid_bridge import texts_handling as texts
from services.grid_bridge.domain import handling as rules
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.issue import OnlyReporter, Status
from services.grid_bridge.handlers import promises
from services.grid_bridge.handlers.common import Doer, about, serving, tell, visible
from services.grid_bridge.handlers.reading import shown
from services.grid_bridge.models import IssueRow, MergeRow
from services.grid_bridge.repository import IssueNotFound
from services.kit.uow import UnitOfWork

_SAID_AS = {"fixed": "solved", "unresolvable": "refused"}
"""Results that ``issue.closed`` has no word of its own for."""


def ask(uow: UnitOfWork, cmd: MergeIssue, actor: Actor, now: datetime) -> Issue:
    """The committee wants to merge; where nobody is named there is nobody to ask."""
    found = visible(uow, actor, cmd.id)
    doer = serving(actor, found.path)
    store.one_merge_at_a_time(uow.session, found.community_id)
    if store.living_merge(uow.session, cmd.id) is not None:
        raise rules.MergeAskedAlready()
    target = _target(uow, found, cmd.into)
    row, into = _lock(uow, cmd.id, target.id)
    rules.may_merge(repository.as_issue(row))
    if into.status in rules.ENDED:
        raise rules.CannotMerge()
    merge = MergeRow(
        issue_id=row.id,
        into_id=into.id,
        state="asked",
        reason=cmd.reason,
        status_before=None,
        asked_by=actor.person_id,
        asked_at=now,
        decided_by=None,
        decided_at=None,
    )
    uow.session.add(merge)
    if row.reporter_id is None:
        _agree(uow, merge, row, into, doer, now)
    else:
        _tell(uow, merge, row, into, doer, now)
    return shown(uow, row, actor, now)


def consent(uow: UnitOfWork, cmd: ConsentToMerge, actor: Actor, now: datetime) -> Issue:
    """The reporter says yes or no."""
    found = visible(uow, actor, cmd.id)
    if found.reporter_id != actor.person_id:
        raise OnlyReporter()
    store.one_merge_at_a_time(uow.session, found.community_id)
    merge = store.living_merge(uow.session, cmd.id)
    if merge is None or merge.state != "asked":
        raise rules.NoMergeAsked()
    row, into = _lock(uow, cmd.id, merge.into_id)
    doer = Doer(Role.RESIDENT, actor.person_id)
    if cmd.agree:
        _agree(uow, merge, row, into, doer, now)
    else:
        _decide(uow, merge, "refused", row, into, doer, now)
    return shown(uow, row, actor, now)


def undo(uow: UnitOfWork, cmd: OfIssue, actor: Actor, now: datetime) -> Issue:
    """The committee takes the question back, or the merge, as long as nothing is closed."""
    found = visible(uow, actor, cmd.id)
    doer = serving(actor, found.path)
    store.one_merge_at_a_time(uow.session, found.community_id)
    merge = store.living_merge(uow.session, cmd.id)
    if merge is None:
        raise rules.NoMergeAsked()
    row, into = _lock(uow, cmd.id, merge.into_id)
    if merge.state == "agreed":
        before = Status(merge.status_before or Status.REPORTED)
        into_status = Status(into.status)
        changed = rules.undo_merge(repository.as_issue(row), before, into_status)
        repository.keep(row, changed, now)
        stage = (
            promises.STAGE_OF[changed.category]
            if changed.category and before is not Status.REOPENED
            else sla.Stage.FIRST_RESPONSE
        )
        # where nobody was asked, the committee's going to and fro buys no time either
        since = None if row.reporter_id else row.triaged_at or row.created_at
        promises.start(uow, row, stage, now, since=since)
    _decide(uow, merge, "undone", row, into, doer, now)
    return shown(uow, row, actor, now)


def _target(uow: UnitOfWork, found: IssueRow, into_id: str) -> IssueRow:
    """The issue to merge into, looked at before anything is locked.

    Raises:
        CannotMerge: it is the same one, of another community, or goes into another one itself.
    """
    try:
        target = repository.issue(uow.session, into_id)
    except IssueNotFound:
        raise rules.CannotMerge() from None
    if (
        target.id == found.id
        or target.community_id != found.community_id
        or store.living_merge(uow.session, target.id) is not None
    ):
        raise rules.CannotMerge()
    return target


def _lock(uow: UnitOfWork, issue_id: str, into_id: str) -> tuple[IssueRow, IssueRow]:
    """Both issues, locked; the one that the other goes into first, as for its outcome."""
    into = repository.issue(uow.session, into_id, lock=True)
    return repository.issue(uow.session, issue_id, lock=True), into


def _agree(
    uow: UnitOfWork, merge: MergeRow, row: IssueRow, into: IssueRow, doer: Doer, now: datetime
) -> None:
    """The issue shares the other's outcome from now on, and learns one that is known already."""
    before = row.status
    changed = rules.merge(repository.as_issue(row))
    repository.keep(row, changed, now)
    merge.status_before = before
    promises.end(uow, row, now)
    _decide(uow, merge, "agreed", row, into, doer, now)
    if into.status in rules.ENDED and into.result is not None:
        row.result = into.result
        text = texts.shared_outcome(into.title, texts.RESULTS[into.result])
        tell(uow, row, "shared_outcome", doer, text, now)
        uow.emit(
            IssueClosed(
                **about(row),
                result=_SAID_AS.get(into.result, into.result),
                note="",
                work_order_no=into.work_order_no,
                supporter_ids=store.followers(uow.session, row.id),
                merged_into=into.id,
            )
        )


def _decide(
    uow: UnitOfWork,
    merge: MergeRow,
    standing: MergeStanding,
    row: IssueRow,
    into: IssueRow,
    doer: Doer,
    now: datetime,
) -> None:
    merge.state = standing
    merge.decided_by, merge.decided_at = doer.person_id, now
    _tell(uow, merge, row, into, doer, now)


def _tell(
    uow: UnitOfWork, merge: MergeRow, row: IssueRow, into: IssueRow, doer: Doer, now: datetime
) -> None:
    """Both timelines and both threads say so."""
    standing: MergeStanding = merge.state  # type: ignore[assignment]
    reason = merge.reason if standing == "asked" else None
    sides: tuple[tuple[Literal["merged", "into"], IssueRow, IssueRow], ...] = (
        ("merged", row, into),
        ("into", into, row),
    )
    for side, one, other in sides:
        text = texts.merge(side, standing, other.title, reason)
        tell(uow, one, f"merge_{standing}", doer, text, now)
        uow.emit(
            MergeChanged(
                **about(one),
                other_issue_id=other.id,
                other_post_id=other.post_id,
                side=side,
                state=standing,
                reason=reason or "",
                actor_id=doer.person_id or "",
                actor_role=str(doer.role),
            )
        )
