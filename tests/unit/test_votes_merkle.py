"""Merkle trees: the vectors of Certificate Transparency, and the RFC's recursion beside ours."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from services.votes.domain import merkle
from tests.support.merkle_proofs import proven

# RFC 6962 section 2.1.3 draws this tree; its data are the vectors of the certificate logs.
DATA = [bytes.fromhex(h) for h in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def by_the_book(data: list[bytes]) -> bytes:
    """MTH(D[n]) as section 2.1 writes it."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_book(data[:k]) + by_the_book(data[k:])).digest()


def test_known_roots():
    for size, expected in ROOTS.items():
        assert merkle.root([merkle.leaf(d) for d in DATA[:size]]).hex() == expected
    assert merkle.root([]) == hashlib.sha256(b"").digest()


@given(st.integers(1, 200), st.data())
def test_every_leaf_is_proven_and_nothing_else(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = [merkle.leaf(str(n).encode()) for n in range(size)]
    top = merkle.root(leaves)
    path = merkle.proof(leaves, index)
    assert top == by_the_book([str(n).encode() for n in range(size)])
    assert proven(leaves[index], index, size, path, top)
    assert not proven(merkle.leaf(b"other"), index, size, path, top)
    assert not proven(leaves[index], index, size, [*path, top], top)
    assert not proven(leaves[index], index, size, path, merkle.leaf(top))
    assert not proven(leaves[index], size, size, path, top)
    if path:
        assert not proven(leaves[index], index, size, path[1:], top)
        assert not proven(leaves[index], index ^ 1, size, path, top)


def test_a_tree_in_pieces_is_the_same_tree():
    for size in (1, 1024, 1025, 2048, 2049, 5000, 7 * 1024 + 1):
        leaves = [merkle.leaf(str(n).encode()) for n in range(size)]
        parts = merkle.pieces(leaves)
        roots = [merkle.root(part) for part in parts]
        assert merkle.root(roots) == merkle.root(leaves)
        for index in (0, size // 2, size - 1):
            part = parts[index // merkle.PIECE]
            assert merkle.proof_in_pieces(part, index, roots) == merkle.proof(leaves, index)
