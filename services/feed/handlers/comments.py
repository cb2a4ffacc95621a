"""Comments beneath a post: said, read, deleted, put on top."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.events import CommentPublished
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty
from services.feed.domain import comments as rules
from services.feed.domain import posts, speaking, texts
from services.feed.handlers import keeping_away, mentioning, moderation, readers
from services.feed.handlers.common import (
    Uploads,
    attached,
    changed,
    module_of,
    readable,
    require_open,
    standing_of,
)
from services.feed.models import Comment, Post
from services.feed.repository import comment_places
from services.feed.repository import comments as repository
from services.feed.repository import moderation as cases
from services.feed.repository.comments import CommentHead
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def create_comment(
    uow: UnitOfWork, cmd: ops.CreateComment, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Comment on a post; what somebody says in an office is official.

    A reply to a reply stands beneath the same comment of the first level. What the lexicon hits, or
    a module that is looked at before holds back, is neither counted nor told of before it is shown.

    Raises:
        MayNotComment: the module is not open to this person.
        PostOver, ModuleOff: see ``require_open``.
        Silenced, KeptAway: she may not write here now, or not to this neighbour.
        Invalid: ``reply_to`` is no comment of this post, or is not shown any more; an upload is
            not there, or not hers.
        WordsRefused: it holds what is not published here.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    module = module_of(uow, head)
    if not speaking.allows(module.comment, actor, head.path):
        raise speaking.MayNotComment()
    require_open(uow, head, now)
    hidden = head.hide_name and head.author_id == actor.person_id
    office = None if hidden else speaking.office_in(module, actor, head.path)
    keeping_away.require_voice(uow, actor, head.community_id, now, in_office=office is not None)
    keeping_away.require_welcome(uow, actor, head.path, head.id, cmd.reply_to)
    body = texts.required("body", texts.clean_text(cmd.body))
    files = attached(uploads, cmd.attachments, actor.person_id)
    finding = moderation.check({"body": body}, office=office is not None)
    waits = moderation.why_waiting(
        module,
        finding,
        actor,
        head.path,
        office=office is not None,
        is_issue=head.issue_id is not None,
    )
    moment = _moment(uow, head, now, shown=waits is None)
    parent = _parent(uow, head.id, cmd.reply_to) if cmd.reply_to else None
    root_id = (parent.root_id or parent.id) if parent else None
    if root_id is not None and waits is None:
        repository.count_reply(uow.session, root_id)
    comment = Comment(
        id=new_id(),
        post_id=head.id,
        author_id=actor.person_id,
        actor_role=office or "",
        official=office is not None,
        body=body,
        attachments=files,
        reply_to=cmd.reply_to,
        root_id=root_id,
        state="shown" if waits is None else "waiting",
        created_at=moment,
    )
    uow.session.add(comment)
    uow.session.flush()
    if waits is None:
        publish(uow, head, comment, parent.author_id if parent else None)
    if waits is not None or finding.level is not None:
        content = moderation.Content(uow.session.get_one(Post, head.id), comment)
        moderation.written(uow, content, waits, finding, now)
    return JsonText(repository.comment_json(uow.session, comment.id, actor.person_id))


def publish(
    uow: UnitOfWork, head: PostHead | Post, comment: Comment, reply_to_author: str | None
) -> None:
    """Tell of a comment that the neighbours see now; its thread is locked, and it is counted."""
    uow.emit(
        CommentPublished(
            comment_id=comment.id,
            post_id=head.id,
            community_id=head.community_id,
            path=head.path,
            module=head.module,
            author_id=comment.author_id or "",
            post_author_id=head.author_id,
            reply_to_author_id=reply_to_author,
            official=comment.official,
            issue_id=head.issue_id,
            mentions=mentioning.mentioned(
                uow,
                head.community_id,
                comment.author_id or "",
                comment.body,
                hidden=head.hide_name and head.author_id == comment.author_id,
                official=comment.official,
            ),
        )
    )


def _moment(uow: UnitOfWork, head: PostHead, now: datetime, *, shown: bool) -> datetime:
    """When a comment is said; the thread is locked, and counts one that is shown."""
    say = repository.count_comment if shown else repository.moment_unseen
    moment = say(uow.session, head.id, now)
    if moment is None:
        raise posts.PostNotFound()
    return moment


def list_comments(uow: UnitOfWork, cmd: ops.ListComments, actor: Actor, now: datetime) -> JsonText:
    """A page of a post's comments; see ``ListComments``.

    Raises:
        CommentNotFound: ``under`` is no comment of the first level of this post, or ``at`` none
            that the list has.
        Invalid: answers in office stand in one line, not ``under`` anything; a page begins at one
            place.
    """
    head = readable(uow, cmd.id, actor)
    if cmd.under is not None:
        if cmd.official:
            raise Invalid(errors=[FieldError("under", "官方答复不分层级，请去掉 under")])
        if cmd.under != "roots" and not comment_places.is_root(uow.session, cmd.under, head.id):
            raise rules.CommentNotFound()
    if cmd.at is not None and cmd.cursor is not None:
        raise Invalid(errors=[FieldError("at", "at 和 cursor 只能用一个")])
    page = repository.comments_page(
        uow.session,
        post_id=head.id,
        me=actor.eyes,
        moderator=standing_of(uow, head, actor).moderator,
        limit=cmd.limit,
        cursor=cmd.cursor,
        under=cmd.under,
        order=cmd.order,
        official=cmd.official,
        at=cmd.at,
    )
    if head.state != "shown":
        return JsonText(page)
    place = directory.community(uow, head.community_id)
    return readers.said(uow, page, actor, place, (head.id,), now, threads=True)


def delete_comment(uow: UnitOfWork, cmd: ops.OfComment, actor: Actor, now: datetime) -> Empty:
    """Take one's own words back, wherever one lives by now.

    The line stays, so that answers to it stay readable; what nobody has seen yet leaves none.

    Raises:
        CommentNotFound: none such, not hers to see, or it is gone already, also with its post.
        NotTheCommentsAuthor, StepOfAnIssue: see ``rules.check_deletion``.
    """
    comment = repository.comment_head(uow.session, cmd.id)
    if comment is None or comment.author_id != actor.person_id:
        comment, head = shown_comment(uow, cmd.id, actor)
        directory.require_member(uow, actor, head.community_id)
    rules.check_deletion(mine=comment.author_id == actor.person_id, step=comment.step)
    post = uow.session.get_one(Post, comment.post_id, with_for_update={"key_share": True})
    case = cases.open_case(uow.session, "comment", comment.id)
    comment = repository.comment_head(uow.session, comment.id)  # as it is under the lock
    if post.state == "deleted" or comment is None or comment.state not in rules.TAKEN_BACK:
        raise rules.CommentNotFound()
    repository.change_state(
        uow.session,
        comment,
        rules.DELETED,
        by=actor.person_id,
        now=now,
        unseen=case is not None and not case.was_shown,
    )
    if comment.state == rules.SHOWN and post.state == "shown":
        uow.emit(moderation.told(moderation.Content(post)))
    return Empty()


def pin_comment(uow: UnitOfWork, cmd: ops.OfComment, actor: Actor, now: datetime) -> JsonText:
    """Put an answer in office on top of its thread; pinned again it keeps its place."""
    return _pin(uow, cmd.id, actor, now)


def unpin_comment(uow: UnitOfWork, cmd: ops.OfComment, actor: Actor) -> JsonText:
    """Let an answer stand in the thread alone."""
    return _pin(uow, cmd.id, actor, None)


def _pin(uow: UnitOfWork, comment_id: str, actor: Actor, at: datetime | None) -> JsonText:
    comment, head = shown_comment(uow, comment_id, actor)
    directory.require_member(uow, actor, head.community_id)
    if not standing_of(uow, head, actor).moderator:
        raise posts.NotAModerator()
    rules.check_pin(official=comment.official, step=comment.step)
    lock(uow, head)
    if not repository.pin(uow.session, comment.id, at):
        raise rules.CommentNotFound()
    uow.emit(changed(head))
    return JsonText(
        repository.comment_json(uow.session, comment.id, actor.person_id, moderator=True)
    )


def shown_comment(uow: UnitOfWork, comment_id: str, actor: Actor) -> tuple[CommentHead, PostHead]:
    """A comment that neighbours may act on, and its post.

    Raises:
        CommentNotFound: it is not there, not shown, or beneath a post that the actor cannot see.
    """
    comment = repository.comment_head(uow.session, comment_id)
    if comment is None or comment.state != rules.SHOWN:
        raise rules.CommentNotFound()
    try:
        head = readable(uow, comment.post_id, actor)
    except posts.PostNotFound:
        raise rules.CommentNotFound() from None
    return comment, head


def lock(uow: UnitOfWork, head: PostHead) -> int:
    """Lock a thread until the commit, as all do who change what stands in it; the post's likes.

    Raises:
        CommentNotFound: the post is not shown any more, and so are its comments.
    """
    likes = repository.lock_thread(uow.session, head.id)
    if likes is None:
        raise rules.CommentNotFound()
    return likes


def _parent(uow: UnitOfWork, post_id: str, comment_id: str) -> CommentHead:
    parent = repository.comment_head(uow.session, comment_id)
    if parent is None or parent.post_id != post_id or parent.state not in rules.ONCE_SHOWN:
        raise Invalid(errors=[FieldError("reply_to", "没有这条评论")])
    if parent.state != rules.SHOWN:
        raise Invalid(errors=[FieldError("reply_to", "这条评论已不再显示，不能回复")])
    return parent
