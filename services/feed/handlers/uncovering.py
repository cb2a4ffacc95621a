"""Who is behind a hidden name: told to who moderates, with a cause, and told to the person.

In one transaction with the log of the moderation and the event for identity, whose access log the
person reads: a look that cannot be told is not answered.
"""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.events import AuthorSeen
from services.contracts.operations.feed import posts as ops
from services.contracts.operations.feed.common import Author
from services.feed.domain import posts as rules
from services.feed.domain import speaking, texts
from services.feed.domain.days import day_of
from services.feed.handlers import moderation
from services.feed.handlers.common import readable, standing_of
from services.feed.models import Comment, Post
from services.feed.repository import looks as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork


def uncover_author(
    uow: UnitOfWork, cmd: ops.UncoverAuthor, actor: Actor, now: datetime
) -> ops.UncoveredAuthor:
    """Who wrote a post, or as its author a comment below it, without showing her name.

    Each asking is logged; the person is told of the first of a day. One's own name is no secret.

    Raises:
        NotAModerator: it is not the actor's to know.
        NameShown: no name is hidden here.
        Invalid: ``comment_id`` is no comment of this post.
    """
    head = readable(uow, cmd.id, actor)
    if not standing_of(uow, head, actor).moderator:
        raise rules.NotAModerator()
    if not head.hide_name or not _by_the_author(uow, cmd):
        raise rules.NameShown()
    if actor.person_id != head.author_id:
        _tell(uow, cmd, head, actor, now)
    card = directory.card(uow, head.author_id, head.community_id)
    return ops.UncoveredAuthor(
        post_id=head.id,
        comment_id=cmd.comment_id,
        author=Author(
            id=head.author_id,
            display_name=card.display_name if card else rules.UNKNOWN_NAME,
            building_label=card.building_label if card else "",
            badge_shown=card.badge_shown if card else False,
            role_badges=list(card.role_badges) if card else [],
            anonymous=True,
        ),
    )


def _by_the_author(uow: UnitOfWork, cmd: ops.UncoverAuthor) -> bool:
    """Whether what is asked about is the post's author's own; with the post locked."""
    post = uow.session.get_one(Post, cmd.id, with_for_update={"key_share": True})
    if post.state == "deleted":
        raise rules.PostNotFound()
    if cmd.comment_id is None:
        return True
    comment = uow.session.get(Comment, cmd.comment_id)
    if comment is None or comment.post_id != post.id or comment.state == "deleted":
        raise Invalid(errors=[FieldError("comment_id", "没有这条评论")])
    return comment.author_id == post.author_id


def _tell(
    uow: UnitOfWork, cmd: ops.UncoverAuthor, head: PostHead, actor: Actor, now: datetime
) -> None:
    target, target_id = ("post", head.id) if cmd.comment_id is None else ("comment", cmd.comment_id)
    last = repository.last_look(uow.session, target, target_id, actor.person_id)
    moderation.log(
        uow,
        repository.UNCOVERED,
        actor,
        now,
        target=target,
        target_id=target_id,
        community_id=head.community_id,
        path=head.path,
        reason=texts.clean_text(cmd.note),
        details={"reason": cmd.reason},
    )
    if last is not None and day_of(last) == day_of(now):
        return
    uow.emit(
        AuthorSeen(
            post_id=head.id,
            comment_id=cmd.comment_id,
            person_id=head.author_id,
            actor_id=actor.person_id,
            actor_role=str(speaking.office_of(actor, head.path)),
            community_id=head.community_id,
            path=head.path,
            reason=cmd.reason,
        )
    )
