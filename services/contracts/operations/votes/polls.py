"""Polls and ballots."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    PUBLIC,
    Command,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    Reason,
    View,
)
from services.contracts.operations.identity.electorates import SubjectKind
from services.contracts.operations.votes.common import DESK, Choice, Convener, PollState
from services.contracts.operations.votes.rules import RuleSet


class ListPolls(ListCommand):
    """The polls of a community, newest first; ``from`` and ``until``: voting touches that time.

    ``to_do``: those alone with which something is left to do, whoever has to do it.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    cid: Id
    state: PollState | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    to_do: bool = False


class OfPoll(Command):
    """Names a poll and nothing more."""

    id: Id


class CastBallot(Command):
    """A ballot. ``subject_id`` is an entry of the roll, needed only when I have several.

    ``on_behalf_of`` is somebody else's entry, for whom I hold a written proxy. ``receipt`` is that
    of my earlier ballot, where the rules let a vote be changed: this one takes its place. The same
    Idempotency-Key brings the same receipt again; nobody but its holder can read what is kept.
    """

    id: Id
    choice: Choice
    subject_id: Id | None = None
    on_behalf_of: Id | None = None
    receipt: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class Receipt(View):
    """The proof that the ballot is in the bulletin, and none of what it said.

    ``receipt`` is the code to keep, ``url`` where anybody looks it up; a QR code shows the latter.
    The code stands behind a ``#``, so that no server and no log on the way is told it.
    """

    receipt: str
    poll_id: str
    url: str


class SentBallot(Command):
    """A ballot as the gateway sends it on: its voter's token, her Idempotency-Key, the request's
    hash, and what she sent, whose shape is looked at with the ballot itself.
    """

    token: str
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    body_hash: str = ""
    ballot: dict[str, Any]


class CastBallots(Command):
    """The ballots of one poll that arrived while earlier ones were under way."""

    id: Id
    ballots: Annotated[list[SentBallot], Field(min_length=1, max_length=200)]


class BallotAnswer(View):
    """What came of one ballot: its receipt, or the error as it travels between services.

    ``alone``: her account is not known to the roll yet; sent alone, with her token as the call's,
    the ballot is taken after asking.
    """

    receipt: Receipt | None = None
    replayed: bool = False
    error: dict[str, Any] | None = None
    alone: bool = False


class BallotAnswers(View):
    """An answer for each ballot, in the order in which they came."""

    answers: list[BallotAnswer]


class WhyNot(View):
    """Why a ballot would be refused now: the ``code`` it would be refused with, and its words."""

    code: str
    text: str


class PollSubject(View):
    """An entry of the roll that I may vote for; ``area`` in m² with two places, ``heads`` n/d.

    ``why_not`` tells why no ballot can be cast for it on the phone now, and is null while one can.
    ``may_change``: with its receipt, another ballot may take the place of the one that counts.
    """

    subject_id: str
    kind: SubjectKind
    building: str
    place: str
    area: str
    heads: str
    state: Literal["free", "online", "paper_out", "paper", "proxy", "struck"]
    why_not: WhyNot | None = None
    may_change: bool = False


class Turnout(View):
    """How many entries of the roll have voted, by channel; a proxy's vote is one online."""

    roll: int
    online: int
    paper: int
    paper_out: int
    """Papers handed out and not yet back."""


class PollHold(View):
    """What keeps the poll from opening, or its result from being published."""

    what: Literal["roll", "empty_roll", "objections", "text", "papers", "sheets", "tally"]
    text: str


PollTask = Literal[
    "roll", "notice", "answer", "voting", "counting", "publicity", "sign", "file", "done"
]
"""What comes next with a poll: its roll is drawn, and lies on display in the notice; an objection
waits for its answer; it is voted on, counted, in publicity (公示), signed by the supervisors, put
on file (备案); or nothing is left to do.
"""


class PollStep(View):
    """What people in office do with a poll; ``why_not`` while it may not be done now, or by them.

    ``correct_roll`` adds and strikes entries, ``record_proxy`` keeps a written authority, ``audit``
    reads the whole poll with what only auditors see.
    """

    do: Literal["correct_roll", "record_proxy", "void", "annul", "file", "sign_off", "audit"]
    why_not: WhyNot | None = None


class Poll(View):
    """A poll: its rules in words, the size and hash of its roll, and where I stand.

    ``my_state`` is ``free`` while one of my subjects may still vote, ``paper_out`` while one has
    its paper, ``voted`` when all have, null when I am not on the roll. In a list ``my_subjects``
    are those already known; asked for by itself a poll looks for the others, too. ``rules_hash``
    and ``roll_hash`` are empty until the opening froze them, ``head_hash`` is the bulletin's newest
    entry. ``verified`` is false while the rules rest on law whose text in force nobody confirmed.
    ``why_not`` tells why nothing can be voted on the phone here now, by me or by anybody; in a list
    it is not asked whether I am on the roll. ``task`` is what comes next, by ``task_due_at`` where
    that is a day. ``steps`` are for those who convene, supervise or audit; a list has none.
    """

    id: str
    topic_id: str
    community_id: str
    state: PollState
    title: str
    convener: Convener
    proposal: int
    rules: list[str]
    arithmetic: list[str]
    rule_set: RuleSet
    rules_hash: str
    verified: bool
    secrecy: str
    roll_state: Literal["drawing", "published", "frozen"]
    roll_size: int
    roll_hash: str
    my_subjects: list[PollSubject]
    my_state: Literal["free", "paper_out", "voted"] | None
    why_not: WhyNot | None = None
    turnout: Turnout
    head_hash: str | None
    held: list[PollHold]
    announced_at: datetime
    opens_at: datetime
    closes_at: datetime
    extended: int
    opened_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    void_reason: str | None
    task: PollTask = "done"
    task_due_at: datetime | None = None
    steps: list[PollStep] = []


class VoidPoll(Command):
    """The desk stops a poll that has no result yet; the reason is public."""

    id: Id
    reason: Reason


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listPolls", "GET /communities/{cid}/polls", "votes", PERSON, ListPolls, Page[Poll],
        "The community's polls",
    ),
    Operation(
        "getPoll", "GET /polls/{id}", "votes", PERSON, OfPoll, Poll,
        "A poll",
    ),
    Operation(
        "voidPoll", "POST /polls/{id}/void", "votes", DESK, VoidPoll, Poll,
        "Stop a poll",
    ),
    Operation(
        "castBallot", "POST /polls/{id}/ballots", "votes", NEIGHBOUR, CastBallot, Receipt,
        "Cast a ballot", status=201, secret=True,
    ),
    Operation(
        "castBallots", "INTERNAL", "votes", PUBLIC, CastBallots, BallotAnswers,
        "Ballots of a poll, each with its own voter's token", audited=True,
    ),
)  # fmt: skip
