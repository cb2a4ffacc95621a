"""A breach of a covenant: a conversation, as a table.

::

              the desk says something
    open ─────────────────────────────▶ talking ──▶ to_issue     talk was tried, and failed
      │                                    │
      └──────────────────┬─────────────────┘
                         ▼
                 settled · closed        with a reason; the reporter may settle it or take it back

What waited is answered by the convening body within :data:`REACTION`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, cast

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.contracts.operations.votes.breaches import BreachAction, BreachState

REACTION: Final = timedelta(days=7)
"""How long the convening body has until it reacts."""

MOST_NOTES: Final = 200
MOST_OPEN: Final = 10
"""Conversations that one person may have open on one covenant."""

MOST_CONCERNED: Final = 10


class Part(StrEnum):
    """What somebody is in the conversation."""

    DESK = "desk"
    REPORTER = "reporter"
    CONCERNED = "concerned"


OPEN: Final[frozenset[str]] = frozenset({"open", "talking"})

ENDINGS: Final[Mapping[tuple[BreachState, BreachState], frozenset[Part]]] = {
    ("open", "settled"): frozenset({Part.DESK, Part.REPORTER}),
    ("open", "closed"): frozenset({Part.DESK, Part.REPORTER}),
    ("talking", "settled"): frozenset({Part.DESK, Part.REPORTER}),
    ("talking", "closed"): frozenset({Part.DESK, Part.REPORTER}),
    ("talking", "to_issue"): frozenset({Part.DESK}),
}
"""In whose power each ending is."""


class BreachNotFound(NotFound):
    """There is no such breach, or the actor has no part in it."""

    code = "votes.breach_not_found"
    zh, en = "没有找到这条反映", "There is no such report"


class BreachEnded(Conflict):
    """The conversation is over."""

    code = "votes.breach_ended"
    zh, en = "这次沟通已经结束", "This conversation is over"


class TalkFirst(Conflict):
    """It becomes an issue only after talk was tried, and that it failed was written down."""

    code = "votes.talk_first"
    zh, en = "请先沟通；沟通无果并记录后才能上报", "Talk first, and write down that it failed"


class NotYoursToEnd(Forbidden):
    """This ending is in somebody else's power."""

    code = "votes.not_yours_to_end"
    zh, en = "这样结束应由召集方决定", "Only the convening body can end it like that"


class DeskTalks(Forbidden):
    """That somebody was talked with is for the desk to record."""

    code = "votes.desk_talks"
    zh, en = "沟通情况由召集方记录", "The convening body records its talks"


class TooManyBreaches(Conflict):
    """One person has enough conversations open on one covenant."""

    code = "votes.too_many_breaches"
    zh, en = "您在这份公约上还有多条未结束的反映", "You have too many open reports here"


class ConversationFull(Conflict):
    """There are more notes, or people, than a conversation holds."""

    code = "votes.conversation_full"
    zh, en = "沟通记录已达上限", "The conversation is full"


class NotToBringIn(Invalid):
    """She is no neighbour here, has reported it herself, or is a child."""

    code = "votes.not_to_bring_in"
    zh, en = "只能邀请本社区的其他成年居民", "Only another adult neighbour can be brought in"


class UnknownIssue(Invalid):
    """There is no such issue of this community."""

    code = "votes.unknown_issue"
    zh, en = "本社区没有这个问题", "This community has no such issue"


class NoteNotWaiting(Conflict):
    """The note is not one that waits."""

    code = "votes.note_not_waiting"
    zh, en = "这条留言不需要审核", "The note does not wait"


def end(state: BreachState, to: BreachState, part: Part, failed_talks: int) -> None:
    """Let a conversation end like that.

    Raises:
        BreachEnded: it is over already.
        NotYoursToEnd: it is not in this one's power.
        TalkFirst: no talk has failed yet.
    """
    if state not in OPEN:
        raise BreachEnded()
    if to == "to_issue" and part is Part.DESK and not (state == "talking" and failed_talks):
        raise TalkFirst()
    if part not in ENDINGS.get((state, to), frozenset()):
        raise NotYoursToEnd()


def actions(state: BreachState, part: Part, failed_talks: int) -> list[BreachAction]:
    """What somebody with this part may do now."""
    if state not in OPEN:
        return []
    ends = [to for (was, to), whose in ENDINGS.items() if was == state and part in whose]
    possible = [to for to in ends if to != "to_issue" or failed_talks]
    return cast(list[BreachAction], ["reply", *possible])


def due(reported: datetime) -> datetime:
    """By when the convening body reacts."""
    return reported + REACTION


def is_overdue(state: str, due_at: datetime, reacted_at: datetime | None, now: datetime) -> bool:
    """Whether it waits for a first reaction longer than it should."""
    return state == "open" and reacted_at is None and due_at <= now


def require_talk_of_desk(talk: str | None, part: Part) -> None:
    """Let only the desk record that it talked; :class:`DeskTalks`."""
    if talk is not None and part is not Part.DESK:
        raise DeskTalks(errors=[FieldError("talk", "for the convening body")])
