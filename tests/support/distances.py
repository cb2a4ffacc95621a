"""How far apart two points are, for tests of places."""

from math import cos, hypot, radians
from typing import Final

from services.grid_bridge.domain.coordinates import Point

METRES: Final = 111_320.0  # of one degree of latitude


def metres_between(one: Point, other: Point) -> float:
    """How far two near points are apart, within a thousandth."""
    east = (one.lng - other.lng) * cos(radians((one.lat + other.lat) / 2))
    return METRES * hypot(east, one.lat - other.lat)
