"""How somebody wants to be told: lanes, what may be muted, quiet hours, the budget of a day.

::

                 muted   quiet hours   over the day's budget
    ordinary     out     waits         the digest tells it
    duty         in      waits         has none
    emergency    in      goes out      has none

What is decided about oneself is ordinary, but cannot be muted. All times are China's, which knows
no summer time. A budget's day begins with the quiet hours: what comes in the night goes out in the
morning, and is of that morning's day. Who keeps no quiet hours has days from midnight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, get_args

from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.notify.inbox import About
from services.contracts.operations.notify.preferences import Channel, Digest
from services.notify.domain.news import Kind, Rule, Why
from services.notify.domain.wording import CHINA, Language

DAY_MINUTES: Final = 24 * 60
IN_HOUSE: Final = ("in_app", "live")
"""The inbox, which nobody can do without, and its live stream: nothing is sent for them."""
OUTWARD: Final = tuple(name for name in get_args(Channel) if name not in IN_HOUSE)


class Lane(StrEnum):
    """How urgently something goes out; see the module."""

    ORDINARY = "ordinary"
    DUTY = "duty"
    EMERGENCY = "emergency"


EMERGENCIES: Final = frozenset({Kind.EMERGENCY})
ABOUT_ONESELF: Final = frozenset({Kind.CONTENT_DECIDED, Kind.MEMBERSHIP_DECIDED, Kind.SILENCE})
SPOKEN_TO_ALL: Final = frozenset({Kind.EMERGENCY, Kind.EMERGENCY_DRILL})
"""No rule tells these: emergencies are told portion by portion."""
UNBUDGETED: Final = frozenset({Kind.DIGEST})
"""Ordinary, but no news of its own: it tells what the budget held back."""
AT_WORK: Final = frozenset({Why.ON_DUTY, Why.AT_THE_TABLE})
FOLLOWED: Final = frozenset(
    {
        Why.I_SUPPORT,
        Why.I_TOOK_PART,
        Why.I_FOLLOW,
        Why.I_SECONDED,
        Why.I_SPOKE,
        Why.I_VOLUNTEER,
        Why.MY_COMMUNITY,
        Why.MY_POLL,
        Why.MY_SURVEY,
    }
)
"""What is told to many: to all who take part, or who live there."""


class OpenNight(Invalid):
    """Quiet hours have a beginning and an end, and these are not the same minute."""

    code = "notify.quiet_hours"
    zh, en = (
        "免打扰时段须填写不同的开始和结束时间",
        "Quiet hours need a beginning and an end that differ",
    )


class UnknownKind(Invalid):
    """There is no news of this kind."""

    code = "notify.unknown_kind"
    zh, en = "没有这一类通知", "There is no news of this kind"


class NotToMute(Invalid):
    """Work, emergencies and what is decided about oneself are told in any case."""

    code = "notify.not_to_mute"
    zh, en = "这一类通知不能关闭", "News of this kind cannot be muted"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody chose.

    Args:
        channels: by which ways she may be reached; the inbox is always among them.
        quiet_from: minute of the day in China at which quiet hours begin; None: there are none.
        quiet_until: minute of the day at which they end, on the next day if it comes before.
        muted_kinds: kinds that she does not want to hear of.
        daily_budget: how many pieces of ordinary news a day may interrupt her.
        digest: how often the rest is told together.
    """

    channels: tuple[Channel, ...]
    quiet_from: int | None
    quiet_until: int | None
    muted_kinds: tuple[str, ...]
    daily_budget: int
    digest: Digest
    language: Language


DEFAULTS: Final = Preferences(
    channels=IN_HOUSE,
    quiet_from=22 * 60,
    quiet_until=7 * 60,
    muted_kinds=(),
    daily_budget=10,
    digest="daily",
    language="zh",
)
"""Of who never chose. A way out of the house is used only when she asked for it herself."""


def with_inbox(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels that somebody chose, each once and in our order; the inbox is among them."""
    return tuple(name for name in get_args(Channel) if name == "in_app" or name in channels)


def lane_of(kind: Kind, why: Why) -> Lane:
    """The lane of a notice: of its kind if that is an emergency, of its reason otherwise."""
    if kind in EMERGENCIES:
        return Lane.EMERGENCY
    return Lane.DUTY if why in AT_WORK else Lane.ORDINARY


def about_of(why: Why) -> About:
    """The part of the inbox in which a notice stands: by its reason, whatever its lane."""
    if why in AT_WORK:
        return "duty"
    return "followed" if why in FOLLOWED else "mine"


def whys_about(about: About) -> list[str]:
    """The reasons of what stands in a part of the inbox."""
    return [why.value for why in Why if about_of(why) == about]


def about_kind(kind: Kind, rules: Sequence[Rule]) -> About:
    """The part of the inbox of a kind's most personal news; what no rule tells is about oneself.

    An emergency is told to everybody who lives there.
    """
    if kind in SPOKEN_TO_ALL:
        return "followed"
    found = {about_of(rule.why) for rule in rules if rule.kind is kind}
    return next((one for one in get_args(About) if one in found), "mine")


def lane_of_kind(kind: Kind, rules: Sequence[Rule]) -> Lane:
    """The lane of a kind as a person knows it: ``duty`` if it is told to nobody but at work."""
    whys = {rule.why for rule in rules if rule.kind is kind}
    lanes = {lane_of(kind, why) for why in whys} or {lane_of(kind, Why.ABOUT_ME)}
    return lanes.pop() if len(lanes) == 1 else Lane.ORDINARY


def may_mute(kind: Kind, rules: Sequence[Rule]) -> bool:
    """Whether anything of this kind can be muted; what comes of duty in it comes in any case."""
    return kind not in ABOUT_ONESELF and lane_of_kind(kind, rules) is Lane.ORDINARY


def checked_mutes(muted: Sequence[str], rules: Sequence[Rule]) -> tuple[Kind, ...]:
    """The kinds that somebody mutes, each once and in order.

    Raises:
        UnknownKind: there is none of that name.
        NotToMute: it cannot be muted.
    """
    found: set[Kind] = set()
    for place, name in enumerate(muted):
        if name not in Kind.__members__.values():
            raise UnknownKind(errors=[FieldError(f"muted_kinds.{place}", "is not known")])
        if not may_mute(Kind(name), rules):
            raise NotToMute(errors=[FieldError(f"muted_kinds.{place}", "cannot be muted")])
        found.add(Kind(name))
    return tuple(sorted(found))


def checked_night(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    """Quiet hours as minutes of the day, from ``HH:MM``; None and None when there are none.

    Raises:
        OpenNight: one of the two is missing, or they are the same.
    """
    missing = "quiet_from" if start is None else "quiet_until"
    if (start is None) != (end is None):
        raise OpenNight(errors=[FieldError(missing, "is missing")])
    if start is None or end is None:
        return None, None
    if start == end:
        raise OpenNight(errors=[FieldError("quiet_until", "is the same as quiet_from")])
    return minute_of(start), minute_of(end)


def minute_of(clock: str) -> int:
    """The minute of the day that ``HH:MM`` names."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minute: int | None) -> str | None:
    """``HH:MM`` of a minute of the day."""
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def minute_in_china(now: datetime) -> int:
    """The minute of China's day that it is."""
    here = now.astimezone(CHINA)
    return here.hour * 60 + here.minute


def is_quiet(wishes: Preferences, now: datetime) -> bool:
    """Whether her quiet hours run; their first minute is of them, the one that ends them is not."""
    if wishes.quiet_from is None or wishes.quiet_until is None:
        return False
    passed = (minute_in_china(now) - wishes.quiet_from) % DAY_MINUTES
    return passed < (wishes.quiet_until - wishes.quiet_from) % DAY_MINUTES


def goes_out_at(wishes: Preferences, lane: Lane, now: datetime) -> datetime:
    """When something may go out to her: now, or when her quiet hours end."""
    if wishes.quiet_until is None or lane is Lane.EMERGENCY or not is_quiet(wishes, now):
        return now
    left = (wishes.quiet_until - minute_in_china(now)) % DAY_MINUTES
    return now.replace(second=0, microsecond=0) + timedelta(minutes=left)


def day_begins(wishes: Preferences, now: datetime) -> datetime:
    """When the day of her budget began."""
    passed = (minute_in_china(now) - (wishes.quiet_from or 0)) % DAY_MINUTES
    return now.replace(second=0, microsecond=0) - timedelta(minutes=passed)


def is_budgeted(kind: Kind, lane: Lane) -> bool:
    """Whether it takes a piece of the day's budget."""
    return lane is Lane.ORDINARY and kind not in UNBUDGETED


def is_silent(wishes: Preferences, kind: Kind, lane: Lane, place: int, now: datetime) -> bool:
    """Whether her devices only count it: no sound, no banner.

    Args:
        place: the how-manieth piece of her budget's day it is, from 1.
    """
    if lane is Lane.EMERGENCY:
        return False
    over = is_budgeted(kind, lane) and place > wishes.daily_budget
    return over or is_quiet(wishes, now) or "live" not in wishes.channels
