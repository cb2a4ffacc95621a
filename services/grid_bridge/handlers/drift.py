"""How well the advice fits, for those who answer for a place."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Final

from services.contracts.actor import Actor
from services.contracts.operations.grid_bridge.learning import (
    WATCHERS,
    CategoryDrift,
    ClassifierDrift,
    ConfidenceBin,
    DriftReport,
    DriftShare,
    DriftSpan,
    SlotDrift,
)
from services.grid_bridge import repository_districts
from services.grid_bridge import repository_learning as rows
from services.grid_bridge.domain import drift
from services.grid_bridge.domain.drift import ALERT_BELOW, FORMULAS, Cell, Drift, Share
from services.kit.uow import UnitOfWork

COMPARED_DAYS: Final = 365


def report(uow: UnitOfWork, cmd: ClassifierDrift, actor: Actor) -> DriftReport:
    """The figures of a district, or of a town or community of it, for who serves there.

    Raises:
        DistrictNotFound: there is no such district, or it has no such town or community.
        Forbidden: the actor serves elsewhere.
    """
    path = repository_districts.node(uow.session, cmd.did, town=cmd.tid, community=cmd.cid)
    actor.require(WATCHERS.roles, path)
    session = uow.session
    found = rows.cells(session, path, cmd.from_, cmd.to, cmd.by)
    earlier = cmd.from_ - timedelta(days=COMPARED_DAYS), cmd.from_ - timedelta(days=1)
    before = _flat(rows.cells(session, path, *earlier, cmd.by))
    means = rows.baselines(session)
    return DriftReport(
        district_id=cmd.did,
        scope=path,
        by=cmd.by,
        whole=_span(cmd.from_, cmd.to, drift.reckon(_flat(found), before, means)),
        spans=[
            _span(
                max(first, cmd.from_),
                min(drift.end_of(first, cmd.by), cmd.to),
                drift.reckon(found[first], before, means),
            )
            for first in sorted(found)
        ],
        compared_with=sum(one.n for one in before),
        alert_below=ALERT_BELOW,
        formulas=FORMULAS,
    )


def _flat(spans: dict[date, list[Cell]]) -> list[Cell]:
    return [cell for cells in spans.values() for cell in cells]


def _span(first: date, last: date, told: Drift) -> DriftSpan:
    return DriftSpan(
        first=first,
        last=last,
        n=told.n,
        agreement=_share(told.agreement),
        categories=[
            CategoryDrift.model_validate(
                {
                    "category": one.category,
                    "recall": _share(one.recall),
                    "precision": _share(one.precision),
                }
            )
            for one in told.categories
        ],
        slots=[SlotDrift(slot=key, agreement=_share(one)) for key, one in told.slots.items()],
        bins=[
            ConfidenceBin(
                low=one.low,
                high=one.high,
                mean_confidence=one.mean_confidence,
                agreement=_share(one.agreed),
            )
            for one in told.bins
        ],
        calibration_error=told.calibration_error,
        mean_confidence=told.mean_confidence,
        baseline_confidence=told.baseline_confidence,
        psi_category=told.psi_category,
        psi_confidence=told.psi_confidence,
        versions=dict(told.versions),
        alert=told.alert,
    )


def _share(one: Share) -> DriftShare:
    low, high = one.interval or (None, None)
    return DriftShare(**asdict(one), value=one.value, low=low, high=high)
