"""The examples: what this project wrote (`corpus/*.jsonl`), and labelled files from outside."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.grid_bridge import catalogue

FOLDER: Final = Path(__file__).parent / "corpus"

POSTS: Final = FOLDER / "posts"
"""What neighbours write to each other: problems, and everything else."""

HELD_OUT: Final = "held_out"
"""Name, or the end of the name, of the files that are never trained on."""

LABELS: Final = ("consult", "advise", "dispose", "8x")


class BadExample(ValueError):
    """A line is no labelled example; the message says which line and why."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message. ``slot`` is a catalogue key for 8x (None when unknown), else None.

    ``sure`` is False where two labellers of an outside file hesitated; ``weight`` counts the
    example so many times in training.
    """

    id: Any
    title: str
    body: str
    label: str
    slot: str | None
    sure: bool = True
    weight: float = 1.0


def training() -> list[Example]:
    """Everything the shipped model learns from, in a fixed order."""
    paths = sorted(path for path in FOLDER.glob("*.jsonl") if path.stem != HELD_OUT)
    return [example for path in paths for example in read(path)]


def held_out() -> list[Example]:
    """The project's own held-out messages."""
    return list(read(FOLDER / f"{HELD_OUT}.jsonl"))


def posts(name: str) -> list[tuple[str, str]]:
    """Title and body of posts: ``ordinary``, ``problems``, and each of them ``…_held_out``."""
    lines = (POSTS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["title"], row["body"]) for row in rows]


def read(path: Path, weight: float = 1.0) -> Iterator[Example]:
    """The examples of a JSONL file with id, title, body, label and slot.

    Raises:
        BadExample: a line is not JSON, lacks a text, or has an unknown label or slot.
    """
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield parse(json.loads(line), weight)
        except (ValueError, RecursionError) as error:
            raise BadExample(f"{path.name}:{number}: {error}") from None


def parse(row: Any, weight: float = 1.0) -> Example:
    """One example from a JSON object; ``BadExample`` says what is wrong with it."""
    if not isinstance(row, dict):
        raise BadExample("not a JSON object")
    title, body = row.get("title") or "", row.get("body") or ""
    if not isinstance(title, str) or not isinstance(body, str):
        raise BadExample("title and body must be text")
    label, slot = row.get("label"), row.get("slot")
    if label not in LABELS:
        raise BadExample(f"label must be one of {', '.join(LABELS)}")
    if slot is not None and (label != "8x" or slot not in catalogue.SLOTS):
        raise BadExample("slot must be a key of the catalogue, and belongs to 8x alone")
    return Example(row.get("id"), title, body, label, slot, row.get("sure") is not False, weight)


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()
