"""Posts and their likes."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from services.contracts.actor import COMMITTEE
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Body,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
    holders,
)
from services.contracts.operations.feed.comments import Comment
from services.contracts.operations.feed.common import (
    AttachmentView,
    Author,
    Extra,
    HelperView,
    Likes,
    ModuleKey,
    OfCommunity,
    OfPost,
    Photos,
    Query,
    Title,
)

# -- what the caller asks for ---------------------------------------------------------------


class CreatePost(OfCommunity):
    """Publish a post; ``module``, ``title`` and ``body`` are enough in every module.

    ``attachments`` are ids of the author's own uploads, at most nine. ``extra`` holds the fields
    that the module has besides (see listModules). ``hide_name`` shows 匿名邻居 to the others.
    """

    module: ModuleKey
    title: Title
    body: Body
    attachments: Photos = Field(default_factory=list)
    extra: Extra = Field(default_factory=dict)
    hide_name: bool = False
    expires_at: AwareDatetime | None = None


class UpdatePost(OfPost):
    """Change a post: the author its content, a moderator its pin and expiry.

    A field that is absent or null stays as it is; ``never_expires`` takes an end away again.
    """

    title: Title | None = None
    body: Body | None = None
    attachments: Photos | None = None
    extra: Extra | None = None
    pinned: bool | None = None
    expires_at: AwareDatetime | None = None
    never_expires: bool = False


class ListPosts(ListCommand):
    """The posts of a community, newest first.

    ``q`` searches title and body; several words must all occur.
    """

    cid: Id
    module: ModuleKey | None = None
    q: Query | None = None


# -- what the caller gets -------------------------------------------------------------------


PostState = Literal["shown", "waiting", "refused", "taken_down"]


class Post(View):
    """A post. Text is text: clients escape it, markup in it has no meaning.

    ``official`` marks what an office said (``author_role`` names the office). In lists ``body``
    ends after 500 characters and ``body_cut`` says so. ``issue_id`` is set on the thread of a
    reported problem, ``assisted_by`` when a helper reported it and the author's name is shown.
    ``answers`` are at most three answers in office, the pinned ones first, then the newest; lists
    have none. What is not ``shown`` is seen by its author and the moderators: ``waiting`` for a
    moderator, ``refused`` by one, or ``taken_down``.
    """

    id: str
    community_id: str
    module: str
    title: str
    body: str
    body_cut: bool
    author: Author
    assisted_by: HelperView | None = None
    author_role: str | None
    official: bool
    mine: bool
    hide_name: bool
    state: PostState = "shown"
    extra: dict[str, JsonValue]
    attachments: list[AttachmentView]
    pinned: bool
    issue_id: str | None
    like_count: int
    liked_by_me: bool
    comment_count: int
    answers: list[Comment] = Field(default_factory=list)
    created_at: datetime
    edited_at: datetime | None
    expires_at: datetime | None


class ThreadSource(View):
    """A post as the committee's issue desk takes it over; only between services.

    ``author_id`` is named even when the post hides it from the neighbours: the person becomes
    the reporter of the issue, and may go on hiding there.
    """

    id: str
    community_id: str
    path: str
    module: str
    title: str
    body: str
    author_id: str | None
    hide_name: bool
    attachments: list[dict[str, JsonValue]]
    issue_id: str | None
    created_at: datetime


_COMMITTEE = holders(*COMMITTEE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "createPost",
        "POST /communities/{cid}/posts",
        service="feed",
        who=NEIGHBOUR,
        command=CreatePost,
        result=Post,
        status=201,
        summary="Publish a post",
    ),
    Operation(
        "listPosts",
        "GET /communities/{cid}/posts",
        service="feed",
        who=PERSON,
        command=ListPosts,
        result=Page[Post],
        summary="The posts of a community, newest first",
        cacheable=True,
        assisted=True,
    ),
    Operation(
        "getPost",
        "GET /posts/{id}",
        service="feed",
        who=PERSON,
        command=OfPost,
        result=Post,
        summary="One post",
        cacheable=True,
        assisted=True,
    ),
    Operation(
        "updatePost",
        "PATCH /posts/{id}",
        service="feed",
        who=NEIGHBOUR,
        command=UpdatePost,
        result=Post,
        summary="Change a post",
    ),
    Operation(
        "deletePost",
        "DELETE /posts/{id}",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=Empty,
        summary="Delete a post",
    ),
    Operation(
        "like",
        "PUT /posts/{id}/like",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=Likes,
        summary="Like a post",
    ),
    Operation(
        "unlike",
        "DELETE /posts/{id}/like",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=Likes,
        summary="Take a like back",
    ),
    Operation(
        "getThreadSource",
        "INTERNAL",
        service="feed",
        who=_COMMITTEE,
        command=OfPost,
        result=ThreadSource,
        summary="A post as it becomes an issue",
    ),
)
