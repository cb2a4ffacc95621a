"""The grid bridge without its process: use-cases on a real database, people to call them."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services import directory
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import NotFound, ShequError
from services.contracts.events import (
    CommunityChanged,
    IssueReported,
    MemberCardChanged,
    WorkOrderUpdated,
)
from services.contracts.ids import new_id
from services.contracts.operations import grid_bridge as ops
from services.contracts.operations.identity import GridReporter
from services.grid_bridge.handlers import (
    classifying,
    committee,
    grid,
    library,
    orders,
    promises,
    reading,
    reconciling,
    reporting,
    steering,
)
from services.kit.blobs import PLATFORM
from services.kit.uow import UnitOfWorkFactory
from tests.support.folder_store import store_in
from tests.support.on_database import OnDatabase

SHANGYUAN, JUYUAN = "c-shangyuan", "c-juyuan"
PATHS = {SHANGYUAN: "demo.yuepu.shangyuan", JUYUAN: "demo.yuepu.juyuan"}
# a Monday noon here: working days ahead on both sides
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

SUGGESTION = ops.Suggestion(
    category="8x", slot="X3", confidence=0.91, reasons=["占用绿化"], model_version="test"
)


def actor(person_id: str, *grants: tuple[Role, str], acted_by: str = "") -> Actor:
    """Somebody with a verified token; ``acted_by`` is the helper who got it (assisted mode)."""
    return Actor(
        person_id,
        f"s-{acted_by or person_id}",
        tuple(Grant(role, path) for role, path in grants),
        expires_at=int(time.time()) + 900,
        acted_by=acted_by,
    )


SUN = actor("p-sun", (Role.RESIDENT, "demo.yuepu.shangyuan"))
LU = actor("p-lu", (Role.RESIDENT, "demo.yuepu.shangyuan"))
SHI = actor(
    "p-shi",
    (Role.COMMITTEE_STAFF, "demo.yuepu.shangyuan"),
    (Role.SECRETARY, "demo.yuepu.shangyuan"),
)
WANG = actor("p-wang", (Role.COMMITTEE_STAFF, "demo.yuepu.shangyuan"))
NEXT_DOOR = actor("p-zhang", (Role.COMMITTEE_STAFF, "demo.yuepu.juyuan"))
OBSERVER = actor("p-observer", (Role.OBSERVER, "demo.yuepu"))
OPERATOR = actor("p-operator", (Role.GRID_OPERATOR, "demo"))
ADMIN = actor("p-admin", (Role.DISTRICT_ADMIN, "demo"))
ANALYST = actor("p-analyst", (Role.DISTRICT_ANALYST, "demo"))
TOWN = actor("p-town", (Role.TOWN_ADMIN, "demo.yuepu"))
STRANGER = actor("p-stranger")


NOBODY = GridReporter(consented=False)


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(ShequError) as caught:
        call(*args, **kwargs)
    return caught.value.code


class Bridge(OnDatabase):
    """One bridge with its database and file store; every method is one transaction."""

    def __init__(self, units: UnitOfWorkFactory, folder: Path) -> None:
        self.engine = units.engine
        self.units = partial(units, ask=self._identity)
        self.reporter: GridReporter | ShequError = NOBODY
        self.asked_for: list[str] = []
        self.now = NOW
        self.files = store_in(folder)
        with units() as uow:
            for number, (community_id, path) in enumerate(PATHS.items(), 1):
                directory.project(uow, community_told(community_id, path, number))
            for person, standing in (
                (SUN, "active"),
                (LU, "active"),
                (SHI, "staff"),
                (WANG, "staff"),
            ):
                directory.project(uow, card_told(person.person_id, SHANGYUAN, standing))
            directory.project(uow, card_told(NEXT_DOOR.person_id, JUYUAN, "staff"))
            uow.commit()

    def _identity(self, service: str, method: str, **asked: Any) -> Any:
        """Identity: who may be named to the grid; nobody whom the directory does not know."""
        assert service == "identity"
        if method == "get_member_card":
            raise NotFound()
        assert method == "reporter_for_grid"
        self.asked_for.append(asked["person_id"])
        if isinstance(self.reporter, ShequError):
            raise self.reporter
        return self.reporter.model_dump()

    # -- files and facts ---------------------------------------------------------------------

    def photo(self, owner: Actor, content_type: str = "image/jpeg") -> str:
        """An upload of somebody's; its id."""
        return self._stored(owner.person_id, content_type)

    def platform_photo(self) -> str:
        """A result photo that the grid platform uploaded; its id."""
        return self._stored(PLATFORM, "image/jpeg")

    def _stored(self, owner: str, content_type: str) -> str:
        return self.files.put(
            b"\xff\xd8" + owner.encode(), content_type=content_type, owner=owner
        ).id

    def pass_days(self, days: float) -> None:
        """Let business time go on."""
        self.now += timedelta(days=days)

    # -- people ------------------------------------------------------------------------------

    def report(self, who: Actor = SUN, **fields: Any) -> ops.IssueReceipt:
        """Report a problem."""
        facts = {"cid": SHANGYUAN, "title": "商铺占用绿化带", "body": "围起来种了菜", **fields}
        with self.units() as uow:
            receipt = reporting.report(uow, ops.ReportIssue(**facts), who, self.files, self.now)
            uow.commit()
        return receipt

    def classify(self, issue_id: str, suggestion: ops.Suggestion = SUGGESTION) -> None:
        """Handle the event of the report, as the queue would."""
        (event,) = [e for e in self.told(IssueReported) if e.issue_id == issue_id]
        with self.units() as uow:
            classifying.classify(uow, event, lambda _title, _body: suggestion, self.now)
            uow.commit()

    def triage(
        self,
        issue_id: str,
        category: str = "8x",
        slot: str | None = "X3",
        by: Actor = SHI,
        **more: Any,
    ) -> ops.Issue:
        """Confirm the category."""
        cmd = ops.TriageIssue(id=issue_id, category=category, slot=slot, **more)
        return self._write(committee.triage, cmd, by)

    def answer(self, issue_id: str, outcome: str = "answered", by: Actor = SHI, **more: Any) -> Any:
        """Answer on the thread."""
        cmd = ops.AnswerIssue(id=issue_id, body="已核实", outcome=outcome, **more)
        return self._write(committee.answer, cmd, by, self.files)

    def step(self, issue_id: str, step: str = "talk", by: Actor = SHI, **more: Any) -> ops.Issue:
        """Record a step of self-governance."""
        cmd = ops.RecordSelfGovernance(id=issue_id, step=step, note="上门沟通", **more)
        return self._write(committee.record_step, cmd, by, self.files)

    def escalate(self, issue_id: str, by: Actor = SHI, urgent: bool = False) -> ops.WorkOrder:
        """Open a work order."""
        cmd = ops.EscalateIssue(id=issue_id, reason="商户拒绝整改", urgent=urgent)
        return self._write(committee.escalate, cmd, by, self.files)

    def rate(
        self, issue_id: str, by: Actor = SUN, score: int = 5, solved: bool = True
    ) -> ops.Issue:
        """Rate the outcome."""
        cmd = ops.RateIssue(id=issue_id, score=score, solved=solved, comment="满意")
        return self._write(reporting.rate, cmd, by)

    def reopen(self, issue_id: str, by: Actor = SUN) -> ops.Issue:
        """Open it again."""
        return self._write(reporting.reopen, ops.ReopenIssue(id=issue_id, reason="又种上了"), by)

    def issue(self, issue_id: str, who: Actor = SUN) -> ops.Issue:
        """Read an issue."""
        return self._write(reading.get_issue, ops.GetIssue(id=issue_id), who)

    def issues(self, who: Actor = SUN, **query: Any) -> Any:
        """Read a page of a community's issues."""
        cmd = ops.ListIssues(**{"cid": SHANGYUAN, **query})
        return self._write(reading.list_issues, cmd, who)

    def order(self, no: str, who: Actor = SHI) -> ops.WorkOrder:
        """Read a work order."""
        return self._read(orders.get_work_order, ops.GetWorkOrder(no=no), who)

    def orders(self, who: Actor = SHI, **query: Any) -> Any:
        """Read a page of work orders."""
        return self._read(orders.list_work_orders, ops.ListWorkOrders(**query), who)

    def escalated(self, who: Actor = SUN) -> ops.WorkOrder:
        """A problem on its way to the city."""
        receipt = self.report(who)
        self.triage(receipt.id)
        self.step(receipt.id, outcome="failed")
        return self.escalate(receipt.id)

    # -- clock and platform ------------------------------------------------------------------

    def chase(self) -> int:
        """One turn of the promise timer."""
        with self.units() as uow:
            handled = promises.chase(uow, self.now)
            uow.commit()
        return handled

    def update(self, no: str, seq: int, state: str, **more: Any) -> None:
        """An update of the grid platform, as the queue would hand it over."""
        facts = {
            "work_order_no": no,
            "seq": seq,
            "state": state,
            "at": self.now,
            "actor_role": "dispatcher",
            "department": "区城管执法局",
            "note": f"第{seq}步",
            "platform_ref": "WG-1",
            **more,
        }
        with self.units() as uow:
            grid.take_update(uow, WorkOrderUpdated(**facts), new_id(), self.files, self.now)
            uow.commit()

    def urge(self, no: str, by: Actor = SHI, reason: str = "三天没有人来") -> ops.WorkOrder:
        """Urge an order."""
        return self._write(steering.urge, ops.UrgeWorkOrder(no=no, reason=reason), by)

    def withdraw(self, no: str, by: Actor = SHI) -> ops.WorkOrder:
        """Ask for an order back."""
        cmd = ops.WithdrawWorkOrder(no=no, reason="商户自己清走了")
        return self._write(steering.withdraw, cmd, by)

    def amend(self, no: str, by: Actor = SHI, **more: Any) -> ops.WorkOrder:
        """Add to an order."""
        cmd = ops.AmendWorkOrder(no=no, note="又多了一堆", **more)
        return self._write(steering.amend, cmd, by, self.files)

    def library(self, who: Actor = SHI, **query: Any) -> list[ops.LibraryEntryView]:
        """Read the library."""
        cmd = ops.ListLibraryEntries(**{"did": "demo", **query})
        with self.units(read_only=True) as uow:
            return library.list_entries(uow, cmd, who).items

    def compare(self, *lines: ops.PlatformOrder, by: Actor = ADMIN, **more: Any) -> Any:
        """Compare with the platform's list."""
        cmd = ops.StartReconciliation(did="demo", orders=list(lines), **more)
        return self._write(reconciling.start, cmd, by)

    def repair(self, found_id: str, *rows: int, by: Actor = ADMIN) -> ops.Reconciliation:
        """Do what a comparison suggests."""
        cmd = ops.RepairReconciliation(id=found_id, rows=list(rows))
        return self._write(reconciling.repair, cmd, by, self.files)

    def walk(self, no: str, states: Iterable[str], first: int = 1) -> None:
        """Several updates in their order."""
        for seq, state in enumerate(states, first):
            self.update(no, seq, state)

    def _read(self, use_case: Any, cmd: Any, who: Actor) -> Any:
        with self.units(read_only=True) as uow:
            return use_case(uow, cmd, who, self.now)

    def _write(self, use_case: Any, cmd: Any, by: Actor, *more: Any) -> Any:
        with self.units() as uow:
            result = use_case(uow, cmd, by, *more, self.now)
            uow.commit()
        return result


TO_CLOSED = (
    "accepted",
    "verifying",
    "registered",
    "dispatched",
    "disposing",
    "disposed",
    "checking",
    "closed",
)


def kinds(issue: ops.Issue) -> list[str]:
    """The kinds of the lines of an issue's timeline."""
    return [line.kind for line in issue.timeline]


def community_told(community_id: str, path: str, number: int) -> CommunityChanged:
    return CommunityChanged(
        community_id=community_id,
        path=path,
        name=f"{community_id}居民区",
        kind="urban",
        code12=f"31011310200{number}",
        district_id="demo",
        district_name="宝山样例区",
        town_id="t-yuepu",
        town_name="月浦样例镇",
    )


def card_told(person_id: str, community_id: str, standing: str) -> MemberCardChanged:
    return MemberCardChanged(
        person_id=person_id,
        community_id=community_id,
        path=PATHS[community_id],
        standing=standing,
        display_name=person_id.removeprefix("p-"),
        building_label="3号楼",
        role_badges=[Role.COMMITTEE_STAFF.value] if standing == "staff" else [],
    )
