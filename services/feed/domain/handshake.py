"""A handshake: two neighbours on one offer, need or thing, as a table of who may move it where.

::

             ┌─decline (author)────────▶ declined
             ├─cancel (asker) / time───▶ cancelled ◀──────────────┐
    asked ───┤                                                    │ cancel (either), in time
             └─agree (author)─▶ agreed ───────────────────────────┤ time (a thing)
                                  │  └──no_show (either)──▶ no_show
                                  │                           ▲
                                  └─done (either)─▶ done ─────┘ no_show: the other, within 3 days
                                                     └─thank (the helped one)─▶ thanked

Time ends what is asked and not answered (help after 7 days, a thing after 3), and the reservation
of a thing that was not handed over 3 days after it was agreed. When the hours that two agreed on
are over, it was done or somebody did not come; nobody cancels it then. That a thing was handed over
is said by its buyer for good; the giver's word stands unless the buyer objects in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.contracts.errors import Conflict, Forbidden, NotFound, ShequError, refusal
from services.feed.domain.aid import ANY_TIME, DAY, WEEK, Hours
from services.feed.domain.days import CHINA

Kind = Literal["offer", "need", "idle"]
State = Literal["asked", "agreed", "declined", "done", "thanked", "no_show", "cancelled"]
Step = Literal["agree", "decline", "cancel", "done", "thank", "no_show"]
Party = Literal["author", "asker"]
Right = Literal["author", "asker", "either", "helped", "other"]


class HandshakeNotFound(NotFound):
    """There is no such handshake, or it is between others."""

    code = "feed.handshake_not_found"
    zh, en = "没有这个约定", "There is no such handshake"


class AlreadyAsked(Conflict):
    """One handshake with a post at a time."""

    code = "feed.already_asked"
    zh, en = "您已经与对方有约", "You have a handshake there already"


class StepNotPossible(Conflict):
    """From where the handshake stands, this step does not lead on."""

    code = "feed.step_not_possible"
    zh, en = (
        "约定已有变化，现在不能这样操作",
        "From where it stands now this cannot be done",
    )


class NotYourStep(Forbidden):
    """This step is the other one's to take."""

    code = "feed.not_your_step"
    zh, en = "这一步应由对方操作", "This step is the other one's"


class TooLateToObject(Conflict):
    """What was said to be done stands when nobody objects in time."""

    code = "feed.too_late_to_object"
    zh, en = "已过三天的异议期", "The three days in which to object are over"


class TooLateToCancel(Conflict):
    """The hours that the two agreed on are over: it was done, or somebody did not come."""

    code = "feed.too_late_to_cancel"
    zh = "约定的时间已过，请确认已完成，或说明对方没有来"
    en = "The agreed time is over; please say that it was done, or that the other did not come"


@dataclass(frozen=True, slots=True)
class Move:
    """Where a step leads, and whose it is."""

    to: State
    right: Right


MOVES: Final[Mapping[tuple[State, Step], Move]] = {
    ("asked", "agree"): Move("agreed", "author"),
    ("asked", "decline"): Move("declined", "author"),
    ("asked", "cancel"): Move("cancelled", "asker"),
    ("agreed", "cancel"): Move("cancelled", "either"),
    ("agreed", "done"): Move("done", "either"),
    ("agreed", "no_show"): Move("no_show", "either"),
    ("done", "no_show"): Move("no_show", "other"),
    ("done", "thank"): Move("thanked", "helped"),
}
OPEN: Final[frozenset[State]] = frozenset({"asked", "agreed"})
STANDS: Final[frozenset[State]] = frozenset({"asked", "agreed", "done", "thanked"})

OBJECTION: Final = timedelta(days=3)
# How long something waits for its people before time ends it.
WAITS: Final[Mapping[tuple[Kind, State], timedelta]] = {
    ("offer", "asked"): timedelta(days=7),
    ("need", "asked"): timedelta(days=7),
    ("idle", "asked"): timedelta(days=3),
    ("idle", "agreed"): timedelta(days=3),
}


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the rules want to know of a handshake; ``done_by`` said that it was done.

    ``hours`` are those of the week that were asked for.
    """

    kind: Kind
    state: State
    changed_at: datetime
    done_by: Party | None = None
    hours: Hours = ANY_TIME


def helper(kind: Kind) -> Party:
    """Who helps or gives: the author, except of a need."""
    return "asker" if kind == "need" else "author"


def other(party: Party) -> Party:
    """The other of the two."""
    return "author" if party == "asker" else "asker"


def step_to(shake: Handshake, step: Step, by: Party, now: datetime) -> State:
    """Where ``step``, taken by ``by``, leads.

    Raises:
        StepNotPossible: the table has no such step from here, or the buyer has said "done".
        NotYourStep: it is the other one's.
        TooLateToObject: three days after "done".
        TooLateToCancel: the agreed hours are over.
    """
    move = MOVES.get((shake.state, step))
    if move is None:
        raise StepNotPossible()
    if not _has(move.right, by, shake):
        raise NotYourStep()
    if shake.state == "done" and step == "no_show":
        if shake.kind == "idle" and shake.done_by == "asker":
            raise StepNotPossible()
        if now > shake.changed_at + OBJECTION:
            raise TooLateToObject()
    over = over_at(shake.hours, shake.changed_at)
    if shake.state == "agreed" and step == "cancel" and now > over:
        raise TooLateToCancel()
    return move.to


def actions(shake: Handshake, by: Party, now: datetime) -> dict[Step, ShequError | None]:
    """The steps that lead on from here, and why ``by`` may not take them (None: may)."""
    steps = [step for state, step in MOVES if state == shake.state]
    return {step: refusal(step_to, shake, step, by, now) for step in steps}


def over_at(hours: Hours, agreed_at: datetime) -> datetime:
    """When the hours that were agreed on are over: the last of them to end within a week."""
    if hours == ANY_TIME:
        return agreed_at + timedelta(minutes=WEEK)
    here = agreed_at.astimezone(CHINA)
    minute = here.weekday() * DAY + here.hour * 60 + here.minute
    return agreed_at + timedelta(minutes=max((ends - minute) % WEEK for _, ends in hours))


def _has(right: Right, by: Party, shake: Handshake) -> bool:
    if right == "either":
        return True
    if right == "helped":
        return by == other(helper(shake.kind))
    if right == "other":
        return by != shake.done_by
    return right == by


def due(kind: Kind, state: State, now: datetime) -> datetime | None:
    """When time ends a handshake that has come to ``state`` now; None when it does not."""
    wait = WAITS.get((kind, state))
    return None if wait is None else now + wait


def thing_after(state: State) -> Literal["open", "reserved", "gone"]:
    """How an idle thing stands whose handshake came to ``state``."""
    if state in OPEN:
        return "reserved"
    return "gone" if state in STANDS else "open"
