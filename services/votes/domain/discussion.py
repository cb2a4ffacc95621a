"""The discussion of a topic: who may speak when, and what becomes of an opinion.

::

               show                      hide
    waiting ─────────► shown ◄──────────────────────► hidden ─ the author asks again ─┐
       │                 │        show, by whom hid it   ▲                            ▼
       └──── hide ───────┼───────────────────────────────┘         the desk, another person: final
                         └──► withdrawn (from anywhere, by the author)

The rules of order are those of assemblies (简版罗伯特议事规则): the question comes first, everybody
says for what she speaks, the sides take turns, whoever has spoken least is heard first, times are
counted, and whoever leads has no say of her own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final, get_args

from services.contracts.errors import Conflict, Forbidden, NotFound, RateLimited, refusal
from services.contracts.operations.votes.chain import ChainSettings
from services.contracts.operations.votes.discussion import OpinionDecision, OpinionState
from services.votes.domain.chain import FROZEN, State

OPEN: Final = frozenset({State.DISCUSSION, State.PROPOSAL})
"""Where neighbours may speak: of the question, and of the text while it can still be changed.

Once it is frozen they object instead, which has to be answered.
"""

CORRECTION: Final = timedelta(minutes=15)
MOST_CORRECTIONS: Final = 3

CIVIL_ORDER: Final[tuple[tuple[str, str], ...]] = (
    ("一事一议：只谈这个议题", "One thing at a time: speak to this question alone"),
    ("先亮明立场，再讲理由", "Say which side you are on, then why"),
    ("机会均等：没有发过言的人优先，正反双方轮流", "Equal chances: who has not spoken comes first"),
    ("发言限时限次，讲完请等一等别人", "Speeches are limited; let others speak in between"),
    ("对事不对人，不猜测他人动机", "Speak of the matter, not of people and their motives"),
    ("用语文明，不打断、不辱骂", "Speak civilly; nobody is interrupted or insulted"),
    ("主持人保持中立，不发表意见", "Whoever leads is neutral and gives no opinion"),
    ("充分讨论之后再表决，多数决定，尊重少数", "Vote after a full debate; respect the minority"),
)
"""The order of speaking, Chinese and English; 5.2 of the domain's page names its sources."""


class DiscussionClosed(Conflict):
    """Nobody speaks in this state of the topic."""

    code = "votes.discussion_closed"
    zh, en = "这个议题现在不在讨论阶段", "This topic is not open for discussion now"


class SpeechesSpent(Conflict):
    """She has given as many opinions on the topic as anybody may."""

    code = "votes.speeches_spent"
    zh, en = "您对这个议题的发言次数已用完", "You have spoken on this topic as often as anybody may"


class SpeakLater(RateLimited):
    """Others may speak first."""

    code = "votes.speak_later"
    zh, en = "请稍等再发言，先听听其他邻居的意见", "Please let others speak before you speak again"


class ModeratorsAreNeutral(Conflict):
    """Who moderates gives no opinion, and who has given one, or raised the question, is not asked
    to moderate."""

    code = "votes.moderators_are_neutral"
    zh, en = (
        "主持人须保持中立，不能是提出人或已表态的人",
        "A moderator is neutral: no opinion, no stake",
    )


class NotModerating(Forbidden):
    """Only who moderates this topic may do it."""

    code = "votes.not_moderating"
    zh, en = "只有本议题的主持人才能操作", "Only who moderates this topic may do this"


class ModeratorNotFound(NotFound):
    """That person does not moderate this topic, or does not belong here."""

    code = "votes.moderator_not_found"
    zh, en = "没有找到这位主持人", "There is no such moderator"


class OpinionNotFound(NotFound):
    """There is no such opinion, or it is not the actor's to see."""

    code = "votes.opinion_not_found"
    zh, en = "没有找到这条意见", "There is no such opinion"


class OpinionSettled(Conflict):
    """The opinion does not allow it as it stands."""

    code = "votes.opinion_settled"
    zh, en = "这条意见目前的状态不能这样操作", "The opinion does not allow this as it stands"


class TooLateToCorrect(Conflict):
    """Others have read it; what is to be said now is another opinion."""

    code = "votes.too_late_to_correct"
    zh, en = "已超过可更正的时间或次数", "It can no longer be corrected"


class AnotherHasToDecide(Forbidden):
    """Nobody looks again at what she hid herself, or judges her own words."""

    code = "votes.another_has_to_decide"
    zh, en = "须由另一位工作人员决定", "Somebody else has to decide this"


def require_open(state: str) -> None:
    """Raise :class:`DiscussionClosed` where nobody speaks."""
    if State(state) not in OPEN:
        raise DiscussionClosed()


def require_ahead(state: str) -> None:
    """Raise :class:`DiscussionClosed` where nothing is discussed any more."""
    if State(state) in FROZEN:
        raise DiscussionClosed()


def may_speak_at(settings: ChainSettings, last: datetime | None) -> datetime | None:
    """From when somebody may speak again whose last opinion was given at ``last``."""
    return None if last is None else last + timedelta(minutes=settings.speech_minutes)


def require_turn(settings: ChainSettings, given: int, last: datetime | None, now: datetime) -> None:
    """Check that somebody who has given so many opinions may give another one now.

    Raises:
        SpeechesSpent, SpeakLater.
    """
    if given >= settings.speeches:
        raise SpeechesSpent()
    again = may_speak_at(settings, last)
    if again is not None and now < again:
        raise SpeakLater(retry_after=max(1, ceil((again - now).total_seconds())))


def require_correctable(state: str, given_at: datetime, corrections: int, now: datetime) -> None:
    """Check that an opinion may still be corrected.

    Raises:
        OpinionSettled: it was hidden or taken back.
        TooLateToCorrect: the time is over, or it was corrected often enough.
    """
    if state not in ("waiting", "shown"):
        raise OpinionSettled()
    until = correctable_until(state, given_at, corrections)
    if until is None or now >= until:
        raise TooLateToCorrect()


def correctable_until(state: str, given_at: datetime, corrections: int) -> datetime | None:
    """Until when an opinion may be corrected as it stands; None where it may not."""
    if state not in ("waiting", "shown") or corrections >= MOST_CORRECTIONS:
        return None
    return given_at + CORRECTION


def appealable(state: str, appealed_at: datetime | None) -> bool:
    """Whether its author may ask the desk to look again: once, while it is hidden."""
    return state == "hidden" and appealed_at is None


@dataclass(frozen=True, slots=True)
class Judge:
    """Who decides about an opinion: of the desk, or a moderator."""

    person_id: str
    desk: bool


def decided(
    state: OpinionState,
    decision: OpinionDecision,
    by: Judge,
    *,
    author_id: str | None,
    hid: str | None,
    appealed: bool,
    final: bool,
) -> OpinionState:
    """What becomes of an opinion by a decision.

    Args:
        hid: who decided last.
        appealed: whether the author asked to look again.
        final: whether that was done.

    Raises:
        OpinionSettled: it stands like that, was taken back, or was decided for good.
        AnotherHasToDecide: it is her own, or she hid it, or an appeal is for the desk.
    """
    to: OpinionState = "shown" if decision == "show" else "hidden"
    pending = state == "hidden" and appealed and not final
    if state == "withdrawn" or final or (state == to and not pending):
        raise OpinionSettled()
    if by.person_id == author_id or (pending and (not by.desk or by.person_id == hid)):
        raise AnotherHasToDecide()
    if state == "hidden" and not pending and not by.desk and by.person_id != hid:
        raise AnotherHasToDecide()
    return to


def decisions(
    state: OpinionState,
    by: Judge,
    *,
    author_id: str | None,
    hid: str | None,
    appealed: bool,
    final: bool,
) -> list[OpinionDecision]:
    """What somebody may decide of an opinion as it stands; see :func:`decided`."""
    known = {"author_id": author_id, "hid": hid, "appealed": appealed, "final": final}
    every: tuple[OpinionDecision, ...] = get_args(OpinionDecision)
    return [one for one in every if refusal(decided, state, one, by, **known) is None]
