"""Posts and their likes."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from services.contracts.actor import COMMITTEE
from services.contracts.events.looks import Reason as LookReason
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Body,
    Empty,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    View,
    holders,
)
from services.contracts.operations.feed.aid import AidMark
from services.contracts.operations.feed.comments import Comment
from services.contracts.operations.feed.common import (
    AttachmentView,
    Author,
    Extra,
    HelperView,
    Likes,
    ModuleKey,
    Note,
    OfCommunity,
    OfPost,
    Photos,
    Query,
    Tag,
    Tags,
    Title,
)
from services.contracts.operations.feed.modules import ModuleOrder

UnshownState = Literal["waiting", "refused", "taken_down"]

# -- what the caller asks for ---------------------------------------------------------------


class CreatePost(OfCommunity):
    """Publish a post; ``module``, ``title`` and ``body`` are enough in every module.

    ``attachments`` are ids of the author's own uploads, at most nine. ``extra`` holds the fields
    that the module has besides (see listModules). ``hide_name`` shows 匿名邻居 to the others.
    ``praised_id`` is the neighbour that a post of the kind ``praise`` thanks.
    """

    module: ModuleKey
    title: Title
    body: Body
    attachments: Photos = Field(default_factory=list)
    extra: Extra = Field(default_factory=dict)
    tags: Tags = Field(default_factory=list)
    praised_id: Id | None = None
    hide_name: bool = False
    expires_at: Moment | None = None


class UpdatePost(OfPost):
    """Change a post: the author its content, a moderator its pin and expiry.

    A field that is absent or null stays as it is; ``never_expires`` takes an end away again. The
    text that it had stays in its history. Whom a post thanks is said once; it is forgotten when
    the post is no praise any more.
    """

    title: Title | None = None
    body: Body | None = None
    attachments: Photos | None = None
    extra: Extra | None = None
    tags: Tags | None = None
    pinned: bool | None = None
    expires_at: Moment | None = None
    never_expires: bool = False


class ListPosts(ListCommand):
    """The posts of a community, the pinned ones first, then the newest.

    ``q`` searches title and body; several words must all occur. With a ``module``, ``order`` is
    the module's unless it is named here; titles are ordered by code point. ``stale`` asks for the
    service guides that somebody should look at again. ``state`` asks for what is not shown: for
    moderators in what they moderate, with ``mine`` for one's own. ``mine`` asks for all that I
    wrote here, whatever its state, also in modules that are switched off; newest first.
    """

    cid: Id
    module: ModuleKey | None = None
    q: Query | None = None
    tag: Tag | None = None
    order: ModuleOrder | None = None
    state: UnshownState | None = None
    mine: bool = False
    stale: bool = False
    cursor: str | None = Field(default=None, max_length=1_000)  # it may hold a title


class ListPostVersions(ListCommand):
    """The texts that a post had, the present one first."""

    id: Id
    limit: int = Field(default=10, ge=1, le=20)


class UncoverAuthor(OfPost):
    """Ask who is behind a hidden name, with a cause; she can read who asked.

    ``comment_id`` asks about a comment of hers below the post. ``note`` goes into the log of the
    moderation.
    """

    reason: LookReason
    note: Note = ""
    comment_id: Id | None = None


class CheckGuide(OfPost):
    """Say that a service guide is still right, and until when if it has an end."""

    valid_until: Moment | None = None


# -- what the caller gets -------------------------------------------------------------------


PostState = Literal["shown", "waiting", "refused", "taken_down"]


class Praised(View):
    """Whom a post thanks."""

    id: str
    display_name: str
    building_label: str
    role_badges: list[str]


class Post(View):
    """A post. Text is text: clients escape it, markup in it has no meaning.

    ``official`` marks what an office said (``author_role`` names the office). In lists ``body``
    ends after 500 characters and ``body_cut`` says so, the texts in ``extra`` after 200 and
    ``extra_cut`` says so. ``issue_id`` is set on the thread of a reported problem, ``assisted_by``
    when a helper reported it and the author's name is shown. ``answers`` are at most three answers
    in office, the pinned ones first, then the newest; lists have none. What is not ``shown`` is
    seen by its author and the moderators: ``waiting`` for a moderator, ``refused`` by one, or
    ``taken_down``. ``version`` counts its texts. Of a service guide ``checked_at`` is when the
    committee last looked at it, ``check_by`` when it should again, ``stale`` whether that time is
    over. ``signs_up``: one signs up for what it announces (see getSignUpEvent).
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
    extra_cut: bool = False
    aid: AidMark | None = None
    signs_up: bool = False
    tags: list[str] = Field(default_factory=list)
    praised: Praised | None = None
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
    version: int = 1
    checked_at: datetime | None = None
    check_by: datetime | None = None
    stale: bool = False


class Piece(View):
    """Sentences that stayed, went or came."""

    op: Literal["same", "removed", "added"]
    text: str


class Change(View):
    """What was changed of ``title``, ``body``, ``tags``, ``attachments`` or ``extra.<field>``."""

    field: str
    pieces: list[Piece]


class PostVersion(View):
    """A text of a post; ``changes`` are against the one before, none for the first."""

    version: int
    title: str
    body: str
    extra: dict[str, JsonValue]
    tags: list[str]
    attachments: list[AttachmentView]
    written_at: datetime
    changes: list[Change]


class UncoveredAuthor(View):
    """Who wrote a post, or as its author a comment below it, without showing her name."""

    post_id: str
    comment_id: str | None
    author: Author


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
        "listPostVersions",
        "GET /posts/{id}/versions",
        service="feed",
        who=PERSON,
        command=ListPostVersions,
        result=Page[PostVersion],
        summary="The texts that a post had",
    ),
    Operation(
        "uncoverAuthor",
        "POST /posts/{id}/author",
        service="feed",
        who=PERSON,
        command=UncoverAuthor,
        result=UncoveredAuthor,
        summary="Who is behind a hidden name",
        secret=True,
    ),
    Operation(
        "checkGuide",
        "PUT /posts/{id}/check",
        service="feed",
        who=NEIGHBOUR,
        command=CheckGuide,
        result=Post,
        summary="Say that a service guide is still right",
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
