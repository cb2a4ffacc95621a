"""The addresses of a file found in a community's tree, and made where they are missing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from services.contracts.ids import new_id
from services.identity.domain.addresses import label, place_key
from services.identity.domain.register import HEADINGS, Fault, Person
from services.identity.models import Territory
from services.identity.register_rows import PlaceRow


class Address(NamedTuple):
    """The nodes of an address."""

    building: PlaceRow
    unit: PlaceRow | None
    room: PlaceRow


@dataclass(frozen=True, slots=True)
class _NoAddress(Exception):
    fault: Fault


class Places:
    """Finds and makes the nodes below one community.

    Args:
        known: every node below the community, as it is.
        import_id: what new nodes will name as their origin.

    Attributes:
        made: rows of new nodes, parents first.
        areas: new floor areas (m²) of rooms that were there before, by room.
    """

    def __init__(self, community: Territory, known: Iterable[PlaceRow], import_id: str) -> None:
        self._community = community
        self._import_id = import_id
        self._named: dict[tuple[str, str, str], PlaceRow] = {}
        self._alike: dict[tuple[str, str, str], list[PlaceRow]] = defaultdict(list)
        self._by_id: dict[str, PlaceRow] = {}
        self._labels: dict[str, set[str]] = defaultdict(set)
        self._last: dict[str, int] = defaultdict(int)
        self._rooms_in_units: dict[tuple[str, str], list[PlaceRow]] = defaultdict(list)
        self._measured: dict[str, tuple[int, Decimal]] = {}
        self._estates: list[PlaceRow] = []
        self.made: list[dict[str, Any]] = []
        self.areas: dict[str, Decimal] = {}
        places = list(known)
        for place in places:
            self._know(place)
        for room in places:
            parent = self._by_id.get(room.parent_id)
            if room.kind == "room" and parent is not None and parent.kind == "unit":
                key = place_key("room", room.name)
                self._rooms_in_units[parent.parent_id, key].append(room)

    def address(self, person: Person) -> Address | Fault:
        """Where the person lives; missing nodes below an estate are made.

        A row without a unit means the unit whose room it is, when only one of the units that were
        there before has a room of that number.
        """
        try:
            building = self._child(self._estate(person), "building", person.building, person.row)
            unit = self._child(building, "unit", person.unit, person.row) if person.unit else None
            if unit is None and self._sole("room", building, person.room) is None:
                inside = self._rooms_in_units.get((building.id, place_key("room", person.room)), [])
                if len(inside) == 1:
                    return Address(building, self._by_id[inside[0].parent_id], inside[0])
            room = self._child(unit or building, "room", person.room, person.row)
        except _NoAddress as nowhere:
            return nowhere.fault
        return Address(building, unit, room)

    def measure(self, room: PlaceRow, person: Person) -> Fault | None:
        """Take note of the room's floor area; two rows must not tell two."""
        area = person.floor_area
        if area is None:
            return None
        first, said = self._measured.setdefault(room.id, (person.row, area))
        if said != area:
            message = f"与第 {first} 行同一室的建筑面积不一致"
            return Fault(person.row, HEADINGS["floor_area"], message)
        if room.floor_area != area:
            self.areas[room.id] = area
        return None

    def _estate(self, person: Person) -> PlaceRow:
        if person.estate:
            found = self._sole("estate", self._community, person.estate)
            fault = "该社区没有这个小区，请先建立小区"
        elif len(self._estates) == 1:
            return self._estates[0]
        else:
            found = None
            fault = "请填写小区" if self._estates else "该社区还没有小区，请先建立小区"
        if found is None:
            raise _NoAddress(Fault(person.row, HEADINGS["estate"], fault))
        return found

    def _child(self, parent: PlaceRow, kind: str, name: str, row: int) -> PlaceRow:
        found = self._sole(kind, parent, name)
        if found is not None:
            return found
        if self._alike.get((parent.id, kind, place_key(kind, name))):
            raise _NoAddress(Fault(row, HEADINGS[kind], "有几个相近的名称，请写全"))
        return self._make(parent, kind, name)

    def _sole(self, kind: str, parent: PlaceRow | Territory, name: str) -> PlaceRow | None:
        """The place of this name, or the only one of a name like it."""
        found = self._named.get((parent.id, kind, name))
        alike = self._alike.get((parent.id, kind, place_key(kind, name)), [])
        return found or (alike[0] if len(alike) == 1 else None)

    def _make(self, parent: PlaceRow, kind: str, name: str) -> PlaceRow:
        mark = label(kind, name, self._labels[parent.id])
        position = self._last[parent.id] + 1
        made = PlaceRow(new_id(), kind, parent.id, f"{parent.path}.{mark}", name, position, None)
        self._know(made)
        self.made.append(
            {
                "id": made.id,
                "kind": kind,
                "parent_id": parent.id,
                "path": made.path,
                "name": name,
                "position": position,
                "import_id": self._import_id,
            }
        )
        return made

    def _know(self, place: PlaceRow) -> None:
        self._by_id[place.id] = place
        self._named[place.parent_id, place.kind, place.name] = place
        self._alike[place.parent_id, place.kind, place_key(place.kind, place.name)].append(place)
        self._labels[place.parent_id].add(place.path.rpartition(".")[2])
        self._last[place.parent_id] = max(self._last[place.parent_id], place.position)
        if place.kind == "estate":
            self._estates.append(place)
