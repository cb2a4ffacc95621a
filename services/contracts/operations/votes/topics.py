"""Topics: from a neighbour's question to what is put to the vote."""

from datetime import datetime
from typing import Any, Literal

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    AnyObject,
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
from services.contracts.operations.votes.common import DESK, Convener, TopicState


class RaiseTopic(Command):
    """A neighbour raises a question (议题).

    ``aim`` amend or repeal names the covenant that it is about.
    """

    cid: Id
    title: Line
    body: Body
    from_post_id: Id | None = None
    convener: Convener = "residents_committee"
    aim: Literal["new", "amend", "repeal"] = "new"
    covenant_id: Id | None = None


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


class AdvanceTopic(Command):
    """Lead a topic on to its next state; the chain may not allow it."""

    id: Id
    to: TopicState
    reason: Reason | None = None


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


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "raiseTopic", "POST /communities/{cid}/topics", "votes", NEIGHBOUR, RaiseTopic, Topic,
        "Raise a topic", status=201, built=False,
    ),
    Operation(
        "listTopics", "GET /communities/{cid}/topics", "votes", PERSON, ListTopics, Page[Topic],
        "The community's topics", built=False,
    ),
    Operation(
        "getTopic", "GET /topics/{id}", "votes", PERSON, OfTopic, Topic,
        "A topic", built=False,
    ),
    Operation(
        "secondTopic", "PUT /topics/{id}/second", "votes", NEIGHBOUR, OfTopic, AnyObject,
        "Second a topic", built=False,
    ),
    Operation(
        "screenTopic", "POST /topics/{id}/screening", "votes", DESK, ScreenTopic, Topic,
        "Screen a topic", built=False,
    ),
    Operation(
        "advanceTopic", "POST /topics/{id}/advance", "votes", DESK, AdvanceTopic, Topic,
        "Lead a topic on", built=False,
    ),
)  # fmt: skip
