"""Feed's operations: what neighbours share.

``modules`` modules · ``posts`` posts, likes · ``comments`` threads beneath posts · ``sign_ups``
events that one signs up for · ``aid`` mutual aid and idle things · ``projects`` micro-projects ·
``party`` the party garden · ``moderation`` reports, decisions, appeals · ``keeping_away`` mutes,
blocks and silences · ``suggestions`` posts that look like problems · ``passes`` what readers may
share. The words of ``common``, ``posts`` and ``comments`` stand here, too; those of the others are
imported from their module.
"""

from services.contracts.operations.base import Operation
from services.contracts.operations.feed import (
    aid,
    comments,
    keeping_away,
    ledgers,
    moderation,
    modules,
    party,
    passes,
    posts,
    projects,
    questions,
    sign_ups,
    suggestions,
)
from services.contracts.operations.feed.comments import (
    Comment,
    CreateComment,
    ListComments,
    OfComment,
)
from services.contracts.operations.feed.common import (
    AsSheet,
    AttachmentView,
    Author,
    CommentBody,
    Extra,
    ExtraKey,
    HelperView,
    Likes,
    ModuleKey,
    Note,
    OfCommunity,
    OfPost,
    Photos,
    Query,
    Sheet,
    SheetForm,
    Title,
)
from services.contracts.operations.feed.modules import Choice, ExtraField, Module, Modules
from services.contracts.operations.feed.posts import (
    CreatePost,
    ListPosts,
    Post,
    PostState,
    ThreadSource,
    UpdatePost,
)

OPERATIONS: tuple[Operation, ...] = (
    *modules.OPERATIONS,
    *posts.OPERATIONS,
    *passes.OPERATIONS,
    *comments.OPERATIONS,
    *sign_ups.OPERATIONS,
    *aid.OPERATIONS,
    *projects.OPERATIONS,
    *party.OPERATIONS,
    *moderation.OPERATIONS,
    *keeping_away.OPERATIONS,
    *suggestions.OPERATIONS,
    *ledgers.OPERATIONS,
    *questions.OPERATIONS,
)

__all__ = [
    "OPERATIONS",
    "AsSheet",
    "AttachmentView",
    "Author",
    "Choice",
    "Comment",
    "CommentBody",
    "CreateComment",
    "CreatePost",
    "Extra",
    "ExtraField",
    "ExtraKey",
    "HelperView",
    "Likes",
    "ListComments",
    "ListPosts",
    "Module",
    "ModuleKey",
    "Modules",
    "Note",
    "OfComment",
    "OfCommunity",
    "OfPost",
    "Photos",
    "Post",
    "PostState",
    "Query",
    "Sheet",
    "SheetForm",
    "ThreadSource",
    "Title",
    "UpdatePost",
]
