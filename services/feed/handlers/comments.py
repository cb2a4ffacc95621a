"""Comments beneath a post."""

from datetime import datetime

from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.events import CommentPublished
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.feed.domain import posts as rules
from services.feed.domain import speaking, texts
from services.feed.handlers.common import readable
from services.feed.models import Comment
from services.feed.repository import comments as repository
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def create_comment(
    uow: UnitOfWork, cmd: ops.CreateComment, actor: Actor, now: datetime
) -> JsonText:
    """Comment on a post; what somebody says in an office is official.

    Raises:
        MayNotComment: the module is not open to this person.
        Invalid: ``reply_to`` is no comment of this post.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    if not speaking.allows(speaking.known_module(head.module).comment, actor, head.path):
        raise speaking.MayNotComment()
    body = texts.required("body", texts.clean_text(cmd.body))
    parent_author = _author_of_parent(uow, head.id, cmd.reply_to) if cmd.reply_to else None
    hidden = head.hide_name and head.author_id == actor.person_id
    office = None if hidden else speaking.office_of(actor, head.path)
    if not repository.count_comment(uow.session, head.id, now):
        raise rules.PostNotFound()
    comment = Comment(
        id=new_id(),
        post_id=head.id,
        author_id=actor.person_id,
        actor_role=office or "",
        official=office is not None,
        body=body,
        reply_to=cmd.reply_to,
        created_at=now,
    )
    uow.session.add(comment)
    uow.session.flush()
    uow.emit(
        CommentPublished(
            comment_id=comment.id,
            post_id=head.id,
            community_id=head.community_id,
            path=head.path,
            module=head.module,
            author_id=actor.person_id,
            post_author_id=head.author_id,
            reply_to_author_id=parent_author,
            official=comment.official,
            issue_id=head.issue_id,
        )
    )
    return JsonText(repository.comment_json(uow.session, comment.id, actor.person_id))


def list_comments(uow: UnitOfWork, cmd: ops.ListComments, actor: Actor) -> JsonText:
    """A page of a post's comments, oldest first."""
    head = readable(uow, cmd.id, actor)
    page = repository.comments_page(
        uow.session, post_id=head.id, me=actor.eyes, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


def _author_of_parent(uow: UnitOfWork, post_id: str, comment_id: str) -> str | None:
    parent = uow.session.execute(
        text("SELECT author_id FROM feed_comments WHERE id = :id AND post_id = :post"),
        {"id": comment_id, "post": post_id},
    ).first()
    if parent is None:
        raise Invalid(errors=[FieldError("reply_to", "没有这条评论")])
    author: str | None = parent.author_id
    return author
