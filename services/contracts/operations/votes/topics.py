"""Topics: from a neighbour's question to what is put to the vote."""

from datetime import datetime
from typing import Any, Literal

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
)
from services.contracts.operations.votes.common import DESK, Barred, Convener, TopicState
from services.contracts.operations.votes.objections import ObjectionPeriod

Aim = Literal["new", "amend", "repeal"]
TopicStage = Literal["asked", "discussed", "drafted", "decided", "adopted", "ended"]
"""Where topics stand, in a few words: several states each, see :class:`TopicPage`."""


class RaiseTopic(Command):
    """A neighbour raises a question (议题).

    ``from_post_id`` is the post that it comes from: its timeline begins there. ``again_of`` names
    the earlier topic on the same thing that was voted down; it may come back when its lock ends.
    ``aim`` is what the topic is for: a covenant of its own, or to amend or repeal ``covenant_id``.
    """

    cid: Id
    title: Line
    body: Body
    from_post_id: Id | None = None
    convener: Convener = "residents_committee"
    again_of: Id | None = None
    aim: Aim = "new"
    covenant_id: Id | None = None


class ListTopics(ListCommand):
    """The topics of a community, newest first.

    ``mine`` are those that I raised or second, ``part`` narrows them to one of the two; ``q`` is
    looked for in title and text.
    """

    cid: Id
    state: TopicState | None = None
    stage: TopicStage | None = None
    convener: Convener | None = None
    mine: bool = False
    part: Literal["raised", "seconded"] | None = None
    q: Line | None = None


class OfTopic(Command):
    """Names a topic and nothing more."""

    id: Id


class AmendTopic(Command):
    """The author words her question anew, after it was returned to her."""

    id: Id
    title: Line
    body: Body


class ScreenTopic(Command):
    """The committee screens (筛选): the question at intake, the item before it is a proposal.

    Everything but ``accept`` needs its public reason. ``into`` names the topic that it is merged
    into; ``locked_by`` the earlier topic on the same thing, voted down, for whose sake a question
    is refused while the lock lasts.
    """

    id: Id
    stage: Literal["intake", "proposal"]
    decision: Literal["accept", "return", "refuse", "merge"]
    reason: Reason | None = None
    into: Id | None = None
    locked_by: Id | None = None


class AdvanceTopic(Command):
    """Lead a topic on to its next state; the chain may not allow it.

    What comes out of a discussion is an item that can be acted upon (可操作议题): ``title`` and
    ``body`` are its wording.
    """

    id: Id
    to: TopicState
    reason: Reason | None = None
    title: Line | None = None
    body: Body | None = None


class HandTopic(Command):
    """Hand a topic over to the other convening body, with the public reason."""

    id: Id
    convener: Convener
    reason: Reason


class ListScreeningBoard(ListCommand):
    """What waits for the caller's body, the longest overdue first; ``others`` is what waits for
    the other one, to be seen and known."""

    cid: Id
    whose: Literal["mine", "others"] = "mine"


class TimelineLine(View):
    """A line of the public timeline: who led the topic from where to where, why, and by when the
    next step is due. ``ref`` names what it tells of (``post_id``, ``topic_id``, ``poll_id`` …)."""

    at: datetime
    kind: str
    was: TopicState
    state: TopicState
    actor_role: str
    actor_name: str | None
    text: str
    reason: str | None
    deadline_at: datetime | None
    ref: dict[str, Any] | None


class WayStep(View):
    """A step of the topic's own way: behind it, where it stands, or still to come.

    ``since`` is when it came there last, led by whom and why; ``until`` is by when the step is
    due, or the poll's own time. A topic that ended goes no further: what would have come is left
    out.
    """

    state: TopicState
    standing: Literal["past", "now", "ahead"]
    since: datetime | None = None
    until: datetime | None = None
    actor_role: str | None = None
    actor_name: str | None = None
    reason: str | None = None


class Objecting(View):
    """When objections are filed; ``left`` is how many more the caller may file in this period."""

    period: ObjectionPeriod
    opens_at: datetime
    closes_at: datetime
    open: bool
    left: int


class Wording(View):
    """How the question, or the item that came of it, was worded at a time."""

    version: int
    kind: Literal["question", "item"]
    title: str
    body: str
    role: str
    at: datetime


class ProposalMark(View):
    """A version of the proposal, in short: how many articles, by which rules, when voted on."""

    version: int
    articles: int
    base: str
    opens_at: datetime
    closes_at: datetime
    hash: str
    written_at: datetime
    written_role: str


class ObjectionMark(View):
    """An objection, in short: ``owed`` while a reasoned answer is, ``mark`` is the objector's."""

    id: str
    kind: str
    period: str
    owed: bool
    answers: int
    replies: int
    mark: str | None
    filed_at: datetime
    withdrawn_at: datetime | None


class NextStep(View):
    """Something that the caller may do with the topic now.

    ``needs`` says what must be given: the public ``reason``, the item's ``wording``. ``topic_id``
    is the other topic that may be seconded, when this one was merged into it.
    """

    do: Literal[
        "second",
        "withdraw_second",
        "second_other",
        "amend",
        "withdraw",
        "screen",
        "advance",
        "hand_over",
    ]
    to: TopicState | None = None
    stage: Literal["intake", "proposal"] | None = None
    needs: list[Literal["reason", "wording"]] = []
    not_before: datetime | None = None
    topic_id: str | None = None


class TopicSummary(View):
    """A topic in a list.

    ``seconders_wanted`` is null where the chain asks for none. ``overdue``: whoever has to act has
    not, and ``deadline_at`` has passed (of a discussion: as long ago as the desk has to screen).
    ``outcome`` says how it ended: ``withdrawn``, ``lapsed``, ``merged``, ``refused``, ``stopped``,
    ``voided``, ``annulled`` or ``not_passed``. While it is ``held``, somebody has to look at its
    words before other neighbours read them.
    """

    id: str
    community_id: str
    title: str
    state: TopicState
    convener: Convener
    author_name: str | None
    mine: bool
    returned: bool
    held: bool
    outcome: str | None
    seconders: int
    seconders_wanted: int | None
    my_second: bool
    poll_id: str | None
    since: datetime
    deadline_at: datetime | None
    overdue: bool
    created_at: datetime


class Topic(TopicSummary):
    """A topic with its whole way: wordings, the proposal's versions, objections, timeline.

    ``locked_until``: it was voted down, and until then the same thing may not come back.
    ``settings_version`` is the version of the chain's settings that it was raised under.
    ``waits_for`` says whose turn it is: the ``talk``'s while neighbours discuss, the ``poll``'s
    where its times say what comes next; null when it has ended. ``objecting`` is null where nobody
    objects, and ``barred`` where the caller takes part. ``convenes``: the caller belongs to the
    body that has it.
    """

    body: str
    assisted_by_name: str | None
    from_post_id: str | None
    again_of: str | None
    aim: Aim
    covenant_id: str | None
    merged_into: str | None
    locked_until: datetime | None
    settings_version: int
    opinions: dict[str, int]
    wordings: list[Wording]
    versions: list[ProposalMark]
    objections: list[ObjectionMark]
    timeline: list[TimelineLine]
    next_steps: list[NextStep]
    way: list[WayStep] = []
    waits_for: Literal["seconders", "author", "desk", "party", "talk", "poll"] | None = None
    objecting: Objecting | None = None
    barred: Barred | None = None
    convenes: bool = False


class TopicPage(Page[TopicSummary]):
    """Topics; ``stages`` counts all of the community's by where they stand.

    ``asked`` wait to be seconded or screened, ``drafted`` become an item and a text, ``decided``
    are announced, voted on or published; ``ended`` are refused or closed.
    """

    stages: dict[TopicStage, int] = {}


class Seconding(View):
    """How many second a topic, and whether I do."""

    seconders: int
    seconders_wanted: int | None
    my_second: bool


class BoardTask(View):
    """Something that waits for a convening body, or for the Party organisation.

    ``alike``: how many other topics and covenants read like a question that is to be screened.
    """

    topic_id: str
    title: str
    task: Literal[
        "screen_question", "publish", "form_item", "screen_item", "prior_study", "draft_proposal"
    ]
    state: TopicState
    convener: Convener
    author_name: str | None
    seconders: int
    since: datetime
    deadline_at: datetime
    overdue: bool
    alike: int = 0


class Alike(View):
    """A topic or a covenant whose title and text read like a question.

    ``percent`` is how much of the shorter title the other one's words hold. ``state`` is a topic's
    or a covenant's; of a topic ``outcome`` says how it ended, and ``locked_until`` until when the
    same thing may not come back.
    """

    kind: Literal["topic", "covenant"]
    id: str
    title: str
    state: str
    outcome: str | None = None
    locked_until: datetime | None = None
    percent: int


class AlikeThings(View):
    """What reads like it, the likest first."""

    items: list[Alike]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "raiseTopic", "POST /communities/{cid}/topics", "votes", NEIGHBOUR, RaiseTopic, Topic,
        "Raise a topic", status=201, assisted=True,
    ),
    Operation(
        "listTopics", "GET /communities/{cid}/topics", "votes", PERSON, ListTopics,
        TopicPage, "The community's topics", assisted=True,
    ),
    Operation(
        "getTopic", "GET /topics/{id}", "votes", PERSON, OfTopic, Topic,
        "A topic", assisted=True,
    ),
    Operation(
        "amendTopic", "PUT /topics/{id}/wording", "votes", NEIGHBOUR, AmendTopic, Topic,
        "Word a returned question anew", assisted=True,
    ),
    Operation(
        "secondTopic", "PUT /topics/{id}/second", "votes", NEIGHBOUR, OfTopic, Seconding,
        "Second a topic",
    ),
    Operation(
        "withdrawSecond", "DELETE /topics/{id}/second", "votes", NEIGHBOUR, OfTopic, Seconding,
        "Withdraw my second",
    ),
    Operation(
        "screenTopic", "POST /topics/{id}/screening", "votes", DESK, ScreenTopic, Topic,
        "Screen a topic",
    ),
    Operation(
        "advanceTopic", "POST /topics/{id}/advance", "votes", PERSON, AdvanceTopic, Topic,
        "Lead a topic on",
    ),
    Operation(
        "handTopic", "POST /topics/{id}/convener", "votes", DESK, HandTopic, Topic,
        "Hand a topic over to the other convening body",
    ),
    Operation(
        "listScreeningBoard", "GET /communities/{cid}/screening-board", "votes", DESK,
        ListScreeningBoard, Page[BoardTask], "What waits to be screened or led on",
    ),
    Operation(
        "findAlikeTopics", "GET /topics/{id}/alike", "votes", DESK, OfTopic, AlikeThings,
        "Topics and covenants that read like this one",
    ),
)  # fmt: skip
