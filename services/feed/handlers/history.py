"""The texts that a post had, and service guides that are looked at again."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.feed import posts as ops
from services.feed.domain import fields, guides, history
from services.feed.domain import posts as rules
from services.feed.domain.modules import GUIDES
from services.feed.handlers.common import changed, module_of, readable, standing_of
from services.feed.handlers.posts import post_text, rewrite
from services.feed.models import Post
from services.feed.repository.versions import versions
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

_HIGHEST = 2**31 - 1


def list_post_versions(
    uow: UnitOfWork, cmd: ops.ListPostVersions, actor: Actor
) -> Page[ops.PostVersion]:
    """The texts of a post with what each changed, the present one first.

    Raises:
        HistoryClosed: the module is not official, and the actor neither author nor moderator.
    """
    head = readable(uow, cmd.id, actor)
    standing = standing_of(uow, head, actor)
    if not (module_of(uow, head).official or standing.author or standing.moderator):
        raise history.HistoryClosed()
    below = _HIGHEST if cmd.cursor is None else whole_number(*decode_cursor(cmd.cursor, 1))
    # one more for the next page, and one more still to compare the last one with
    texts = versions(uow.session, head.id, below=below, take=cmd.limit + 1)
    shown = texts[: cmd.limit]
    earlier = [*texts[1:], None][: len(shown)]
    return Page(
        items=[
            ops.PostVersion(
                **text,
                changes=[
                    ops.Change.model_validate(change, from_attributes=True)
                    for change in (history.changes(before, text) if before else ())
                ],
            )
            for text, before in zip(shown, earlier, strict=True)
        ],
        next_cursor=encode_cursor(str(shown[-1]["version"])) if len(texts) > cmd.limit else None,
    )


def check_guide(uow: UnitOfWork, cmd: ops.CheckGuide, actor: Actor, now: datetime) -> JsonText:
    """Say that a service guide is still right; an end that has passed is taken away or replaced.

    Raises:
        NotAGuide: it stands in another module.
        NotAModerator: the committee looks after the guides.
        Invalid: it is to be valid until a time that has passed.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    if not standing_of(uow, head, actor).moderator:
        raise rules.NotAModerator()
    if head.module != GUIDES:
        raise guides.NotAGuide()
    guides.check_validity(cmd.valid_until, now)
    post = uow.session.get_one(Post, head.id, with_for_update={"key_share": True})
    if post.state == "deleted":
        raise rules.PostNotFound()
    ends = guides.valid_until(post.extra, cmd.valid_until, now)
    read = fields.read_extra(module_of(uow, head), {"valid_until": ends and ends.isoformat()})
    extra = {key: value for key, value in post.extra.items() if key != "valid_until"} | read
    if extra != post.extra:
        rewrite(uow, post, {"extra": extra}, actor, now)
    post.checked_at = now
    uow.session.flush()
    if post.state == "shown":
        uow.emit(changed(head))
    return post_text(uow, head.id, actor, now)
