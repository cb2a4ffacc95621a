"""Whether a ballot is in the tree that was signed: reckoned here, not taken from the answer.

The way up from a leaf is that of RFC 9162, section 2.1.3.2; the tree is the one of RFC 6962. What
is hashed on each step is told, so that a page can show it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step up: the hash so far, the neighbour, on which side it stands, what both come to."""

    mine: str
    neighbour: str
    left: bool
    both: str


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two that stand beside each other."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def way_up(leaf: str, position: int, leaves: int, proof: Sequence[str]) -> tuple[str, list[Step]]:
    """The root that a proof leads to, and the steps to it; all hashes as hex.

    Raises:
        ValueError: the proof has another length than such a tree has levels, or is no hex.
    """
    if not 0 <= position < leaves:
        raise ValueError("the position is not in the tree")
    at, last = position, leaves - 1
    here = hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest()
    steps = []
    for told in proof:
        neighbour = bytes.fromhex(told)
        if last == 0:
            raise ValueError("the proof is too long")
        before, left = here, at & 1 == 1 or at == last
        here = node(neighbour, here) if left else node(here, neighbour)
        if left and not at & 1:
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
        steps.append(Step(before.hex(), told, left, here.hex()))
    if last:
        raise ValueError("the proof is too short")
    return here.hex(), steps
