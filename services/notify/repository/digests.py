"""Digests: who has news, what it is, and what was made of it.

Every statement here begins at what happened or at one person. None begins at the people who could
have a digest.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.contracts.ids import new_id
from services.notify.domain import preferences as rules
from services.notify.models import Digest, DigestItem, DigestRound, Inbox
from services.notify.repository import preferences
from services.notify.repository.delivering import PATIENT

# What she chose is looked up for those who have news, one by one by the key, however many others
# chose something.
COLLECT = """
WITH news AS MATERIALIZED (
    SELECT i.person_id, max(n.created_at) AS newest
    FROM notices n JOIN inbox i ON i.event_id = n.event_id AND i.notice_id = n.id
    WHERE n.created_at > :since AND n.kind <> 'digest' AND i.read_at IS NULL
    GROUP BY i.person_id
),
reader AS MATERIALIZED (
    SELECT person_id, newest, coalesce(
        (SELECT CASE WHEN 'digest' = ANY (p.muted_kinds) THEN 'off' ELSE p.digest END
         FROM preferences p WHERE p.person_id = news.person_id), :usual) AS rhythm
    FROM news
)
INSERT INTO digest_waiting (round, person_id)
SELECT :round, person_id FROM reader
WHERE (rhythm = 'daily' AND newest > :since_day) OR (rhythm = 'weekly' AND :weekly)
"""
# Looked for by the moment: by the key it would begin at the first notice that there ever was.
OLDEST = "SELECT min(id) FROM (SELECT id FROM notices WHERE created_at > :oldest OFFSET 0) AS n"
# Whoever reads while this is made waits for it, or is waited for: the lock is the one that
# `inboxes.mark_read` takes, in the order in which telling takes it.
_LOCK = text(
    """
    SELECT person_id FROM unread_counts WHERE person_id = ANY (:people)
    ORDER BY person_id FOR UPDATE
    """
)
_MAKE = text(
    f"""
    WITH reader AS (
        SELECT r.person_id, r.digest_id, coalesce(p.digest, :usual) AS rhythm,
               coalesce(p.muted_kinds, '{{}}') AS muted
        FROM unnest(cast(:people AS text[]), cast(:ids AS text[])) AS r (person_id, digest_id)
        LEFT JOIN preferences p ON p.person_id = r.person_id
        WHERE NOT EXISTS (SELECT FROM departed d WHERE d.person_id = r.person_id)
          AND coalesce(p.digest, :usual) = ANY (:rhythms)
          AND NOT coalesce('digest' = ANY (p.muted_kinds), false)
    ),
    news AS (
        SELECT r.person_id, n.id AS notice_id, n.kind
        FROM reader r
        JOIN inbox i ON i.person_id = r.person_id AND i.notice_id >= :oldest_id
        JOIN notices n ON n.id = i.notice_id
        WHERE i.read_at IS NULL AND n.created_at > :oldest AND n.kind <> 'digest'
          AND NOT EXISTS (SELECT FROM digest_items t
                          WHERE t.person_id = r.person_id AND t.notice_id = n.id)
          AND NOT EXISTS (SELECT FROM deliveries d
                          WHERE d.notice_id = n.id AND d.person_id = r.person_id
                            AND d.state IN ('waiting', 'sent'))
          AND NOT {preferences.muted_by("r.person_id", "r.muted")}
    ),
    placed AS (
        SELECT person_id, notice_id, kind,
               row_number() OVER (PARTITION BY person_id
                                  ORDER BY newest DESC, kind, notice_id DESC) AS position
        FROM (SELECT *, max(notice_id) OVER (PARTITION BY person_id, kind) AS newest
              FROM news) AS dated
    ),
    made AS (
        INSERT INTO digests (id, person_id, round, rhythm, count, made_at)
        SELECT r.digest_id, r.person_id, :round, r.rhythm, count(*), :now
        FROM reader r JOIN placed USING (person_id)
        GROUP BY r.digest_id, r.person_id, r.rhythm
        RETURNING id, person_id, rhythm, count
    ),
    kept AS (
        INSERT INTO digest_items (person_id, notice_id, digest_id, kind, position)
        SELECT placed.person_id, placed.notice_id, made.id, placed.kind, placed.position
        FROM placed JOIN made USING (person_id)
    )
    SELECT id, person_id, rhythm, count FROM made ORDER BY person_id
    """  # noqa: S608
)


def round_before(session: Session, at: datetime) -> DigestRound | None:
    """The last round before this moment."""
    return session.scalar(
        select(DigestRound).where(DigestRound.at < at).order_by(DigestRound.at.desc()).limit(1)
    )


def begin(
    session: Session,
    at: datetime,
    *,
    oldest: datetime,
    since_day: datetime,
    since_week: datetime | None,
    now: datetime,
) -> int | None:
    """Note who has news for the round; how many. None: this round was begun before.

    Args:
        at: when the round was due.
        oldest: no digest tells what is older.
        since_day: from when on news counts for a daily digest.
        since_week: from when on it counts for a weekly one; None: the round has none.
    """
    begun = session.execute(
        text(
            "INSERT INTO digest_rounds (at, oldest_id, weekly, people, begun_at) SELECT :at, "
            f"({OLDEST}), :weekly, 0, :now "
            "ON CONFLICT (at) DO NOTHING RETURNING at"
        ),
        {"at": at, "oldest": oldest, "weekly": since_week is not None, "now": now},
    ).first()
    if begun is None:
        return None
    session.execute(PATIENT)  # once a day, over what a week told to everybody
    people: int = session.execute(text(COLLECT), collecting(at, since_day, since_week)).rowcount  # type: ignore[attr-defined]
    session.execute(
        text("UPDATE digest_rounds SET people = :people WHERE at = :at"),
        {"people": people, "at": at},
    )
    return people


def collecting(at: datetime, since_day: datetime, since_week: datetime | None) -> dict[str, Any]:
    """The parameters of the one question with which a round begins."""
    return {
        "round": at,
        "since": since_day if since_week is None else min(since_day, since_week),
        "since_day": since_day,
        "weekly": since_week is not None,
        "usual": rules.DEFAULTS.digest,
    }


def take(session: Session, at: datetime, most: int) -> Sequence[str]:
    """At most ``most`` of those who wait for their digest of a round; they wait no more.

    Who has left is looked for later: the table is held from here on, so that whoever leaves waits
    before she holds anything that the digests need (``people.forget_person``).
    """
    session.execute(text("LOCK TABLE departed IN ACCESS SHARE MODE"))
    taken = session.scalars(
        text(
            "DELETE FROM digest_waiting WHERE round = :at AND person_id IN ("
            "SELECT person_id FROM digest_waiting WHERE round = :at "
            "ORDER BY person_id LIMIT :most) RETURNING person_id"
        ),
        {"at": at, "most": most},
    )
    return sorted(taken)


def make(
    session: Session, round_: DigestRound, people: Sequence[str], oldest: datetime, now: datetime
) -> Sequence[Row[Any]]:
    """Make the digest of each of these who has something to be told; return those made.

    Whoever chose otherwise since the round began gets what she chose last: none, or another day's.
    """
    session.execute(_LOCK, {"people": list(people)})
    found = session.execute(
        _MAKE,
        {
            **preferences.NEWS,
            "people": list(people),
            "ids": [new_id() for _ in people],
            "round": round_.at,
            "oldest_id": round_.oldest_id or "",
            "oldest": oldest,
            "usual": rules.DEFAULTS.digest,
            "rhythms": ["daily", "weekly"] if round_.weekly else ["daily"],
            "now": now,
        },
    )
    return found.all()


def page(session: Session, person_id: str, before: str | None, limit: int) -> Sequence[Digest]:
    """Somebody's digests, the newest first, older than the one called ``before``."""
    wanted = select(Digest).where(Digest.person_id == person_id)
    if before is not None:
        here = select(Digest.round).where(Digest.person_id == person_id, Digest.id == before)
        wanted = wanted.where(Digest.round < here.scalar_subquery())
    return session.scalars(wanted.order_by(Digest.round.desc()).limit(limit)).all()


def digest(session: Session, person_id: str, digest_id: str) -> Digest | None:
    """A digest of somebody's own."""
    return session.scalar(
        select(Digest).where(Digest.id == digest_id, Digest.person_id == person_id)
    )


def kinds(session: Session, digest_id: str) -> Sequence[Any]:
    """How much of each kind a digest tells, in its order."""
    found = session.execute(
        select(DigestItem.kind, func.count().label("count"))
        .where(DigestItem.digest_id == digest_id)
        .group_by(DigestItem.kind)
        .order_by(func.min(DigestItem.position))
    )
    return found.all()


def items(session: Session, digest_id: str, after: int, limit: int) -> Sequence[Any]:
    """What a digest tells, in its order, behind the position ``after``."""
    found = session.execute(
        select(DigestItem.notice_id, DigestItem.position, Inbox.read_at)
        .join(
            Inbox,
            (Inbox.person_id == DigestItem.person_id) & (Inbox.notice_id == DigestItem.notice_id),
        )
        .where(DigestItem.digest_id == digest_id, DigestItem.position > after)
        .order_by(DigestItem.position)
        .limit(limit)
    )
    return found.all()
