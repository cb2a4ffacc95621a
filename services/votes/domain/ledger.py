"""The ledger of a poll: a chain in which each entry holds the hash of the one before.

::

    opened ─ leaves ─ superseded ─ leaves ─ paper ─ counter ─ … ─ closed ─ choices ─ result
      ▲ signed                                                  ▲ signed ▲ signed  ▲ signed

    hash = SHA-256(previous hash ‖ seq, 8 bytes ‖ kind ‖ 0x00 ‖ canonical payload)

The first entry's previous hash is that of the poll's id, so that no chain passes for another's.
Canonical is JSON with sorted keys, without spaces, in UTF-8, of texts, whole numbers, truth values,
lists and objects alone: a float would have several spellings, and is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal[
    "opened",
    "leaves",
    "superseded",
    "paper",
    "counter",
    "extended",
    "closed",
    "choices",
    "result",
    "voided",
]
SIGNED: Final[frozenset[str]] = frozenset({"opened", "closed", "choices", "result", "voided"})
"""After entries of these kinds the head is signed."""
UNTOLD: Final[frozenset[str]] = frozenset({"paper", "counter"})
"""Whose payload is told only after the close: it counts choices. Its hash stands from the start."""

FIRST: Final = b"shequtong ledger 1\n"


def canonical(value: Any) -> str:
    """The one spelling of a payload.

    Raises:
        TypeError: it holds something that has none, as a float.
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _check(value: Any) -> None:
    if isinstance(value, Mapping):
        for name, held in value.items():
            if not isinstance(name, str):
                raise TypeError(f"{name!r} is no name")
            _check(held)
    elif isinstance(value, list | tuple):
        for held in value:
            _check(held)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(f"{type(value).__name__} has no canonical spelling")


def first(poll_id: str) -> bytes:
    """What the first entry of a poll's chain follows on."""
    return hashlib.sha256(FIRST + poll_id.encode()).digest()


def link(previous: bytes, seq: int, kind: str, payload: str) -> bytes:
    """The hash of an entry; ``payload`` is canonical."""
    text = previous + seq.to_bytes(8, "big") + kind.encode() + b"\x00" + payload.encode()
    return hashlib.sha256(text).digest()


@dataclass(frozen=True, slots=True)
class Linked:
    """An entry with its place in the chain; ``payload`` is canonical, ``hash`` hexadecimal."""

    seq: int
    payload: str
    hash: str


def linked(seq: int, previous: str, kind: Kind, payload: Mapping[str, Any]) -> Linked:
    """The entry that follows on the one with the number ``seq`` and the hash ``previous``."""
    text = canonical(payload)
    hashed = link(bytes.fromhex(previous), seq + 1, kind, text).hex()
    return Linked(seq + 1, text, hashed)


def head_text(poll_id: str, seq: int, hash_: str, leaves: int, root: str, at: str) -> bytes:
    """What is signed of a head: chain and tree as they were after the entry ``seq``."""
    told = {"poll_id": poll_id, "seq": seq, "hash": hash_, "leaves": leaves, "root": root, "at": at}
    return canonical(told).encode()


def list_hash(items: list[Any]) -> str:
    """The hash under which a list beside the chain (choices, marks) is named in it."""
    return hashlib.sha256(canonical(items).encode()).hexdigest()
