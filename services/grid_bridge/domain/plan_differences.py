"""What became of a plan between two versions, as people read it: item by item, clause by clause."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from services.grid_bridge.domain import plan_words

Item = Mapping[str, Any]
FIELDS: Final = ("title", "text", "evidence", "owner", "budget", "due_on")
_CLAUSE: Final = re.compile(r"[^，。；：！？、,.;:!?\n]*[，。；：！？、,.;:!?\n]?")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; ``item`` is None for the plan's own texts, ``field`` for whole items."""

    item: str | None
    title: str
    kind: Literal["added", "removed", "changed"]
    field: str | None
    before: str
    after: str

    @property
    def words(self) -> list[tuple[Literal["same", "removed", "added"], str]]:
        """Both texts beside each other."""
        return beside(self.before, self.after)


def beside(before: str, after: str) -> list[tuple[Literal["same", "removed", "added"], str]]:
    """Two texts in pieces that stayed, went and came; a clause is the smallest piece.

    The pieces that stayed and went make up ``before``, those that stayed and came ``after``.
    """
    old, new = _clauses(before), _clauses(after)
    pieces: list[tuple[Literal["same", "removed", "added"], str]] = []
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(("removed", "".join(old[a:b])))
        if c < d:
            pieces.append(("added", "".join(new[c:d])))
    return pieces


def _clauses(text: str) -> list[str]:
    return [found for found in _CLAUSE.findall(text) if found]


def between(
    older: tuple[str, str, Sequence[Item]], newer: tuple[str, str, Sequence[Item]]
) -> Iterator[Difference]:
    """The differences of two versions, each a title, a summary and items.

    What was changed or came stands in the order of the newer, what went at the end. An item that
    only changed its place is no difference.
    """
    for number, field in enumerate(("title", "summary")):
        before, after = str(older[number]), str(newer[number])
        if before != after:
            yield Difference(None, newer[0], "changed", field, before, after)
    was = {item["key"]: item for item in older[2]}
    for item in newer[2]:
        old = was.pop(item["key"], None)
        if old is None:
            said = plan_words.whole(item)
            yield Difference(item["key"], item["title"], "added", None, "", said)
        elif old != item:
            yield from _changed(old, item)
    for item in was.values():
        said = plan_words.whole(item)
        yield Difference(item["key"], item["title"], "removed", None, said, "")


def _changed(old: Item, new: Item) -> Iterator[Difference]:
    for field in FIELDS:
        if old[field] != new[field]:
            yield Difference(
                new["key"],
                new["title"],
                "changed",
                field,
                plan_words.field(old, field),
                plan_words.field(new, field),
            )
