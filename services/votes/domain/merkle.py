"""Merkle trees as Certificate Transparency reckons them (RFC 6962 section 2.1), with SHA-256.

::

    leaf   = SHA-256(0x00 ‖ data)              of no leaves: SHA-256 of nothing
    inner  = SHA-256(0x01 ‖ left ‖ right)      left: the greatest power of two of leaves below all

The two prefixes keep a leaf from passing for an inner node. A proof holds the nodes beside the way
from a leaf up to the root, the lowest first: seventeen for a hundred thousand leaves.

A tree that is asked for many proofs is kept in pieces (:data:`PIECE` leaves, a power of two): the
tree above their roots is the rest of the very same tree, so a proof takes one piece and the roots.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

PIECE: Final = 1024
EMPTY: Final = hashlib.sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def inner(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root above hashes of leaves, or of whole pieces, in their order."""
    level = list(hashes)
    if not level:
        return EMPTY
    while len(level) > 1:
        level = _above(level)
    return level[0]


def _above(level: list[bytes]) -> list[bytes]:
    """The next row of nodes: pairing from the left and carrying an odd last one up is the RFC's
    split.
    """
    pairs = [inner(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return pairs + level[2 * len(pairs) :]


def proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The nodes beside the way from the leaf at ``index`` to the root, the lowest first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(hashes):
        raise IndexError("no such leaf")
    level, path = list(hashes), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, index = _above(level), index // 2
    return path


def pieces(hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The leaves cut into pieces of :data:`PIECE`."""
    return [hashes[i : i + PIECE] for i in range(0, len(hashes), PIECE)]


def proof_in_pieces(piece: Sequence[bytes], index: int, roots: Sequence[bytes]) -> list[bytes]:
    """The proof of the leaf at ``index`` of the whole, from its piece and the pieces' roots."""
    return proof(piece, index % PIECE) + proof(roots, index // PIECE)
