"""Events that one signs up for: places, the waiting list, sharing a stall, checking in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.feed import SignUpState
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    View,
)
from services.contracts.operations.feed.common import (
    AsSheet,
    Author,
    HelperView,
    Note,
    OfPost,
    Sheet,
)

Unit = Literal["person", "family", "stall"]
Heads = Annotated[int, Field(ge=1, le=50)]
Capacity = Annotated[int, Field(ge=1, le=100_000)]

# -- what the caller asks for ---------------------------------------------------------------


class PutSignUpEvent(OfPost):
    """Let neighbours sign up for what a post announces, or change how.

    A place is a ``unit``; there are ``capacity`` of them (null: no limit), and each sign-up may
    bring ``heads_each`` people. A ``shareable`` stall may be taken by two families. What is left
    out takes its default again. ``closed`` takes no more sign-ups; who waits still moves up.
    """

    unit: Unit
    capacity: Capacity | None = None
    heads_each: Heads = 1
    shareable: bool = False
    opens_at: Moment | None = None
    deadline: Moment | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    closed: bool = False


class PutSignUp(OfPost):
    """Sign up, or accept an invitation to share a place; without a free place, wait for one.

    Once is enough: again it is the same part. ``heads`` and ``note`` (for the organiser) stay as
    they are when they are left out.
    """

    heads: Heads | None = None
    note: Note | None = None


class InviteToSignUp(OfPost):
    """Share one's place with a neighbour who has none; a later invitation replaces an open one."""

    person_id: Id


class CheckIn(OfPost):
    """Check in: oneself by the code at the entrance, somebody else by that person's own code."""

    code: Id


class ListSignUps(ListCommand):
    """Who comes, in the order of arrival."""

    id: Id
    state: SignUpState | None = None


class ListMySignUps(Command):
    """Events that I take part in, or wait for, and that are not over; the next one first."""


class ExportSignUps(OfPost, AsSheet):
    """Who comes and who waits, as a table of what neighbours know of each other."""


# -- what the caller gets -------------------------------------------------------------------


class MySignUp(View):
    """The caller's part in an event.

    ``place_in_line`` counts from 1 while she waits. ``shares_with`` are those on the same place;
    ``invited_by`` is who invited her and waits for an answer. ``stall`` is the stall's number.
    """

    id: str
    state: SignUpState
    heads: int
    note: str
    stall: int | None
    place_in_line: int | None
    shares_with: list[str]
    invited_by: str | None
    assisted_by: HelperView | None
    signed_at: datetime
    moved_up_at: datetime | None
    checked_in_at: datetime | None


class SignUpEvent(View):
    """The sign-up that a post carries.

    ``taken`` counts places; ``parties`` the sign-ups on them (two families on one stall are two)
    and ``heads`` the people whom they bring. ``why_not`` is the code of the error that signing up
    would end in now (null: it would not), ``full`` that it would end on the waiting list.
    ``code`` is for the entrance, so only the organiser and the moderators get it.
    """

    post_id: str
    unit: Unit
    capacity: int | None
    heads_each: int
    shareable: bool
    opens_at: datetime | None
    deadline: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    closed: bool
    taken: int
    waiting: int
    parties: int
    heads: int
    checked_in: int
    full: bool
    may_sign_up: bool
    why_not: str | None
    may_manage: bool
    code: str | None
    mine: MySignUp | None


class MyEvent(View):
    """An event with my part in it; ``place_in_line`` counts from 1 while I wait."""

    post_id: str
    community_id: str
    module: str
    title: str
    state: SignUpState
    heads: int
    stall: int | None
    place_in_line: int | None
    starts_at: datetime | None
    ends_at: datetime | None


class MyEvents(View):
    """At most 50 events."""

    items: list[MyEvent]


class SignUp(View):
    """Somebody's part in an event, for the organiser. Rows with one ``place_id`` share a place."""

    id: str
    person: Author
    state: SignUpState
    heads: int
    note: str
    place_id: str
    stall: int | None
    place_in_line: int | None
    invited_by: str | None
    assisted_by: HelperView | None
    signed_at: datetime
    moved_up_at: datetime | None
    checked_in_at: datetime | None


class SignUpCode(View):
    """One's own code, which the organiser types or scans at the entrance."""

    code: str


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "putSignUpEvent",
        "PUT /posts/{id}/sign-up-event",
        service="feed",
        who=NEIGHBOUR,
        command=PutSignUpEvent,
        result=SignUpEvent,
        summary="Let neighbours sign up",
    ),
    Operation(
        "getSignUpEvent",
        "GET /posts/{id}/sign-up-event",
        service="feed",
        who=PERSON,
        command=OfPost,
        result=SignUpEvent,
        summary="An event that one signs up for",
        assisted=True,
    ),
    Operation(
        "signUp",
        "PUT /posts/{id}/sign-up",
        service="feed",
        who=NEIGHBOUR,
        command=PutSignUp,
        result=SignUpEvent,
        summary="Sign up for an event",
        assisted=True,
    ),
    Operation(
        "cancelSignUp",
        "DELETE /posts/{id}/sign-up",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=SignUpEvent,
        summary="Take a sign-up back",
        assisted=True,
    ),
    Operation(
        "inviteToSignUp",
        "POST /posts/{id}/sign-up/invitations",
        service="feed",
        who=NEIGHBOUR,
        command=InviteToSignUp,
        result=SignUpEvent,
        status=201,
        summary="Share a place with a neighbour",
    ),
    Operation(
        "getSignUpCode",
        "GET /posts/{id}/sign-up/code",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=SignUpCode,
        summary="One's own code for the entrance",
    ),
    Operation(
        "checkIn",
        "POST /posts/{id}/check-ins",
        service="feed",
        who=NEIGHBOUR,
        command=CheckIn,
        result=SignUp,
        status=201,
        summary="Check in at an event",
    ),
    Operation(
        "listSignUps",
        "GET /posts/{id}/sign-ups",
        service="feed",
        who=NEIGHBOUR,
        command=ListSignUps,
        result=Page[SignUp],
        summary="Who comes to an event",
    ),
    Operation(
        "listMySignUps",
        "GET /me/sign-ups",
        service="feed",
        who=PERSON,
        command=ListMySignUps,
        result=MyEvents,
        summary="What I have signed up for",
    ),
    Operation(
        "exportSignUps",
        "GET /posts/{id}/sign-ups/export",
        service="feed",
        who=NEIGHBOUR,
        command=ExportSignUps,
        result=Sheet,
        summary="Who comes to an event, as a table",
    ),
)
