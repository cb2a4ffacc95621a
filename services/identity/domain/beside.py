"""A request to join beside what the register has for the room that it names.

::

    register entries of the room ── compare, one by one ──▶ how near each comes, what differs
                                        └── verdict ──▶ the nearest of them, in one word

For the committee to read: it decides nothing by itself. Who agrees entirely was let in at once,
unless staff or a helper asked for her, a tie was made by hand, or the register knew less that day.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.operations.identity import Difference, Likeness, Verdict
from services.identity.domain.membership import Applicant, RegisterEntry
from services.identity.domain.names import name_key

MOST_SHOWN: Final = 12
"""Entries of one room; a dormitory may have hundreds."""
_NEAREST: Final[tuple[Likeness, ...]] = ("tied", "agrees", "name", "surname", "other")
_COMPOUND: Final = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛慕容尉迟东方皇甫令狐公孙司徒司空夏侯长孙宇文独孤端木轩辕"
        "南宫西门东郭百里呼延钟离闾丘申屠澹台濮阳淳于单于太史公羊赫连",
    )
)  # surnames of two characters (复姓)
_HAN_NAME: Final = re.compile(r"[\u3400-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Known:
    """A live entry of the register in the room; ``name`` is in the open, for comparison alone."""

    entry: RegisterEntry
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the request says. ``name`` is None where no name is held (网号)."""

    applicant: Applicant
    name: str | None
    relation: str
    register_id: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How near an entry comes to the request, and in what the two differ."""

    known: Known
    likeness: Likeness
    differs: tuple[Difference, ...]


def surname(name: str) -> str:
    """The surname of a Chinese name; empty where a name has none of that kind (买买提·艾力)."""
    if not _HAN_NAME.fullmatch(name):
        return ""
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]


def compare(asked: Asked, known: Known) -> Compared:
    """One entry beside the request. What one of the two does not know cannot differ."""
    if asked.register_id == known.entry.id:
        return Compared(known, "tied", ())
    if asked.name is None or name_key(asked.name) != name_key(known.name):
        theirs = surname(asked.name or "")
        family = bool(theirs) and theirs == surname(known.name)
        return Compared(known, "surname" if family else "other", ())
    differs = tuple(_differences(asked, known))
    agrees = not set(differs) - {"relation"}
    return Compared(known, "agrees" if agrees else "name", differs)


def compare_all(asked: Asked, room: Iterable[Known]) -> list[Compared]:
    """All entries of the room, the nearest first."""
    found = [compare(asked, known) for known in room]
    return sorted(found, key=lambda one: (_NEAREST.index(one.likeness), one.known.entry.id))


def verdict(asked: Asked, compared: Sequence[Compared]) -> Verdict:
    """The whole in one word. ``agrees`` and ``tied`` are what can be approved with others at once.

    Args:
        compared: as :func:`compare_all` gives them.
    """
    if not compared:
        return "nobody"
    nearest = compared[0].likeness
    if nearest != "tied" and asked.name is None:
        return "unnamed"
    return "others" if nearest == "other" else nearest


def _differences(asked: Asked, known: Known) -> Iterable[Difference]:
    entry, who = known.entry, asked.applicant
    if entry.unit_id and who.unit_id and entry.unit_id != who.unit_id:
        yield "unit"
    if entry.birth_year and who.birth_year and entry.birth_year != who.birth_year:
        yield "birth_year"
    if entry.id_index and who.id_index and entry.id_index != who.id_index:
        yield "id_number"
    if entry.person_id and entry.person_id != who.person_id:
        yield "account"
    if known.relation != asked.relation:
        yield "relation"
