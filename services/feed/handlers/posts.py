"""Posts: published, read, changed, deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import PostPublished, PostRemoved
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty
from services.feed.domain import fields, speaking, texts
from services.feed.domain import posts as rules
from services.feed.domain.modules import Module
from services.feed.handlers.common import (
    Uploads,
    attached,
    catalogue,
    changed,
    module_of,
    readable,
    standing_of,
)
from services.feed.models import Post
from services.feed.repository import posts as repository
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


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
    module = speaking.open_module(
        catalogue(uow, cmd.cid), community.kind, community.modules, cmd.module
    )
    if not speaking.allows(module.post, actor, community.path):
        raise speaking.MayNotPost()
    rules.check_expiry(cmd.expires_at, now)
    office = None if cmd.hide_name else speaking.office_of(actor, community.path)
    post = Post(
        id=new_id(),
        community_id=community.id,
        path=community.path,
        module=module.key,
        author_id=actor.person_id,
        author_role=office or "",
        title=texts.required("title", texts.clean_line(cmd.title)),
        body=texts.required("body", texts.clean_text(cmd.body)),
        extra=fields.read_extra(module, cmd.extra),
        attachments=attached(uploads, cmd.attachments, actor.person_id),
        hide_name=cmd.hide_name,
        expires_at=cmd.expires_at,
        active_at=now,
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
    here = catalogue(uow, cmd.cid)
    shown = [m.key for m in here.switched_on(community.kind, community.modules)]
    if cmd.module is not None:
        shown = [key for key in shown if key == speaking.known_module(here, cmd.module).key]
    page = repository.posts_page(
        uow.session,
        community_id=cmd.cid,
        modules=shown,
        words=texts.search_words(cmd.q),
        me=actor.eyes,
        now=now,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def get_post(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> JsonText:
    """One post."""
    readable(uow, cmd.id, actor)
    return _post(uow, cmd.id, actor)


def update_post(
    uow: UnitOfWork, cmd: ops.UpdatePost, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Change what the command names; see ``check_change`` for who may change what."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    named = cmd.model_dump(exclude_defaults=True, exclude={"id"})
    rules.check_change(named, standing_of(uow, head, actor), is_issue=head.issue_id is not None)
    changes = _changes(cmd, module_of(uow, head), actor, now, uploads)
    if changes:
        post = uow.session.get_one(Post, head.id, with_for_update=True)
        if post.state == "deleted":
            raise rules.PostNotFound()
        if "pinned_at" in changes and post.pinned_at is not None and cmd.pinned:
            del changes["pinned_at"]  # pinned already: it keeps its place
        for name, value in changes.items():
            setattr(post, name, value)
        uow.session.flush()
        uow.emit(changed(head))
    return _post(uow, head.id, actor)


def _changes(
    cmd: ops.UpdatePost,
    module: Module,
    actor: Actor,
    now: datetime,
    uploads: Uploads,
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if cmd.title is not None:
        changes["title"] = texts.required("title", texts.clean_line(cmd.title))
    if cmd.body is not None:
        changes["body"] = texts.required("body", texts.clean_text(cmd.body))
    if cmd.extra is not None:
        changes["extra"] = fields.read_extra(module, cmd.extra)
    if cmd.attachments is not None:
        changes["attachments"] = attached(uploads, cmd.attachments, actor.person_id)
    if changes:
        changes["edited_at"] = now
    if cmd.never_expires or cmd.expires_at is not None:
        rules.check_expiry(cmd.expires_at, now)
        changes["expires_at"] = None if cmd.never_expires else cmd.expires_at
    if cmd.pinned is not None:
        changes["pinned_at"] = now if cmd.pinned else None
    return changes


def delete_post(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> Empty:
    """Take a post away from everybody's eyes; its author may, and who moderates the module."""
    head = readable(uow, cmd.id, actor)
    standing = standing_of(uow, head, actor)
    if not (standing.author or standing.moderator):
        raise rules.MayNotDelete()
    removed = uow.session.execute(
        text(
            "UPDATE feed_posts SET state = 'deleted', removed_at = :now, removed_by = :by, "
            "pinned_at = NULL WHERE id = :id AND state <> 'deleted'"
        ),
        {"id": head.id, "now": now, "by": actor.person_id},
    )
    if not removed.rowcount:  # type: ignore[attr-defined]
        raise rules.PostNotFound()
    uow.emit(
        PostRemoved(
            post_id=head.id, community_id=head.community_id, path=head.path, module=head.module
        )
    )
    return Empty()


def _post(uow: UnitOfWork, post_id: str, actor: Actor) -> JsonText:
    found = repository.post_json(uow.session, post_id, actor.eyes)
    if found is None:
        raise rules.PostNotFound()
    return JsonText(found)
