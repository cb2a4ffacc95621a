"""Threads and who takes part in them, duties, and who has left."""

from collections.abc import Sequence

from sqlalchemy import case, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import SENSITIVE
from services.contracts.events import RoleGranted, RoleRevoked
from services.notify import domain
from services.notify.models import (
    ChannelTicket,
    BriefRead,
    Delivery,
    Departed,
    Digest,
    DigestItem,
    DigestWaiting,
    Duty,
    Follow,
    Inbox,
    MutedThread,
    Preference,
    PushSubscription,
    Thread,
    UnreadCount,
)


def remember_thread(session: Session, thread: domain.Thread) -> None:
    """Keep a thread's title and author; a removal or a hidden name is never taken back."""
    put = insert(Thread).values(
        post_id=thread.post_id,
        title=thread.title,
        author_id=thread.author_id,
        author_hidden=thread.author_hidden,
    )
    session.execute(
        put.on_conflict_do_update(
            index_elements=[Thread.post_id],
            set_={
                "title": case((Thread.removed, ""), else_=put.excluded.title),
                "author_id": put.excluded.author_id,
                "author_hidden": Thread.author_hidden | put.excluded.author_hidden,
            },
        )
    )


def remove_thread(session: Session, post_id: str) -> None:
    """A post was deleted or taken down: forget its title, for good."""
    put = insert(Thread).values(post_id=post_id, removed=True)
    session.execute(
        put.on_conflict_do_update(
            index_elements=[Thread.post_id], set_={"removed": True, "title": ""}
        )
    )


def follow(session: Session, follows: Sequence[domain.Follow]) -> None:
    """These take part in these threads; nobody who left for good."""
    if follows:
        session.execute(
            text(
                """
                INSERT INTO follows (post_id, person_id)
                SELECT post_id, person_id FROM unnest(
                    cast(:posts AS text[]), cast(:people AS text[])
                ) AS f (post_id, person_id)
                WHERE NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = f.person_id)
                ON CONFLICT DO NOTHING
                """
            ),
            {"posts": [f.post_id for f in follows], "people": [f.person_id for f in follows]},
        )


def put_duty(session: Session, event: RoleGranted | RoleRevoked) -> None:
    """Keep a grant, or that it ended; in whichever order the two come, it has ended.

    An event of earlier days may still name a sensitive one, which is not kept.
    """
    if event.role in SENSITIVE:
        return
    put = insert(Duty).values(
        grant_id=event.grant_id,
        person_id=event.person_id,
        role=event.role,
        path=event.path,
        expires_at=getattr(event, "expires_at", None),
        ended=isinstance(event, RoleRevoked),
    )
    session.execute(
        put.on_conflict_do_update(
            index_elements=[Duty.grant_id],
            set_={
                "expires_at": func.coalesce(put.excluded.expires_at, Duty.expires_at),
                "ended": Duty.ended | put.excluded.ended,
            },
        )
    )


def forget_person(session: Session, person_id: str) -> None:
    """Delete everything about a person and remember only that there is nobody to tell.

    Whoever writes about people has looked here before, and so holds the table until the commit:
    this waits for it, and whoever comes later sees that she has left. Otherwise news that is being
    told at this moment would stay behind for ever.
    """
    session.execute(text("LOCK TABLE departed IN ACCESS EXCLUSIVE MODE"))
    session.execute(insert(Departed).values(person_id=person_id).on_conflict_do_nothing())
    session.scalar(select(UnreadCount).where(UnreadCount.person_id == person_id).with_for_update())
    for table in (
        DigestWaiting,
        DigestItem,
        Digest,
        Inbox,
        UnreadCount,
        Follow,
        Duty,
        Preference,
        MutedThread,
        Delivery,
        PushSubscription,
        ChannelTicket,
    ):
        session.execute(delete(table).where(table.person_id == person_id))
    # that a brief was read stays on record, though not by whom
    read = update(BriefRead).where(BriefRead.person_id == person_id)
    session.execute(read.values(person_id=None))
