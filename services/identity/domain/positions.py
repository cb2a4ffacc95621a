"""Where a place lies on the Earth, and whether that can be."""

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from services.contracts.errors import FieldError, Invalid

EARTH_M: Final = 6_371_009.0  # mean radius (IUGG)
FARTHEST_M: Final = 20_000.0
"""As far as a place lies from the one that it is in: a village with all of its fields is smaller,
a number with one wrong digit in front is farther off."""


class Point(NamedTuple):
    """Degrees in WGS84."""

    lng: float
    lat: float


class PlaceTooFar(Invalid):
    """The point cannot belong to the place: its digits are wrong, or both numbers are swapped."""

    code = "identity.place_too_far"
    zh = "这个位置离所在的小区或社区太远，请核对经纬度"
    en = "This point is too far from where the place lies; please check both numbers"


def metres(one: Point, other: Point) -> float:
    """The way between two points on a sphere, in metres (haversine; within 0.6 %)."""
    lat, there = radians(one.lat), radians(other.lat)
    half = sin((there - lat) / 2) ** 2
    turn = sin(radians(other.lng - one.lng) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half + cos(lat) * cos(there) * turn)))


def require_near(point: Point, around: Iterable[Point]) -> None:
    """Raise :class:`PlaceTooFar` unless ``point`` lies near what is known around it."""
    if any(metres(point, other) > FARTHEST_M for other in around):
        raise PlaceTooFar(errors=[FieldError("lat", PlaceTooFar.zh)])
