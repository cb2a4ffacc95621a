"""The grid platform's work order (网格工单), mirrored from its numbered updates.

::

    reported ─► accepted ─► verifying ─► registered ─► dispatched ─► disposing ─► disposed
       │           └────────────┼────────────▲ │        ▲ ▲  ▼        ▲  ▲  ▼         │
       ├─► rejected             ▼              ▼        │ returned    │  extension_   ▼
       └─► duplicate       not_registered ◄────┘        │             │  requested   checking
                                                        │             │  suspended    │  │
                                                        │             └─ rework ◄─────┘  ▼
                                                     reopened ◄── closed ◄───────────────┘
    every open state ─► cancelled                       ▲            ▼
                                                        └──────── evaluated

The platform alone moves an order; the bridge follows. An order known to the platform from a
public source is verified on site before it is registered (核实 → 立案); a platform that takes
our word goes from accepted to registered at once. 督办 (urged) is a flag and no state.

Updates carry ``seq`` 1, 2, 3… and come in any order, late, twice, or wrong. Numbers up to
``used`` have been judged; the last that took effect is ``applied``, so those between lie in
quarantine. :func:`receive`::

    seq                  transition   what we do
    used + 1             allowed      apply, then whatever waited for it
    used + 1             impossible   quarantine; the number is used up, the state stays
    beyond               –            wait for the gap to fill
    far beyond           –            quarantine: that gap will never fill
    applied < seq ≤ used allowed      apply: the correction of what lies in quarantine
    applied < seq ≤ used impossible   quarantine
    ≤ applied            –            ignore when it says the same as before, else quarantine
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class State(StrEnum):
    """Where an order stands; the values are those of the wire."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    VERIFYING = "verifying"
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    DISPOSING = "disposing"
    EXTENSION_REQUESTED = "extension_requested"
    SUSPENDED = "suspended"
    DISPOSED = "disposed"
    CHECKING = "checking"
    REWORK = "rework"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


_S = State

EXITS: dict[State, frozenset[State]] = {
    _S.REPORTED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.DUPLICATE, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.VERIFYING, _S.REGISTERED, _S.NOT_REGISTERED, _S.CANCELLED}),
    _S.VERIFYING: frozenset({_S.REGISTERED, _S.NOT_REGISTERED, _S.CANCELLED}),
    _S.REGISTERED: frozenset({_S.DISPATCHED, _S.NOT_REGISTERED, _S.CANCELLED}),
    _S.DISPATCHED: frozenset({_S.DISPOSING, _S.RETURNED, _S.CANCELLED}),
    _S.RETURNED: frozenset({_S.DISPATCHED, _S.CANCELLED}),
    _S.DISPOSING: frozenset({_S.DISPOSED, _S.EXTENSION_REQUESTED, _S.SUSPENDED, _S.CANCELLED}),
    _S.EXTENSION_REQUESTED: frozenset({_S.DISPOSING, _S.CANCELLED}),
    _S.SUSPENDED: frozenset({_S.DISPOSING, _S.CANCELLED}),
    _S.DISPOSED: frozenset({_S.CHECKING, _S.CANCELLED}),
    _S.CHECKING: frozenset({_S.CLOSED, _S.REWORK, _S.CANCELLED}),
    _S.REWORK: frozenset({_S.DISPOSING, _S.CANCELLED}),
    _S.CLOSED: frozenset({_S.EVALUATED, _S.REOPENED}),
    # who rates "not solved" and asks again must not be sent away to open a second order
    _S.EVALUATED: frozenset({_S.REOPENED}),
    _S.REOPENED: frozenset({_S.DISPATCHED, _S.CANCELLED}),
    _S.REJECTED: frozenset(),
    _S.DUPLICATE: frozenset(),
    _S.NOT_REGISTERED: frozenset(),
    _S.CANCELLED: frozenset(),
}

OPEN: frozenset[State] = frozenset(s for s, exits in EXITS.items() if _S.CANCELLED in exits)
"""The order waits for somebody."""

REFUSED: frozenset[State] = frozenset({_S.REJECTED, _S.DUPLICATE, _S.NOT_REGISTERED})
"""The platform will not do it."""

REOPENABLE: frozenset[State] = frozenset({_S.CLOSED, _S.EVALUATED})
"""The platform has done it; the resident may ask again (重办)."""

PAUSING: frozenset[State] = frozenset({_S.EXTENSION_REQUESTED, _S.SUSPENDED})
"""The clock towards the resident stands still (延期、挂账)."""

MAX_GAP = 1_000
"""An update that is further ahead than this waits for messages that will not come."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """How far an order has been followed (see the module's table)."""

    state: State = State.REPORTED
    applied: int = 0
    used: int = 0


class Verdict(StrEnum):
    """What becomes of one update."""

    APPLY = "apply"
    WAIT = "wait"
    REPEATED = "repeated"
    IMPOSSIBLE = "impossible"  # quarantine: the table has no such transition
    CONFLICT = "conflict"  # quarantine: that number has said something else
    TOO_FAR = "too_far"  # quarantine: the gap before it will not fill


QUARANTINE: frozenset[Verdict] = frozenset({Verdict.IMPOSSIBLE, Verdict.CONFLICT, Verdict.TOO_FAR})


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """An update that waits for a gap to fill, or lies in quarantine; ``update`` is its body."""

    seq: int
    state: State
    update: T


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One verdict on one update, in the order in which they take effect."""

    seq: int
    state: State
    verdict: Verdict
    update: T


def judge(mirror: Mirror, seq: int, state: State, said: State | None = None) -> Verdict:
    """What becomes of the update ``seq`` to ``state``.

    ``said`` is the state that this number has already led to, when it was applied.
    """
    if seq <= mirror.applied:
        return Verdict.REPEATED if state is said else Verdict.CONFLICT
    if seq > mirror.used + MAX_GAP:
        return Verdict.TOO_FAR
    if seq > mirror.used + 1:
        return Verdict.WAIT
    return Verdict.APPLY if state in EXITS[mirror.state] else Verdict.IMPOSSIBLE


def _after(mirror: Mirror, seq: int, state: State, verdict: Verdict) -> Mirror:
    """The mirror after an update was judged."""
    used = max(mirror.used, seq)
    if verdict is Verdict.APPLY:
        return Mirror(state, applied=seq, used=used)
    if verdict is Verdict.IMPOSSIBLE:
        return replace(mirror, used=used)
    return mirror


def receive(
    mirror: Mirror,
    seq: int,
    state: State,
    update: T,
    held: Sequence[Held[T]] = (),
    said: State | None = None,
) -> tuple[Mirror, list[Step[T]]]:
    """Take one update and whatever it sets free.

    Args:
        held: what else waits or lies in quarantine, with this number or a higher one.
            Something in quarantine behind a correction gets its chance: it was impossible only
            because the right one before it was missing.
        said: see :func:`judge`.

    Returns:
        The mirror afterwards, and one step for the update itself followed by one for each held
        update that was judged by the way.
    """
    verdict = judge(mirror, seq, state, said)
    mirror = _after(mirror, seq, state, verdict)
    steps = [Step(seq, state, verdict, update)]
    if verdict not in (Verdict.APPLY, Verdict.IMPOSSIBLE):
        return mirror, steps
    for other in sorted(held, key=lambda item: item.seq):
        # no ``said``: what is held was never applied, so a number that is taken was taken
        # by another one, or was passed over
        verdict = judge(mirror, other.seq, other.state)
        if verdict is Verdict.WAIT:
            break
        mirror = _after(mirror, other.seq, other.state, verdict)
        steps.append(Step(other.seq, other.state, verdict, other.update))
    return mirror, steps
