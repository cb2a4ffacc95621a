"""Breaches and their conversations: one statement for a list; lock the breach before its notes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.votes.domain.breaches import OPEN, BreachNotFound
from services.votes.models import BreachNoteRow, BreachPersonRow, BreachRow

# What is overdue stands first, then what waits for a reaction, then the newest.
_PAGE = """
    SELECT one.id, one.covenant_id, covenant.title AS covenant_title, one.community_id,
           one.convener, one.version, one.article, one.state, one.reporter_id, one.place,
           one.building, one.hidden, one.due_at, one.reacted_at, one.failed_talks, one.issue_id,
           one.reason, one.created_at, one.ended_at, ranked.rank,
           EXISTS (SELECT FROM breach_people AS p
                   WHERE p.breach_id = one.id AND p.person_id = :reader) AS concerns_reader,
           (SELECT n.waits FROM breach_notes AS n
            WHERE n.breach_id = one.id ORDER BY n.id LIMIT 1) AS report_waits
    FROM covenant_breaches AS one
    JOIN covenants AS covenant ON covenant.id = one.covenant_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN one.state <> 'open' OR one.reacted_at IS NOT NULL THEN 2
                    WHEN one.due_at <= :now THEN 0 ELSE 1 END AS rank
    ) AS ranked
    WHERE <narrowed>
    ORDER BY ranked.rank, one.id DESC LIMIT :take
"""
_MINE = (
    "(one.reporter_id = :reader OR EXISTS (SELECT FROM breach_people AS p "
    "WHERE p.breach_id = one.id AND p.person_id = :reader))"
)


def page(
    session: Session,
    community_id: str,
    now: datetime,
    *,
    reader: str,
    bodies: Sequence[str],
    covenant_id: str | None,
    article: str | None,
    state: str | None,
    overdue: bool,
    after: tuple[int, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Breaches that the reader has a part in, or that her ``bodies`` see; one more than ``limit``.

    ``after`` is the rank and id that the last page ended with.
    """
    narrowed = ["one.community_id = :community", f"(one.convener = ANY(:bodies) OR {_MINE})"]
    if covenant_id:
        narrowed.append("one.covenant_id = :covenant")
    if article:
        narrowed.append("one.article = :article")
    if state:
        narrowed.append("one.state = :state")
    if overdue:
        narrowed.append("ranked.rank = 0")
    if after:
        narrowed.append("(ranked.rank > :rank OR (ranked.rank = :rank AND one.id < :last))")
    rank, last = after or (0, "")
    return session.execute(
        text(_PAGE.replace("<narrowed>", " AND ".join(narrowed))),
        {
            "community": community_id,
            "now": now,
            "reader": reader,
            "bodies": list(bodies),
            "covenant": covenant_id,
            "article": article,
            "state": state,
            "rank": rank,
            "last": last,
            "take": limit + 1,
        },
    ).all()


def breach(session: Session, breach_id: str, *, lock: bool = False) -> BreachRow:
    """The breach; :class:`BreachNotFound` when there is none."""
    row = session.get(BreachRow, breach_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise BreachNotFound()
    return row


_LOOK = text(
    "INSERT INTO breach_looks (breach_id, actor_id, day) VALUES (:breach, :actor, :day) "
    "ON CONFLICT DO NOTHING RETURNING breach_id"
)


def first_look(session: Session, breach_id: str, actor_id: str, day: date) -> bool:
    """Whether she has not seen on this day who reported it; now she has."""
    asked = {"breach": breach_id, "actor": actor_id, "day": day}
    return session.execute(_LOOK, asked).first() is not None


def notes(session: Session, breach_id: str) -> Sequence[BreachNoteRow]:
    """What was said, in order."""
    of_breach = select(BreachNoteRow).where(BreachNoteRow.breach_id == breach_id)
    return session.scalars(of_breach.order_by(BreachNoteRow.id)).all()


def note(session: Session, breach_id: str, note_id: int) -> BreachNoteRow | None:
    """One note of the breach."""
    row = session.get(BreachNoteRow, note_id)
    return row if row is not None and row.breach_id == breach_id else None


def concerned(session: Session, breach_id: str) -> list[str]:
    """Whom it concerns and who was brought in, in order."""
    found = session.scalars(
        select(BreachPersonRow.person_id)
        .where(BreachPersonRow.breach_id == breach_id)
        .order_by(BreachPersonRow.at, BreachPersonRow.person_id)
    )
    return list(found)


_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('breaches ' || :covenant || ' ' || :person, 0))"
)


def open_of(session: Session, covenant_id: str, person_id: str) -> int:
    """How many conversations somebody has open on a covenant; counted by one call at a time."""
    session.execute(_ONE_AT_A_TIME, {"covenant": covenant_id, "person": person_id})
    return (
        session.scalar(
            select(func.count()).where(
                BreachRow.covenant_id == covenant_id,
                BreachRow.reporter_id == person_id,
                BreachRow.state.in_(OPEN),
            )
        )
        or 0
    )


_FORGET = (
    "UPDATE breach_notes SET author_id = NULL, body = CASE WHEN part = 'desk' THEN body ELSE '' "
    "END, waits = false WHERE author_id = :person",
    "UPDATE covenant_breaches SET reporter_id = NULL, place = '', building = '' "
    "WHERE reporter_id = :person",
    "DELETE FROM breach_people WHERE person_id = :person",
    "DELETE FROM breach_looks WHERE actor_id = :person",
    "UPDATE covenant_breaches SET assisted_by = NULL WHERE assisted_by = :person",
    "UPDATE covenant_breaches SET ended_by = NULL WHERE ended_by = :person",
)


def forget(session: Session, person_id: str) -> None:
    """Somebody has left for good: her words and her name go, the sums stay.

    What she said in office, the desk said.
    """
    for statement in _FORGET:
        session.execute(text(statement), {"person": person_id})
