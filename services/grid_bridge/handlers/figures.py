"""Figures of districts, towns and communities, as far as the reader watches over them.

No figure names a case or a person. Who does not serve in a community is not told of fewer than ten
cases of it (k-anonymity), nor of what would tell of them beside the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import Forbidden, ShequError
from services.contracts.operations import grid_bridge as ops
from services.contracts.operations.grid_bridge.figures import WATCHERS
from services.contracts.operations.identity import Figures
from services.grid_bridge import repository_districts as territory
from services.grid_bridge import repository_figures as store
from services.grid_bridge.domain import kpis as rules
from services.grid_bridge.domain.issue import Category, Status
from services.grid_bridge.domain.kpis import Value
from services.grid_bridge.domain.tallies import FINISHED, local_day, stands
from services.grid_bridge.handlers.common import serving
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

READERS = frozenset(WATCHERS)
OVER = frozenset({*FINISHED, Status.MERGED})
Kind = Literal["district", "town", "community"]


@dataclass(frozen=True, slots=True)
class Node:
    """A place with figures."""

    id: str
    kind: Kind
    name: str
    path: str

    @property
    def above(self) -> str:
        """The path of the node above it."""
        return self.path.rpartition(".")[0]


def kpis(uow: UnitOfWork, cmd: ops.Kpis, actor: Actor, now: datetime) -> ops.KpiReport:
    """The figures of a district, or of the part of it that the reader watches over.

    Raises:
        FiguresSpan: the days are not a span, too many, or lie ahead.
        DistrictNotFound: there is none, or it has no such town.
        Forbidden: nothing of it lies in the reader's scope.
    """
    root, nodes = _nodes(uow, cmd)
    seen = _watched(actor, root, nodes)
    rules.check_span(cmd.from_, cmd.to, local_day(now))
    rows = [node for node in nodes if node.kind == cmd.by and actor.holds(READERS, node.path)]
    siblings = _siblings(rows, nodes)
    people = _residents(uow, cmd.did, cmd.town, cmd.by or seen[0].kind)
    sums = store.sums(
        uow.session,
        [node.path for node in {*seen, *siblings}],
        [root.path] if siblings else [node.path for node in seen],
        cmd.from_,
        cmd.to,
        now,
    )
    told = _beside(siblings, sums, actor)
    return _report(
        cmd.from_,
        cmd.to,
        now,
        seen,
        _together(seen, sums),
        _sum_of(people, rows or seen),
        full=False,
        breakdown=[_place(node, told[node.id], people.get(node.id)) for node in rows],
    )


def community_kpis(
    uow: UnitOfWork, cmd: ops.CommunityKpis, actor: Actor, now: datetime
) -> ops.KpiReport:
    """The figures of one community; its own committee is told of every number."""
    community = directory.community(uow, cmd.cid)
    actor.require(READERS | COMMITTEE, community.path)
    rules.check_span(cmd.from_, cmd.to, local_day(now))
    node = Node(community.id, "community", community.name, community.path)
    people = _residents(uow, community.district_id, community.town_id, "community")
    sums = store.sums(uow.session, [node.path], [node.path], cmd.from_, cmd.to, now)
    return _report(
        cmd.from_,
        cmd.to,
        now,
        [node],
        store.marks_of(sums, node.path),
        people.get(node.id),
        full=actor.holds(COMMITTEE, node.path),
    )


def issue_counts(
    uow: UnitOfWork, cmd: ops.IssueCounts, actor: Actor, now: datetime
) -> ops.IssueCountsView:
    """How many issues of a community stand where, from counters and what is past its limit."""
    community = directory.require_reader(uow, actor, cmd.cid)
    serving(actor, community.path)
    standing = store.standing(uow.session, community.path)
    late = {
        (status, category): count
        for status, category, count in store.overdue(uow.session, community.path, now)
    }
    categories = (None, *Category)
    cells = {
        (status, category): (
            standing.get(stands(status, category), 0),
            late.get((status, category), 0),
        )
        for status in Status
        for category in categories
    }
    by_status = {
        status: _added(cells[status, category] for category in categories) for status in Status
    }
    running = [status for status in Status if status not in OVER]
    by_category = {
        category: _added(cells[status, category] for status in running) for category in categories
    }
    return ops.IssueCountsView(
        as_of=now,
        total=_added(by_status.values())[0],
        open=_added(by_category.values())[0],
        overdue=_added(by_status.values())[1],
        by_status=[
            ops.StatusCount(status=status.value, count=count, overdue=overdue)
            for status, (count, overdue) in by_status.items()
        ],
        by_category=[
            ops.CategoryCount(
                category=category.value if category else None, open=count, overdue=overdue
            )
            for category, (count, overdue) in by_category.items()
        ],
    )


def _added(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found = list(pairs)
    return sum(one for one, _ in found), sum(other for _, other in found)


# -- places --------------------------------------------------------------------------------------


def _nodes(uow: UnitOfWork, cmd: ops.Kpis) -> tuple[Node, list[Node]]:
    """What is asked of (the district or one town of it), and every node beneath and with it."""
    communities = territory.communities(uow.session, cmd.did)
    if not communities:
        raise territory.DistrictNotFound()
    if cmd.town is not None:
        communities = [one for one in communities if one.town_id == cmd.town]
        if not communities:
            raise territory.DistrictNotFound()
    first = communities[0]
    district = Node(cmd.did, "district", first.district_name, first.path.rsplit(".", 2)[0])
    towns = {
        one.town_id: Node(one.town_id, "town", one.town_name, one.path.rpartition(".")[0])
        for one in communities
    }
    below = [Node(one.id, "community", one.name, one.path) for one in communities]
    root = towns[cmd.town] if cmd.town is not None else district
    above = [] if cmd.town is not None else [district]
    return root, [*above, *towns.values(), *below]


def _watched(actor: Actor, root: Node, nodes: Sequence[Node]) -> list[Node]:
    """The highest nodes that the reader watches over; they do not overlap.

    Raises:
        Forbidden: there is none.
    """
    seen: list[Node] = []
    for node in nodes:  # from above
        covered = any(node.path.startswith(f"{one.path}.") for one in seen)
        if not covered and actor.holds(READERS, node.path):
            seen.append(node)
    if not seen:
        actor.require(READERS, root.path)
    return seen


def _siblings(rows: Sequence[Node], nodes: Sequence[Node]) -> list[Node]:
    """The rows with all that stand beside them: what is withheld depends on their sum."""
    above = {node.above for node in rows}
    kinds = {node.kind for node in rows}
    return [node for node in nodes if node.kind in kinds and node.above in above]


def _residents(uow: UnitOfWork, did: str, town: str | None, level: Kind) -> dict[str, int]:
    """Persons on the registers, by place, as identity tells this reader; empty where it does not.

    The figures do not wait for it: whoever may not know, or asks while identity is away, gets
    them without.
    """
    try:
        told = uow.ask("identity", "identity_figures", did=did, town=town, level=level)
    except ShequError as error:
        if error.status != Forbidden.status:
            log.warning("figures go without residents", code=error.code)
        return {}
    found = Figures.model_validate(told).items
    return {row.place.id: row.register_persons for row in found if row.register_persons}


def _sum_of(people: Mapping[str, int], nodes: Sequence[Node]) -> int | None:
    known = [people.get(node.id) for node in nodes]
    return sum(one or 0 for one in known) if known and all(known) else None


# -- values --------------------------------------------------------------------------------------


def _together(nodes: Sequence[Node], sums: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for node in nodes:
        for mark, amount in sums.get(node.path, {}).items():
            found[mark] = found.get(mark, 0) + amount
    return found


def _beside(
    nodes: Sequence[Node], sums: Mapping[str, Mapping[str, int]], actor: Actor
) -> dict[str, list[Value]]:
    """Every value of each node, those withheld that would tell of few, by node."""
    found: dict[str, list[Value]] = {}
    for above in dict.fromkeys(node.above for node in nodes):
        beside = [node for node in nodes if node.above == above]
        rows = [rules.values(store.marks_of(sums, node.path), full=True) for node in beside]
        own = [node.kind == "community" and actor.holds(COMMITTEE, node.path) for node in beside]
        for node, row in zip(beside, rules.beside(rows, own), strict=True):
            found[node.id] = row
    return found


def _report(
    first: date,
    last: date,
    now: datetime,
    nodes: Sequence[Node],
    sums: Mapping[str, int],
    residents: int | None,
    *,
    full: bool,
    breakdown: Sequence[ops.PlaceFigures] = (),
) -> ops.KpiReport:
    values = rules.values(sums, full=full)
    return ops.KpiReport(
        as_of=now,
        from_=first,
        to=last,
        places=[_named(node) for node in nodes],
        residents=residents,
        items=[_item(value, now) for value in values if value.kpi.family is not None],
        volumes=_volumes(values, residents),
        breakdown=list(breakdown),
    )


def _named(node: Node) -> ops.FigurePlace:
    return ops.FigurePlace(id=node.id, kind=node.kind, name=node.name)


def _place(node: Node, values: Sequence[Value], residents: int | None) -> ops.PlaceFigures:
    return ops.PlaceFigures(
        place=_named(node),
        residents=residents,
        values=[
            ops.FigureValue.model_construct(None, **_facts(value))
            for value in values
            if value.kpi.family is not None
        ],
        volumes=_volumes(values, residents),
    )


def _facts(value: Value) -> dict[str, Any]:
    return {
        "key": value.kpi.key,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "value": value.exact,
        "decimal": value.decimal,
        "withheld": value.withheld,
    }


def _item(value: Value, now: datetime) -> ops.KpiView:
    kpi = value.kpi
    facts = {
        **_facts(value),
        "name": kpi.zh,
        "name_en": kpi.en,
        "formula": kpi.formula_zh,
        "formula_en": kpi.formula_en,
        "family": kpi.family,
        "unit": kpi.unit,
        "source": kpi.source,
        "sure": kpi.sure,
        "note": kpi.note,
        "as_of": now,
    }
    return ops.KpiView.model_validate(facts)


def _volumes(values: Sequence[Value], residents: int | None) -> list[ops.Volume]:
    found = []
    for value in values:
        if value.kpi.family is None:
            known = rules.of_thousand(value.numerator, residents)
            found.append(
                ops.Volume(
                    key=value.kpi.key,
                    name=value.kpi.zh,
                    name_en=value.kpi.en,
                    count=value.numerator,
                    per_1000=known[0] if known else None,
                    per_1000_decimal=known[1] if known else None,
                    withheld=value.withheld,
                )
            )
    return found
