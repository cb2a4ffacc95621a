"""Events that one signs up for."""

from services.contracts.operations.base import NEIGHBOUR, AnyObject, Id, Operation
from services.contracts.operations.feed.common import OfPost


class CheckIn(OfPost):
    """Check somebody in by the code of the sign-up."""

    code: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "signUp",
        "PUT /posts/{id}/sign-up",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=AnyObject,
        summary="Sign up for an event",
        built=False,
        assisted=True,
    ),
    Operation(
        "cancelSignUp",
        "DELETE /posts/{id}/sign-up",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=AnyObject,
        summary="Take a sign-up back",
        built=False,
        assisted=True,
    ),
    Operation(
        "checkIn",
        "POST /posts/{id}/check-ins",
        service="feed",
        who=NEIGHBOUR,
        command=CheckIn,
        result=AnyObject,
        status=201,
        summary="Check in at an event",
        built=False,
    ),
)
