"""Objections and their threads: one statement for a list, one for the threads of all of it."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import and_, func, not_, select, text
from sqlalchemy.orm import Session

from services.votes.domain.objections import ObjectionNotFound
from services.votes.models import ObjectionNoteRow, ObjectionRow

_O = ObjectionRow
_STANDS = and_(_O.withdrawn_at.is_(None), func.coalesce(_O.mark, "") != "satisfied")
_OWED = and_(_O.owed, _O.withdrawn_at.is_(None))


def topic_of(session: Session, objection_id: str) -> str:
    """The topic of an objection; :class:`ObjectionNotFound` when there is none."""
    found = session.scalar(select(_O.topic_id).where(_O.id == objection_id))
    if found is None:
        raise ObjectionNotFound()
    return found


def objection(session: Session, objection_id: str) -> ObjectionRow:
    """The objection as it is now; the topic is locked by the caller when she means to change it."""
    row = session.get(ObjectionRow, objection_id, populate_existing=True)
    if row is None:
        raise ObjectionNotFound()
    return row


def filed_by(session: Session, person_id: str, topic_id: str, poll_id: str, period: str) -> int:
    """How many objections somebody has filed in a period of a poll, those taken back, too."""
    mine = select(func.count()).where(
        _O.objector_id == person_id,
        _O.topic_id == topic_id,
        _O.poll_id == poll_id,
        _O.period == period,
    )
    return session.scalar(mine) or 0


def page(
    session: Session,
    topic_id: str,
    *,
    period: str | None,
    standing: bool | None,
    owed: bool | None,
    before: str | None,
    limit: int,
) -> Sequence[ObjectionRow]:
    """Objections on a topic, newest first; one more than ``limit``."""
    statement = select(ObjectionRow).where(_O.topic_id == topic_id)
    if period is not None:
        statement = statement.where(_O.period == period)
    if standing is not None:
        statement = statement.where(_STANDS if standing else not_(_STANDS))
    if owed is not None:
        statement = statement.where(_OWED if owed else not_(_OWED))
    if before is not None:
        statement = statement.where(_O.id < before)
    return session.scalars(statement.order_by(_O.id.desc()).limit(limit + 1)).all()


def owed(session: Session, topic_id: str, period: str) -> Sequence[ObjectionRow]:
    """The objections of a period to which an answer is owed, the oldest first."""
    statement = select(ObjectionRow).where(_O.topic_id == topic_id, _O.period == period, _OWED)
    return session.scalars(statement.order_by(_O.id)).all()


def threads(session: Session, objection_ids: Iterable[str]) -> dict[str, list[ObjectionNoteRow]]:
    """The notes of these objections, each thread in order."""
    wanted = list(objection_ids)
    if not wanted:
        return {}
    notes = session.scalars(
        select(ObjectionNoteRow)
        .where(ObjectionNoteRow.objection_id.in_(wanted))
        .order_by(ObjectionNoteRow.objection_id, ObjectionNoteRow.id)
    )
    return {key: list(found) for key, found in groupby(notes, lambda one: one.objection_id)}


_MARKED = text(
    """
    SELECT count(*) FROM topic_steps
    WHERE topic_id = :topic AND kind = 'objection_marked' AND ref->>'objection_id' = :objection
    """
)


def marked(session: Session, topic_id: str, objection_id: str) -> int:
    """How often an objection was marked, as its topic's timeline tells."""
    asked = {"topic": topic_id, "objection": objection_id}
    return session.scalar(_MARKED, asked) or 0


# That somebody helped is kept, not who.
_FORGET: tuple[str, ...] = (
    "UPDATE objections SET objector_id = NULL WHERE objector_id = :person",
    "UPDATE objections SET assisted_by = '' WHERE assisted_by = :person",
    "UPDATE objection_notes SET by_id = NULL WHERE by_id = :person",
    "UPDATE objection_notes SET assisted_by = '' WHERE assisted_by = :person",
)


def forget(session: Session, person_id: str) -> None:
    """Somebody's account was deleted: her objections stay as nobody's, and are answered."""
    for statement in _FORGET:
        session.execute(text(statement), {"person": person_id})
