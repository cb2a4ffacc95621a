"""Numbers of transactions: what was written when, by whom, where.

A mark is (epoch, number): later transactions of a service's database have higher ones, and what
was counted in a later life of it (restored from a backup) is later than all before. A read's mark
is the number of the oldest transaction that it might have missed, so it shows a write exactly when
its mark is above the write's.
"""

import re
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

Mark = tuple[int, int]
NOTHING: Final[Mark] = (0, 0)
_SAID = re.compile(r"([a-z_]{1,40})=(\d{1,19})(?:@(\d{1,19}))?")


class Marks:
    """The highest mark under each of many names.

    Only so many are kept. What is forgotten is owed to everybody from then on (``base``), so
    forgetting makes nobody see less than she would have seen.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._marks: OrderedDict[Hashable, Mark] = OrderedDict()
        self.base: Mark = NOTHING

    def __len__(self) -> int:
        return len(self._marks)

    def raise_to(self, name: Hashable, mark: Mark) -> None:
        """Nothing below ``mark`` counts any more under ``name``."""
        if mark > self._marks.get(name, self.base):
            self._marks[name] = mark
            self._marks.move_to_end(name)
            if len(self._marks) > self._most:
                _, forgotten = self._marks.popitem(last=False)
                self.base = max(self.base, forgotten)

    def of(self, *names: Hashable) -> Mark:
        """The highest under one of ``names``."""
        highest = self.base
        for name in names:
            mark = self._marks.get(name)
            if mark is not None and mark > highest:
                highest = mark
        return highest


def read_seen(said: str, service: str) -> Mark:
    """What ``Shequ-Seen`` says of a service; nothing when it says none, or is not understood."""
    highest = NOTHING
    for part in said[:500].split(","):
        found = _SAID.fullmatch(part.strip())
        if found and found[1] == service:
            highest = max(highest, (int(found[3] or 0), int(found[2])))
    return highest


def written_seen(service: str, mark: Mark) -> str:
    """A mark as ``Shequ-Seen`` says it: ``feed=123``, in a restored database ``feed=123@epoch``."""
    epoch, number = mark
    return f"{service}={number}@{epoch}" if epoch else f"{service}={number}"
