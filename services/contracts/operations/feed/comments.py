"""Comments beneath posts: threads of two levels, answers in office, likes."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
)
from services.contracts.operations.feed.common import (
    AttachmentView,
    Author,
    CommentBody,
    Likes,
    OfPost,
    Photos,
)

# -- what the caller asks for ---------------------------------------------------------------


class CreateComment(OfPost):
    """Comment on a post, or reply to a comment of it.

    ``attachments`` are ids of the author's own uploads, at most nine.
    """

    body: CommentBody
    reply_to: Id | None = None
    attachments: Photos = Field(default_factory=list)


class ListComments(ListCommand):
    """The comments of a post, oldest first unless ``order`` says otherwise.

    ``under`` is ``roots`` for those of the first level, each with its first two replies, or the
    id of one of them for the replies beneath it; without it all come in one line. ``official``
    asks for the answers in office alone, and goes without ``under``. ``at`` begins the page with
    that comment, or with the one of the first level that it stands beneath where these are listed;
    it goes without ``cursor``.
    """

    id: Id
    under: Id | None = None
    at: Id | None = None
    order: Literal["oldest", "newest"] = "oldest"
    official: bool = False


class OfComment(Command):
    """Concerning one comment."""

    id: Id


# -- what the caller gets -------------------------------------------------------------------

CommentState = Literal["shown", "waiting", "refused", "taken_down", "deleted"]


class Comment(View):
    """A comment, or (``step`` set) a step of the reported problem told on its thread.

    ``official`` marks an answer in office, ``actor_role`` names the office; ``pinned`` ones stand
    on top of the thread. ``root_id`` is the comment of the first level that a reply belongs to.
    What was ``deleted`` or ``taken_down`` keeps its place as a line without words and author;
    author and moderators go on reading what was taken down, and alone read what is ``waiting``
    or ``refused``. ``reply_count`` counts the shown replies beneath a comment of the first level;
    ``replies`` are the first two of them, when the first level was asked for. ``muted``: an empty
    line, too, as the reader keeps away from who wrote it.
    """

    id: str
    post_id: str
    body: str
    author: Author
    actor_role: str | None
    official: bool
    by_post_author: bool
    mine: bool
    step: str | None
    reply_to: str | None
    reply_to_name: str | None
    root_id: str | None = None
    state: CommentState = "shown"
    muted: bool = False
    pinned: bool = False
    like_count: int = 0
    liked_by_me: bool = False
    reply_count: int = 0
    replies: list["Comment"] = Field(default_factory=list)
    attachments: list[AttachmentView]
    created_at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "createComment",
        "POST /posts/{id}/comments",
        service="feed",
        who=NEIGHBOUR,
        command=CreateComment,
        result=Comment,
        status=201,
        summary="Comment on a post",
    ),
    Operation(
        "listComments",
        "GET /posts/{id}/comments",
        service="feed",
        who=PERSON,
        command=ListComments,
        result=Page[Comment],
        summary="The comments of a post, oldest first",
        cacheable=True,
        assisted=True,
    ),
    Operation(
        "deleteComment",
        "DELETE /comments/{id}",
        service="feed",
        who=NEIGHBOUR,
        command=OfComment,
        result=Empty,
        summary="Delete a comment of one's own",
    ),
    Operation(
        "pinComment",
        "PUT /comments/{id}/pin",
        service="feed",
        who=NEIGHBOUR,
        command=OfComment,
        result=Comment,
        summary="Put an answer in office on top of its thread",
    ),
    Operation(
        "unpinComment",
        "DELETE /comments/{id}/pin",
        service="feed",
        who=NEIGHBOUR,
        command=OfComment,
        result=Comment,
        summary="Take an answer from the top of its thread",
    ),
    Operation(
        "likeComment",
        "PUT /comments/{id}/like",
        service="feed",
        who=NEIGHBOUR,
        command=OfComment,
        result=Likes,
        summary="Like a comment",
    ),
    Operation(
        "unlikeComment",
        "DELETE /comments/{id}/like",
        service="feed",
        who=NEIGHBOUR,
        command=OfComment,
        result=Likes,
        summary="Take the like of a comment back",
    ),
)
