"""What is offered, browsers that take a push, tickets, group robots."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.ids import new_id
from services.contracts.operations.identity import ContactTicket
from services.notify.models import ChannelTicket, Offer, PushSubscription, Robot

OFFERED_FOR: Final = timedelta(minutes=10)
"""How long a channel is offered of which the sender, who says so every 5 s, says no more."""
# Of the one database for both processes: business time may be moved, and two machines disagree.
_CLOCK: Final = func.clock_timestamp()


def in_turn(session: Session, person_id: str) -> None:
    """What a person changes of her ways out goes one after the other, until the commit.

    Of two choices at once the last whole one stands, with the tickets that it got; and two browsers
    do not both find the last place.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"ways:{person_id}"))))


def offer(session: Session, channels: Sequence[str], push_key: str | None) -> None:
    """These channels are offered, and no others; for :data:`OFFERED_FOR`."""
    session.execute(delete(Offer).where(Offer.channel.not_in(channels)))
    for channel in channels:
        said = {"public_key": push_key if channel == "web_push" else None, "said_at": _CLOCK}
        put = insert(Offer).values(channel=channel, **said)
        session.execute(put.on_conflict_do_update(index_elements=[Offer.channel], set_=said))


def offered(session: Session) -> dict[str, str | None]:
    """The channels that are offered, web push with its public key."""
    rows = session.scalars(select(Offer).where(Offer.said_at > _CLOCK - OFFERED_FOR))
    return {row.channel: row.public_key for row in rows}


def browsers(session: Session, person_id: str) -> Sequence[PushSubscription]:
    """Somebody's browsers, the newest first."""
    return session.scalars(
        select(PushSubscription)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.id.desc())
    ).all()


def browser(session: Session, person_id: str, browser_id: str) -> PushSubscription | None:
    """One of somebody's browsers."""
    found = session.get(PushSubscription, browser_id)
    return found if found is not None and found.person_id == person_id else None


def put_browser(
    session: Session,
    person_id: str,
    endpoint: str,
    keys: tuple[str, str],
    label: str,
    now: datetime,
    most: int,
) -> PushSubscription | None:
    """Keep a browser as this person's, whoever's it was; None when she has ``most`` others."""
    in_turn(session, person_id)
    endpoint_hash = hashlib.sha256(endpoint.encode()).hexdigest()
    others = session.scalar(
        select(func.count()).where(
            PushSubscription.person_id == person_id,
            PushSubscription.endpoint_hash != endpoint_hash,
        )
    )
    if (others or 0) >= most:
        return None
    fresh = {"person_id": person_id, "p256dh": keys[0], "auth": keys[1], "label": label}
    put = insert(PushSubscription).values(
        id=new_id(), endpoint=endpoint, endpoint_hash=endpoint_hash, created_at=now, **fresh
    )
    return session.scalars(
        put.on_conflict_do_update(
            index_elements=[PushSubscription.endpoint_hash], set_=fresh
        ).returning(PushSubscription),
        execution_options={"populate_existing": True},
    ).one()


def tickets(session: Session, person_id: str) -> dict[str, ChannelTicket]:
    """What opens somebody's addresses, by channel."""
    rows = session.scalars(select(ChannelTicket).where(ChannelTicket.person_id == person_id))
    return {row.channel: row for row in rows}


def put_ticket(
    session: Session, person_id: str, channel: str, given: ContactTicket, now: datetime
) -> None:
    """Keep a ticket in place of an earlier one."""
    fresh = {"ticket": given.ticket, "shown": given.shown, "given_at": now}
    put = insert(ChannelTicket).values(person_id=person_id, channel=channel, **fresh)
    session.execute(
        put.on_conflict_do_update(
            index_elements=[ChannelTicket.person_id, ChannelTicket.channel], set_=fresh
        )
    )


def drop_tickets(session: Session, person_id: str, channels: Iterable[str]) -> list[str]:
    """Forget tickets; those that there were."""
    dropped = (
        delete(ChannelTicket)
        .where(ChannelTicket.person_id == person_id, ChannelTicket.channel.in_(list(channels)))
        .returning(ChannelTicket.ticket)
    )
    return list(session.scalars(dropped))


def robot(session: Session, community_id: str) -> Robot | None:
    """The group robot of a community."""
    return session.get(Robot, community_id)


def put_robot(
    session: Session, community_id: str, given: ContactTicket, set_by: str, now: datetime
) -> None:
    """The community has this robot now."""
    fresh = {"ticket": given.ticket, "shown": given.shown, "set_by": set_by, "set_at": now}
    put = insert(Robot).values(community_id=community_id, **fresh)
    session.execute(put.on_conflict_do_update(index_elements=[Robot.community_id], set_=fresh))


def drop_robot(session: Session, community_id: str) -> str | None:
    """The community has no robot any more; its ticket."""
    return session.scalar(
        delete(Robot).where(Robot.community_id == community_id).returning(Robot.ticket)
    )
