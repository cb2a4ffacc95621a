"""Mutual aid and idle things: what of a post the matching asks for, and what keeps people safe.

::

    open ──reserved (a thing)──▶ reserved ──handed over──▶ gone
      ▲                             │                        │
      └──declined, cancelled, did not come, out of time──────┘ (not handed over after all)
    open ◀── its author's word ──▶ closed

Hours are minutes of the week from Monday 00:00, business time, as ranges that do not touch::

    Mon 08:00–15:00  ─▶  [480, 900)       a week is [0, 10080)

A slot ends on its own day, so that a night is two slots; as a clock cannot say 24:00, 23:59 is
the end of the day. Whoever names no hours has time at any: the whole week.

Help that concerns children (未成年人保护法) is given under the real name by a grown-up member, by
agreement of both that they have read the advice, and under the committee's eyes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from services.contracts.errors import Conflict, FieldError, Forbidden, NotFound, RuleBroken
from services.feed.domain import fields
from services.feed.domain.modules import Work

Kind = Literal["offer", "need", "idle"]
State = Literal["open", "reserved", "closed", "gone"]
Hours = tuple[tuple[int, int], ...]

DAY: Final = 24 * 60
WEEK: Final = 7 * DAY
ANY_TIME: Final[Hours] = ((0, WEEK),)
LAST_MINUTE: Final = DAY - 1

OPPOSITE: Final[dict[str, Kind]] = {"offer": "need", "need": "offer"}
NO_KIND: Final = "other"  # of help; two others have nothing in common
OF_CHILDREN: Final = frozenset({"child_care", "tutoring"})

# So many times not coming within the time before, and the committee speaks with her first.
NO_SHOWS_ALLOWED: Final = 2
NO_SHOWS_COUNT_FOR: Final = timedelta(days=90)

ADVICE: Final[tuple[tuple[str, str], ...]] = (
    (
        "见面、辅导尽量安排在活动室等公共场所，有其他大人在场。",
        "Meet in the activity room or another place where other grown-ups are.",
    ),
    (
        "监护人应在场或随时联系得上，孩子不单独留在别人家中。",
        "A guardian is there or within reach; no child stays alone in another home.",
    ),
    (
        "不收集孩子的个人信息、照片，不私下加孩子的联系方式。",
        "Take no details or photos of a child, and no contact behind the guardian's back.",
    ),
    (
        "有任何不放心，马上联系居委会，紧急情况拨打 110。",
        "Tell the committee at once of any doubt; call 110 in an emergency.",
    ),
)


class NoAid(NotFound):
    """The post is neither an offer nor a need nor a thing."""

    code = "feed.no_aid"
    zh, en = "这个帖子不是互助或闲置物品", "This post is no offer, need or thing"


class MatchesAreTheAuthors(Forbidden):
    """What fits an offer or need is looked for on its author's behalf."""

    code = "feed.matches_are_the_authors"
    zh, en = "只有发布者本人可以查看匹配", "Only the author looks for what fits"


class NotYourAid(Forbidden):
    """An offer, need or thing is closed and opened by its author."""

    code = "feed.not_your_aid"
    zh, en = "只有发布者本人可以关闭或重新开放", "Only the author may close it or open it again"


class AidClosed(Conflict):
    """Its author looks for nobody any more, or the thing is gone."""

    code = "feed.aid_closed"
    zh, en = "对方已不再需要，或物品已送出", "This is closed, or the thing is gone"


class Reserved(Conflict):
    """Somebody else has reserved the thing; it may become free again."""

    code = "feed.reserved"
    zh, en = "已有邻居预订，若未成交会重新开放", "Somebody else has reserved it; it may become free"


class PriceAgreed(Conflict):
    """What a thing costs stands while somebody has reserved it, and when she has it."""

    code = "feed.price_agreed"
    zh = "已有邻居按此价格预订，不能再改价格"
    en = "Somebody has reserved this at its price; the price stays"


class OwnAid(RuleBroken):
    """Nobody makes a handshake with herself."""

    code = "feed.own_aid"
    zh, en = "不能与自己约定", "You cannot agree with yourself"


class MinorMayNot(Forbidden):
    """Somebody below 18 neither asks nor agrees; a guardian does, in her own name."""

    code = "feed.minor_may_not"
    zh = "未成年人请由监护人以自己的名义约定"
    en = "Below 18, please let a guardian ask or agree in her own name"


class HelperNotVerified(Forbidden):
    """Help that concerns children is given by verified residents alone."""

    code = "feed.helper_not_verified"
    zh = "涉及未成年人的帮助只能由本社区实名认证居民提供"
    en = "Help that concerns children is given by verified residents only"


class NameNeeded(RuleBroken):
    """Whoever offers help that concerns children does it under her name."""

    code = "feed.name_needed"
    zh, en = "涉及未成年人的帮助不能匿名", "Help that concerns children cannot be offered unnamed"


class SafetyNotConfirmed(RuleBroken):
    """Both must have read the advice on help that concerns children."""

    code = "feed.safety_not_confirmed"
    zh = "涉及未成年人，请双方先阅读并确认安全提示"
    en = "This concerns children: both confirm first that they have read the advice"


class TooManyNoShows(Forbidden):
    """Somebody did not come too often; the committee's word is needed first."""

    code = "feed.too_many_no_shows"
    zh = "您近期多次爽约，请先与居委会联系"
    en = "You did not come several times; please speak with the committee first"


class YouKeepAway(RuleBroken):
    """The actor herself keeps away from the other one."""

    code = "feed.you_keep_away"
    zh, en = "您已屏蔽这位邻居，请先解除", "You keep away from this neighbour; undo that first"


@dataclass(frozen=True, slots=True)
class Aid:
    """What the matching asks for; ``skill`` is a key of the kinds of help, or empty."""

    kind: Kind
    skill: str
    hours: Hours
    minors: bool


def aid_of(works: Iterable[Work], extra: Mapping[str, Any]) -> Aid | None:
    """What a post of a module that ``works`` with this or that is; None when it is only words."""
    works = frozenset(works)
    wanted = OPPOSITE.get(fields.word(extra, "kind"))
    if "aid" in works and wanted is not None:
        skill = fields.word(extra, "skill_kind")
        return Aid(
            kind=OPPOSITE[wanted],
            skill="" if skill == NO_KIND else skill,
            hours=hours(fields.weekly(extra, "slots")),
            minors=skill in OF_CHILDREN or extra.get("minors") == "yes",
        )
    if "idle" in works:
        return Aid("idle", "", ANY_TIME, minors=False)
    return None


def check_price(state: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """:class:`PriceAgreed` when the price of a thing changes that somebody has, or will have."""
    if state in ("reserved", "gone") and before.get("price") != after.get("price"):
        raise PriceAgreed(errors=[FieldError("extra.price", PriceAgreed.zh)])


def check_named(aid: Aid, *, hide_name: bool) -> None:
    """:class:`NameNeeded` when help that concerns children is offered unnamed."""
    if aid.minors and aid.kind == "offer" and hide_name:
        raise NameNeeded(errors=[FieldError("hide_name", NameNeeded.zh)])


def hours(slots: Sequence[Mapping[str, Any]]) -> Hours:
    """The hours of the week that ``slots`` (weekday, from, to) cover; all of it without any."""
    if not slots:
        return ANY_TIME
    merged: list[tuple[int, int]] = []
    for begins, ends in sorted(_range(slot) for slot in slots):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return tuple(merged)


def _range(slot: Mapping[str, Any]) -> tuple[int, int]:
    midnight = (slot["weekday"] - 1) * DAY
    ends = _minute(slot["to"])
    return midnight + _minute(slot["from"]), midnight + (DAY if ends == LAST_MINUTE else ends)


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


def multirange(of: Hours) -> str:
    """The hours as PostgreSQL writes an ``int4multirange``."""
    return "{" + ",".join(f"[{begins},{ends})" for begins, ends in of) + "}"


def counts_since(now: datetime, cleared_at: datetime | None) -> datetime:
    """From when on not coming counts: the committee's word wipes out what was before."""
    begins = now - NO_SHOWS_COUNT_FOR
    return begins if cleared_at is None else max(begins, cleared_at)


def check_comes(no_shows: int) -> None:
    """:class:`TooManyNoShows` when somebody did not come too often."""
    if no_shows > NO_SHOWS_ALLOWED:
        raise TooManyNoShows()
