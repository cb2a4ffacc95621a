"""Figures of districts, towns and communities, as far as the reader watches over them.

No figure names a case or a person. Who does not serve in a community is not told of fewer than ten
cases of it (k-anonymity), nor of what would tell of them beside the others, however she asks: see
:mod:`services.grid_bridge.domain.withholding`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from services.grid_bridge.domain.kpis import Row, Value
from services.grid_bridge.domain.tallies import FINISHED, local_day, stands
from services.grid_bridge.domain.withholding import withheld
from services.grid_bridge.handlers.common import serving
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

READERS = frozenset(WATCHERS)
VOLUMES = range(len(rules.KPIS), len(rules.EVERY))
OVER = frozenset({*FINISHED, Status.MERGED})
Kind = Literal["district", "town", "community"]


@dataclass(frozen=True, slots=True)
class Node:
    """A place with figures; ``town`` is the id of a community's."""

    id: str
    kind: Kind
    name: str
    path: str
    town: str | None = None

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
    district = _nodes(uow, cmd.did)
    asked = [
        node
        for node in district
        if cmd.town is None or (cmd.town in (node.id, node.town) and node.kind != "district")
    ]
    if not asked:
        raise territory.DistrictNotFound()
    seen = _watched(actor, asked)
    rules.check_span(cmd.from_, cmd.to, local_day(now))
    shown = [node for node in asked if node.kind == cmd.by and actor.holds(READERS, node.path)]
    people = _residents(uow, cmd.did, cmd.town, cmd.by or seen[0].kind)
    rows, hidden = _reckoned(uow, cmd, district, [*seen, *shown], actor, now)
    made: dict[tuple[int, ...], ops.FigureValue] = {}
    return _report(
        cmd,
        now,
        seen,
        rules.values(*_together([(rows[node.path], hidden[node.path]) for node in seen])),
        _sum_of(people, shown or seen),
        breakdown=[
            _place(node, rows[node.path], hidden[node.path], people.get(node.id), made)
            for node in shown
        ],
    )


def community_kpis(
    uow: UnitOfWork, cmd: ops.CommunityKpis, actor: Actor, now: datetime
) -> ops.KpiReport:
    """The figures of one community; its own committee is told of every number."""
    community = directory.community(uow, cmd.cid)
    actor.require(READERS | COMMITTEE, community.path)
    rules.check_span(cmd.from_, cmd.to, local_day(now))
    node = Node(community.id, "community", community.name, community.path, community.town_id)
    people = _residents(uow, community.district_id, community.town_id, "community")
    served = actor.holds(COMMITTEE, node.path)
    district = [node] if served else _nodes(uow, community.district_id)
    rows, hidden = _reckoned(uow, cmd, district, [node], actor, now)
    values = rules.values(rows[node.path], hidden[node.path])
    return _report(cmd, now, [node], values, people.get(node.id))


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


def _nodes(uow: UnitOfWork, did: str) -> list[Node]:
    """The district, its towns and their communities, from above.

    Raises:
        DistrictNotFound: there is none.
    """
    communities = territory.communities(uow.session, did)
    if not communities:
        raise territory.DistrictNotFound()
    first = communities[0]
    district = Node(did, "district", first.district_name, first.path.rsplit(".", 2)[0])
    towns = {
        one.town_id: Node(one.town_id, "town", one.town_name, one.path.rpartition(".")[0])
        for one in communities
    }
    below = [Node(one.id, "community", one.name, one.path, one.town_id) for one in communities]
    return [district, *towns.values(), *below]


def _watched(actor: Actor, nodes: Sequence[Node]) -> list[Node]:
    """The highest nodes that the reader watches over; they do not overlap.

    Raises:
        Forbidden: there is none.
    """
    seen: list[Node] = []
    above: set[str] = set()
    for node in nodes:  # from above
        if not above.isdisjoint(_over(node.path)):
            continue
        if actor.holds(READERS, node.path):
            seen.append(node)
            above.add(node.path)
    if not seen:
        actor.require(READERS, nodes[0].path)
    return seen


def _over(path: str) -> list[str]:
    """The nodes above a node."""
    parts = path.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


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


def _reckoned(
    uow: UnitOfWork,
    cmd: ops.Kpis | ops.CommunityKpis,
    district: Sequence[Node],
    wanted: Sequence[Node],
    actor: Actor,
    now: datetime,
) -> tuple[dict[str, Row], dict[str, set[int]]]:
    """The figures of the nodes that are wanted, and which of them are withheld, by path.

    What is withheld of a node depends on those beside it, and on what is withheld above it.
    """
    root = district[0]
    within = {node.path for node in wanted}
    parents = {above for path in within for above in _over(path)}
    own = [
        node.path
        for node in district
        if node.kind == "community" and actor.holds(COMMITTEE, node.path)
    ]
    beside = [node.path for node in district if node is root or node.above in parents]
    paths = list(dict.fromkeys([*beside, *own]))
    sums = store.sums(uow.session, paths, [root.path], cmd.from_, cmd.to, now)
    rows = {path: rules.row(sums.get(path, {})) for path in paths}
    below: dict[str, list[str]] = {}
    for path in beside:
        below.setdefault(path.rpartition(".")[0], []).append(path)
    counts = {path: [denominator for _, denominator in row] for path, row in rows.items()}
    return rows, withheld(root.path, below, counts, own)


def _together(parts: Sequence[tuple[Row, set[int]]]) -> tuple[Row, set[int]]:
    """Several places as one; what is withheld of one of them is withheld of their sum."""
    rows = [row for row, _ in parts]
    columns = (list(zip(*column, strict=True)) for column in zip(*rows, strict=True))
    return [(sum(n), sum(d)) for n, d in columns], set().union(*(hidden for _, hidden in parts))


def _report(
    cmd: ops.Kpis | ops.CommunityKpis,
    now: datetime,
    nodes: Sequence[Node],
    values: Sequence[Value],
    residents: int | None,
    *,
    breakdown: Sequence[ops.PlaceFigures] = (),
) -> ops.KpiReport:
    return ops.KpiReport(
        as_of=now,
        from_=cmd.from_,
        to=cmd.to,
        places=[_named(node) for node in nodes],
        residents=residents,
        items=[_item(value, now) for value in values if value.kpi.family is not None],
        volumes=_volumes(values, residents),
        breakdown=list(breakdown),
    )


def _named(node: Node) -> ops.FigurePlace:
    return ops.FigurePlace(id=node.id, kind=node.kind, name=node.name)


def _place(
    node: Node,
    row: Row,
    hidden: set[int],
    residents: int | None,
    made: dict[tuple[int, ...], ops.FigureValue],
) -> ops.PlaceFigures:
    """``made`` are values that were made for other places: few differ, and there are thousands."""
    values = []
    for at in range(len(rules.KPIS)):
        key = (at,) if at in hidden else (at, *row[at])
        if key not in made:
            (told,) = rules.values(row, hidden, [at])
            made[key] = ops.FigureValue.model_construct(None, **_facts(told))
        values.append(made[key])
    return ops.PlaceFigures.model_construct(
        None,
        place=_named(node),
        residents=residents,
        values=values,
        volumes=_volumes(rules.values(row, hidden, VOLUMES), residents),
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
