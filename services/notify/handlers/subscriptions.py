"""What somebody follows, and what she left."""

from typing import Any, Literal, cast

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import Conflict, NotFound
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.notify import subscriptions as ops
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.repository import subscriptions

MOST_CHOSEN = 500
LINKS = {"post": "/posts/{id}", "topic": "/topics/{id}"}
WHYS: dict[tuple[str, str | None], domain.Why] = {
    ("post", "wrote"): domain.Why.MY_POST,
    ("post", "spoke"): domain.Why.I_TOOK_PART,
    ("topic", "wrote"): domain.Why.MY_TOPIC,
    ("topic", "objected"): domain.Why.I_OBJECTED,
    ("topic", "spoke"): domain.Why.I_SPOKE,
    ("topic", "seconded"): domain.Why.I_SECONDED,
}


class TooManyFollowed(Conflict):
    """Whoever follows everything follows nothing."""

    code = "notify.too_many_followed"
    zh, en = (
        f"最多关注 {MOST_CHOSEN} 个话题，请先取消一些",
        f"You can choose to follow {MOST_CHOSEN} threads; please leave some first",
    )


def list_subscriptions(
    uow: UnitOfWork, cmd: ops.ListSubscriptions, actor: Actor, language: domain.Language
) -> Page[ops.Subscription]:
    """What the actor follows, the newest thread first; one statement."""
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = subscriptions.page(
        uow.session, actor.person_id, before=before, thread=cmd.thread, limit=cmd.limit + 1
    )
    shown = rows[: cmd.limit]
    return Page(
        items=[_shown(row, language) for row in shown],
        next_cursor=encode_cursor(shown[-1].post_id) if len(rows) > cmd.limit else None,
    )


def follow(
    uow: UnitOfWork, cmd: ops.OfSubscription, actor: Actor, language: domain.Language
) -> ops.Subscription:
    """The actor follows a thread from now on, whether or not she left it before.

    Raises:
        NotFound: there is no such post or topic, or it was removed.
        NotAMember, ObserverReadOnly: it is not of a community that she belongs to.
        TooManyFollowed: see the error.
    """
    thread = subscriptions.thread(uow.session, cmd.id)
    if thread is None or thread.removed or thread.kind not in LINKS or not thread.community_id:
        raise NotFound()
    directory.require_member(uow, actor, thread.community_id)
    if subscriptions.chosen(uow.session, actor.person_id, but=cmd.id) >= MOST_CHOSEN:
        raise TooManyFollowed()
    subscriptions.choose(uow.session, actor.person_id, cmd.id)
    row = subscriptions.one(uow.session, actor.person_id, cmd.id)
    if row is None:
        raise NotFound()  # she left for good at this moment
    return _shown(row, language)


def unfollow(uow: UnitOfWork, cmd: ops.OfSubscription, actor: Actor) -> Empty:
    """The actor leaves a thread, until she takes part in it again."""
    subscriptions.leave(uow.session, actor.person_id, cmd.id, new_id())
    return Empty()


def _shown(row: Row[Any], language: domain.Language) -> ops.Subscription:
    part = row.part if (row.kind, row.part) in WHYS else None
    return ops.Subscription(
        id=row.post_id,
        kind=cast(Literal["post", "topic"], row.kind),
        title=None if row.removed else row.title,
        community_id=row.community_id,
        link=LINKS[row.kind].format(id=row.post_id),
        part=part,
        chosen=row.chosen,
        why=domain.why_text(WHYS.get((row.kind, part), domain.Why.I_FOLLOW), language),
        muted=row.muted,
    )
