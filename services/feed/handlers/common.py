"""What the use-cases share: who may read a post, what somebody is to it, its files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid, NotFound
from services.contracts.events import Attachment, PostChanged
from services.feed.domain import own_modules, posts, speaking
from services.feed.domain.modules import Module
from services.feed.domain.own_modules import Catalogue
from services.feed.repository.modules import said_of_modules
from services.feed.repository.posts import PostHead, post_head
from services.kit.blobs import BlobMeta
from services.kit.uow import UnitOfWork


class Uploads(Protocol):
    """Where uploads are looked up (``kit.blobs.BlobStore``)."""

    def meta(self, upload_id: str) -> BlobMeta | None:
        """What is stored under the id; None when nothing is."""


def catalogue(uow: UnitOfWork, community_id: str) -> Catalogue:
    """The modules of a community, asked for once in a unit of work."""
    kept: dict[str, Catalogue] = uow.session.info.setdefault("feed.catalogues", {})
    if community_id not in kept:
        kept[community_id] = own_modules.resolve(said_of_modules(uow.session, community_id))
    return kept[community_id]


def module_of(uow: UnitOfWork, head: PostHead) -> Module:
    """The module in which a post stands, as its community has it."""
    return catalogue(uow, head.community_id).of(head.module)


def readable(uow: UnitOfWork, post_id: str, actor: Actor) -> PostHead:
    """The head of a post that the actor may read; a stranger learns nothing of it."""
    head = post_head(uow.session, post_id)
    if head is None:
        raise posts.PostNotFound()
    try:
        directory.require_reader(uow, actor, head.community_id)
    except NotFound:
        raise posts.PostNotFound() from None
    if head.state != "shown" and not sees_unshown(uow, head, actor):
        raise posts.PostNotFound()
    return head


def own_or_readable(uow: UnitOfWork, post_id: str, actor: Actor) -> PostHead:
    """The head of a post for who wants it gone: of her own wherever she lives by now."""
    head = post_head(uow.session, post_id)
    if head is not None and head.author_id == actor.eyes:
        return head
    return readable(uow, post_id, actor)


def require_open(uow: UnitOfWork, head: PostHead, now: datetime) -> None:
    """Whether neighbours may add to a post that they read: what begins here, begins with this.

    Raises:
        PostNotFound: it is not shown.
        PostOver, ModuleOff: see :func:`require_going_on`.
    """
    if head.state != "shown":
        raise posts.PostNotFound()
    require_going_on(uow, head, now)


def require_going_on(uow: UnitOfWork, head: PostHead, now: datetime) -> None:
    """Whether a post is not over, whoever sees it, and its community has its module.

    Raises:
        PostOver: its time is over.
        ModuleOff: the module is switched off or was given up.
    """
    if head.expires_at is not None and head.expires_at <= now:
        raise posts.PostOver()
    if not module_is_on(uow, head):
        raise speaking.ModuleOff()


def module_is_on(uow: UnitOfWork, head: PostHead) -> bool:
    """Whether the community has the module of a post; problems are reported in any case."""
    community = directory.community(uow, head.community_id)
    here = catalogue(uow, head.community_id).switched_on(community.kind, community.modules)
    return head.issue_id is not None or any(module.key == head.module for module in here)


def sees_unshown(uow: UnitOfWork, head: PostHead, actor: Actor) -> bool:
    """Whether somebody sees a post that is not shown: its author, and who moderates it."""
    standing = standing_of(uow, head, actor)
    return standing.author or standing.moderator


def standing_of(uow: UnitOfWork, head: PostHead, actor: Actor) -> posts.Standing:
    """What the actor is to a post; whoever helps its author is not its author."""
    return posts.Standing(
        author=head.author_id == actor.eyes,
        moderator=speaking.may_moderate(module_of(uow, head), actor, head.path),
    )


def changed(head: PostHead) -> PostChanged:
    return PostChanged(
        post_id=head.id, community_id=head.community_id, path=head.path, module=head.module
    )


def attached(uploads: Uploads, ids: Sequence[str], owner: str) -> list[dict[str, Any]]:
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
