"""An inbox, read and marked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, text, update
from sqlalchemy.orm import Session

from services.notify.models import Inbox, LateNews, UnreadCount

# The thread's present title and the actor's present display name; whoever asked not to be named
# as the author of a thread is not named in it, except to whom she has joined as invited by name.
_NOTICES = """
SELECT n.id, n.kind, n.variant, n.why, n.link, n.facts, n.created_at, n.lane, n.post_id,
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

# How she who reads stands to the thread: only posts and topics can be followed.
_MINE = """
CASE WHEN t.kind IN ('post', 'topic') AND NOT t.removed THEN EXISTS (
    SELECT FROM follows f WHERE f.post_id = n.post_id AND f.person_id = i.person_id
       AND f.left_id IS NULL AND (f.part IS NOT NULL OR f.chosen)) END AS follows,
EXISTS (SELECT FROM muted_threads s
        WHERE s.post_id = n.post_id AND s.person_id = i.person_id) AS muted
"""


def notices(session: Session, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Notices with what their wording needs, by id."""
    found = session.execute(
        text(f"{_NOTICES} FROM notices n {_JOINED} WHERE n.id = ANY(:ids)"),
        {"ids": list(ids)},
    )
    return {row.id: row for row in found}


def page(
    session: Session,
    person_id: str,
    *,
    before: str | None,
    unread: bool | None,
    whys: Sequence[str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """At most ``limit`` rows of an inbox, newest first, older than the notice ``before``.

    Of a part of it (``whys``) the whole inbox is walked from there, as far as is needed; it goes
    back no further than news is kept.
    """
    found = session.execute(
        text(
            f"""
            {_NOTICES}, i.read_at, {_MINE}
            FROM inbox i JOIN notices n ON n.id = i.notice_id {_JOINED}
            WHERE i.person_id = :person
              AND (cast(:before AS text) IS NULL OR i.notice_id < :before)
              AND (cast(:unread AS boolean) IS NULL OR (i.read_at IS NULL) = :unread)
              AND (cast(:whys AS text[]) IS NULL OR n.why = ANY (:whys))
            ORDER BY i.notice_id DESC LIMIT :limit
            """
        ),
        {
            "person": person_id,
            "before": before,
            "unread": unread,
            "whys": None if whys is None else list(whys),
            "limit": limit,
        },
    )
    return found.all()


def unread_by_why(session: Session, person_id: str) -> dict[str, int]:
    """How many rows are unread, by reason."""
    found = session.execute(
        text(
            "SELECT n.why, count(*) AS n FROM inbox i JOIN notices n ON n.id = i.notice_id "
            "WHERE i.person_id = :person AND i.read_at IS NULL GROUP BY n.why"
        ),
        {"person": person_id},
    )
    return {row.why: row.n for row in found}


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
    off exactly what it changed. What came late, after the one up to which she read, she may not
    have seen: it stays unread. All are those that there are before what is on its way to her.
    """
    if ids is None and up_to is None:
        up_to = session.scalar(
            select(func.max(Inbox.notice_id)).where(Inbox.person_id == person_id)
        )
    count = session.scalar(
        select(UnreadCount).where(UnreadCount.person_id == person_id).with_for_update()
    )
    if count is None:
        return 0
    marked = update(Inbox).where(Inbox.person_id == person_id, Inbox.read_at.is_(None))
    if ids is not None:
        marked = marked.where(Inbox.notice_id.in_(ids))
    if up_to is not None:
        marked = marked.where(Inbox.notice_id <= up_to, ~_came_after(up_to))
    changed = session.execute(marked.values(read_at=now).returning(Inbox.notice_id)).all()
    count.unread -= len(changed)
    session.flush()
    return count.unread


def _came_after(notice_id: str) -> ColumnElement[bool]:
    """Whether a row of an inbox came there when this notice, or a younger one, already was."""
    late = select(LateNews.event_id).where(
        LateNews.event_id == Inbox.event_id,
        LateNews.person_id == Inbox.person_id,
        LateNews.after_id >= notice_id,
    )
    return late.exists()
