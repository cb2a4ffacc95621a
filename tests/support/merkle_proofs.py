"""The other side of an inclusion proof: whoever holds one reckons up to the root."""

from collections.abc import Sequence

from services.votes.domain.merkle import inner


def proven(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], top: bytes) -> bool:
    """Whether ``path`` leads from the leaf at ``index`` of ``size`` to the root ``top``."""
    if not 0 <= index < size:
        return False
    node, last, left = leaf_hash, size - 1, list(path)
    while last:
        if index % 2 or index != last:
            if not left:
                return False
            beside = left.pop(0)
            node = inner(beside, node) if index % 2 else inner(node, beside)
        index, last = index // 2, last // 2
    return not left and node == top
