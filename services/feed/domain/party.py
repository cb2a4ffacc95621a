"""The party garden (党建园地): who sees who has reported, and how a pledge was kept.

That somebody is a Party member is sensitive (PIPL art. 28). Whoever reports (报到) tells the
committee and her fellow members; the neighbours learn it by the badge alone, which is hers to show,
and no number tells it either. A pledge (承诺践诺) stands under everybody's eyes: what its schedule
made due, what was recorded, and whether neighbours saw it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
)
from services.feed.domain import fields, speaking
from services.feed.domain.days import day_of

MEMBERS: Final = frozenset({Role.PARTY_MEMBER})
FEW: Final = 10  # a number below it might tell who is meant
RECORD_WITHIN: Final = timedelta(days=7)  # later nobody remembers whether it was done
MOST_KEEPERS: Final = 20
MOST_MISSED: Final = 30  # days without a record that are named, the latest first


class NotAPartyMember(Forbidden):
    """Only members whom the branch has confirmed do this."""

    code = "feed.not_a_party_member"
    zh = "只有党支部确认的党员才能操作"
    en = "Only members of the Party confirmed by their branch may do this"


class NotLivingHere(Forbidden):
    """One reports where one lives, not where one works."""

    code = "feed.not_living_here"
    zh, en = "请到居住的社区报到", "Please report where you live"


class PartyGardenOff(RuleBroken):
    """The community has no module for it."""

    code = "feed.party_garden_off"
    zh, en = "本社区没有开通党建园地", "This community has no party garden"


class StudyNotFound(NotFound):
    """The post is no study item."""

    code = "feed.study_not_found"
    zh, en = "这个帖子不是学习内容", "This post is no study item"


class PledgeNotFound(NotFound):
    """The post is no pledge."""

    code = "feed.pledge_not_found"
    zh, en = "这个帖子不是承诺", "This post is no pledge"


class PledgeNeedsName(RuleBroken):
    """Whoever pledges something under the neighbours' eyes does so by name."""

    code = "feed.pledge_needs_name"
    zh = "匿名的承诺不能接受监督，请实名发帖"
    en = "A pledge without its author's name cannot be supervised"


class NotKeptByHer(Forbidden):
    """Deeds are recorded by the author of the pledge, and by those she has named."""

    code = "feed.not_a_keeper"
    zh = "只有承诺人和她指定的人可以记录"
    en = "Only the author of the pledge, and those she named, may do this"


class KeeperElsewhere(RuleBroken):
    """Who keeps a pledge belongs to its community."""

    code = "feed.keeper_not_a_neighbour"
    zh, en = "只能指定本社区的邻居", "Only a neighbour of this community can be named"


class TooManyKeepers(Conflict):
    """A pledge is kept by a limited number of people."""

    code = "feed.too_many_keepers"
    zh = f"最多指定 {MOST_KEEPERS} 人"
    en = f"At most {MOST_KEEPERS} people can be named"


class DeedTooLate(RuleBroken):
    """What was done is recorded while others remember it."""

    code = "feed.deed_too_late"
    zh = f"请在 {RECORD_WITHIN.days} 天内记录"
    en = f"Deeds are recorded within {RECORD_WITHIN.days} days"


class DeedNotFound(NotFound):
    """There is no such record, or it is not the actor's to see."""

    code = "feed.deed_not_found"
    zh, en = "没有这条记录", "There is no such record"


class OwnDeed(Forbidden):
    """Whoever keeps a pledge does not witness that it was kept."""

    code = "feed.own_deed"
    zh, en = "不能为自己的承诺作证", "You may not witness what you keep yourself"


# -- who sees whom -------------------------------------------------------------------------------


def is_member(actor: Actor, path: str) -> bool:
    """Whether the actor is a confirmed Party member in the community at ``path``."""
    return speaking.serves_in(actor, MEMBERS, path)


def is_branch(actor: Actor, path: str) -> bool:
    """Whether the actor looks after the members of the community at ``path``."""
    return actor.holds(COMMITTEE, path)


def sees_members(actor: Actor, path: str) -> bool:
    """Whether the actor sees all who have reported, also those who show no badge."""
    return is_member(actor, path) or is_branch(actor, path)


def told_number(whole: int, shown: int) -> int | None:
    """How many have reported, as the neighbours are told: full tens, or nothing.

    Told only when the list that they see leaves out so many that nobody can be meant.

    Args:
        shown: those of them who show the badge, and so stand in that list.
    """
    return whole - whole % FEW if whole - shown >= FEW else None


def told_completions(number: int) -> int | None:
    """How many have studied an item, as the neighbours are told: full tens, or nothing."""
    return number - number % FEW if number >= FEW else None


# -- pledges -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Schedule:
    """The weekdays (1 is Monday) on which something is due, from the day after ``said`` on.

    ``until`` is the last day, None when there is none.
    """

    said: date
    weekdays: frozenset[int]
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days were due until yesterday, on how many there is a record, which are missing."""

    due: int
    kept: int
    missed: tuple[date, ...]

    @property
    def share(self) -> str | None:
        """The kept share of 1 with two decimals, never rounded up; None when nothing was due."""
        if not self.due:
            return None
        return str((Decimal(self.kept) / self.due).quantize(Decimal("0.01"), ROUND_DOWN))


def schedule_of(extra: Mapping[str, Any], said_at: datetime) -> Schedule:
    """The schedule in the fields of a pledge's post, as somebody wrote them at ``said_at``."""
    weekdays = frozenset(slot["weekday"] for slot in fields.weekly(extra, "slots"))
    until = fields.moment(extra, "until")
    return Schedule(day_of(said_at), weekdays, _last_day(until) if until else None)


def _last_day(moment: datetime) -> date:
    try:
        return day_of(moment)
    except OverflowError:  # at the edge of the calendar the zone does not matter
        return moment.date()


def how_kept(schedules: Iterable[Schedule], recorded: Collection[date], today: date) -> Kept:
    """How a pledge was kept until yesterday.

    Whoever changes the schedule changes what is due from the next day on, never what was.

    Args:
        schedules: as they followed each other, the first one first.
        recorded: the days on which something was recorded.
    """
    following = sorted(schedules, key=lambda one: one.said)
    due: list[date] = []
    for number, one in enumerate(following):
        last = today - timedelta(days=1)
        if number + 1 < len(following):
            last = min(last, following[number + 1].said)
        if one.until is not None:
            last = min(last, one.until)
        for passed in range(1, (last - one.said).days + 1):
            day = one.said + timedelta(days=passed)
            if day.isoweekday() in one.weekdays:
                due.append(day)
    there = frozenset(recorded)
    missed = sorted((day for day in due if day not in there), reverse=True)
    return Kept(len(due), len(due) - len(missed), tuple(missed[:MOST_MISSED]))


def check_deed(on: date, *, posted: date, today: date) -> None:
    """Whether something done on a day can be recorded for a pledge.

    Raises:
        Invalid: the day is to come, or before the pledge was made.
        DeedTooLate: too long ago.
    """
    if on > today:
        raise Invalid(errors=[FieldError("on_date", "日期不能晚于今天")])
    if on < posted:
        raise Invalid(errors=[FieldError("on_date", "日期不能早于作出承诺的那天")])
    if today - on > RECORD_WITHIN:
        raise DeedTooLate(errors=[FieldError("on_date", DeedTooLate.zh)])
