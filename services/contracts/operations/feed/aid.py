"""Mutual aid and idle things: matches and handshakes."""

from services.contracts.operations.base import NEIGHBOUR, AnyObject, Operation
from services.contracts.operations.feed.common import Note, OfPost


class CreateHandshake(OfPost):
    """Agree with the author of an offer or need, or reserve an idle thing."""

    note: Note = ""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listMatches",
        "GET /posts/{id}/matches",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=AnyObject,
        summary="Offers that fit a need, needs that fit an offer",
        built=False,
    ),
    Operation(
        "createHandshake",
        "POST /posts/{id}/handshakes",
        service="feed",
        who=NEIGHBOUR,
        command=CreateHandshake,
        result=AnyObject,
        status=201,
        summary="Agree on help, or reserve an idle thing",
        built=False,
    ),
)
