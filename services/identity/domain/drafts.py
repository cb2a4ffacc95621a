"""A register's file from its upload to its import: read, shown, confirmed, and forgotten.

::

    brought ──┬── read, all well ──▶ ready ──confirm──▶ confirmed ──┬─ imported ──▶ done
              ├── rows are wrong ──▶ faulty ◀───────────────────────┘ the register has changed
              └── no register at all ──▶ refused
    whatever is not done: dropped by hand, by the next file of the same person, or after a day

Reading and importing are not done while somebody waits: a timer takes what was brought or
confirmed (20,000 rows are seconds of a processor). The file itself is sealed, and gone as soon as
it is of no more use; what was said about it stays.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, Forbidden, NotFound

KEPT: Final = timedelta(hours=24)
"""So long a file waits to be confirmed, or its faulty lines to be fetched."""
REMEMBERED: Final = timedelta(days=30)
"""So long it is known that there was one."""


class State(StrEnum):
    """Where a file stands."""

    BROUGHT = "brought"
    READY = "ready"
    FAULTY = "faulty"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    DONE = "done"
    DROPPED = "dropped"


class Step(StrEnum):
    """What happens to one."""

    WELL = "well"
    WRONG = "wrong"
    NO_REGISTER = "no_register"
    CONFIRM = "confirm"
    DROP = "drop"


DUE: Final = frozenset({State.BROUGHT, State.CONFIRMED})
"""What the timer takes."""
LIVE: Final = frozenset({State.BROUGHT, State.READY, State.FAULTY, State.CONFIRMED})
"""The file is still there."""
DROPPABLE: Final = LIVE - {State.CONFIRMED}
"""It can be forgotten; what was confirmed is being imported."""
TRANSITIONS: Final[Mapping[tuple[State, Step], State]] = {
    (State.BROUGHT, Step.WELL): State.READY,
    (State.BROUGHT, Step.WRONG): State.FAULTY,
    (State.BROUGHT, Step.NO_REGISTER): State.REFUSED,
    (State.READY, Step.CONFIRM): State.CONFIRMED,
    (State.CONFIRMED, Step.WELL): State.DONE,
    (State.CONFIRMED, Step.WRONG): State.FAULTY,
    (State.CONFIRMED, Step.NO_REGISTER): State.REFUSED,
    **{(state, Step.DROP): State.DROPPED for state in DROPPABLE},
}


class DraftNotFound(NotFound):
    """There is no such file, or it is another community's."""

    code = "identity.register_draft_not_found"
    zh, en = "没有找到这份名册文件", "There is no such file"


class DraftMovedOn(Conflict):
    """It is no longer, or not yet, at the step that was asked for."""

    code = "identity.register_draft_moved_on"
    zh, en = "这份名册文件的状态已变，请刷新后再看", "This file is at another step by now"


class DraftOfAnother(Forbidden):
    """The lines of a file are for whoever brought it: they are not the register's."""

    code = "identity.register_draft_of_another"
    zh, en = "只有上传的人可以下载文件里的行", "Only whoever brought the file may have its lines"


def after(state: State, step: Step) -> State:
    """The state after ``step``.

    Raises:
        DraftMovedOn: the step is not possible in ``state``.
    """
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise DraftMovedOn() from None
