"""What a file would change in a register: places to make, entries to add, change and end.

Nothing is asked or written here: places and entries as they are come in, rows to write go out.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from services.contracts.ids import new_id
from services.identity.crypto import Vault
from services.identity.domain import register
from services.identity.domain.names import room_key
from services.identity.domain.register import HEADINGS, Fault, Person
from services.identity.handlers.joining import match_index
from services.identity.register_places import Address, Places
from services.identity.register_rows import name_index


@dataclass(slots=True)
class Plan:
    """What to write, and what there is to say about it; with faults it must not be written.

    ``changed`` has the headings of what each row of the file changes of its entry, if anything.
    """

    places: list[dict[str, Any]]
    floor_areas: dict[str, Decimal]
    added: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    changed: dict[int, list[str]] = field(default_factory=dict)
    ended: list[Any] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


class Located(NamedTuple):
    """A person of the file with the address in the tree; what ``register.pair`` compares."""

    person: Person
    address: Address

    @property
    def unit_id(self) -> str | None:
        """The unit's node."""
        return self.address.unit.id if self.address.unit else None

    @property
    def birth_year(self) -> int | None:
        """Year of birth."""
        return self.person.birth_year

    @property
    def id_index(self) -> str | None:
        """Blind index of the ID number."""
        return self.person.id_index


def make(
    vault: Vault,
    community_id: str,
    places: Places,
    persons: Iterable[Person],
    entries: Iterable[Any],
    import_id: str,
    *,
    replace: bool,
) -> Plan:
    """Compare a file with the community's live entries.

    Args:
        entries: rows of ``register_rows.live_entries``.
        import_id: what new entries name as their origin.
        replace: entries that no row means are to end.
    """
    plan = Plan(places.made, places.areas)
    rows: dict[str, list[Located]] = defaultdict(list)
    for person in persons:
        address = places.address(person)
        if isinstance(address, Fault):
            plan.faults.append(address)
            continue
        fault = places.measure(address.room, person)
        if fault:
            plan.faults.append(fault)
        index = match_index(vault, address.building.id, person.room, person.name)
        rows[index].append(Located(person, address))
    known: dict[str, list[Any]] = defaultdict(list)
    for entry in entries:
        known[entry.match_index].append(entry)
    meant: set[str] = set()
    for index, namesakes in rows.items():
        plan.faults += _duplicates(namesakes)
        paired = register.pair(known.get(index, ()), namesakes)
        by_id = {entry.id: entry for entry in known.get(index, ())}
        for position, row in enumerate(namesakes):
            blind = {
                "match_index": index,
                "name_index": name_index(vault, community_id, row.person.name),
            }
            if position not in paired:
                plan.added.append(_new(vault, community_id, row, blind, import_id))
                continue
            entry = by_id[paired[position]]
            meant.add(entry.id)
            _compare(plan, entry, row, blind)
    if replace:
        plan.ended = [e for some in known.values() for e in some if e.id not in meant]
    return plan


def _duplicates(rows: Sequence[Located]) -> list[Fault]:
    faults = []
    for later, earlier in register.duplicates(rows):
        message = "同一室内同名的人过多"
        if earlier is not None:
            first = rows[earlier].person.row
            message = f"与第 {first} 行重复：地址、姓名相同，没有能区分两人的出生年份或证件号码"
        faults.append(Fault(rows[later].person.row, HEADINGS["name"], message))
    return faults


def _new(
    vault: Vault, community_id: str, row: Located, blind: dict[str, str], import_id: str
) -> dict[str, Any]:
    entry_id = new_id()
    person, address = row
    return {
        "id": entry_id,
        "community_id": community_id,
        "building_id": address.building.id,
        "unit_id": row.unit_id,
        "room_id": address.room.id,
        "room_key": room_key(person.room),
        "name_sealed": vault.seal(person.name, purpose="register.name", owner=entry_id),
        **blind,
        "birth_year": person.birth_year,
        "relation": person.relation,
        "id_index": person.id_index,
        "import_id": import_id,
    }


_SAID_BY = {
    "unit_id": "unit",
    "birth_year": "birth_year",
    "id_index": "id_number",
    "relation": "relation",
}


def _compare(plan: Plan, entry: Any, row: Located, blind: dict[str, str]) -> None:
    """Write what the file knows better; what it does not know stays."""
    says = {
        "unit_id": row.unit_id or entry.unit_id,
        "birth_year": row.birth_year or entry.birth_year,
        "id_index": row.id_index or entry.id_index,
        "relation": row.person.relation,
    }
    keeps = {
        "room_id": row.address.room.id if row.unit_id or not entry.unit_id else entry.room_id,
        "room_key": room_key(row.person.room),
        "name_index": blind["name_index"],
    }
    told = [column for column, value in says.items() if getattr(entry, column) != value]
    if told or any(getattr(entry, column) != value for column, value in keeps.items()):
        plan.changes.append({"id": entry.id, **says, **keeps})
    if told or row.address.room.id in plan.floor_areas:
        plan.changed[row.person.row] = [HEADINGS[_SAID_BY[column]] for column in told]
    else:
        plan.unchanged += 1
