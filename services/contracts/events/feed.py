"""What feed tells: what neighbours share."""

from services.contracts.events.base import Event


class PostPublished(Event, source="feed", type="post.published", version=1, subject="post_id"):
    """A post became visible to its community.

    ``issue_id`` is set when the post is the thread of a reported issue; ``hide_name`` when the
    author's name is not to be shown to the neighbours.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    author_id: str
    title: str
    issue_id: str | None = None
    hide_name: bool = False


class PostChanged(Event, source="feed", type="post.changed", version=1, subject="post_id"):
    """A post's text, pin or expiry changed."""

    post_id: str
    community_id: str
    path: str
    module: str


class PostRemoved(Event, source="feed", type="post.removed", version=1, subject="post_id"):
    """A post is no longer visible: deleted by its author or taken down."""

    post_id: str
    community_id: str
    path: str
    module: str


class CommentPublished(
    Event, source="feed", type="comment.published", version=1, subject="post_id"
):
    """Somebody commented on a post; ``official`` marks an answer in office."""

    comment_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    author_id: str
    post_author_id: str
    reply_to_author_id: str | None = None
    official: bool = False
    issue_id: str | None = None


class ReactionChanged(Event, source="feed", type="reaction.changed", version=1, subject="post_id"):
    """The likes of a post changed."""

    post_id: str
    community_id: str
    path: str
    module: str
    like_count: int
