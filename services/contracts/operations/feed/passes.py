"""What feed says of a reader to whoever keeps answers for many: see ADR 0026."""

from pydantic import Field

from services.contracts.operations.base import PERSON, Operation, View
from services.contracts.operations.feed.common import OfCommunity

_THREAD = "/comments"


def thread(post_id: str) -> str:
    """The id under which a pass, and what an answer is about, name the comments of a post."""
    return post_id + _THREAD


class FeedPass(View):
    """What somebody may be given of what others were answered in a community.

    ``reader`` is her kind; answers for that kind are right for her unless she has a part in what
    they are about. Empty: she is answered by feed each time. ``own`` names the posts that she wrote
    or likes, and (``<id>/comments``) the threads in which she spoke or likes something, wherever
    they are; all of them from the id ``since`` on.
    """

    reader: str = ""
    own: list[str] = Field(default_factory=list)
    since: str = ""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getFeedPass",
        "INTERNAL",
        service="feed",
        who=PERSON,
        command=OfCommunity,
        result=FeedPass,
        summary="What somebody may be given of what others were answered",
        cacheable=True,
    ),
)
