"""The texts that a post had: what of it is a text, and what an edit changed, for people to read.

A change is told in sentences and lines: those that stayed, went and came, in the order of reading.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from services.contracts.errors import Forbidden

# A post's text: whatever of this is changed makes a new version.
TEXT: Final = ("title", "body", "extra", "attachments", "tags")
# Comparing takes up to the square of the number of units; beyond, all of it is told as new.
MOST_UNITS: Final = 100
_UNIT: Final = re.compile(r"[^\n。！？!?；;]*(?:[。！？!?；;]+[”’」』）)\"]*\n?|\n|$)")

Op = Literal["same", "removed", "added"]


class HistoryClosed(Forbidden):
    """The earlier texts of a post are its author's and the moderators' to read."""

    code = "feed.history_closed"
    zh, en = "只有作者和栏目管理人员可以查看修改记录", "Only author and moderators see its history"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and what became of it."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit changed of one part of a post, e.g. ``body`` or ``extra.materials``."""

    field: str
    pieces: tuple[Piece, ...]


def units(text: str) -> list[str]:
    """``text`` in sentences and lines; joined they are the text again."""
    return [unit for unit in _UNIT.findall(text) if unit]


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """What stayed, went and came between two texts; what went stands before what came."""
    old, new = units(before), units(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    whole = [("same", old[:head]), *middle, ("same", old[len(old) - tail :])]
    return tuple(_joined(whole))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What an edit changed; both are texts with the parts of :data:`TEXT`."""
    old, new = _parts(before), _parts(after)
    return [
        Change(field, pieces(old.get(field, ""), new.get(field, "")))
        for field in dict.fromkeys((*old, *new))
        if old.get(field, "") != new.get(field, "")
    ]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many units both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _middle(old: list[str], new: list[str]) -> list[tuple[Op, list[str]]]:
    if max(len(old), len(new)) > MOST_UNITS:
        return [("removed", old), ("added", new)]
    told: list[tuple[Op, list[str]]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            told.append(("same", old[a:b]))
        else:
            told += [("removed", old[a:b]), ("added", new[c:d])]
    return told


def _joined(told: Iterable[tuple[str, list[str]]]) -> Iterable[Piece]:
    kept: list[tuple[str, str]] = []
    for op, some in told:
        if not some:
            continue
        if kept and kept[-1][0] == op:
            kept[-1] = (op, kept[-1][1] + "".join(some))
        else:
            kept.append((op, "".join(some)))
    return (Piece(op, text) for op, text in kept)  # type: ignore[arg-type]


def _parts(text: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a post's text as lines; empty ones are left out."""
    parts = {"title": text["title"], "body": text["body"]}
    parts |= {f"extra.{key}": _lines(value) for key, value in text["extra"].items()}
    parts["tags"] = "\n".join(text["tags"])
    parts["attachments"] = "\n".join(file["id"] for file in text["attachments"])
    return {field: words for field, words in parts.items() if words}


def _lines(value: Any) -> str:
    if isinstance(value, str):
        return value
    some = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(each, ensure_ascii=False, sort_keys=True) for each in some)
