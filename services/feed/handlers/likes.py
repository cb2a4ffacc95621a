"""Likes of posts."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import ReactionChanged
from services.contracts.operations import feed as ops
from services.feed.domain import posts as rules
from services.feed.handlers.common import readable
from services.feed.repository import likes as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork


def like(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> ops.Likes:
    """Like a post; once is enough, more often changes nothing."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    new = repository.put_like(uow.session, head.id, actor.person_id, now)
    return _likes(uow, head, int(new), liked=True)


def unlike(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> ops.Likes:
    """Take a like back; without one nothing changes."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    gone = repository.drop_like(uow.session, head.id, actor.person_id)
    return _likes(uow, head, -int(gone), liked=False)


def _likes(uow: UnitOfWork, head: PostHead, by: int, *, liked: bool) -> ops.Likes:
    count = repository.add_likes(uow.session, head.id, by)
    if count is None:
        raise rules.PostNotFound()
    if by:
        uow.emit(
            ReactionChanged(
                post_id=head.id,
                community_id=head.community_id,
                path=head.path,
                module=head.module,
                like_count=count,
            )
        )
    return ops.Likes(like_count=count, liked_by_me=liked)
