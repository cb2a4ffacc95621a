"""Where a problem is: into WGS84 where it enters, and looked at against the district's outline."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.operations.grid_bridge import bounds as ops
from services.contracts.operations.grid_bridge.common import Place, PlaceView
from services.grid_bridge.domain import outlines
from services.grid_bridge.handlers.common import CLOCK, tell
from services.grid_bridge.handlers.districts import administered, belonging
from services.grid_bridge.models import DistrictBoundsRow, IssueRow
from services.kit.uow import UnitOfWork

_DOUBT = "位置可能用错了坐标系（按给出的坐标在区外，按 {meant} 在区内），请核实后再派单"


def settled(uow: UnitOfWork, place: Place | None, district_id: str) -> dict[str, Any] | None:
    """The place as the issue keeps it; see :func:`services.grid_bridge.domain.outlines.settled`.

    Raises:
        OutsideDistrict: it cannot be meant.
    """
    if place is None:
        return None
    ring = None
    if place.lng is not None:
        ring = uow.session.scalar(
            select(DistrictBoundsRow.ring).where(DistrictBoundsRow.district_id == district_id)
        )
    return outlines.settled(place, ring)


def tell_doubt(uow: UnitOfWork, row: IssueRow, now: datetime) -> None:
    """Say to staff that the place is doubtful, when it is; the issue is stored already."""
    if row.location and row.location.get("doubtful"):
        words = _DOUBT.format(meant=row.location["meant"])
        tell(uow, row, "location_doubtful", CLOCK, words, now, staff_only=True)


def shown(kept: dict[str, Any] | None, *, staff: bool) -> PlaceView | None:
    """The place as a reader sees it; whether it is doubtful is the staff's to know."""
    if kept is None:
        return None
    point = outlines.in_wgs84(kept)
    given = kept.get("given") or kept
    return PlaceView(
        address=kept.get("address") or "",
        lng=point.lng if point else None,
        lat=point.lat if point else None,
        given_crs=given.get("crs") if point else None,
        doubtful=bool(kept.get("doubtful")) if staff else None,
    )


def get_bounds(uow: UnitOfWork, cmd: ops.OfDistrictBounds, actor: Actor) -> ops.DistrictBounds:
    """The outline, for everybody of the district; :class:`DistrictNotFound` for others."""
    return _bounds(uow, belonging(uow, actor, cmd.did).id)


def put_bounds(
    uow: UnitOfWork, cmd: ops.PutDistrictBounds, actor: Actor, now: datetime
) -> ops.DistrictBounds:
    """Enter the outline, in place of what was there; what was reported before stays as it is.

    Raises:
        DistrictNotFound, Forbidden: there is none, or the actor administers another.
        BadOutline: it is no polygon.
    """
    district = administered(uow, actor, cmd.did)
    values = {
        "ring": outlines.outline(cmd.ring, cmd.crs),
        "crs": cmd.crs,
        "source": cmd.source,
        "set_by": actor.person_id,
        "set_at": now,
    }
    uow.session.execute(
        insert(DistrictBoundsRow)
        .values(district_id=district.id, **values)
        .on_conflict_do_update(index_elements=["district_id"], set_=values)
    )
    return _bounds(uow, district.id)


def delete_bounds(uow: UnitOfWork, cmd: ops.OfDistrictBounds, actor: Actor) -> ops.DistrictBounds:
    """Take the outline out: every point is taken again.

    Raises:
        DistrictNotFound, Forbidden: as in :func:`put_bounds`.
    """
    district = administered(uow, actor, cmd.did)
    uow.session.execute(
        delete(DistrictBoundsRow).where(DistrictBoundsRow.district_id == district.id)
    )
    return _bounds(uow, district.id)


def _bounds(uow: UnitOfWork, district_id: str) -> ops.DistrictBounds:
    row = uow.session.get(DistrictBoundsRow, district_id, populate_existing=True)
    return ops.DistrictBounds(
        did=district_id,
        ring=row.ring if row else [],
        crs=row.crs if row else None,
        source=row.source if row else None,
        set_at=row.set_at if row else None,
    )
