"""Moderation: when something waits, what a decision does, who may take it.

::

    case      open ──decide──▶ decided ──appeal, by the author, once, within 14 days──▶ appealed
                                                            final ◀──decide, another person──┘

    content   what a decision makes of it (a row of ``BECOMES``)

                           keep       take_down
              shown        shown      taken_down
              waiting      shown      refused, or taken_down if the neighbours had seen it
              refused      shown      refused
              taken_down   shown      taken_down
              deleted      deleted    deleted

Law: 网络信息内容生态治理规定 art. 10, 15 (look before, look after, a way to complain), 跟帖评论服务
管理规定 art. 4; 网络安全法 (stop, remove, keep the record). A decision has a reason that its author
is given, and she can have it looked at by somebody else. The thread of a reported problem never
waits: complaints are not swallowed (信访工作条例).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.contracts.errors import Conflict, Forbidden, NotFound, RuleBroken
from services.feed.domain.lexicon import Finding
from services.feed.domain.modules import Module

Decision = Literal["keep", "take_down"]
OpenedBy = Literal["module", "lexicon", "report", "staff"]

APPEAL_WITHIN: Final = timedelta(days=14)

BECOMES: Final[dict[tuple[str, Decision], str]] = {
    ("shown", "keep"): "shown",
    ("shown", "take_down"): "taken_down",
    ("waiting", "keep"): "shown",
    ("waiting", "take_down"): "refused",
    ("refused", "keep"): "shown",
    ("refused", "take_down"): "refused",
    ("taken_down", "keep"): "shown",
    ("taken_down", "take_down"): "taken_down",
    ("deleted", "keep"): "deleted",
    ("deleted", "take_down"): "deleted",
}


@dataclass(frozen=True, slots=True)
class Storm:
    """From so many different homes within a time: it waits until somebody has looked."""

    homes: int
    within: timedelta


STORM: Final = Storm(homes=5, within=timedelta(hours=24))


class CaseNotFound(NotFound):
    """There is no such case, or it is not the actor's to see."""

    code = "feed.case_not_found"
    zh, en = "没有找到这件审核", "There is no such case"


class CaseDecided(Conflict):
    """Somebody else was faster, or it is not the time for this decision."""

    code = "feed.case_decided"
    zh, en = "这件审核已经有结论了", "This case has been decided"


class NotImpartial(Forbidden):
    """Nobody decides about her own content, or about what she reported."""

    code = "feed.not_impartial"
    zh = "您是作者或举报人，请由其他管理人员处理"
    en = "You wrote or reported this; somebody else has to decide"


class AnotherPersonDecides(Forbidden):
    """An appeal is decided by another person than the first."""

    code = "feed.another_person_decides"
    zh = "申诉须由另一位管理人员复核"
    en = "An appeal is decided by another person"


class OwnContent(RuleBroken):
    """One's own content is deleted, not reported."""

    code = "feed.own_content"
    zh, en = "这是您自己发的内容，可以直接删除", "This is yours; you can delete it"


class NothingToAppeal(Conflict):
    """Nothing was decided against the content, or an appeal was made already."""

    code = "feed.nothing_to_appeal"
    zh, en = "没有可以申诉的处理决定", "There is no decision to appeal against"


class AppealTooLate(Conflict):
    """The time to appeal is over."""

    code = "feed.appeal_too_late"
    zh, en = "已超过 14 天的申诉期限", "The 14 days to appeal are over"


class NotShown(Conflict):
    """What was refused or taken down is not changed; its author may appeal."""

    code = "feed.not_shown"
    zh = "内容已被下架或未通过审核，不能修改，可以申诉"
    en = "This was taken down or refused; it cannot be changed, but you may appeal"


def why_it_waits(module: Module, finding: Finding, *, trusted: bool) -> OpenedBy | None:
    """Why a new or edited text has to wait, or None when it is shown at once.

    Args:
        trusted: who moderates the module, or speaks in an office: nobody looks before.
    """
    if trusted:
        return None
    if finding.level == "hold":
        return "lexicon"
    return "module" if module.moderation == "pre" else None


def becomes(state: str, decision: Decision, *, was_shown: bool) -> str:
    """The state of a content after a decision; see the module."""
    after = BECOMES[state, decision]
    return "taken_down" if after == "refused" and was_shown else after


def storms(recent: int, *, official: bool, is_issue: bool, kept_before: bool) -> bool:
    """Whether so many reports put a content to waiting.

    Args:
        recent: different homes that reported within ``STORM.within``; a family is one.
        kept_before: a person has looked at this text already and kept it.
    """
    return recent >= STORM.homes and not (official or is_issue or kept_before)


def check_appeal(
    state: str, decision: str | None, decided_at: datetime | None, now: datetime
) -> None:
    """Whether the author may appeal now.

    Raises:
        NothingToAppeal: not decided, not against her, or appealed already.
        AppealTooLate: more than 14 days ago.
    """
    if state != "decided" or decision != "take_down" or decided_at is None:
        raise NothingToAppeal()
    if now > decided_at + APPEAL_WITHIN:
        raise AppealTooLate()
