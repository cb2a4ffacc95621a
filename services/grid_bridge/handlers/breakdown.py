"""What was reported in a community, taken apart for its committee."""

from collections import Counter
from datetime import datetime, timedelta

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations import grid_bridge as ops
from services.grid_bridge import repository_breakdown as store
from services.grid_bridge.domain import breakdown as rules
from services.grid_bridge.domain import kpis
from services.grid_bridge.domain.issue import Category
from services.grid_bridge.domain.sla import start_of
from services.grid_bridge.domain.tallies import local_day
from services.grid_bridge.domain.withholding import FEWEST
from services.grid_bridge.handlers.common import serving
from services.kit.uow import UnitOfWork

CATEGORIES = (None, *Category)
SCORES = range(1, 6)


def issue_breakdown(
    uow: UnitOfWork, cmd: ops.GetIssueBreakdown, actor: Actor, now: datetime
) -> ops.IssueBreakdown:
    """By month, kind, slot, way, building and score; for the committee alone.

    Raises:
        FiguresSpan: the days are not a span, too many, or lie ahead.
        Forbidden: the reader does not serve here.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    serving(actor, community.path)
    kpis.check_span(cmd.from_, cmd.to, local_day(now))
    start, end = start_of(cmd.from_), start_of(cmd.to + timedelta(days=1))
    found = store.breakdown(uow.session, community.path, start, end)
    months: dict[str, Counter[str]] = {}
    for (month, category), count in sorted(found.get("month", {}).items()):
        months.setdefault(month, Counter())[category] = count
    every = sum(months.values(), Counter[str]())
    homes = {label: count for (label, _), count in found.get("building", {}).items()}
    nowhere = homes.pop("", 0)
    told = rules.buildings(homes)
    return ops.IssueBreakdown(
        as_of=now,
        from_=cmd.from_,
        to=cmd.to,
        total=every.total(),
        by_month=[
            ops.MonthNumbers(month=month, count=of.total(), by_category=_by_category(of))
            for month, of in months.items()
        ],
        by_category=_by_category(every),
        by_slot=[
            ops.SlotNumber(slot=slot, name=name, count=count)
            for (slot, name), count in _most_first(found.get("slot", {}))
        ],
        by_source=[
            ops.SourceNumber.model_validate({"source": source, "count": count})
            for (source, _), count in _most_first(found.get("source", {}))
        ],
        by_score=[
            ops.ScoreNumber(score=score, count=found.get("score", {}).get((str(score), ""), 0))
            for score in SCORES
        ],
        buildings=[ops.BuildingNumber(building=label, count=count) for label, count in told.told],
        other_buildings=told.others,
        few=told.few,
        nowhere=nowhere,
        floor=FEWEST,
    )


def _by_category(counts: Counter[str]) -> list[ops.CategoryNumber]:
    return [
        ops.CategoryNumber(category=one.value if one else None, count=counts[one or ""])
        for one in CATEGORIES
    ]


def _most_first(counts: store.Counts) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))
