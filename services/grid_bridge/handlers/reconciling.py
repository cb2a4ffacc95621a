"""Comparing the platform's list with ours, and mending what differs.

A comparison changes nothing. A repair is done once a row, under the lock of its comparison, with
who did it; what a message asks of the platform shows in the next comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.events import WorkOrderUpdated, WorkOrderUpdatesWanted
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import Difference as DifferenceView
from services.contracts.operations.grid_bridge import (
    GetReconciliation,
    PlatformOrder,
    Reconciliation,
    RepairReconciliation,
    StartReconciliation,
)
from services.contracts.operations.grid_bridge.operators import MAX_REPAIRS, RECONCILERS
from services.grid_bridge import repository
from services.grid_bridge import repository_reconciling as rows
from services.grid_bridge.domain.reconciling import Repair, Theirs, compare
from services.grid_bridge.domain.work_order import PAUSING, State
from services.grid_bridge.files import Files
from services.grid_bridge.handlers import counting, grid, naming, promises
from services.grid_bridge.handlers.committee import opened
from services.grid_bridge.models import DifferenceRow, IssueRow, ReconciliationRow, WorkOrderRow
from services.grid_bridge.repository_districts import district
from services.grid_bridge.repository_reconciling import ReconciliationNotFound
from services.kit import logs
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

KEPT = timedelta(days=90)
"""Comparisons older than that are forgotten when the next one begins."""


class TwiceInList(Invalid):
    """An order stands in the platform's list more than once: which line counts?"""

    code = "grid.order_twice_in_list"
    zh, en = "清单中同一工单出现多次", "An order is in the list more than once"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose orders are compared: a district's, or all when there is none; who asks."""

    district_id: str | None
    path: str | None
    by: str


def start(uow: UnitOfWork, cmd: StartReconciliation, actor: Actor, now: datetime) -> Reconciliation:
    """Compare a district's orders; only for who holds the district.

    Raises:
        DistrictNotFound, Forbidden, TwiceInList
    """
    path = district(uow.session, cmd.did).path
    actor.require(RECONCILERS.roles, path)
    scope = Scope(cmd.did, path, actor.person_id)
    row = compare_lists(uow, scope, cmd.orders, now, cmd.exported_at, cmd.opened_since)
    return _page(uow, row, 0, 100)


def compare_lists(
    uow: UnitOfWork,
    scope: Scope,
    theirs: Sequence[PlatformOrder],
    now: datetime,
    exported_at: datetime | None = None,
    opened_since: datetime | None = None,
) -> ReconciliationRow:
    """Compare, and write down what differs.

    Raises:
        TwiceInList: ``errors`` names the lines.
    """
    listed: dict[str, Theirs] = {}
    twice = []
    for index, one in enumerate(theirs):
        if one.work_order_no in listed:
            twice.append(FieldError(f"orders.{index}.work_order_no", "is in the list already"))
        listed[one.work_order_no] = Theirs(State(one.state), one.seq, one.deadline)
    if twice:
        raise TwiceInList(errors=twice[:100])
    ours = rows.orders(uow.session, scope.district_id, opened_since, listed)
    found = compare(ours, listed, exported_at)
    differing = {one.no for one in found}
    rows.forget(uow.session, now - KEPT)
    row = ReconciliationRow(
        id=new_id(),
        district_id=scope.district_id,
        path=scope.path,
        started_by=scope.by,
        started_at=now,
        exported_at=exported_at,
        ours=len(ours),
        theirs=len(listed),
        equal=len(ours.keys() - differing),
        differences=len(found),
    )
    rows.keep(uow.session, row, found)
    log.info("orders compared", reconciliation=row.id, differences=len(found), by=scope.by)
    return row


def get(uow: UnitOfWork, cmd: GetReconciliation, actor: Actor) -> Reconciliation:
    """A comparison of a district that the actor holds."""
    row = _reachable(uow, cmd.id, actor)
    after = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else "0"
    return _page(uow, row, int(after) if after.isdecimal() else 0, cmd.limit)


def repair(
    uow: UnitOfWork, cmd: RepairReconciliation, actor: Actor, files: Files, now: datetime
) -> Reconciliation:
    """Do what these rows suggest, or the first open ones."""
    _reachable(uow, cmd.id, actor)
    mend(uow, cmd.id, actor.person_id, files, now, rows_wanted=cmd.rows)
    return _page(uow, rows.reconciliation(uow.session, cmd.id), 0, 100)


def mend(
    uow: UnitOfWork,
    found_id: str,
    by: str,
    files: Files,
    now: datetime,
    *,
    rows_wanted: Sequence[int] = (),
    limit: int = MAX_REPAIRS,
) -> int:
    """Repair open rows, at most ``limit``, each once; how many there were."""
    rows.reconciliation(uow.session, found_id, lock=True)
    wanted = rows.to_repair(uow.session, found_id, rows_wanted, limit)
    # orders are locked in the order of their numbers everywhere where there are several
    for row in sorted(wanted, key=lambda one: (one.work_order_no, one.id)):
        found = repository.lock_order(uow.session, row.work_order_no)
        row.status = _mend(uow, row, found, files, now) if found else "left"
        row.repaired_at, row.repaired_by = now, by
        log.info(
            "difference repaired",
            reconciliation=found_id,
            work_order_no=row.work_order_no,
            repair=row.repair,
            status=row.status,
            by=by,
        )
    return len(wanted)


def _mend(
    uow: UnitOfWork,
    row: DifferenceRow,
    found: tuple[WorkOrderRow, IssueRow],
    files: Files,
    now: datetime,
) -> str:
    order, issue = found
    if row.repair == Repair.REPUBLISH_OPENED:
        return _republish(uow, order, issue, files, now)
    if row.repair == Repair.ASK_UPDATES:
        return _ask(uow, order, row.from_seq or order.applied + 1, now)
    if row.repair == Repair.TAKE_DEADLINE:
        return _take_deadline(uow, order, issue, row.theirs or {}, now)
    return _release(uow, order, files, now)


def _republish(
    uow: UnitOfWork, order: WorkOrderRow, issue: IssueRow, files: Files, now: datetime
) -> str:
    """Tell them of the order again, as it was opened; who knows it already is not moved by it."""
    community = directory.community(uow, order.community_id)
    reporter = naming.reporter_for_grid(uow, issue)
    uow.emit(opened(uow, issue, order, community, reporter, files, now))
    return "asked"


def _ask(uow: UnitOfWork, order: WorkOrderRow, from_seq: int, now: datetime) -> str:
    uow.emit(
        WorkOrderUpdatesWanted(
            work_order_no=order.no,
            district=order.district_id,
            category=order.category,
            from_seq=from_seq,
            at=now,
        )
    )
    return "asked"


def _take_deadline(
    uow: UnitOfWork, order: WorkOrderRow, issue: IssueRow, theirs: dict[str, Any], now: datetime
) -> str:
    told = theirs.get("deadline")
    if not told or datetime.fromisoformat(told) <= order.deadline:
        return "left"
    order.deadline = datetime.fromisoformat(told)
    counting.follow(uow, issue.id)
    if issue.work_order_no == order.no:
        paused = State(order.state) in PAUSING
        promises.follow_order(uow, issue, order.deadline, now, paused=paused)
    return "done"


def _release(uow: UnitOfWork, order: WorkOrderRow, files: Files, now: datetime) -> str:
    """Judge what lies in quarantine anew; what came too late for ever is set aside."""
    for held in rows.quarantined(uow.session, order.no):
        event = WorkOrderUpdated.read(held.body)
        grid.take_update(uow, event, held.event_id, files, now)
    rows.set_aside(uow.session, order.no, order.applied, now)
    return "left" if rows.count_quarantined(uow.session, order.no) else "done"


def _reachable(uow: UnitOfWork, found_id: str, actor: Actor) -> ReconciliationRow:
    row = rows.reconciliation(uow.session, found_id)
    if row.path is None or not actor.holds(RECONCILERS.roles, row.path):
        raise ReconciliationNotFound()
    return row


def _page(uow: UnitOfWork, row: ReconciliationRow, after: int, limit: int) -> Reconciliation:
    found = rows.page_of_differences(uow.session, row.id, after=after, limit=limit)
    shown = found[:limit]
    return Reconciliation(
        id=row.id,
        district_id=row.district_id,
        started_by=row.started_by,
        started_at=row.started_at,
        exported_at=row.exported_at,
        ours=row.ours,
        theirs=row.theirs,
        equal=row.equal,
        differences=row.differences,
        rows=[difference(one) for one in shown],
        next_cursor=encode_cursor(str(shown[-1].id)) if len(found) > limit else None,
    )


def difference(row: DifferenceRow) -> DifferenceView:
    """A difference as operators see it."""
    told = {name: getattr(row, name) for name in DifferenceView.model_fields if name != "row"}
    return DifferenceView.model_validate({**told, "row": row.id})
