"""The roll (表决人名册): what state an entry is in, whatever channel it is used over.

::

              ┌──────────────► online ──┐
              │                         │ (paper comes first)
    struck ◄─ free ──────────► proxy ───┼────────────┐
              │ ▲                       ▼            ▼
              │ └─────────────── paper_out ◄─────► paper
              └───────────────────▲ │                ▲
                                    └────────────────┘

An entry has one state for all channels, and one row holds it: whoever takes it first has it.
``paper_out`` reserves it while a paper is under way; the paper that comes back makes it ``paper``,
one that was spoiled or handed back empty frees it again. Only where the rules let paper take the
place of an online vote does one lead on from ``online`` or ``proxy``. What is ``struck`` was struck
before the roll was frozen, and may be put back until then.
"""

from enum import StrEnum
from typing import Final


class Mark(StrEnum):
    """The state of an entry; the values are the table's."""

    FREE = "free"
    ONLINE = "online"
    PAPER_OUT = "paper_out"
    PAPER = "paper"
    PROXY = "proxy"
    STRUCK = "struck"


VOTED: Final = frozenset({Mark.ONLINE, Mark.PAPER, Mark.PROXY})
"""The states in which an entry has voted."""

_M = Mark
MOVES: Final = frozenset(
    {
        (_M.FREE, _M.ONLINE),
        (_M.FREE, _M.PROXY),
        (_M.FREE, _M.PAPER_OUT),
        (_M.FREE, _M.PAPER),
        (_M.PAPER_OUT, _M.PAPER),
        (_M.PAPER_OUT, _M.FREE),
        (_M.PAPER, _M.PAPER_OUT),
        (_M.ONLINE, _M.PAPER_OUT),
        (_M.ONLINE, _M.PAPER),
        (_M.PROXY, _M.PAPER_OUT),
        (_M.PROXY, _M.PAPER),
        (_M.FREE, _M.STRUCK),
        (_M.STRUCK, _M.FREE),
    }
)
"""Every way from one state to another that there is."""
