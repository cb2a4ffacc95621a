"""Signing up: the states of a part in an event, and who may do what when.

::

                     ┌─free place──▶ in ◀──────────────┬──────────────┐
    (no part) ─sign──┤                                 │ move_up,     │ accept
        │            └─full────────▶ waiting ──────────┘ accept       │
        └─invite───────────────────▶ invited ─────────────────────────┘
                                    in, waiting, invited ──cancel──▶ cancelled

A part that was cancelled is taken up again when its person comes back: it is as if there were none.
Who waits can be invited, too: she keeps her place in line until she accepts, and when her turn
comes first, the invitation lapses. Nobody is in two places.

::

      opens_at                deadline   −2 h   starts_at             ends_at
    ─────┼────── sign up ────────┼─────────┼────────┼────────────────────┼─────▶
    ───────────── cancel, invite, accept, move up ──┤
                                           ├────────── check in ─────────┤
"""

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from services.contracts.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    RuleBroken,
)
from services.feed.domain.days import CHINA, day_of

State = Literal["in", "waiting", "invited", "cancelled"]
Act = Literal["take", "queue", "invite", "accept", "move_up", "cancel"]
End = Literal["deleted", "taken_down", "expired"]

COMINGS_A_DAY: Final = 20  # of one person in one event; whoever comes may go, so going is bounded
STANDING: Final = ("in", "waiting", "invited")
FAMILIES_ON_A_STALL: Final = 2
CHECK_IN_BEFORE: Final = timedelta(hours=2)
WITHOUT_AN_END: Final = timedelta(hours=24)  # for how long an event that names no end is on

# No 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V: what looks alike stands in it once at most.
ALPHABET: Final = "3456789ACDEFHJKMNPQRTWXY"
CODE_LENGTH: Final = 6

_NEXT: Final[Mapping[tuple[State | None, Act], State]] = {
    (None, "take"): "in",
    (None, "queue"): "waiting",
    (None, "invite"): "invited",
    ("waiting", "invite"): "waiting",
    ("waiting", "move_up"): "in",
    ("waiting", "accept"): "in",
    ("invited", "accept"): "in",
    ("in", "cancel"): "cancelled",
    ("waiting", "cancel"): "cancelled",
    ("invited", "cancel"): "cancelled",
}

# Which parts end when a post comes to its end before its event does. A post that was taken down may
# come back (appeal); a place outlives the post's time on the lists.
ENDS: Final[Mapping[End, frozenset[State]]] = {
    "deleted": frozenset({"in", "waiting", "invited"}),
    "taken_down": frozenset(),
    "expired": frozenset({"waiting", "invited"}),
}


class NoSignUp(NotFound):
    """Nobody signs up for this post."""

    code = "feed.no_sign_up"
    zh, en = "这篇帖子没有报名", "There is nothing to sign up for here"


class NotForSignUps(RuleBroken):
    """Posts of this module carry no sign-up."""

    code = "feed.not_for_sign_ups"
    zh, en = "这个栏目的帖子不能发起报名", "Posts of this module take no sign-ups"


class NotTheOrganiser(Forbidden):
    """Only the author of the post and those who moderate the module may do this."""

    code = "feed.not_the_organiser"
    zh = "只有活动发起人或栏目管理人员可以进行此操作"
    en = "Only the organiser or a moderator may do this"


class SignUpClosed(Conflict):
    """No more sign-ups are taken: closed by the organiser, or the post has come to its end."""

    code = "feed.sign_up_closed"
    zh, en = "报名已结束", "Sign-up is closed"


class SignUpNotOpen(Conflict):
    """It is too early to sign up."""

    code = "feed.sign_up_not_open"
    zh, en = "报名还没有开始", "Sign-up has not opened yet"


class DeadlinePassed(Conflict):
    """The deadline has passed."""

    code = "feed.sign_up_deadline_passed"
    zh, en = "报名截止时间已过", "The deadline for signing up has passed"


class EventStarted(Conflict):
    """The event has begun, so who comes does not change any more."""

    code = "feed.event_started"
    zh, en = "活动已经开始，不能再更改报名", "The event has begun; sign-ups stay as they are"


class BelowTaken(Conflict):
    """More places are taken than would be left."""

    code = "feed.capacity_below_taken"
    zh, en = "名额不能少于已占用的数量", "There cannot be fewer places than are taken"


class UnitInUse(Conflict):
    """What a place is does not change under those who have one."""

    code = "feed.unit_in_use"
    zh, en = "已有人报名，报名单位不能再改", "People have signed up; the unit cannot change"


class NotSignedUp(Conflict):
    """The person has no place in this event."""

    code = "feed.not_signed_up"
    zh, en = "还没有报上名", "There is no place in this person's name"


class ComesTooOften(RateLimited):
    """She signed up, accepted or invited too often today; ``retry_after`` ends with the day."""

    code = "feed.signs_up_too_often"
    zh = "今天报名、邀请的次数太多，请明天再来"
    en = "Signed up or invited too often today; please come back tomorrow"

    def __init__(self, now: datetime) -> None:
        tomorrow = datetime.combine(day_of(now) + timedelta(days=1), time(), CHINA)
        super().__init__(retry_after=max(1, math.ceil((tomorrow - now).total_seconds())))


class NotShareable(Conflict):
    """Places of this event are not shared, or this one is shared by two families already."""

    code = "feed.place_not_shareable"
    zh, en = "这个摊位不能再合用", "This place cannot be shared any further"


class CannotInvite(Conflict):
    """The neighbour cannot be invited: not of the community, or has a place or an invitation."""

    code = "feed.cannot_invite"
    zh, en = "不能邀请这位邻居", "This neighbour cannot be invited"


class WrongCode(RuleBroken):
    """The code is of nobody and nothing here."""

    code = "feed.wrong_check_in_code"
    zh, en = "签到码不对", "This check-in code is not right"


class NotCheckInTime(Conflict):
    """People are checked in from two hours before the event until its end."""

    code = "feed.not_check_in_time"
    zh, en = "现在不是签到时间", "This is not the time to check in"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an event offers: see ``PutSignUpEvent``."""

    unit: str
    capacity: int | None
    heads_each: int
    shareable: bool
    opens_at: datetime | None
    deadline: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it stands. ``expires_at`` is the post's; ``taken`` counts places."""

    post_id: str
    terms: Terms
    taken: int
    waiting: int
    closed_at: datetime | None
    expires_at: datetime | None

    @property
    def free(self) -> int | None:
        """How many places are free; None: as many as one likes."""
        return None if self.terms.capacity is None else self.terms.capacity - self.taken

    @property
    def full(self) -> bool:
        """Whether the next one waits: also behind others, although a place is free."""
        return self.waiting > 0 or self.free == 0


def step(state: State | None, act: Act) -> State:
    """The state after ``act``.

    Raises:
        CannotInvite: she has a place or an invitation already.
        NotSignedUp: there is no such part.
    """
    found = _NEXT.get((state, act))
    if found is None:
        raise CannotInvite() if act == "invite" else NotSignedUp()
    return found


def coming(day: date | None, comings: int, now: datetime) -> tuple[date, int]:
    """The day of ``now``, and which of the day's comings this is; ``day``: that of the last one.

    To sign up, to accept and to invite is a coming. To go is none: no place is kept by somebody who
    would give it up.

    Raises:
        ComesTooOften: it would be one more than :data:`COMINGS_A_DAY`.
    """
    today = day_of(now)
    count = comings + 1 if day == today else 1
    if count > COMINGS_A_DAY:
        raise ComesTooOften(now)
    return today, count


def check_terms(terms: Terms) -> None:
    """Whether an event may be offered like this.

    Raises:
        Invalid: the times are not in their order, or something else than a stall would be shared.
    """
    errors = []
    if terms.shareable and terms.unit != "stall":
        errors.append(FieldError("shareable", "只有摊位可以合用"))
    names = ("opens_at", "deadline", "starts_at", "ends_at")
    said = [(name, at) for name in names if (at := getattr(terms, name)) is not None]
    for (_, earlier), (name, later) in itertools.pairwise(said):
        same_is_fine = name == "starts_at"  # one may sign up until it begins
        if later < earlier or (later == earlier and not same_is_fine):
            errors.append(FieldError(name, "时间先后不对：开始报名、截止、活动开始、活动结束"))
    if terms.ends_at is not None and terms.starts_at is None:
        errors.append(FieldError("starts_at", "有结束时间就要有开始时间"))
    if errors:
        raise Invalid(errors=errors)


def check_change(event: Event, terms: Terms) -> None:
    """Whether the terms of an event that runs may become these.

    Raises:
        BelowTaken: there would be fewer places than are taken.
        UnitInUse: somebody has a part that was asked for as something else.
    """
    if terms.capacity is not None and terms.capacity < event.taken:
        raise BelowTaken(errors=[FieldError("capacity", f"已占用 {event.taken} 个名额")])
    if terms.unit != event.terms.unit and (event.taken or event.waiting):
        raise UnitInUse(errors=[FieldError("unit", UnitInUse.zh)])


def why_not(event: Event, now: datetime) -> type[Conflict] | None:
    """What hinders somebody without a part from signing up; None: nothing."""
    terms = event.terms
    if event.closed_at is not None or (event.expires_at is not None and event.expires_at <= now):
        return SignUpClosed
    if started(event, now):
        return EventStarted
    if terms.opens_at is not None and now < terms.opens_at:
        return SignUpNotOpen
    if terms.deadline is not None and now >= terms.deadline:
        return DeadlinePassed
    return None


def check_open(event: Event, now: datetime) -> None:
    """Whether somebody without a part may sign up; see :func:`why_not`."""
    hindrance = why_not(event, now)
    if hindrance is not None:
        raise hindrance()


def check_not_started(event: Event, now: datetime) -> None:
    """Whether those who have a part may still change it; :class:`EventStarted` otherwise."""
    if started(event, now):
        raise EventStarted()


def started(event: Event, now: datetime) -> bool:
    """Whether the event has begun."""
    return event.terms.starts_at is not None and now >= event.terms.starts_at


def over_at(terms: Terms) -> datetime | None:
    """When the event is over; None: it names no time."""
    if terms.starts_at is None:
        return None
    return terms.ends_at or terms.starts_at + WITHOUT_AN_END


def check_heads(event: Event, heads: int) -> None:
    """Whether a place may bring so many; :class:`Invalid` otherwise."""
    if heads > event.terms.heads_each:
        raise Invalid(errors=[FieldError("heads", f"每份报名最多 {event.terms.heads_each} 人")])


def check_check_in(event: Event, now: datetime) -> None:
    """Whether people are checked in now; :class:`NotCheckInTime` otherwise."""
    start, over = event.terms.starts_at, over_at(event.terms)
    if start is not None and over is not None and not start - CHECK_IN_BEFORE <= now < over:
        raise NotCheckInTime()


def moving_up(event: Event, now: datetime) -> int:
    """How many of those who wait get a place now; nobody does after the start."""
    if started(event, now):
        return 0
    return event.waiting if event.free is None else min(event.free, event.waiting)


def free_stalls(in_use: Iterable[int], count: int) -> list[int]:
    """The ``count`` lowest numbers that no stall has."""
    used = set(in_use)
    free = (number for number in itertools.count(1) if number not in used)
    return list(itertools.islice(free, count))


def read_code(typed: str) -> str:
    """A code as it is kept, however it was typed: small letters, with dashes."""
    return re.sub(r"[-_]", "", typed).upper()
