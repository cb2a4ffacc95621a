"""A district's outline, and whether a place that somebody gave can be meant.

::

    lies inside as it was given ────────────────▶ kept
    outside, but inside in another system ──────▶ kept as it was given, and marked as doubtful
    outside however it is read ─────────────────▶ refused

A point that is read in the wrong system lies 100 to 700 m off (Baidu's: up to 1.5 km), so that only
near the outline it is noticed at all: nothing is put right by itself. A district without an outline
takes every point.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.grid_bridge.common import CoordinateSystem, Place
from services.grid_bridge.domain.coordinates import Point, read_as, to_wgs84

Ring = list[list[float]]
WIDEST: Final = 6.0  # degrees; the widest county of China, 若羌, spans five
_LEAST: Final = 1e-8  # square degrees, about a hundred metres by one
_EXACT: Final = 9  # decimals: a tenth of a millimetre


class OutsideDistrict(Invalid):
    """The place lies outside of the district."""

    code = "grid.outside_district"
    zh, en = "这个位置不在本区范围内", "This place is outside of the district"


class BadOutline(Invalid):
    """The outline is none: its lines cross, it encloses nothing, or it is too wide."""

    code = "grid.bad_outline"
    zh, en = "边界不是一个有效的多边形", "The outline is not a proper polygon"


def settled(place: Place, ring: Sequence[Sequence[float]] | None) -> dict[str, Any]:
    """A place as issues keep it: in WGS84, with what was ``given`` when that was something else.

    Raises:
        OutsideDistrict: it lies outside of ``ring`` however it is read.
    """
    if place.lng is None or place.lat is None:
        return {"address": place.address, "lng": None, "lat": None, "crs": "WGS84"}
    given = Point(place.lng, place.lat)
    meant = read_as(given, place.crs, ring) if ring else place.crs
    if meant is None:
        raise OutsideDistrict(
            errors=[
                FieldError(f"location.{name}", "outside of the district") for name in ["lng", "lat"]
            ]
        )
    found = to_wgs84(given, place.crs)
    kept: dict[str, Any] = {
        "address": place.address,
        "lng": round(found.lng, _EXACT),
        "lat": round(found.lat, _EXACT),
        "crs": "WGS84",
        "given": {"lng": given.lng, "lat": given.lat, "crs": place.crs},
    }
    return kept if meant == place.crs else kept | {"doubtful": True, "meant": meant}


def in_wgs84(kept: dict[str, Any] | None) -> Point | None:
    """The point of a place as it is kept; version N−1 kept it as it was given."""
    if not kept or kept.get("lng") is None or kept.get("lat") is None:
        return None
    return to_wgs84(Point(kept["lng"], kept["lat"]), kept.get("crs") or "WGS84")


def outline(corners: Sequence[Sequence[float]], crs: CoordinateSystem) -> Ring:
    """The outline in WGS84, closed.

    Raises:
        BadOutline: see there.
    """
    points = [Point(lng, lat) for lng, lat in corners]
    if points[0] == points[-1]:
        points.pop()
    if any(abs(point.lat) > 90 for point in points):
        raise BadOutline(errors=[FieldError("ring", "each corner is [lng, lat]")])
    if len(points) < 3 or len(set(points)) < len(points):
        raise BadOutline(errors=[FieldError("ring", "at least three corners, none twice")])
    ring = [to_wgs84(point, crs) for point in points]
    for axis in zip(*ring, strict=True):
        if max(axis) - min(axis) > WIDEST:
            raise BadOutline(errors=[FieldError("ring", "wider than any district")])
    sides = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    if any(_cross(one, other) for one, other in combinations(sides, 2)):
        raise BadOutline(errors=[FieldError("ring", "its lines cross")])
    if abs(sum(a.lng * b.lat - b.lng * a.lat for a, b in sides)) / 2 < _LEAST:
        raise BadOutline(errors=[FieldError("ring", "encloses nothing")])
    return [[round(p.lng, _EXACT), round(p.lat, _EXACT)] for p in (*ring, ring[0])]


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two sides meet anywhere but at a corner that they share."""
    (a, b), (c, d) = one, other
    if {a, b} & {c, d}:
        return False
    return _left(a, b, c) != _left(a, b, d) and _left(c, d, a) != _left(c, d, b)


def _left(a: Point, b: Point, c: Point) -> bool:
    return (b.lng - a.lng) * (c.lat - a.lat) > (b.lat - a.lat) * (c.lng - a.lng)
