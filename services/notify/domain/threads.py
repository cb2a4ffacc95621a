"""What is remembered of threads: their titles, and who takes part in them.

A thread is a post or a topic; of covenants and surveys the title is remembered alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from services.contracts import events as e
from services.contracts.events.votes import PollEvent, TopicEvent

AT_THE_DESK = ("phone", "visit", "letter")
"""Where a case came from that the committee took in, and posts in office."""

ThreadKind = Literal["post", "topic", "covenant", "survey"]
_NAMED: Final[dict[str, ThreadKind]] = {
    "post_id": "post",
    "topic_id": "topic",
    "covenant_id": "covenant",
    "survey_id": "survey",
}
_ENDS: Final = frozenset({"adopted", "refused", "closed"})


class Part(StrEnum):
    """How somebody takes part in a thread, the most personal first."""

    WROTE = "wrote"
    OBJECTED = "objected"
    SPOKE = "spoke"
    """Commented on a post, or gave an opinion on a topic."""
    SECONDED = "seconded"
    CHOSE = "chose"
    """Does not take part, but chose to follow it."""


@dataclass(frozen=True, slots=True)
class Thread:
    """What is remembered of a thread so that its news can name it.

    ``author_hidden``: the author asked that the neighbours do not see who reported it.
    ``by_the_way``: the event only mentions it, so what is known already is better known.
    """

    id: str
    title: str
    author_id: str | None
    author_hidden: bool = False
    kind: ThreadKind = "post"
    by_the_way: bool = False


@dataclass(frozen=True, slots=True)
class Follow:
    """Somebody takes part in a thread and hears of it from now on.

    ``anew``: by this very act, so also when she had left it; what others do there does not bring
    her back.
    """

    thread: str
    person_id: str
    part: Part
    anew: bool = True


@dataclass(frozen=True, slots=True)
class Unfollow:
    """Somebody took back what she took part by."""

    thread: str
    person_id: str
    part: Part


def thread_id_of(event: e.Event) -> str | None:
    """The thread that an event belongs to: whoever mutes or leaves that hears it no more.

    What is adopted is called by its own name from then on, not by that of the topic it came from.
    """
    if isinstance(event, e.CovenantAdopted):
        return event.covenant_id
    found = (getattr(event, name, None) for name in _NAMED)
    return next((thread for thread in found if thread), None)


def ends(event: e.Event) -> bool:
    """Whether a topic came to the end of its way: there is no step after it."""
    return isinstance(event, e.TopicAdvanced) and event.state in _ENDS


def step_of(event: e.Event) -> str | None:
    """The topic on whose way this is a step: told after the end it is news no more."""
    steps = e.TopicAdvanced | e.TopicHandedOver | e.TopicOverdue
    return event.topic_id if isinstance(event, steps) else None


def threads_of(event: e.Event) -> tuple[Thread, ...]:
    """The threads that an event opens, or names.

    A reported issue and the post that feed makes of it both open it, in whichever order they
    come; a post that staff turned into an issue keeps its own title.
    """
    match event:
        case e.PostPublished():
            return (Thread(event.post_id, event.title, event.author_id, event.hide_name),)
        case e.IssueReported() if event.source in AT_THE_DESK:
            return (Thread(event.post_id, event.title, event.taken_up_by or ""),)
        case e.IssueReported() if not event.from_post:
            return (Thread(event.post_id, event.title, event.reporter_id, event.hide_name),)
        case e.TopicAdvanced():
            return (Thread(event.topic_id, event.title, event.author_id, kind="topic"),)
        case TopicEvent() | PollEvent() | e.ObjectionFiled() | e.ObjectionAnswered():
            return _named(event, "topic_id")
        case e.CovenantAdopted():
            return (Thread(event.covenant_id, event.title, None, kind="covenant"),)
        case e.CovenantBreachReported() | e.CovenantReviewDue():
            return _named(event, "covenant_id")
        case e.SurveyOpened() | e.SurveyClosed():
            return _named(event, "survey_id")
    return ()


def _named(event: Any, field: str) -> tuple[Thread, ...]:
    """A thread that is named with its title; who wrote it, where the event says so."""
    author = getattr(event, "author_id", "") or None
    thread = Thread(getattr(event, field), event.title, author, kind=_NAMED[field], by_the_way=True)
    return (thread,) if thread.title else ()


def follows_of(event: e.Event) -> tuple[Follow | Unfollow, ...]:
    """Who takes part in a thread by this event, or no longer does."""
    match event:
        case e.PostPublished():
            return _follow(event.post_id, event.author_id, Part.WROTE)
        case e.IssueReported():
            return _follow(event.post_id, event.reporter_id, Part.WROTE)
        case e.CommentPublished():
            return (
                *_follow(event.post_id, event.post_author_id, Part.WROTE, anew=False),
                *_follow(event.post_id, event.author_id, Part.SPOKE),
            )
        case e.TopicRaised():
            return _follow(event.topic_id, event.author_id, Part.WROTE)
        case e.TopicAdvanced():
            return _follow(event.topic_id, event.author_id, Part.WROTE, anew=False)
        case e.ObjectionFiled():
            return _follow(event.topic_id, event.objector_id, Part.OBJECTED)
        case e.TopicPartChanged(taken=True):
            return _follow(event.topic_id, event.person_id, Part(event.part))
        case e.TopicPartChanged():
            return (Unfollow(event.topic_id, event.person_id, Part(event.part)),)
    return ()


def _follow(thread: str, person_id: str, part: Part, *, anew: bool = True) -> tuple[Follow, ...]:
    return (Follow(thread, person_id, part, anew),) if person_id else ()
