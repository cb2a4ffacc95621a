"""The rules of what neighbours share: who may speak where, and what a text may hold.

Pure: no database, no clock, no framework.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from services.contracts.actor import COMMITTEE, Actor, Role, covers
from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RuleBroken
from services.feed.modules import BY_KEY, ExtraField, Module, Rule, switched_on

ANONYMOUS_NAME: Final = "匿名邻居"
UNKNOWN_NAME: Final = "邻居"
HELPER_NAME: Final = "代办人"
PINNED_FIRST: Final = 3  # pinned posts of a module that come before the others


class PostNotFound(NotFound):
    """There is no such post, it was deleted, or it is not the actor's to see."""

    code = "feed.post_not_found"
    zh, en = "帖子不存在或已删除", "This post does not exist or was deleted"


class ModuleOff(RuleBroken):
    """The community does not have this module."""

    code = "feed.module_off"
    zh, en = "本社区没有开通这个栏目", "This community does not have this module"


class MayNotPost(Forbidden):
    """The module is for others to write in."""

    code = "feed.may_not_post"
    zh, en = "您不能在这个栏目发帖", "You may not post in this module"


class MayNotComment(Forbidden):
    """The module is not open for comments by this person."""

    code = "feed.may_not_comment"
    zh, en = "您不能在这个栏目评论", "You may not comment in this module"


class NotTheAuthor(Forbidden):
    """Only the author may change the content of a post."""

    code = "feed.not_the_author"
    zh, en = "只有作者本人可以修改内容", "Only the author may change the content"


class MayNotDelete(Forbidden):
    """A post is taken away by its author, or by those who moderate the module."""

    code = "feed.may_not_delete"
    zh, en = "只有作者本人或栏目管理人员可以删除", "Only the author or a moderator may delete this"


class NotAModerator(Forbidden):
    """Only those who moderate the module may do this."""

    code = "feed.not_a_moderator"
    zh, en = "只有栏目管理人员可以进行此操作", "Only the module's moderators may do this"


class ThreadOfAnIssue(Conflict):
    """The words of a reported problem are on record with the issue and stay as they are."""

    code = "feed.thread_of_an_issue"
    zh = "问题已登记办理，原文不能修改，请在评论中补充"
    en = "This problem is on record; please add what is new as a comment"


# -- who may ------------------------------------------------------------------------------------

# The offices that somebody may speak in, the first that fits; what they write is official.
OFFICES: Final[tuple[Role, ...]] = (
    Role.SECRETARY,
    Role.COMMITTEE_STAFF,
    Role.COMMUNITY_POLICE,
    Role.FAMILY_DOCTOR,
    Role.PROPERTY_MANAGER,
    Role.OWNERS_COMMITTEE,
)
OFFICE_NAMES: Final[dict[str, str]] = {
    Role.SECRETARY: "社区书记",
    Role.COMMITTEE_STAFF: "居委会",
    Role.COMMUNITY_POLICE: "社区民警",
    Role.FAMILY_DOCTOR: "家庭医生",
    Role.PROPERTY_MANAGER: "物业",
    Role.OWNERS_COMMITTEE: "业委会",
}


def serves_in(actor: Actor, roles: Iterable[Role], path: str) -> bool:
    """Whether the actor holds one of ``roles`` for the community, above it, or in a part of it.

    A property manager's grant may name a single estate of the community at ``path``.
    """
    wanted = frozenset(roles)
    return any(
        g.role in wanted and (covers(g.path, path) or covers(path, g.path)) for g in actor.grants
    )


def office_of(actor: Actor, path: str) -> Role | None:
    """The office in which the actor speaks in the community at ``path``, if any."""
    return next((role for role in OFFICES if serves_in(actor, (role,), path)), None)


def allows(rule: Rule, actor: Actor, path: str) -> bool:
    """Whether ``rule`` lets a member of the community at ``path`` act."""
    return rule.members or serves_in(actor, rule.roles, path)


def may_moderate(module: Module, actor: Actor, path: str) -> bool:
    """Whether the actor may pin, limit and remove posts of ``module``.

    The committee's grant must reach the whole community; the keeper of a corner may hold a part.
    """
    return actor.holds(COMMITTEE, path) or serves_in(actor, module.moderate - COMMITTEE, path)


def known_module(key: str) -> Module:
    """The module called ``key``; :class:`Invalid` when there is none."""
    module = BY_KEY.get(key)
    if module is None:
        raise Invalid(errors=[FieldError("module", "没有这个栏目")])
    return module


def open_module(kind: str, chosen: Iterable[str], key: str) -> Module:
    """The module called ``key`` of a community; :class:`ModuleOff` when it is switched off."""
    module = known_module(key)
    if module not in switched_on(kind, chosen):
        raise ModuleOff(errors=[FieldError("module", ModuleOff.zh)])
    return module


# -- texts --------------------------------------------------------------------------------------

# Control characters; invisible characters and direction overrides, by which a text shows
# something else than it holds; tags and interlinear marks. The joiner U+200D stays between
# pictographs, where it makes one picture of several (families, flags).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_STRAY_JOINER = re.compile(
    "(?<![\ufe0f\u2190-\u2bff\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_BLANK_LINES = re.compile(r"\n{4,}")


def clean_text(raw: str) -> str:
    """``raw`` without what cannot be seen, with plain line ends; it stays text, never markup."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _STRAY_JOINER.sub("", _UNSEEN.sub("", text.replace("\u2029", "\n")))
    lines = (line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", "\n".join(lines)).strip()


def clean_line(raw: str) -> str:
    """``raw`` as one line: cleaned, with single spaces."""
    return _SPACES.sub(" ", clean_text(raw).replace("\n", " ")).strip()


def required(field: str, text: str) -> str:
    """``text``, or :class:`Invalid` when the cleaning has left nothing of it."""
    if not text:
        raise Invalid(errors=[FieldError(field, "不能为空")])
    return text


def search_words(query: str | None) -> list[str]:
    """The words of a query that must all occur, at most five."""
    return clean_line(query or "").split(" ")[:5] if query and clean_line(query) else []


def like_pattern(word: str) -> str:
    """``word`` as a pattern for ILIKE that takes its wildcards literally."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


# -- extra fields -------------------------------------------------------------------------------

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MONEY = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
MAX_SLOTS: Final = 21


class _Wrong(Exception):
    """A value that its field does not take; the text is for the person who typed it."""


def _line(_: ExtraField, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise _Wrong("应为不超过 200 字的文字")
    return clean_line(value)


def _text(_: ExtraField, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 4_000:
        raise _Wrong("应为不超过 4000 字的文字")
    return clean_text(value)


def _time(_: ExtraField, value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Wrong("应为带时区的时间，如 2026-05-01T08:00:00+08:00") from None
    if moment.tzinfo is None:
        raise _Wrong("时间缺少时区")
    return moment.isoformat()


def _money(_: ExtraField, value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _MONEY.fullmatch(text):
        raise _Wrong("应为金额（元），如 80 或 12.50")
    return f"{Decimal(text):.2f}"


def _choice(field: ExtraField, value: Any) -> str:
    if value not in [choice.key for choice in field.choices]:
        raise _Wrong("应为：" + "、".join(choice.key for choice in field.choices))
    return str(value)


def _clock(value: Any) -> str:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong("钟点应写作 08:00")
    return time(int(found[1]), int(found[2])).strftime("%H:%M")


def _slots(_: ExtraField, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SLOTS:
        raise _Wrong(f"应为 1 到 {MAX_SLOTS} 个时段")
    slots = []
    for slot in value:
        if not isinstance(slot, dict) or set(slot) != {"weekday", "from", "to"}:
            raise _Wrong("每个时段有 weekday、from、to 三项")
        weekday = slot["weekday"]
        if type(weekday) is not int or not 1 <= weekday <= 7:
            raise _Wrong("weekday 应为 1（周一）到 7（周日）")
        start, end = _clock(slot["from"]), _clock(slot["to"])
        if start >= end:
            raise _Wrong("时段的结束应晚于开始")
        slots.append({"weekday": weekday, "from": start, "to": end})
    return slots


_READERS: Final[dict[str, Callable[[ExtraField, Any], Any]]] = {
    "line": _line,
    "text": _text,
    "time": _time,
    "money": _money,
    "choice": _choice,
    "slots": _slots,
}


def read_extra(module: Module, extra: dict[str, Any]) -> dict[str, Any]:
    """The extra fields of a post in their normal form.

    Raises:
        Invalid: a field that the module does not have, or a value that it does not take.
    """
    read: dict[str, Any] = {}
    errors: list[FieldError] = []
    for key, value in extra.items():
        field = module.field(key)
        if field is None:
            errors.append(FieldError(f"extra.{key}", "这个栏目没有此项"))
            continue
        if value in (None, ""):
            continue
        try:
            read[key] = _READERS[field.kind](field, value)
        except _Wrong as wrong:
            errors.append(FieldError(f"extra.{key}", str(wrong)))
    if errors:
        raise Invalid(errors=errors)
    return read


# -- changing a post ----------------------------------------------------------------------------

# Who may change which fields: the author, the moderators, and for the rest either of them.
CONTENT_FIELDS: Final = frozenset({"title", "body", "attachments", "extra"})
DESK_FIELDS: Final = frozenset({"pinned"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a post."""

    author: bool
    moderator: bool


def check_change(fields: Iterable[str], standing: Standing, *, is_issue: bool) -> None:
    """Whether somebody may change these fields of a post.

    Raises:
        NotTheAuthor: content belongs to its author.
        NotAModerator: pins belong to the moderators; expiry to both.
        ThreadOfAnIssue: the words of a reported problem stay as they were said.
    """
    wanted = frozenset(fields)
    if not (standing.author or standing.moderator):
        raise NotTheAuthor()
    if wanted & CONTENT_FIELDS:
        if not standing.author:
            raise NotTheAuthor()
        if is_issue:
            raise ThreadOfAnIssue()
    if wanted & DESK_FIELDS and not standing.moderator:
        raise NotAModerator()


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    """A post may only end in the future; :class:`Invalid` otherwise."""
    if expires_at is not None and expires_at <= now:
        raise Invalid(errors=[FieldError("expires_at", "有效期应晚于现在")])
