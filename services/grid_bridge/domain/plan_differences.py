"""What became of a plan between two versions, as people read it: item by item, clause by clause."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from services.differences import Piece, beside
from services.grid_bridge.domain import plan_words

Item = Mapping[str, Any]
FIELDS: Final = ("title", "text", "evidence", "owner", "budget", "due_on")


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
    def words(self) -> list[Piece]:
        """Both texts beside each other."""
        return beside(self.before, self.after)


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
