"""Who keeps away from whom (屏蔽, 拉黑), and who may not write for a time (禁言)."""

from datetime import datetime
from typing import Literal

from services.contracts.actor import COMMITTEE
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.feed.comments import OfComment
from services.contracts.operations.feed.common import Author, OfPost

DistanceKind = Literal["mute", "block"]

# -- what the caller asks for ---------------------------------------------------------------


class SetDistance(Command):
    """Keep away from somebody: ``mute`` hides what she says, ``block`` also keeps her from mine."""

    person_id: Id
    kind: DistanceKind


class KeepFromAuthor(OfPost):
    """Keep away from who wrote a post, also when she hides her name."""

    kind: DistanceKind


class KeepFromCommenter(OfComment):
    """Keep away from who wrote a comment, also when she hides her name."""

    kind: DistanceKind


class DropDistance(Command):
    """Keep away no longer; the person's id, or that of the entry in the list."""

    person_id: Id


class SilencePerson(Command):
    """Keep somebody from writing in a community, at most 30 days; she is told why."""

    cid: Id
    person_id: Id
    until: Moment
    reason: Reason


class OfSilence(Command):
    """Concerning one silence."""

    id: Id


class ListSilences(ListCommand):
    """The silences of a community, the newest first."""

    cid: Id


# -- what the caller gets -------------------------------------------------------------------


class Distance(View):
    """Somebody I keep away from.

    Who hid her name stays hidden: ``person`` has no id then, ``post_id`` or ``comment_id`` is
    where I met her, and it concerns only what she says without her name; each post in which I did
    is an entry of its own. The sternest of them counts, and each is dropped by itself.
    """

    id: str
    kind: DistanceKind
    person: Author
    post_id: str | None
    comment_id: str | None
    since: datetime


class Silence(View):
    """Somebody may not write in the community until a time, unless it was ended before."""

    id: str
    community_id: str
    person_id: str
    display_name: str
    reason: str
    since: datetime
    until: datetime
    ended_at: datetime | None


_COMMITTEE = holders(*COMMITTEE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "setDistance",
        "PUT /me/distances/{person_id}",
        service="feed",
        who=NEIGHBOUR,
        command=SetDistance,
        result=Distance,
        summary="Mute or block somebody",
    ),
    Operation(
        "keepFromAuthor",
        "PUT /posts/{id}/author-distance",
        service="feed",
        who=NEIGHBOUR,
        command=KeepFromAuthor,
        result=Distance,
        summary="Mute or block the author of a post",
    ),
    Operation(
        "keepFromCommenter",
        "PUT /comments/{id}/author-distance",
        service="feed",
        who=NEIGHBOUR,
        command=KeepFromCommenter,
        result=Distance,
        summary="Mute or block the author of a comment",
    ),
    Operation(
        "dropDistance",
        "DELETE /me/distances/{person_id}",
        service="feed",
        who=PERSON,
        command=DropDistance,
        result=Empty,
        summary="Mute or block somebody no longer",
    ),
    Operation(
        "listMyDistances",
        "GET /me/distances",
        service="feed",
        who=PERSON,
        command=ListCommand,
        result=Page[Distance],
        summary="Whom I mute and block",
    ),
    Operation(
        "silencePerson",
        "POST /communities/{cid}/silences",
        service="feed",
        who=_COMMITTEE,
        command=SilencePerson,
        result=Silence,
        status=201,
        summary="Keep somebody from writing for a time",
    ),
    Operation(
        "liftSilence",
        "DELETE /silences/{id}",
        service="feed",
        who=_COMMITTEE,
        command=OfSilence,
        result=Silence,
        summary="Let somebody write again",
    ),
    Operation(
        "listSilences",
        "GET /communities/{cid}/silences",
        service="feed",
        who=_COMMITTEE,
        command=ListSilences,
        result=Page[Silence],
        summary="Who may not write, and until when",
    ),
    Operation(
        "listMySilences",
        "GET /me/silences",
        service="feed",
        who=PERSON,
        command=ListCommand,
        result=Page[Silence],
        summary="Where I may not write, why and until when",
    ),
)
