"""A bridge that is asked for its figures, with a register of residents beside it."""

from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, ShequError
from services.contracts.operations import grid_bridge as ops
from services.grid_bridge import repository_recounts as recounts
from services.grid_bridge.domain.tallies import local_day
from services.grid_bridge.domain.work_order import EXITS, State
from services.grid_bridge.handlers import breakdown, counting, figures
from services.kit.uow import UnitOfWorkFactory
from tests.support.bridge import ANALYST, SHANGYUAN, SHI, actor
from tests.support.bridge_desk import PROPERTY, Desk

AUDITOR = actor("p-auditor", (Role.AUDITOR, "demo"))


class Bureau(Desk):
    """A desk whose figures are read; ``residents`` are on the registers, by place."""

    def __init__(self, *args: Any) -> None:
        self.residents: dict[str, int] = {}
        super().__init__(*args)

    def _identity(self, service: str, method: str, **asked: Any) -> Any:
        if method != "identity_figures":
            return super()._identity(service, method, **asked)
        if not self.residents:
            raise Forbidden()
        kind = asked["level"]
        return {"as_of": self.now, "items": [_row(*one, kind) for one in self.residents.items()]}

    @property
    def today(self) -> date:
        """The day in China."""
        return local_day(self.now)

    def kpis(self, who: Actor = ANALYST, **query: Any) -> ops.KpiReport:
        """The figures of the district."""
        return self._read(figures.kpis, ops.Kpis(**{"did": "demo", **self._span(), **query}), who)

    def own_kpis(self, who: Actor = SHI, **query: Any) -> ops.KpiReport:
        """The figures of the community."""
        asked = {"cid": SHANGYUAN, **self._span(), **query}
        return self._read(figures.community_kpis, ops.CommunityKpis(**asked), who)

    def counts(self, who: Actor = SHI, cid: str = SHANGYUAN) -> ops.IssueCountsView:
        """How many issues stand where."""
        return self._read(figures.issue_counts, ops.IssueCounts(cid=cid), who)

    def breakdown(self, who: Actor = SHI, **query: Any) -> ops.IssueBreakdown:
        """What was reported in the community, taken apart."""
        asked = {"cid": SHANGYUAN, **self._span(), **query}
        return self._read(breakdown.issue_breakdown, ops.GetIssueBreakdown(**asked), who)

    def roll_up(self) -> int:
        """One turn of the counters' timer."""
        with self.units() as uow:
            moved = counting.roll_up(uow)
            uow.commit()
        return moved

    def drift(self) -> int:
        """How many sums are not what the cases say."""
        with self.units(read_only=True) as uow:
            return recounts.drift(uow.session)

    def _span(self) -> dict[str, date]:
        return {"from": self.today - timedelta(days=60), "to": self.today}


def factory(bureau: Bureau) -> UnitOfWorkFactory:
    """Units of work as a program beside the service opens them."""
    return UnitOfWorkFactory(bureau.engine, "grid_bridge")


def exact(report: ops.KpiReport) -> dict[str, str | None]:
    """Each figure's exact value, by its key."""
    return {item.key: item.value for item in report.items}


def live(bridge: Bureau, random: Random, acts: int) -> None:
    """Whatever people and the platform may do, in any order; what is refused is left undone."""
    issues: list[str] = []
    orders: dict[str, tuple[str, int]] = {}

    def report() -> None:
        issues.append(bridge.report().id)

    def move() -> None:
        no = random.choice([*orders])
        state, seq = orders[no]
        if exits := sorted(EXITS[State(state)]):
            state = random.choice(exits)
            orders[no] = (state, seq + 1)
            late = {"deadline": bridge.now + timedelta(days=9)} if random.random() < 0.2 else {}
            bridge.update(no, seq + 1, state, **late)

    def escalate(one: str) -> None:
        orders[bridge.escalate(one, urgent=random.random() < 0.5).no] = ("reported", 0)

    def refer(one: str) -> None:
        found = bridge.refer(one)
        if random.random() < 0.7:
            bridge.settle_referral(found.id, PROPERTY, random.choice(["done", "declined"]))

    on_one = (
        lambda one: bridge.triage(one, "8x", "X3"),
        lambda one: bridge.triage(one, "consult", None),
        lambda one: bridge.answer(one, random.choice(["answered", "fixed", "refused"])),
        lambda one: bridge.step(one, outcome=random.choice([None, "failed"])),
        lambda one: bridge.step(
            one, "check", outcome="solved", attachments=[bridge.photo(SHI)]
        ),
        escalate,
        refer,
        lambda one: bridge.rate(one, score=random.randrange(1, 6), solved=random.random() < 0.5),
        lambda one: bridge.reopen(one),
        lambda one: bridge.confirm(one),
        lambda one: bridge.merge(one, random.choice(issues)),
        lambda one: bridge.consent(one),
        lambda one: bridge.undo_merge(one),
    )  # fmt: skip
    report()
    for _ in range(acts):
        with suppress(ShequError):
            kind = random.random()
            if kind < 0.1:
                report()
            elif kind < 0.35 and orders:
                move()
            elif kind < 0.45:
                bridge.pass_days(random.choice([0.1, 1, 4]))
            elif kind < 0.5:
                bridge.roll_up()
            else:
                random.choice(on_one)(random.choice(issues))


def _row(place_id: str, residents: int, kind: str) -> dict[str, Any]:
    return {
        "place": {"id": place_id, "kind": kind, "name": place_id, "path": place_id},
        "households": 0,
        "households_bound": 0,
        "binding_coverage": "0/0",
        "members": 0,
        "register_persons": residents,
        "party_members": None,
        "badges_shown": None,
        "badge_rate": None,
    }
