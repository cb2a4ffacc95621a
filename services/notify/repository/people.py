"""Threads and who takes part in them, duties, and who has left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import SENSITIVE
from services.contracts.errors import NotFound
from services.contracts.events import DistancesChanged, RoleGranted, RoleRevoked
from services.notify import domain
from services.notify.models import (
    BriefRead,
    ChannelTicket,
    Delivery,
    Departed,
    Digest,
    DigestItem,
    DigestWaiting,
    Distance,
    Duty,
    Follow,
    Inbox,
    LateNews,
    MutedThread,
    Preference,
    PushSubscription,
    Thread,
    UnreadCount,
)

PATIENCE = "2s"
"""So long whoever forgets somebody waits for those who tell, and all others behind it."""


def remember_thread(session: Session, thread: domain.Thread, community_id: str | None) -> None:
    """Keep a thread's title and author; a removal or a hidden name is never taken back.

    What an event only mentions by the way does not take the place of what is known.
    """
    put = insert(Thread).values(
        post_id=thread.id,
        title=thread.title,
        author_id=thread.author_id,
        author_hidden=thread.author_hidden,
        kind=thread.kind,
        community_id=community_id,
    )
    told, known = put.excluded, Thread
    title: list[Any] = [func.nullif(told.title, ""), func.nullif(known.title, ""), ""]
    author: list[Any] = [told.author_id, known.author_id]
    if thread.by_the_way:
        title[:2], author = title[1::-1], author[::-1]
    session.execute(
        put.on_conflict_do_update(
            index_elements=[Thread.post_id],
            set_={
                "title": case((known.removed, ""), else_=func.coalesce(*title)),
                "author_id": func.coalesce(*author),
                "author_hidden": known.author_hidden | told.author_hidden,
                "kind": told.kind,
                "community_id": func.coalesce(told.community_id, known.community_id),
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


def end_thread(session: Session, thread_id: str, event_id: str) -> None:
    """A topic, whose title is known, came to the end of its way by this event."""
    ended = update(Thread).where(Thread.post_id == thread_id).values(ended_id=event_id)
    session.execute(ended)


def ended_before(session: Session, thread_id: str, event_id: str) -> bool:
    """Whether the end of a topic's way was told before this older event of it."""
    found = select(Thread.post_id).where(Thread.post_id == thread_id, Thread.ended_id > event_id)
    return session.scalar(found) is not None


# The parts stand in the order of how personal they are: the most personal one is kept. Ids grow
# with time: what somebody did before she left a thread does not bring her back, and a second from
# before she took it back does not stand again, however late it is told.
_FOLLOW = text(
    """
    INSERT INTO follows AS f (post_id, person_id, part, second_id)
    SELECT :thread, :person, :part, CASE WHEN :part = 'seconded' THEN :event_id END
    WHERE NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = :person)
    ON CONFLICT (post_id, person_id) DO UPDATE SET
        part = CASE WHEN array_position(cast(:parts AS text[]), f.part)
                        <= array_position(cast(:parts AS text[]), excluded.part)
                    THEN f.part ELSE excluded.part END,
        left_id = CASE WHEN :anew AND f.left_id < :event_id THEN NULL ELSE f.left_id END,
        second_id = greatest(f.second_id, excluded.second_id)
    WHERE (excluded.second_id > f.second_id) IS NOT FALSE AND (
        excluded.second_id IS NOT NULL
        OR :anew AND f.left_id < :event_id
        OR coalesce(
            array_position(cast(:parts AS text[]), f.part)
                > array_position(cast(:parts AS text[]), excluded.part), true))
    """
)
_TAKE_BACK = text(
    """
    INSERT INTO follows AS f (post_id, person_id, part, second_id)
    SELECT :thread, :person, NULL, :event_id
    WHERE NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = :person)
    ON CONFLICT (post_id, person_id) DO UPDATE SET
        part = nullif(f.part, :part), second_id = excluded.second_id
    WHERE (excluded.second_id > f.second_id) IS NOT FALSE
    """
)


def follow(
    session: Session, follows: Sequence[domain.Follow | domain.Unfollow], event_id: str
) -> None:
    """These take part in these threads, or do not any more; nobody who left for good.

    In the order of the rows' key: two who answer each other in a thread hold each the other's row.
    """
    for one in sorted(follows, key=lambda one: (one.thread, one.person_id)):
        values = {
            "thread": one.thread,
            "person": one.person_id,
            "part": one.part,
            "event_id": event_id,
        }
        if isinstance(one, domain.Unfollow):
            session.execute(_TAKE_BACK, values)
            continue
        session.execute(_FOLLOW, {**values, "parts": list(domain.Part), "anew": one.anew})


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


_DISTANCES = text(
    """
    INSERT INTO distances (person_id, other_id, hidden)
    SELECT :person, other_id, hidden FROM (
        SELECT unnest(cast(:named AS text[])) AS other_id, false AS hidden
        UNION ALL SELECT unnest(cast(:hidden AS text[])), true
    ) AS told
    WHERE NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id IN (:person, told.other_id))
    """
)


def serves(session: Session, person_id: str, now: datetime) -> bool:
    """Whether somebody is on duty anywhere."""
    found = exists().where(
        Duty.person_id == person_id,
        ~Duty.ended,
        or_(Duty.expires_at.is_(None), Duty.expires_at > now),
    )
    return bool(session.scalar(select(found)))


def put_distances(session: Session, event: DistancesChanged) -> None:
    """Keep from whom somebody keeps away by now; neither she nor they have left for good."""
    session.execute(delete(Distance).where(Distance.person_id == event.person_id))
    values = {"person": event.person_id, "named": event.named, "hidden": event.hidden}
    session.execute(_DISTANCES, values)


def require_present(session: Session, person_id: str) -> None:
    """Whoever has written something of a person's makes sure that she has not left for good.

    Who forgets her waits for the commit of whoever has looked here, and finds what was written.

    Raises:
        NotFound: she left at this moment; what was written goes with the transaction.
    """
    if session.scalar(select(Departed.person_id).where(Departed.person_id == person_id)):
        raise NotFound()


def forget_person(session: Session, person_id: str) -> None:
    """Delete everything about a person and remember only that there is nobody to tell.

    Whoever writes about people has looked here before, and so holds the table until the commit:
    this waits for it, and whoever comes later sees that she has left. Otherwise news that is being
    told at this moment would stay behind for ever. Everybody else waits behind it, so it does not
    wait for long (as for an announcement to very many): the event comes again.

    Raises:
        OperationalError: somebody is still telling after :data:`PATIENCE`.
    """
    patience = text("SELECT set_config('lock_timeout', :wait, true)")
    session.execute(patience, {"wait": PATIENCE})
    session.execute(text("LOCK TABLE departed IN ACCESS EXCLUSIVE MODE"))
    session.execute(patience, {"wait": "0"})
    session.execute(insert(Departed).values(person_id=person_id).on_conflict_do_nothing())
    session.scalar(select(UnreadCount).where(UnreadCount.person_id == person_id).with_for_update())
    for table in (
        DigestWaiting,
        DigestItem,
        Digest,
        Inbox,
        LateNews,
        UnreadCount,
        Follow,
        Duty,
        Preference,
        MutedThread,
        Distance,
        Delivery,
        PushSubscription,
        ChannelTicket,
    ):
        session.execute(delete(table).where(table.person_id == person_id))
    session.execute(delete(Distance).where(Distance.other_id == person_id))
    # that a brief was read stays on record, though not by whom
    read = update(BriefRead).where(BriefRead.person_id == person_id)
    session.execute(read.values(person_id=None))
