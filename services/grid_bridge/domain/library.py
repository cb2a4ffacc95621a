"""The library of actively discovered problems (主动发现问题库): one entry per issue handed over.

::

               handed over again
       ┌──────────────┬──────────────┬────────────┐
       ▼              │              │            │
    entered ──► ordered ──► settled ─┤            │
       │          │  ▲         │     │            │
       │          │  └─ 重办 ──┘     │            │
       ├──────────┼─────► returned ──┘            │
       └──────────┴─────► withdrawn ──────────────┘

An entry follows the latest order of its issue. A number is given once: who is sent away and comes
again, comes with the number that she has.
"""

from enum import StrEnum

from services.grid_bridge.domain.work_order import OPEN, REFUSED, REOPENABLE, State


class Standing(StrEnum):
    """Where an entry stands."""

    ENTERED = "entered"  # handed over, and not yet taken on
    ORDERED = "ordered"  # the platform works on it
    RETURNED = "returned"  # it would not do it: refused, a duplicate, not registered
    WITHDRAWN = "withdrawn"  # the order was taken back or cancelled
    SETTLED = "settled"  # closed, and perhaps rated


EXITS: dict[Standing, frozenset[Standing]] = {
    Standing.ENTERED: frozenset({Standing.ORDERED, Standing.RETURNED, Standing.WITHDRAWN}),
    Standing.ORDERED: frozenset({Standing.RETURNED, Standing.WITHDRAWN, Standing.SETTLED}),
    Standing.RETURNED: frozenset({Standing.ENTERED}),
    Standing.WITHDRAWN: frozenset({Standing.ENTERED}),
    Standing.SETTLED: frozenset({Standing.ORDERED, Standing.ENTERED}),
}

OF_ORDER: dict[State, Standing] = {
    **dict.fromkeys(OPEN, Standing.ORDERED),
    **dict.fromkeys(REFUSED, Standing.RETURNED),
    **dict.fromkeys(REOPENABLE, Standing.SETTLED),
    State.REPORTED: Standing.ENTERED,
    State.CANCELLED: Standing.WITHDRAWN,
}
"""What the state of the latest order means for its entry."""
