"""What votes tells: the way of a question to a covenant, and of the polls on it.

No event names a voter with a choice, nor anybody who voted: totals only.
"""

from datetime import datetime
from typing import Literal

from services.contracts.events.base import Event

TopicPart = Literal["seconded", "spoke"]


class TopicEvent(Event, abstract=True):
    """What the events of a topic's way say: which, where, and its title."""

    topic_id: str
    community_id: str
    path: str
    title: str


class PollEvent(Event, abstract=True):
    """What the events of a poll say: on which topic, where, its title, and who convened it."""

    poll_id: str
    topic_id: str
    community_id: str
    path: str
    title: str
    convener: str = "residents_committee"


class TopicRaised(TopicEvent, source="votes", type="topic.raised", version=1, subject="topic_id"):
    """A neighbour raised a question; ``from_post_id`` is the post that it came from."""

    author_id: str
    convener: str
    from_post_id: str | None = None


class TopicAdvanced(
    TopicEvent, source="votes", type="topic.advanced", version=1, subject="topic_id"
):
    """A topic came to its next state, or the same state was taken up anew.

    ``step`` is ``advanced``, or what was done within a state: ``returned``, ``amended``,
    ``seconded``, ``handed_over``. ``outcome`` says how a topic ended. ``reason`` is public: nobody
    is refused without one. ``actor_id`` is None when the clock did it, or the neighbours together.
    """

    author_id: str
    convener: str
    was: str
    state: str
    reason: str | None = None
    deadline_at: datetime | None = None
    from_post_id: str | None = None
    step: str = "advanced"
    outcome: str | None = None
    actor_id: str | None = None
    actor_role: str = ""


class TopicHandedOver(
    TopicEvent, source="votes", type="topic.handed_over", version=1, subject="topic_id"
):
    """A topic went from one convening body to the other; both are told."""

    author_id: str
    was_convener: str
    convener: str
    reason: str
    deadline_at: datetime | None = None
    actor_id: str | None = None


class TopicPartChanged(
    TopicEvent, source="votes", type="topic.part_changed", version=1, subject="topic_id"
):
    """Somebody took part in a topic or, not ``taken``, took her second back.

    What she said, and whether for or against, is not told.
    """

    person_id: str
    part: TopicPart
    taken: bool = True


class SecondersAsked(
    TopicEvent, source="votes", type="topic.seconders_asked", version=1, subject="topic_id"
):
    """A topic was merged into another one: those who seconded it may second that one.

    Support is never moved without them. ``seconder_ids`` are at most 500; more are asked by more
    events.
    """

    into_id: str
    into_title: str
    reason: str
    seconder_ids: list[str]
    actor_id: str | None = None


class TopicOverdue(TopicEvent, source="votes", type="topic.overdue", version=1, subject="topic_id"):
    """Whoever had to act on a topic let the deadline pass; told once, and shown to everybody."""

    author_id: str
    convener: str
    state: str
    deadline_at: datetime


class ObjectionFiled(Event, source="votes", type="objection.filed", version=1, subject="topic_id"):
    """Somebody objects; the convening body owes a reasoned answer."""

    objection_id: str
    topic_id: str
    community_id: str
    path: str
    kind: str
    convener: str
    objector_id: str
    title: str = ""
    author_id: str = ""


class ObjectionAnswered(
    Event, source="votes", type="objection.answered", version=1, subject="topic_id"
):
    """An objection got an answer; it is the objector's to say whether it satisfies."""

    objection_id: str
    topic_id: str
    community_id: str
    path: str
    objector_id: str
    title: str = ""
    convener: str = "residents_committee"
    actor_id: str | None = None


class PollAnnounced(PollEvent, source="votes", type="poll.announced", version=1, subject="poll_id"):
    """What is voted on, and when; the roll is open to objections until ``opens_at``."""

    opens_at: datetime
    closes_at: datetime
    actor_id: str | None = None


class PollOpened(PollEvent, source="votes", type="poll.opened", version=1, subject="poll_id"):
    """Voting has begun."""

    roll_size: int
    closes_at: datetime


class PollReminded(PollEvent, source="votes", type="poll.reminded", version=1, subject="poll_id"):
    """Voting ends soon; who has not voted yet may want to know."""

    closes_at: datetime


class PollExtended(PollEvent, source="votes", type="poll.extended", version=1, subject="poll_id"):
    """Too few took part, so voting goes on."""

    closes_at: datetime


class BallotCounted(Event, source="votes", type="ballot.counted", version=1, subject="poll_id"):
    """How many have voted by now, at most once a second: no voter, no choice."""

    poll_id: str
    community_id: str
    path: str
    online: int
    paper: int
    roll_size: int


class PollClosed(PollEvent, source="votes", type="poll.closed", version=1, subject="poll_id"):
    """No vote is taken any more; the papers are counted."""


class PollVoided(PollEvent, source="votes", type="poll.voided", version=1, subject="poll_id"):
    """The poll counts for nothing, for the public reason given."""

    reason: str
    actor_id: str | None = None


class ResultPublished(
    PollEvent, source="votes", type="result.published", version=1, subject="poll_id"
):
    """What was decided, with totals; the arithmetic stands in the result itself."""

    passed: bool
    certificate_hash: str


class CovenantAdopted(
    Event, source="votes", type="covenant.adopted", version=1, subject="covenant_id"
):
    """A covenant came to be, or changed, or was repealed (``change``)."""

    covenant_id: str
    topic_id: str
    community_id: str
    path: str
    title: str
    version: int
    change: str
    convener: str = "residents_committee"
    from_post_id: str | None = None


class CovenantBreachReported(
    Event, source="votes", type="covenant.breach_reported", version=1, subject="covenant_id"
):
    """Somebody says that a covenant is not kept: a conversation begins. It names nobody."""

    covenant_id: str
    breach_id: str
    community_id: str
    path: str
    title: str = ""
    convener: str = "residents_committee"


class CovenantReviewDue(
    Event, source="votes", type="covenant.review_due", version=1, subject="covenant_id"
):
    """It is time to ask whether a covenant still serves."""

    covenant_id: str
    community_id: str
    path: str
    title: str
    convener: str = "residents_committee"


class SurveyOpened(Event, source="votes", type="survey.opened", version=1, subject="survey_id"):
    """The community is asked something."""

    survey_id: str
    community_id: str
    path: str
    title: str
    closes_at: datetime | None = None
    convener: str = "residents_committee"
    actor_id: str | None = None


class SurveyClosed(Event, source="votes", type="survey.closed", version=1, subject="survey_id"):
    """A survey ended; its answers are counted."""

    survey_id: str
    community_id: str
    path: str
    title: str
    convener: str = "residents_committee"
    actor_id: str | None = None
