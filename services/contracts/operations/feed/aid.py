"""Mutual aid and idle things: what fits, and the handshakes of both."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.actor import COMMITTEE
from services.contracts.events.feed import HandshakeState
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.feed.common import Author, Note, OfCommunity, OfPost, WhyNot

AidKind = Literal["offer", "need", "idle"]
AidState = Literal["open", "reserved", "closed", "gone"]
Step = Literal["agree", "decline", "cancel", "done", "thank", "no_show"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$")]

# -- what the caller asks for ---------------------------------------------------------------


class Slot(View):
    """Hours of a weekday (1 is Monday); ``to`` 23:59 is the end of the day."""

    weekday: int = Field(ge=1, le=7)
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")


Slots = Annotated[list[Slot], Field(max_length=21)]


class ListMatches(ListCommand):
    """What fits my offer or need ``id``, the best first."""

    id: Id


class UpdateAid(OfPost):
    """Close an offer, need or thing of mine, or open it again."""

    open: bool


class CreateHandshake(OfPost):
    """Agree with the author of an offer or need, or reserve an idle thing.

    ``slots`` are the hours that would suit. Where children are concerned ``confirmed_safety`` says
    that I have read the advice (see getAid).
    """

    note: Note = ""
    slots: Slots = Field(default_factory=list)
    confirmed_safety: bool = False


class ListHandshakes(ListCommand):
    """The handshakes of a post: all to its author, my own otherwise; newest first."""

    id: Id


class ListMyHandshakes(ListCommand):
    """My handshakes, on my posts and on others'; those that moved last come first.

    ``open`` leaves out those that are over.
    """

    open: bool = False


class OfHandshake(Command):
    """Concerning one handshake."""

    id: Id


class StepHandshake(OfHandshake):
    """Move a handshake on.

    ``note`` goes to the other one; of ``thank`` it is shown to all. ``close_post`` with ``agree``:
    nobody else is looked for. ``confirmed_safety`` as in createHandshake, with ``agree``.
    """

    step: Step
    note: Note = ""
    close_post: bool = False
    confirmed_safety: bool = False


class ListOfCommunity(ListCommand):
    """A list of one community."""

    cid: Id


class ClearNoShows(OfCommunity):
    """The committee's word that somebody may ask and agree again."""

    person_id: Id
    note: Reason


# -- what the caller gets -------------------------------------------------------------------


class AidMark(View):
    """What a post is besides its words, as lists show it; getAid tells the rest."""

    kind: AidKind
    state: AidState


class MatchReasons(View):
    """Why something fits: the same kind of skill, minutes a week in common, how near by."""

    skill: bool
    minutes: int
    distance: Literal["building", "estate", "community"]


class MatchedPost(View):
    """The post that fits; ``helped_count`` is how often its author was thanked here for help."""

    id: str
    title: str
    kind: AidKind
    skill_kind: str | None
    skill: str
    slots: list[Slot]
    author: Author
    helped_count: int | None
    created_at: datetime


class Match(View):
    """Something that fits."""

    post: MatchedPost
    reasons: MatchReasons


class Handshake(View):
    """Two neighbours on one offer, need or thing.

    ``helper`` is who helps or gives, ``missed_by`` who did not come, ``due_at`` when time itself
    ends it, ``object_by`` until when the other one may object to ``done_by``'s word (no_show).
    ``helped_count`` is how often the helper was thanked here; null when the name is hidden.
    """

    id: str
    post_id: str
    community_id: str
    title: str
    kind: AidKind
    state: HandshakeState
    role: Literal["author", "asker"] | None
    author: Author
    asker: Author
    helper: Literal["author", "asker"]
    helped_count: int | None
    minors: bool
    note: str
    slots: list[Slot]
    thanks: str
    done_by: Literal["author", "asker"] | None
    missed_by: Literal["author", "asker"] | None
    asked_at: datetime
    changed_at: datetime
    due_at: datetime | None
    object_by: datetime | None


class HandshakeStep(View):
    """A step; ``by`` null is time itself."""

    state: HandshakeState
    by: Literal["author", "asker"] | None
    note: str
    at: datetime


class Advice(View):
    """A sentence that whoever agrees on help for children confirms to have read."""

    zh: str
    en: str


class HandshakeAction(View):
    """A step that leads on from where a handshake stands, and whether the caller may take it."""

    step: Step
    may: bool
    why_not: WhyNot | None


class HandshakeStory(Handshake):
    """A handshake with its steps, the first one first, and what comes next.

    ``actions`` are empty for who is neither of the two, ``advice`` unless ``minors``.
    """

    steps: list[HandshakeStep]
    actions: list[HandshakeAction] = Field(default_factory=list)
    advice: list[Advice] = Field(default_factory=list)


class Thanks(View):
    """Public thanks."""

    by: Author
    to: Author
    text: str
    at: datetime


class Aid(View):
    """What of a post is an offer, a need or a thing, and how it stands.

    ``state``: ``reserved`` and ``gone`` are an idle thing's, ``closed`` is its author's word.
    ``advice`` is empty unless ``minors``. The newest twenty thanks are here, and their number.
    """

    post_id: str
    kind: AidKind
    skill_kind: str | None
    any_time: bool
    minors: bool
    state: AidState
    open: bool
    helped_count: int | None
    advice: list[Advice]
    thanked_count: int
    thanks: list[Thanks]
    my_handshake: Handshake | None


class MinorsAid(View):
    """Help that concerns children, as the committee watches over it.

    ``flagged_at`` is when it was posted, or when somebody last did not come.
    """

    post_id: str
    title: str
    kind: AidKind
    skill_kind: str | None
    state: AidState
    author: Author
    created_at: datetime
    flagged_at: datetime
    no_shows: int
    handshakes: list[Handshake]


class NoShows(View):
    """Somebody who did not come too often; ``count`` within the time that counts."""

    person: Author
    count: int
    last_at: datetime


_COMMITTEE = holders(*COMMITTEE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listMatches",
        "GET /posts/{id}/matches",
        service="feed",
        who=NEIGHBOUR,
        command=ListMatches,
        result=Page[Match],
        summary="Offers that fit a need, needs that fit an offer",
    ),
    Operation(
        "getAid",
        "GET /posts/{id}/aid",
        service="feed",
        who=PERSON,
        command=OfPost,
        result=Aid,
        summary="How an offer, a need or an idle thing stands",
    ),
    Operation(
        "updateAid",
        "PATCH /posts/{id}/aid",
        service="feed",
        who=NEIGHBOUR,
        command=UpdateAid,
        result=Aid,
        summary="Close an offer, a need or an idle thing, or open it again",
    ),
    Operation(
        "createHandshake",
        "POST /posts/{id}/handshakes",
        service="feed",
        who=NEIGHBOUR,
        command=CreateHandshake,
        result=Handshake,
        status=201,
        summary="Agree on help, or reserve an idle thing",
    ),
    Operation(
        "listHandshakes",
        "GET /posts/{id}/handshakes",
        service="feed",
        who=NEIGHBOUR,
        command=ListHandshakes,
        result=Page[Handshake],
        summary="The handshakes of a post",
    ),
    Operation(
        "listMyHandshakes",
        "GET /me/handshakes",
        service="feed",
        who=PERSON,
        command=ListMyHandshakes,
        result=Page[Handshake],
        summary="My handshakes",
    ),
    Operation(
        "getHandshake",
        "GET /handshakes/{id}",
        service="feed",
        who=NEIGHBOUR,
        command=OfHandshake,
        result=HandshakeStory,
        summary="One handshake with its steps",
    ),
    Operation(
        "stepHandshake",
        "POST /handshakes/{id}/steps",
        service="feed",
        who=NEIGHBOUR,
        command=StepHandshake,
        result=Handshake,
        status=201,
        summary="Move a handshake on",
    ),
    Operation(
        "listMinorsAid",
        "GET /communities/{cid}/minors-aid",
        service="feed",
        who=_COMMITTEE,
        command=ListOfCommunity,
        result=Page[MinorsAid],
        summary="Help that concerns children",
    ),
    Operation(
        "listNoShows",
        "GET /communities/{cid}/no-shows",
        service="feed",
        who=_COMMITTEE,
        command=ListOfCommunity,
        result=Page[NoShows],
        summary="Who did not come too often",
    ),
    Operation(
        "clearNoShows",
        "POST /communities/{cid}/no-show-clearances",
        service="feed",
        who=_COMMITTEE,
        command=ClearNoShows,
        result=Empty,
        status=201,
        summary="Let somebody ask and agree again",
    ),
)
