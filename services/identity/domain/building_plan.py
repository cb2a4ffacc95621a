"""Buildings of one shape, as an estate is described in one sentence.

::

    1 号楼 to 24 号楼, each 2 units of 18 floors with 4 rooms
        └─ names() 1号楼 … 24号楼      unit_names() 1单元, 2单元      room_names() 101 … 1804
"""

from dataclasses import dataclass
from typing import Final

from services.contracts.errors import FieldError, Invalid
from services.identity.domain import addresses

NUMBER: Final = "{n}"
MOST_BUILDINGS: Final = 200
MOST_PLACES: Final = 10_000
"""Buildings, units and rooms that are made at once: the largest estates have as many homes."""


class TooManyPlaces(Invalid):
    """More than are made at once."""

    code = "identity.too_many_places"
    zh = f"一次最多建 {MOST_BUILDINGS} 栋楼、共 {MOST_PLACES} 处，请分几次建"
    en = f"At most {MOST_BUILDINGS} buildings and {MOST_PLACES} places at once"


@dataclass(frozen=True, slots=True)
class Shape:
    """Which buildings, and what each of them has; see ``BuildPlaces`` of the contract."""

    pattern: str
    first: int
    last: int
    step: int
    units: int
    floors: int
    rooms: int

    @property
    def numbers(self) -> range:
        """The numbers of the buildings."""
        return range(self.first, self.last + 1, self.step)

    @property
    def places(self) -> int:
        """How many buildings, units and rooms they come to."""
        inside = max(1, self.units) * self.floors * self.rooms
        return len(self.numbers) * (1 + self.units + inside)

    def names(self) -> list[str]:
        """The buildings, in one spelling each."""
        return [
            addresses.place_name(self.pattern.replace(NUMBER, str(n)), "building")
            for n in self.numbers
        ]

    def unit_names(self) -> list[str]:
        """The units of each building; none where its rooms lie right in it."""
        return [f"{n}单元" for n in range(1, self.units + 1)]

    def room_names(self) -> list[str]:
        """The rooms behind each door: the floor, and two digits on it."""
        return [
            f"{floor}{room:02d}"
            for floor in range(1, self.floors + 1)
            for room in range(1, self.rooms + 1)
        ]


def check(shape: Shape) -> None:
    """Whether a committee may build so.

    Raises:
        Invalid: a number does not fit the others; it is named.
        PlaceNameInvalid: a building cannot be called that.
        TooManyPlaces: see there.
    """
    wrong = []
    if NUMBER not in shape.pattern:
        wrong.append(FieldError("pattern", "楼名里要有 {n}，它会换成楼号"))
    if shape.last < shape.first:
        wrong.append(FieldError("last", "不能小于起始楼号"))
    if bool(shape.floors) != bool(shape.rooms):
        wrong.append(FieldError("rooms", "楼层数和每层户数要一起填，或者都不填"))
    if wrong:
        raise Invalid(errors=wrong)
    if len(shape.numbers) > MOST_BUILDINGS or shape.places > MOST_PLACES:
        raise TooManyPlaces(errors=[FieldError("last", TooManyPlaces.zh)])
    shape.names()
