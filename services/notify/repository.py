"""Queries of notify."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import SENSITIVE
from services.contracts.events import Event, RoleGranted, RoleRevoked
from services.contracts.ids import new_id
from services.notify import domain
from services.notify.models import (
    Departed,
    Duty,
    Follow,
    Inbox,
    Notice,
    Thread,
    UnreadCount,
)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told: which notice, and how many are unread with it."""

    person_id: str
    notice_id: str
    unread: int


# -- telling -------------------------------------------------------------------------------------

# Who is told, in one statement whatever the size of the audience: `{audience}` is a union of the
# branches below. Whoever is reached twice hears the first (most personal) notice. The row locks on
# unread_counts are taken in the order of person_id, so that two events cannot wait for each other.
_DELIVER = """
WITH audience (person_id, rank) AS ({audience}),
told AS (
    SELECT DISTINCT ON (a.person_id) a.person_id, n.event_id, n.id AS notice_id
    FROM audience a JOIN notices n ON n.event_id = :event_id AND n.rank = a.rank
    WHERE a.person_id IS DISTINCT FROM :actor_id
      AND NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = a.person_id)
    ORDER BY a.person_id, a.rank
),
delivered AS (
    INSERT INTO inbox (person_id, event_id, notice_id)
    SELECT person_id, event_id, notice_id FROM told
    ON CONFLICT (person_id, event_id) DO NOTHING
    RETURNING person_id
),
counted AS (
    INSERT INTO unread_counts AS c (person_id, unread)
    SELECT person_id, 1 FROM delivered ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE SET unread = c.unread + 1
    RETURNING person_id, unread
)
SELECT person_id, unread FROM counted ORDER BY person_id LIMIT :most
"""
_PERSONS = "SELECT unnest(cast(:persons_{n} AS text[])), {n}"
# Whoever moved away keeps her own issues, but does not hear of the neighbours' threads any more.
_FOLLOWERS = """
SELECT f.person_id, {n} FROM follows f
WHERE f.post_id = :post_{n} AND NOT EXISTS (
    SELECT 1 FROM directory_cards c WHERE c.person_id = f.person_id
    AND c.community_id = :community_id AND c.standing = 'ended')
"""
_ON_DUTY = """
SELECT person_id, {n} FROM duties
WHERE NOT ended AND path = ANY(:paths_{n}) AND role = ANY(:roles_{n})
  AND (expires_at IS NULL OR expires_at > :now)
  AND coalesce(person_id = ANY(cast(:among_{n} AS text[])), true)
"""
_MEMBERS = """
SELECT person_id, {n} FROM directory_cards
WHERE community_id = :members_{n} AND standing IN ('active', 'staff')
"""


def _branch(news: domain.News) -> tuple[str, dict[str, Any]]:
    """The audience of one piece of news as SQL; its parameters carry the news's rank."""
    n = news.rank
    match news.audience:
        case domain.Persons(ids):
            return _PERSONS.format(n=n), {f"persons_{n}": list(ids)}
        case domain.Followers(post_id):
            return _FOLLOWERS.format(n=n), {f"post_{n}": post_id}
        case domain.OnDuty(roles, path, among):
            return _ON_DUTY.format(n=n), {
                f"among_{n}": None if among is None else list(among),
                f"roles_{n}": sorted(roles),
                f"paths_{n}": list(domain.ancestors(path)),
            }
        case domain.Members(community_id):
            return _MEMBERS.format(n=n), {f"members_{n}": community_id}


def deliver(
    session: Session,
    event: Event,
    event_id: str,
    told: Sequence[domain.News],
    now: datetime,
    live_at_most: int,
) -> list[Told]:
    """Put the news of an event into every inbox concerned; return who has it new.

    Args:
        told: the news, in the order of precedence.
        live_at_most: of a larger audience nobody is returned, though everybody is told.
    """
    actor_id = domain.actor_of(event)
    community_id = getattr(event, "community_id", None)
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "rank": news.rank,
            "kind": news.kind,
            "variant": news.variant,
            "why": news.why,
            "link": news.link,
            "facts": dict(news.facts),
            "post_id": getattr(event, "post_id", None),
            "community_id": community_id,
            "actor_id": actor_id,
            "created_at": now,
        }
        for news in told
    ]
    session.execute(insert(Notice).on_conflict_do_nothing(), rows)
    branches = [_branch(news) for news in told]
    parameters: dict[str, Any] = {
        "event_id": event_id,
        "actor_id": actor_id,
        "community_id": community_id,
        "now": now,
        "most": live_at_most + 1,
    }
    for _, own in branches:
        parameters.update(own)
    statement = _DELIVER.format(audience=" UNION ALL ".join(sql for sql, _ in branches))
    counts = session.execute(text(statement), parameters).all()
    if not counts or len(counts) > live_at_most:
        return []
    told_which = select(Inbox.person_id, Inbox.notice_id).where(
        Inbox.event_id == event_id, Inbox.person_id.in_([person for person, _ in counts])
    )
    notice_of = {row.person_id: row.notice_id for row in session.execute(told_which)}
    return [Told(person, notice_of[person], unread) for person, unread in counts]


# -- reading -------------------------------------------------------------------------------------

# The thread's present title and the actor's present display name; whoever asked not to be named
# as the author of a thread is not named in it, except to whom she has joined as invited by name.
_NOTICES = """
SELECT n.id, n.kind, n.variant, n.why, n.link, n.facts, n.created_at,
       t.title, coalesce(t.removed, false) AS removed, m.name AS community,
       CASE WHEN t.author_id IS NULL
                OR (t.author_hidden AND t.author_id = n.actor_id AND n.variant <> 'joined')
            THEN NULL ELSE c.display_name END AS actor
"""
_JOINED = """
LEFT JOIN threads t ON t.post_id = n.post_id
LEFT JOIN directory_communities m ON m.id = n.community_id
LEFT JOIN directory_cards c ON c.community_id = n.community_id AND c.person_id = n.actor_id
"""


def notices(session: Session, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Notices with what their wording needs, by id."""
    found = session.execute(
        text(f"{_NOTICES} FROM notices n {_JOINED} WHERE n.id = ANY(:ids)"),
        {"ids": list(ids)},
    )
    return {row.id: row for row in found}


def page(
    session: Session, person_id: str, *, before: str | None, unread: bool | None, limit: int
) -> Sequence[Row[Any]]:
    """At most ``limit`` rows of an inbox, newest first, older than the notice ``before``."""
    found = session.execute(
        text(
            f"""
            {_NOTICES}, i.read_at FROM inbox i JOIN notices n ON n.id = i.notice_id {_JOINED}
            WHERE i.person_id = :person
              AND (cast(:before AS text) IS NULL OR i.notice_id < :before)
              AND (cast(:unread AS boolean) IS NULL OR (i.read_at IS NULL) = :unread)
            ORDER BY i.notice_id DESC LIMIT :limit
            """
        ),
        {"person": person_id, "before": before, "unread": unread, "limit": limit},
    )
    return found.all()


def unread(session: Session, person_id: str) -> int:
    """How many rows of the inbox are unread."""
    count = session.scalar(select(UnreadCount.unread).where(UnreadCount.person_id == person_id))
    return count or 0


def mark_read(
    session: Session,
    person_id: str,
    now: datetime,
    *,
    ids: Sequence[str] | None,
    up_to: str | None,
) -> int:
    """Mark rows as read (these, those up to one, or all) and return how many stay unread.

    The count's row is locked first: calls of one person go one after the other, and each takes
    off exactly what it changed.
    """
    count = session.scalar(
        select(UnreadCount).where(UnreadCount.person_id == person_id).with_for_update()
    )
    if count is None:
        return 0
    marked = update(Inbox).where(Inbox.person_id == person_id, Inbox.read_at.is_(None))
    if ids is not None:
        marked = marked.where(Inbox.notice_id.in_(ids))
    if up_to is not None:
        marked = marked.where(Inbox.notice_id <= up_to)
    changed = session.execute(marked.values(read_at=now).returning(Inbox.notice_id)).all()
    count.unread -= len(changed)
    session.flush()
    return count.unread


# -- remembering ---------------------------------------------------------------------------------


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
    """These take part in these threads."""
    if follows:
        session.execute(
            insert(Follow).on_conflict_do_nothing(),
            [{"post_id": f.post_id, "person_id": f.person_id} for f in follows],
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
    """Delete everything about a person and remember only that there is nobody to tell."""
    session.execute(insert(Departed).values(person_id=person_id).on_conflict_do_nothing())
    session.scalar(select(UnreadCount).where(UnreadCount.person_id == person_id).with_for_update())
    for table in (Inbox, UnreadCount, Follow, Duty):
        session.execute(delete(table).where(table.person_id == person_id))
