"""Likes of posts and comments."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import ReactionChanged
from services.contracts.operations import feed as ops
from services.feed.domain import comments
from services.feed.domain import posts as rules
from services.feed.handlers.comments import lock, shown_comment
from services.feed.handlers.common import readable, require_open
from services.feed.handlers.keeping_away import require_welcome
from services.feed.repository import likes as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork


def like(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> ops.Likes:
    """Like a post; once is enough, more often changes nothing."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    require_open(uow, head, now)
    require_welcome(uow, actor, head.path, head.id)
    new = repository.put_like(uow.session, head.id, actor.person_id, now)
    return _likes(uow, head, actor, int(new), liked=True)


def unlike(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> ops.Likes:
    """Take a like back; without one nothing changes."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    gone = repository.drop_like(uow.session, head.id, actor.person_id)
    return _likes(uow, head, actor, -int(gone), liked=False)


def _likes(uow: UnitOfWork, head: PostHead, actor: Actor, by: int, *, liked: bool) -> ops.Likes:
    count = repository.add_likes(uow.session, head.id, by)
    if count is None:
        raise rules.PostNotFound()
    if by:
        uow.emit(_reaction(head, count, actor))
    return ops.Likes(like_count=count, liked_by_me=liked)


def like_comment(uow: UnitOfWork, cmd: ops.OfComment, actor: Actor, now: datetime) -> ops.Likes:
    """Like a comment; once is enough, more often changes nothing."""
    head, likes = _thread_of(uow, cmd, actor)
    require_open(uow, head, now)
    require_welcome(uow, actor, head.path, head.id, cmd.id)
    found = repository.like_comment(uow.session, cmd.id, actor.person_id, now)
    return _comment_likes(uow, head, actor, likes, found, liked=True)


def unlike_comment(uow: UnitOfWork, cmd: ops.OfComment, actor: Actor) -> ops.Likes:
    """Take the like of a comment back; without one nothing changes."""
    head, likes = _thread_of(uow, cmd, actor)
    found = repository.unlike_comment(uow.session, cmd.id, actor.person_id)
    return _comment_likes(uow, head, actor, likes, found, liked=False)


def _thread_of(uow: UnitOfWork, cmd: ops.OfComment, actor: Actor) -> tuple[PostHead, int]:
    _, head = shown_comment(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    return head, lock(uow, head)


def _comment_likes(
    uow: UnitOfWork,
    head: PostHead,
    actor: Actor,
    likes_of_post: int,
    found: tuple[int, bool] | None,
    *,
    liked: bool,
) -> ops.Likes:
    if found is None:
        raise comments.CommentNotFound()
    count, changed = found
    if changed:
        uow.emit(_reaction(head, likes_of_post, actor))
    return ops.Likes(like_count=count, liked_by_me=liked)


def _reaction(head: PostHead, like_count: int, actor: Actor) -> ReactionChanged:
    return ReactionChanged(
        post_id=head.id,
        community_id=head.community_id,
        path=head.path,
        module=head.module,
        like_count=like_count,
        person_id=actor.person_id,
    )
