"""A shelf that holds so many bytes; what was not asked for the longest goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Shelf(Generic[V]):
    """Values by key, each with its size in bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> V | None:
        """What is kept under ``key``."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: V, size: int) -> bool:
        """Keep a value instead of the key's last one; False when it is too large for the shelf."""
        self.drop(key)
        if size > self._most:
            return False
        self._kept[key] = value, size
        self.bytes += size
        while self.bytes > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self.bytes -= gone
        return True

    def drop(self, key: Hashable) -> None:
        """Keep nothing under ``key``."""
        found = self._kept.pop(key, None)
        if found is not None:
            self.bytes -= found[1]

    def empty(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self.bytes = 0
