"""Votes' operations: the way from a neighbour's question to a covenant (公约)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    PUBLIC,
    AnyObject,
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Moment,
    Operation,
    Page,
    Reason,
    View,
    holders,
)

TopicState = Literal[
    "raised",
    "screened",
    "discussion",
    "actionable",
    "prior_study",
    "proposal",
    "notice",
    "voting",
    "publicity",
    "adopted",
    "refused",
    "closed",
]
PollState = Literal["announced", "open", "closed", "published", "void"]
Convener = Literal["residents_committee", "owners_committee"]
Choice = Literal["for", "against", "abstain"]
Preset = Literal[
    "residents_assembly",
    "villagers_assembly",
    "owners_ordinary",
    "owners_special",
    "owners_unanimous",
    "article_2017",
]
Count = Annotated[int, Field(ge=0, le=100_000_000)]


class RuleOverrides(Command):
    """A rule set (表决规则) made from a preset: ``base`` and what differs from it."""

    model_config = ConfigDict(extra="allow")

    base: Preset


RuleSet = Preset | RuleOverrides

# -- topics ------------------------------------------------------------------------------------


class RaiseTopic(Command):
    """A neighbour raises a question (议题)."""

    cid: Id
    title: Line
    body: Body
    from_post_id: Id | None = None
    convener: Convener = "residents_committee"


class ListTopics(ListCommand):
    """The topics of a community, newest first."""

    cid: Id
    state: TopicState | None = None


class OfTopic(Command):
    """Names a topic and nothing more."""

    id: Id


class ScreenTopic(Command):
    """The committee screens (筛选): the question at intake, the item before it is a proposal."""

    id: Id
    stage: Literal["intake", "proposal"]
    decision: Literal["accept", "return", "refuse", "merge"]
    reason: Reason


class DiscussTopic(Command):
    """An opinion, with its stance."""

    id: Id
    stance: Literal["for", "against", "neutral"]
    body: Body


class AdvanceTopic(Command):
    """Lead a topic on to its next state; the chain may not allow it."""

    id: Id
    to: TopicState
    reason: Reason | None = None


class PutProposal(Command):
    """A new version of the proposal (提案): its articles, how and when it is voted on."""

    id: Id
    articles: Annotated[list[Body], Field(min_length=1, max_length=200)]
    rule_set: RuleSet
    opens_at: Moment
    closes_at: Moment


class FileObjection(Command):
    """An objection (异议) in the notice period."""

    id: Id
    kind: Literal["publicity_period", "mechanism", "text", "roll", "other"]
    body: Body


class AnswerObjection(Command):
    """The reasoned answer that every objection must get before voting opens."""

    id: Id
    body: Body


class MarkObjection(Command):
    """The objector says whether the answer satisfies."""

    id: Id
    mark: Literal["satisfied", "stands"]


class Topic(View):
    """A topic with its whole way: versions, objections, poll and timeline."""

    id: str
    community_id: str
    title: str
    body: str
    state: TopicState
    convener: Convener
    versions: list[dict[str, Any]]
    objections: list[dict[str, Any]]
    poll_id: str | None
    timeline: list[dict[str, Any]]
    created_at: datetime


# -- polls -------------------------------------------------------------------------------------


class ListPolls(ListCommand):
    """The polls of a community, newest first."""

    cid: Id
    state: PollState | None = None


class OfPoll(Command):
    """Names a poll and nothing more."""

    id: Id


class CastBallot(Command):
    """A ballot. ``subject_id`` is an entry of the roll, needed only when I have several."""

    id: Id
    choice: Choice
    subject_id: Id | None = None
    on_behalf_of: Id | None = None


class Receipt(View):
    """The proof that the ballot was taken: look it up in the bulletin."""

    receipt: str


class IssuePaper(Command):
    """Hand out a paper ballot: it reserves the voter on the roll."""

    id: Id
    subject_id: Id


class PaperCounts(Command):
    """A sheet of paper ballots: issued = returned + spoiled + unreturned."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    issued: Count
    returned: Count
    spoiled: Count
    unreturned: Count
    for_: Annotated[Count, Field(alias="for")]
    against: Count
    abstain: Count


class EnterPaper(PaperCounts):
    """The first person enters a sheet."""

    id: Id


class ConfirmPaper(PaperCounts):
    """A second person enters the same sheet; the two must agree."""

    id: Id


class Poll(View):
    """A poll: its rules in words, the size and hash of its roll, and where I stand."""

    id: str
    topic_id: str
    community_id: str
    state: PollState
    title: str
    rules: list[str]
    roll_size: int
    roll_hash: str
    my_subjects: list[dict[str, Any]]
    my_state: str | None
    opens_at: datetime
    closes_at: datetime


class CheckReceipt(Command):
    """Is my ballot in the bulletin? Never what it said."""

    code: Id


# -- covenants and surveys ---------------------------------------------------------------------


class ListCovenants(ListCommand):
    """The covenants of a community."""

    cid: Id


class OfCovenant(Command):
    """Names a covenant and nothing more."""

    id: Id


class ReportBreach(Command):
    """Somebody does not keep the covenant: it opens a conversation first."""

    id: Id
    article: Annotated[int, Field(ge=1, le=200)] | None = None
    body: Body


class ListSurveys(ListCommand):
    """The surveys of a community."""

    cid: Id


class CreateSurvey(Command):
    """A survey, the light sibling of a poll."""

    cid: Id
    title: Line
    questions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=50)]
    closes_at: Moment | None = None


class AnswerSurvey(Command):
    """My answers, in the order of the questions."""

    id: Id
    answers: Annotated[list[Any], Field(min_length=1, max_length=50)]


_DESK = holders(*COMMITTEE, Role.OWNERS_COMMITTEE)
_S = "votes"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "raiseTopic", "POST /communities/{cid}/topics", _S, NEIGHBOUR, RaiseTopic, Topic,
        "Raise a topic", status=201, built=False,
    ),
    Operation(
        "listTopics", "GET /communities/{cid}/topics", _S, PERSON, ListTopics, Page[Topic],
        "The community's topics", built=False,
    ),
    Operation("getTopic", "GET /topics/{id}", _S, PERSON, OfTopic, Topic, "A topic", built=False),
    Operation(
        "secondTopic", "PUT /topics/{id}/second", _S, NEIGHBOUR, OfTopic, AnyObject,
        "Second a topic", built=False,
    ),
    Operation(
        "screenTopic", "POST /topics/{id}/screening", _S, _DESK, ScreenTopic, Topic,
        "Screen a topic", built=False,
    ),
    Operation(
        "discussTopic", "POST /topics/{id}/opinions", _S, NEIGHBOUR, DiscussTopic, AnyObject,
        "Give an opinion", status=201, built=False,
    ),
    Operation(
        "advanceTopic", "POST /topics/{id}/advance", _S, _DESK, AdvanceTopic, Topic,
        "Lead a topic on", built=False,
    ),
    Operation(
        "putProposal", "PUT /topics/{id}/proposal", _S, _DESK, PutProposal, Topic,
        "A new version of the proposal", built=False,
    ),
    Operation(
        "object", "POST /topics/{id}/objections", _S, NEIGHBOUR, FileObjection, AnyObject,
        "Object", status=201, built=False,
    ),
    Operation(
        "answerObjection", "POST /objections/{id}/answers", _S, _DESK, AnswerObjection, AnyObject,
        "Answer an objection", status=201, built=False,
    ),
    Operation(
        "markObjection", "POST /objections/{id}/mark", _S, NEIGHBOUR, MarkObjection, AnyObject,
        "Say whether the answer satisfies", built=False,
    ),
    Operation(
        "listPolls", "GET /communities/{cid}/polls", _S, PERSON, ListPolls, Page[Poll],
        "The community's polls", built=False,
    ),
    Operation("getPoll", "GET /polls/{id}", _S, PERSON, OfPoll, Poll, "A poll", built=False),
    Operation(
        "castBallot", "POST /polls/{id}/ballots", _S, NEIGHBOUR, CastBallot, Receipt,
        "Cast a ballot", status=201, built=False,
    ),
    Operation(
        "issuePaper", "POST /polls/{id}/paper-issues", _S, _DESK, IssuePaper, AnyObject,
        "Hand out a paper ballot", status=201, built=False,
    ),
    Operation(
        "enterPaper", "POST /polls/{id}/paper-tallies", _S, _DESK, EnterPaper, AnyObject,
        "Enter a sheet of paper ballots", status=201, built=False,
    ),
    Operation(
        "confirmPaper", "POST /paper-tallies/{id}/confirmation", _S, _DESK, ConfirmPaper,
        AnyObject, "Confirm a sheet of paper ballots", built=False,
    ),
    Operation(
        "getResult", "GET /polls/{id}/result", _S, PERSON, OfPoll, AnyObject,
        "The result with its arithmetic", built=False,
    ),
    Operation(
        "getBulletin", "GET /polls/{id}/bulletin", _S, PUBLIC, OfPoll, AnyObject,
        "The public bulletin", built=False,
    ),
    Operation(
        "checkReceipt", "GET /receipts/{code}", _S, PUBLIC, CheckReceipt, AnyObject,
        "Look a receipt up in the bulletin", built=False,
    ),
    Operation(
        "listCovenants", "GET /communities/{cid}/covenants", _S, PERSON, ListCovenants,
        Page[AnyObject], "The community's covenants", built=False,
    ),
    Operation(
        "getCovenant", "GET /covenants/{id}", _S, PERSON, OfCovenant, AnyObject, "A covenant",
        built=False,
    ),
    Operation(
        "reportBreach", "POST /covenants/{id}/breaches", _S, NEIGHBOUR, ReportBreach, AnyObject,
        "Report that a covenant is not kept", status=201, built=False,
    ),
    Operation(
        "listSurveys", "GET /communities/{cid}/surveys", _S, PERSON, ListSurveys,
        Page[AnyObject], "The community's surveys", built=False,
    ),
    Operation(
        "createSurvey", "POST /communities/{cid}/surveys", _S, _DESK, CreateSurvey, AnyObject,
        "Make a survey", status=201, built=False,
    ),
    Operation(
        "answerSurvey", "POST /surveys/{id}/answers", _S, NEIGHBOUR, AnswerSurvey, AnyObject,
        "Answer a survey", status=201, built=False,
    ),
)  # fmt: skip
