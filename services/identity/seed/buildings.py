"""Estates, buildings, units and rooms for so many households; villages have groups and houses."""

import math
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from services.identity.seed import placenames

# (units, floors, flats on a floor, m² of a flat): old and new blocks, towers
_SHAPES = ((3, 6, 2, 62), (4, 6, 2, 55), (2, 11, 2, 88), (1, 18, 4, 79), (2, 14, 2, 96))
_HOUSES_PER_GROUP = 28
_HOUSE_AREA = 180  # m²
_LARGEST_ESTATE = 620  # flats


class Place(NamedTuple):
    """A row of the territory; ``floor_area`` in m², of rooms."""

    id: str
    kind: str
    parent_id: str | None
    path: str
    name: str
    position: int
    code12: str | None = None
    community_kind: str | None = None
    floor_area: int | None = None


class Home(NamedTuple):
    """A room with its way up; neighbours see ``label``, and by ``building`` who is near by."""

    estate_id: str
    building_id: str
    unit_id: str | None
    room_id: str
    room: str
    label: str
    building: str
    floor_area: int


class Places:
    """Builds a community; ``made`` lists its places, each after the one above it."""

    def __init__(self, community: Place, new_id: Callable[[], str], dice: Random) -> None:
        self._community = community
        self._new_id = new_id
        self._dice = dice
        self.made: list[Place] = []

    def build(self, wanted: int) -> list[Home]:
        """Estates with ``wanted`` homes at least, the last building filled up."""
        if self._community.community_kind == "village":
            return self._village(wanted)
        count = max(1, math.ceil(wanted / self._dice.randint(300, _LARGEST_ESTATE)))
        homes: list[Home] = []
        for number in range(count):
            name = placenames.estate(self._dice, self._community.name, number)
            estate = self._add("estate", self._community, f"e{number + 1}", name, number + 1)
            left = math.ceil((wanted - len(homes)) / (count - number))
            homes += self._estate(estate, left)
        return homes

    def _estate(self, estate: Place, wanted: int) -> list[Home]:
        units, floors, flats, area = self._dice.choice(_SHAPES)
        homes: list[Home] = []
        number = 0
        while len(homes) < wanted:
            number += 1
            name = f"{number}号楼"
            building = self._add("building", estate, f"b{number}", name, number)
            label = f"{estate.name} {name}"
            for u in range(1, units + 1):
                unit = self._add("unit", building, f"u{u}", f"{u}单元", u)
                for floor in range(1, floors + 1):
                    for flat in range(1, flats + 1):
                        size = area + 7 * (flat - 1)
                        room = self._add(
                            "room", unit, f"r{floor}{flat:02d}", f"{floor}{flat:02d}",
                            floor * 100 + flat, size,
                        )  # fmt: skip
                        homes.append(
                            Home(
                                estate.id, building.id, unit.id, room.id, room.name, label,
                                building.path, size,
                            )
                        )  # fmt: skip
        return homes

    def _village(self, wanted: int) -> list[Home]:
        name = self._community.name
        estate = self._add("estate", self._community, "e1", name, 1)
        homes: list[Home] = []
        groups = max(1, round(wanted / _HOUSES_PER_GROUP))
        for number in range(1, groups + 1):
            called = f"{placenames.ordinal(number)}组"
            group = self._add("building", estate, f"b{number}", called, number)
            for house in range(1, math.ceil((wanted - len(homes)) / (groups - number + 1)) + 1):
                room = self._add("room", group, f"r{house}", str(house), house, _HOUSE_AREA)
                homes.append(
                    Home(
                        estate.id, group.id, None, room.id, room.name,
                        f"{name} {called}", group.path, _HOUSE_AREA,
                    )
                )  # fmt: skip
        return homes

    def _add(
        self, kind: str, above: Place, label: str, name: str, position: int, area: int | None = None
    ) -> Place:
        path = f"{above.path}.{label}"
        place = Place(self._new_id(), kind, above.id, path, name, position, None, None, area)
        self.made.append(place)
        return place
