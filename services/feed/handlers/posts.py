"""Posts: published, read, changed, deleted."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import PostOffered, PostPublished, PostRemoved
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty
from services.feed.domain import fields, search, speaking, texts
from services.feed.domain import posts as rules
from services.feed.domain.modules import GUIDES, Module
from services.feed.handlers import aid, keeping_away, mentioning, moderation, readers, sign_up_ends
from services.feed.handlers.common import (
    Uploads,
    attached,
    catalogue,
    changed,
    module_of,
    own_or_readable,
    readable,
    require_going_on,
    standing_of,
)
from services.feed.models import Post
from services.feed.repository import post_lists as lists
from services.feed.repository import posts as repository
from services.feed.repository.versions import keep_version
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def create_post(
    uow: UnitOfWork, cmd: ops.CreatePost, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Publish a post, or let it wait for a moderator.

    Raises:
        ModuleOff: the community has no such module.
        MayNotPost: the module is for others to write in.
        Silenced: she may not write here now.
        KeptAway: whom it thanks has blocked her.
        WordsRefused: it holds what is not published here.
        Invalid: an extra field, a tag, an upload, whom it thanks or the expiry is not right.
    """
    community = directory.community(uow, cmd.cid)
    directory.require_member(uow, actor, cmd.cid)
    module = speaking.open_module(
        catalogue(uow, cmd.cid), community.kind, community.modules, cmd.module
    )
    if not speaking.allows(module.post, actor, community.path):
        raise speaking.MayNotPost()
    office = None if cmd.hide_name else speaking.office_in(module, actor, community.path)
    keeping_away.require_voice(uow, actor, community.id, now, in_office=office is not None)
    rules.check_expiry(cmd.expires_at, now)
    extra = fields.read_extra(module, cmd.extra)
    post = Post(
        id=new_id(),
        community_id=community.id,
        path=community.path,
        module=module.key,
        author_id=actor.person_id,
        author_role=office or "",
        title=texts.required("title", texts.clean_line(cmd.title)),
        body=texts.required("body", texts.clean_text(cmd.body)),
        extra=extra,
        attachments=attached(uploads, cmd.attachments, actor.person_id),
        tags=rules.clean_tags(cmd.tags),
        praised_id=_praised(uow, cmd, extra, actor, in_office=office is not None),
        hide_name=cmd.hide_name,
        expires_at=cmd.expires_at,
        active_at=now,
        created_at=now,
    )
    finding = moderation.check(moderation.fields_of(post), office=office is not None)
    waits = moderation.why_waiting(
        module, finding, actor, community.path, office=office is not None
    )
    post.state = "shown" if waits is None else "waiting"
    uow.session.add(post)
    uow.session.flush()
    aid.follow(uow, post, module, new=True)
    if waits is None:
        publish(uow, post)
    moderation.written(uow, moderation.Content(post), waits, finding, now)
    return post_text(uow, post.id, actor, now)


def publish(uow: UnitOfWork, post: Post) -> None:
    """Tell of a post that the neighbours see now; told once, when it becomes ``shown``."""
    uow.emit(
        PostPublished(
            post_id=post.id,
            community_id=post.community_id,
            path=post.path,
            module=post.module,
            author_id=post.author_id,
            title=post.title,
            issue_id=post.issue_id,
            hide_name=post.hide_name,
            praised_id=post.praised_id,
            official=bool(post.author_role),
            mentions=mentioning.mentioned(
                uow,
                post.community_id,
                post.author_id,
                post.title,
                post.body,
                hidden=post.hide_name,
                official=bool(post.author_role),
            ),
            praise=post.extra.get(rules.KIND) == rules.PRAISE,
        )
    )
    _offer(uow, post)


def _offer(uow: UnitOfWork, post: Post) -> None:
    """Ask whether a shown text is a problem, where such turn up and nobody has taken it up.

    Offers and needs of neighbours are only read along: what many need concerns the community.
    """
    module = catalogue(uow, post.community_id).of(post.module)
    if post.issue_id is None and module.works & {"offer", "aid"}:
        uow.emit(
            PostOffered(
                post_id=post.id,
                community_id=post.community_id,
                path=post.path,
                module=post.module,
                post_version=post.version,
                title=post.title,
                body=post.body,
                author_id=post.author_id,
                asks="offer" in module.works,
            )
        )


def _praised(
    uow: UnitOfWork, cmd: ops.CreatePost, extra: dict[str, Any], actor: Actor, *, in_office: bool
) -> str | None:
    """Whom a new post thanks, if she is there to be thanked and has not blocked its author."""
    card = directory.card(uow, cmd.praised_id, cmd.cid) if cmd.praised_id else None
    present = card is not None and card.present
    rules.check_praise(cmd.praised_id, extra, actor.person_id, present=present)
    if cmd.praised_id and not in_office:
        keeping_away.require_welcome_with(uow, actor, cmd.praised_id, hidden=cmd.hide_name)
    return cmd.praised_id


def list_posts(uow: UnitOfWork, cmd: ops.ListPosts, actor: Actor, now: datetime) -> JsonText:
    """A page of a community's posts; see ``ListPosts``.

    Raises:
        NotAModerator: what is not shown is asked for, and nothing here is the actor's to moderate.
        Invalid: the community has no such module, or the list cannot be ordered like this.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    here = catalogue(uow, cmd.cid)
    asked = lists.Asked(actor.eyes, now, cmd.limit, cmd.cursor)
    if cmd.mine:
        keys = None if cmd.module is None else [cmd.module]
        page = lists.written_page(
            uow.session,
            asked,
            community_id=cmd.cid,
            author_id=actor.eyes,
            modules=keys,
            state=cmd.state,
        )
        return JsonText(page)
    shown = list(here.switched_on(community.kind, community.modules))
    if cmd.module is not None:
        wanted = speaking.known_module(here, cmd.module)
        shown = [module for module in shown if module == wanted]
    if cmd.state is not None:
        shown = list(here.by_key.values()) if cmd.module is None else [wanted]
        mine = [m.key for m in shown if speaking.may_moderate(m, actor, community.path)]
        if not mine:
            raise rules.NotAModerator()
        page = lists.unshown_page(
            uow.session, asked, community_id=cmd.cid, modules=mine, state=cmd.state
        )
        return JsonText(page)
    listed = lists.posts_page(
        uow.session,
        asked,
        community_id=cmd.cid,
        modules=[module.key for module in shown],
        words=search.words(cmd.q),
        tag=None if cmd.tag is None else rules.clean_tags([cmd.tag])[0],
        stale=cmd.stale,
        order=rules.check_order(cmd.order, wanted if cmd.module else None),
    )
    if cmd.q is not None or cmd.stale:  # hardly asked twice; and what time makes stale comes to it
        return JsonText(listed.text)
    return readers.said(uow, listed.text, actor, community, listed.ids, now)


def get_post(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> JsonText:
    """One post."""
    head = readable(uow, cmd.id, actor)
    post = post_text(uow, cmd.id, actor, now)
    if head.state != "shown":
        return post
    place = directory.community(uow, head.community_id)
    return readers.said(uow, post, actor, place, (head.id,), now, threads=True)


def update_post(
    uow: UnitOfWork, cmd: ops.UpdatePost, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Change what the command names; see ``check_change`` for who may change what.

    Raises:
        PostOver, ModuleOff: its words stay then; see ``require_going_on``.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    named = cmd.model_dump(exclude_defaults=True, exclude={"id"})
    rules.check_change(named, standing_of(uow, head, actor), is_issue=head.issue_id is not None)
    module = module_of(uow, head)
    changes = _changes(cmd, module, actor, now, uploads)
    if rules.CONTENT_FIELDS & changes.keys():
        ends = changes.get("expires_at", head.expires_at)
        require_going_on(uow, replace(head, expires_at=ends), now)
    if rules.CONTENT_FIELDS & changes.keys():
        office = None if head.hide_name else speaking.office_in(module, actor, head.path)
        in_office = office is not None
        keeping_away.require_voice(uow, actor, head.community_id, now, in_office=in_office)
    if changes:
        post = uow.session.get_one(Post, head.id, with_for_update={"key_share": True})
        if post.state == "deleted":
            raise rules.PostNotFound()
        if cmd.pinned and post.pinned_at is not None:
            del changes["pinned_at"]  # pinned already: it keeps its place
        changes = {name: new for name, new in changes.items() if new != getattr(post, name)}
    if changes:
        rewritten = {name: changes[name] for name in rules.CONTENT_FIELDS & changes.keys()}
        if rewritten:
            aid.check_edit(uow, post, rewritten)
            rewrite(uow, post, rewritten, actor, now)
        for name, value in changes.items():
            setattr(post, name, value)
        uow.session.flush()
        if "expires_at" in changes:
            sign_up_ends.follow(uow, post.id)
        if rewritten:
            aid.follow(uow, post, module)
            _look_again(uow, post, module, actor, now)
        if post.state == "shown":
            uow.emit(changed(head))
            if rewritten:
                _offer(uow, post)
    return post_text(uow, head.id, actor, now)


def rewrite(
    uow: UnitOfWork, post: Post, changes: dict[str, Any], actor: Actor, now: datetime
) -> None:
    """Give a locked post a new text; the one before goes into its history.

    Whom it thanks is forgotten when it is no praise any more, and a guide that was written anew
    was looked at.
    """
    keep_version(uow.session, post)
    for name, value in changes.items():
        setattr(post, name, value)
    post.version += 1
    post.edited_at, post.edited_by = now, actor.person_id
    if post.extra.get(rules.KIND) != rules.PRAISE:
        post.praised_id = None
    if post.module == GUIDES:
        post.checked_at = now


def _look_again(uow: UnitOfWork, post: Post, module: Module, actor: Actor, now: datetime) -> None:
    """A new text is looked at as a new post is; it may have to wait, too."""
    office = bool(post.author_role)
    finding = moderation.check(moderation.fields_of(post), office=office)
    waits = moderation.why_waiting(module, finding, actor, post.path, office=office)
    moderation.edited(uow, post, waits, finding, now)


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
    if cmd.tags is not None:
        changes["tags"] = rules.clean_tags(cmd.tags)
    if cmd.never_expires or cmd.expires_at is not None:
        rules.check_expiry(cmd.expires_at, now)
        changes["expires_at"] = None if cmd.never_expires else cmd.expires_at
    if cmd.pinned is not None:
        changes["pinned_at"] = now if cmd.pinned else None
    return changes


def delete_post(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor, now: datetime) -> Empty:
    """Take a post of one's own away from everybody's eyes.

    Raises:
        MayNotDelete: it is somebody else's; who moderates takes it down.
        ThreadOfAnIssue, OnRecord: others rely on what it carries.
    """
    head = own_or_readable(uow, cmd.id, actor)
    if head.author_id != actor.person_id:
        raise rules.MayNotDelete()
    post = uow.session.get_one(Post, head.id, with_for_update={"key_share": True})
    if post.state == "deleted":
        raise rules.PostNotFound()
    if post.issue_id is not None:
        raise rules.ThreadOfAnIssue()
    if repository.on_record(uow.session, post.id):
        raise rules.OnRecord()
    was_shown = post.state == "shown"
    post.state, post.pinned_at = "deleted", None
    post.removed_at, post.removed_by = now, actor.person_id
    uow.session.flush()
    sign_up_ends.end(uow, head.id, "deleted", now)
    if was_shown:
        uow.emit(
            PostRemoved(
                post_id=head.id, community_id=head.community_id, path=head.path, module=head.module
            )
        )
    return Empty()


def post_text(uow: UnitOfWork, post_id: str, actor: Actor, now: datetime) -> JsonText:
    """A post that the actor may read, as she sees it."""
    found = repository.post_json(uow.session, post_id, actor.eyes, now)
    if found is None:
        raise rules.PostNotFound()
    return JsonText(found)
