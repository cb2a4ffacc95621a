"""Use-cases of feed: load, ask the rules, save, tell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import text

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError, Forbidden, Invalid, NotFound
from services.contracts.events import (
    Attachment,
    CommentPublished,
    PostChanged,
    PostPublished,
    PostRemoved,
    ReactionChanged,
)
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty
from services.feed import domain, modules, repository
from services.feed.models import Comment, Post
from services.kit.blobs import BlobMeta
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


class Uploads(Protocol):
    """Where uploads are looked up (``kit.blobs.BlobStore``)."""

    def meta(self, upload_id: str) -> BlobMeta | None:
        """What is stored under the id; None when nothing is."""


# -- modules ------------------------------------------------------------------------------------


def list_modules(uow: UnitOfWork, cmd: ops.OfCommunity, actor: Actor) -> ops.Modules:
    """The modules of a community, with what the actor may do in each."""
    community = directory.require_reader(uow, actor, cmd.cid)
    card = directory.card(uow, actor.person_id, cmd.cid)
    member = card is not None and card.present and not (actor.is_observer or actor.acted_by)
    return ops.Modules(
        items=[
            _module_view(module, actor, community.path, member)
            for module in modules.switched_on(community.kind, community.modules)
        ]
    )


def _module_view(module: modules.Module, actor: Actor, path: str, member: bool) -> ops.Module:
    return ops.Module(
        key=module.key,
        name=module.name,
        name_en=module.name_en,
        official=module.official,
        order=module.order,
        fields=[
            ops.ExtraField(
                key=field.key,
                kind=field.kind,
                name=field.name,
                name_en=field.name_en,
                choices=[
                    ops.Choice(key=c.key, name=c.name, name_en=c.name_en) for c in field.choices
                ],
            )
            for field in module.extra
        ],
        may_post=member and domain.allows(module.post, actor, path),
        may_comment=member and domain.allows(module.comment, actor, path),
        may_moderate=member and domain.may_moderate(module, actor, path),
    )


# -- posts --------------------------------------------------------------------------------------


def create_post(
    uow: UnitOfWork, cmd: ops.CreatePost, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Publish a post.

    Raises:
        ModuleOff: the community has no such module.
        MayNotPost: the module is for others to write in.
        Invalid: an extra field, an upload or the expiry is not right.
    """
    community = directory.community(uow, cmd.cid)
    directory.require_member(uow, actor, cmd.cid)
    module = domain.open_module(community.kind, community.modules, cmd.module)
    if not domain.allows(module.post, actor, community.path):
        raise domain.MayNotPost()
    domain.check_expiry(cmd.expires_at, now)
    office = None if cmd.hide_name else domain.office_of(actor, community.path)
    post = Post(
        id=new_id(),
        community_id=community.id,
        path=community.path,
        module=module.key,
        author_id=actor.person_id,
        author_role=office or "",
        title=domain.required("title", domain.clean_line(cmd.title)),
        body=domain.required("body", domain.clean_text(cmd.body)),
        extra=domain.read_extra(module, cmd.extra),
        attachments=_attached(uploads, cmd.attachments, actor.person_id),
        hide_name=cmd.hide_name,
        expires_at=cmd.expires_at,
        created_at=now,
    )
    uow.session.add(post)
    uow.session.flush()
    uow.emit(
        PostPublished(
            post_id=post.id,
            community_id=post.community_id,
            path=post.path,
            module=post.module,
            author_id=post.author_id,
            title=post.title,
            hide_name=post.hide_name,
        )
    )
    return _post(uow, post.id, actor)


def list_posts(uow: UnitOfWork, cmd: ops.ListPosts, actor: Actor, now: datetime) -> JsonText:
    """A page of a community's posts, newest first."""
    community = directory.require_reader(uow, actor, cmd.cid)
    shown = [m.key for m in modules.switched_on(community.kind, community.modules)]
    if cmd.module is not None:
        shown = [key for key in shown if key == domain.known_module(cmd.module).key]
    page = repository.posts_page(
        uow.session,
        community_id=cmd.cid,
        modules=shown,
        words=domain.search_words(cmd.q),
        me=actor.eyes,
        now=now,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def get_post(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> JsonText:
    """One post."""
    _readable(uow, cmd.id, actor)
    return _post(uow, cmd.id, actor)


def update_post(
    uow: UnitOfWork, cmd: ops.UpdatePost, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Change what the command names; see ``check_change`` for who may change what."""
    head = _readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    named = cmd.model_dump(exclude_defaults=True, exclude={"id"})
    domain.check_change(named, _standing(head, actor), is_issue=head.issue_id is not None)
    changes = _changes(cmd, head, actor, now, uploads)
    if changes:
        post = uow.session.get_one(Post, head.id, with_for_update=True)
        if post.removed_at is not None:
            raise domain.PostNotFound()
        if "pinned_at" in changes and post.pinned_at is not None and cmd.pinned:
            del changes["pinned_at"]  # pinned already: it keeps its place
        for name, value in changes.items():
            setattr(post, name, value)
        uow.session.flush()
        uow.emit(_changed(head))
    return _post(uow, head.id, actor)


def _changes(
    cmd: ops.UpdatePost,
    head: repository.PostHead,
    actor: Actor,
    now: datetime,
    uploads: Uploads,
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if cmd.title is not None:
        changes["title"] = domain.required("title", domain.clean_line(cmd.title))
    if cmd.body is not None:
        changes["body"] = domain.required("body", domain.clean_text(cmd.body))
    if cmd.extra is not None:
        changes["extra"] = domain.read_extra(domain.known_module(head.module), cmd.extra)
    if cmd.attachments is not None:
        changes["attachments"] = _attached(uploads, cmd.attachments, actor.person_id)
    if changes:
        changes["edited_at"] = now
    if cmd.never_expires or cmd.expires_at is not None:
        domain.check_expiry(cmd.expires_at, now)
        changes["expires_at"] = None if cmd.never_expires else cmd.expires_at
    if cmd.pinned is not None:
        changes["pinned_at"] = now if cmd.pinned else None
    return changes


def delete_post(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> Empty:
    """Take a post away from everybody's eyes; its author may, and who moderates the module."""
    head = _readable(uow, cmd.id, actor)
    standing = _standing(head, actor)
    if not (standing.author or standing.moderator):
        raise domain.MayNotDelete()
    removed = uow.session.execute(
        text(
            "UPDATE feed_posts SET removed_at = :now, removed_by = :by, pinned_at = NULL "
            "WHERE id = :id AND removed_at IS NULL"
        ),
        {"id": head.id, "now": now, "by": actor.person_id},
    )
    if not removed.rowcount:  # type: ignore[attr-defined]
        raise domain.PostNotFound()
    uow.emit(
        PostRemoved(
            post_id=head.id, community_id=head.community_id, path=head.path, module=head.module
        )
    )
    return Empty()


# -- comments -----------------------------------------------------------------------------------


def create_comment(
    uow: UnitOfWork, cmd: ops.CreateComment, actor: Actor, now: datetime
) -> JsonText:
    """Comment on a post; what somebody says in an office is official.

    Raises:
        MayNotComment: the module is not open to this person.
        Invalid: ``reply_to`` is no comment of this post.
    """
    head = _readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    if not domain.allows(domain.known_module(head.module).comment, actor, head.path):
        raise domain.MayNotComment()
    body = domain.required("body", domain.clean_text(cmd.body))
    parent_author = _author_of_parent(uow, head.id, cmd.reply_to) if cmd.reply_to else None
    hidden = head.hide_name and head.author_id == actor.person_id
    office = None if hidden else domain.office_of(actor, head.path)
    if not repository.count_comment(uow.session, head.id):
        raise domain.PostNotFound()
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
    head = _readable(uow, cmd.id, actor)
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


# -- likes --------------------------------------------------------------------------------------


def like(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> ops.Likes:
    """Like a post; once is enough, more often changes nothing."""
    head = _readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    new = repository.put_like(uow.session, head.id, actor.person_id, now)
    return _likes(uow, head, int(new), liked=True)


def unlike(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> ops.Likes:
    """Take a like back; without one nothing changes."""
    head = _readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    gone = repository.drop_like(uow.session, head.id, actor.person_id)
    return _likes(uow, head, -int(gone), liked=False)


def _likes(uow: UnitOfWork, head: repository.PostHead, by: int, *, liked: bool) -> ops.Likes:
    count = repository.add_likes(uow.session, head.id, by)
    if count is None:
        raise domain.PostNotFound()
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


# -- between services ---------------------------------------------------------------------------


def get_thread_source(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> ops.ThreadSource:
    """A post for the committee's issue desk, author named; see ``ThreadSource``."""
    head = _readable(uow, cmd.id, actor)
    if not actor.holds(COMMITTEE, head.path):
        raise Forbidden()
    post = uow.session.get_one(Post, head.id)
    return ops.ThreadSource(**{name: getattr(post, name) for name in ops.ThreadSource.model_fields})


# -- shared -------------------------------------------------------------------------------------


def _readable(uow: UnitOfWork, post_id: str, actor: Actor) -> repository.PostHead:
    """The head of a post that the actor may read; a stranger learns nothing of it."""
    head = repository.post_head(uow.session, post_id)
    if head is None:
        raise domain.PostNotFound()
    try:
        directory.require_reader(uow, actor, head.community_id)
    except NotFound:
        raise domain.PostNotFound() from None
    return head


def _post(uow: UnitOfWork, post_id: str, actor: Actor) -> JsonText:
    found = repository.post_json(uow.session, post_id, actor.eyes)
    if found is None:
        raise domain.PostNotFound()
    return JsonText(found)


def _standing(head: repository.PostHead, actor: Actor) -> domain.Standing:
    module = domain.known_module(head.module)
    return domain.Standing(
        author=head.author_id == actor.person_id,
        moderator=domain.may_moderate(module, actor, head.path),
    )


def _changed(head: repository.PostHead) -> PostChanged:
    return PostChanged(
        post_id=head.id, community_id=head.community_id, path=head.path, module=head.module
    )


def _attached(uploads: Uploads, ids: Sequence[str], owner: str) -> list[dict[str, Any]]:
    """The uploads with these ids as they are kept; they must exist and be the author's own."""
    found: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    for number, upload_id in enumerate(dict.fromkeys(ids)):
        meta = uploads.meta(upload_id)
        if meta is None or meta.owner != owner:
            errors.append(FieldError(f"attachments.{number}", "没有这个文件"))
            continue
        attachment = Attachment(
            id=meta.id,
            url=meta.url,
            content_type=meta.content_type,
            bytes=meta.bytes,
            sha256=meta.sha256,
            thumbnail_url=meta.thumbnail_url,
        )
        found.append(attachment.model_dump())
    if errors:
        raise Invalid(errors=errors)
    return found
