"""Operations of feed: modules, posts, comments, likes; sign-ups, matching, projects, reports."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, JsonValue, StringConstraints

from services.contracts.actor import COMMITTEE
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    AnyObject,
    Body,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    _storable,
    holders,
)

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_storable),
]
CommentBody = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(_storable),
]
ModuleKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Query = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(_storable)
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(_storable)
]
Photos = Annotated[list[Id], Field(max_length=9)]
ExtraKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Extra = Annotated[dict[ExtraKey, JsonValue], Field(max_length=20)]


# -- what the caller asks for ---------------------------------------------------------------


class OfCommunity(Command):
    """Concerning one community."""

    cid: Id


class OfPost(Command):
    """Concerning one post."""

    id: Id


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


class CreateComment(OfPost):
    """Comment on a post, or reply to a comment of it."""

    body: CommentBody
    reply_to: Id | None = None


class ListComments(ListCommand):
    """The comments of a post, oldest first."""

    id: Id


class CheckIn(OfPost):
    """Check somebody in by the code of the sign-up."""

    code: Id


class CreateHandshake(OfPost):
    """Agree with the author of an offer or need, or reserve an idle thing."""

    note: Note = ""


class RecordProjectStep(OfPost):
    """Move a public-good micro-project (公益项目) on."""

    step: Literal["approve", "recruit", "progress", "done"]
    note: Note = ""
    attachments: Photos = Field(default_factory=list)


class ReportContent(OfPost):
    """Report a post to those who moderate."""

    reason: Reason


class DecideReport(Command):
    """Decide a report of content, with a reason that the author gets."""

    id: Id
    decision: Literal["keep", "take_down"]
    reason: Reason


class AppealDecision(Command):
    """Ask another person to look at the decision again."""

    id: Id
    reason: Reason


# -- what the caller gets -------------------------------------------------------------------


class Choice(View):
    """One value that a field of a module may take."""

    key: str
    name: str
    name_en: str


class ExtraField(View):
    """A field that posts of a module have besides title and body."""

    key: str
    kind: Literal["line", "text", "time", "money", "choice", "slots"]
    name: str
    name_en: str
    choices: list[Choice] = Field(default_factory=list)


class Module(View):
    """A module (栏目) of a community, and what the caller may do in it.

    ``official`` marks the modules where only offices speak; ``order`` says how lists are sorted.
    """

    key: str
    name: str
    name_en: str
    official: bool
    order: Literal["newest"]
    fields: list[ExtraField]
    may_post: bool
    may_comment: bool
    may_moderate: bool


class Modules(View):
    """The modules that a community has switched on."""

    items: list[Module]


class Author(View):
    """How an author appears to the neighbours; ``id`` is null when the name is hidden."""

    id: str | None
    display_name: str
    building_label: str
    badge_shown: bool
    role_badges: list[str]
    anonymous: bool


class HelperView(View):
    """Who reported a problem on the author's behalf (代办): "by X for Y"."""

    id: str
    display_name: str


class AttachmentView(View):
    """A file of a post."""

    id: str
    url: str
    content_type: str
    bytes: int
    sha256: str
    thumbnail_url: str | None


class Post(View):
    """A post. Text is text: clients escape it, markup in it has no meaning.

    ``official`` marks what an office said (``author_role`` names the office). In lists ``body``
    ends after 500 characters and ``body_cut`` says so. ``issue_id`` is set on the thread of a
    reported problem, ``assisted_by`` when a helper reported it and the author's name is shown.
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
    extra: dict[str, JsonValue]
    attachments: list[AttachmentView]
    pinned: bool
    issue_id: str | None
    like_count: int
    liked_by_me: bool
    comment_count: int
    created_at: datetime
    edited_at: datetime | None
    expires_at: datetime | None


class Comment(View):
    """A comment, or (``step`` set) a step of the reported problem told on its thread.

    ``official`` marks an answer in office, ``actor_role`` names the office.
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
    attachments: list[AttachmentView]
    created_at: datetime


class Likes(View):
    """The likes of a post after the call."""

    like_count: int
    liked_by_me: bool


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
        "listModules",
        "GET /communities/{cid}/modules",
        service="feed",
        who=PERSON,
        command=OfCommunity,
        result=Modules,
        summary="The modules of a community",
        cacheable=True,
        assisted=True,
    ),
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
    Operation(
        "recordProjectStep",
        "POST /posts/{id}/project-steps",
        service="feed",
        who=NEIGHBOUR,
        command=RecordProjectStep,
        result=AnyObject,
        status=201,
        summary="Move a micro-project on",
        built=False,
    ),
    Operation(
        "reportContent",
        "POST /posts/{id}/reports",
        service="feed",
        who=NEIGHBOUR,
        command=ReportContent,
        result=AnyObject,
        status=201,
        summary="Report a post",
        built=False,
    ),
    Operation(
        "decideReport",
        "POST /reports/{id}/decision",
        service="feed",
        who=_COMMITTEE,
        command=DecideReport,
        result=AnyObject,
        summary="Decide a report of content",
        built=False,
    ),
    Operation(
        "appeal",
        "POST /reports/{id}/appeals",
        service="feed",
        who=NEIGHBOUR,
        command=AppealDecision,
        result=AnyObject,
        status=201,
        summary="Appeal against a decision on content",
        built=False,
    ),
)
