"""Where a point lies: from the systems of Chinese maps to WGS84.

::

    GPS, 天地图 ── WGS84, CGCS2000 ─────────────────────────────────┐
    高德, 腾讯 ─── GCJ-02 ── inverse of the offset, by iteration ──▶ WGS84
    百度 ───────── BD-09 ─── its own twist off ──▶ GCJ-02 ──────────┘

GCJ-02 (国测局坐标) moves each point of mainland China by 100 to 700 m, differently at each place.
The law that defines it is not published; what everybody reckons with is the function that became
known around 2009, with the axes of Krasovsky's ellipsoid (1940). The points that two well-known
libraries publish (eviltransform, coordtransform) come out of it to the last digit; how near all of
them are to the maps themselves nobody outside can say. It has no closed inverse; taking the offset
at the found point off again converges: 20,000 points of China came back to within 0.01 mm.

CGCS2000 and WGS84 are the same to within a decimetre, less than any telephone knows.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Final, NamedTuple

from services.contracts.operations.grid_bridge.common import CoordinateSystem

_AXIS: Final = 6_378_245.0  # metres, Krasovsky 1940
_ECCENTRICITY_2: Final = 0.00669342162296594323
_BAIDU: Final = pi * 3_000 / 180
_BAIDU_EAST, _BAIDU_NORTH = 0.0065, 0.006  # degrees
_ROUNDS: Final = 20
_CLOSE: Final = 1e-9  # degrees: a tenth of a millimetre
# Beyond this box no map moves anything; within it lies all of China, and some of its neighbours.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271

ALIKE: Final[dict[CoordinateSystem, tuple[CoordinateSystem, ...]]] = {
    "WGS84": ("GCJ02", "BD09"),
    "CGCS2000": ("GCJ02", "BD09"),
    "GCJ02": ("WGS84", "BD09"),
    "BD09": ("GCJ02", "WGS84"),
}
"""In which other systems a point may have been meant, the likelier first."""


class Point(NamedTuple):
    """Longitude and latitude in degrees."""

    lng: float
    lat: float


def to_wgs84(point: Point, crs: CoordinateSystem) -> Point:
    """The same place in WGS84."""
    match crs:
        case "GCJ02":
            return _moved_back(point, to_gcj02, point)
        case "BD09":
            near = Point(point.lng - _BAIDU_EAST, point.lat - _BAIDU_NORTH)
            return to_wgs84(_moved_back(point, to_bd09, near), "GCJ02")
        case _:
            return point


def to_gcj02(point: Point) -> Point:
    """A WGS84 point as maps of China show it."""
    if not (_WEST <= point.lng <= _EAST and _SOUTH <= point.lat <= _NORTH):
        return point
    x, y = point.lng - 105.0, point.lat - 35.0
    shared = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += 2 / 3 * (
        shared
        + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)
        + 160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)
    )  # fmt: skip
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += 2 / 3 * (
        shared
        + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)
        + 150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)
    )  # fmt: skip
    lat = radians(point.lat)
    flat = 1 - _ECCENTRICITY_2 * sin(lat) ** 2
    north = north * 180.0 / (_AXIS * (1 - _ECCENTRICITY_2) / (flat * sqrt(flat)) * pi)
    east = east * 180.0 / (_AXIS / sqrt(flat) * cos(lat) * pi)
    return Point(point.lng + east, point.lat + north)


def to_bd09(point: Point) -> Point:
    """A GCJ-02 point as Baidu's maps show it."""
    far = hypot(point.lng, point.lat) + 0.00002 * sin(point.lat * _BAIDU)
    turn = atan2(point.lat, point.lng) + 0.000003 * cos(point.lng * _BAIDU)
    return Point(far * cos(turn) + _BAIDU_EAST, far * sin(turn) + _BAIDU_NORTH)


def _moved_back(point: Point, move: Callable[[Point], Point], found: Point) -> Point:
    """The point that ``move`` brings to ``point``; ``found`` is near it."""
    for _ in range(_ROUNDS):
        there = move(found)
        east, north = there.lng - point.lng, there.lat - point.lat
        found = Point(found.lng - east, found.lat - north)
        if abs(east) < _CLOSE and abs(north) < _CLOSE:
            break
    return found


def within(point: Point, ring: Sequence[Sequence[float]]) -> bool:
    """Whether a point lies in a polygon of [lng, lat] corners whose last is the first.

    Counts how often a line to the east leaves the polygon. A point on the line itself may come out
    on either side: no telephone is exact to the width of a line.
    """
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > point.lat) != (y2 > point.lat):
            crossing = x1 + (point.lat - y1) / (y2 - y1) * (x2 - x1)
            inside ^= point.lng < crossing
    return inside


def read_as(
    point: Point, crs: CoordinateSystem, ring: Sequence[Sequence[float]]
) -> CoordinateSystem | None:
    """In which system a point lies within the polygon: as it was given, or as it may be meant.

    None when it lies outside of it however it is read.
    """
    return next((each for each in (crs, *ALIKE[crs]) if within(to_wgs84(point, each), ring)), None)
