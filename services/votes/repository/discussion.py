"""Opinions and moderators: one statement for a list; the topic is locked before anything of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from services.votes.domain.discussion import OpinionNotFound
from services.votes.models import ModeratorRow, OpinionRow, TopicRow

SIDES = (None, "for", "against", "neutral")
"""In whose turn a round goes; whoever moderates has no side."""


def topic_of(session: Session, opinion_id: str) -> str:
    """The topic of an opinion; :class:`OpinionNotFound` when there is none."""
    found = session.scalar(select(OpinionRow.topic_id).where(OpinionRow.id == opinion_id))
    if found is None:
        raise OpinionNotFound()
    return found


def opinion(session: Session, opinion_id: str) -> OpinionRow:
    """The opinion as it is now; the topic is locked by the caller when she means to change it."""
    row = session.get(OpinionRow, opinion_id, populate_existing=True)
    if row is None:
        raise OpinionNotFound()
    return row


def next_no(session: Session, topic_id: str) -> int:
    """The number of what is told next; the topic is locked by the caller."""
    last = session.scalar(select(func.max(OpinionRow.no)).where(OpinionRow.topic_id == topic_id))
    return (last or 0) + 1


def given(session: Session, topic_id: str, person_id: str) -> tuple[int, datetime | None]:
    """How many opinions somebody has given on a topic, those taken back, too, and when last."""
    count, last = session.execute(
        select(func.count(), func.max(OpinionRow.created_at)).where(
            OpinionRow.topic_id == topic_id,
            OpinionRow.author_id == person_id,
            OpinionRow.stance.is_not(None),
        )
    ).one()
    return count, last


def speakers(session: Session, topic_id: str) -> int:
    """How many people have spoken: each of them had a first opinion that was told."""
    of_topic = select(func.count()).where(
        OpinionRow.topic_id == topic_id,
        OpinionRow.nth == 1,
        OpinionRow.stance.is_not(None),
        OpinionRow.no.is_not(None),
    )
    return session.scalar(of_topic) or 0


def alternating(
    session: Session, topic_id: str, *, until: int, after: tuple[int, int, int], limit: int
) -> Sequence[Row[Any]]:
    """Opinions with their place (round, turn): the sides in turn; one more than ``limit``.

    Within a side those come first who have spoken least, then what was told first; a side's n-th
    stands in round n. Moderators' words have round 0. An opinion keeps its place whatever becomes
    of it, and ``until`` (the number of the last that counts) keeps later ones out: so a list that
    was begun can be read on. Of each side no more is read than the page may need.
    """
    deep = after[0] + limit + 1
    placed = union_all(*(_side(topic_id, turn, until, deep) for turn in range(4))).subquery()
    found = aliased(OpinionRow, placed)
    place = tuple_(placed.c.round, placed.c.turn, placed.c.no)
    return session.execute(
        select(found, placed.c.round, placed.c.turn)
        .where(place > tuple_(*after))
        .order_by(placed.c.round, placed.c.turn, placed.c.no)
        .limit(limit + 1)
    ).all()


def _side(topic_id: str, turn: int, until: int, deep: int) -> Select[Any]:
    """The first opinions of the side that speaks in this turn; 0 are the moderators' words."""
    stance = SIDES[turn]
    order = (OpinionRow.nth, OpinionRow.no)
    nth = func.row_number().over(order_by=order) if stance else literal(0)
    found = select(OpinionRow, nth.label("round"), literal(turn).label("turn")).where(
        OpinionRow.topic_id == topic_id, OpinionRow.stance == stance, OpinionRow.no <= until
    )
    if stance:
        found = found.order_by(*order).limit(deep)
    return select(found.subquery())


def last_no(session: Session, topic_id: str) -> int:
    """The number of what was told last; 0 when nothing was."""
    return next_no(session, topic_id) - 1


def newest(
    session: Session, topic_id: str, *, before: int | None, limit: int
) -> Sequence[OpinionRow]:
    """What was told, the newest first; one more than ``limit``."""
    statement = select(OpinionRow).where(
        OpinionRow.topic_id == topic_id,
        OpinionRow.no.is_not(None) if before is None else OpinionRow.no < before,
    )
    return session.scalars(statement.order_by(OpinionRow.no.desc()).limit(limit + 1)).all()


def waiting(
    session: Session, topic_id: str, *, author_id: str | None, after: str, limit: int
) -> Sequence[OpinionRow]:
    """Opinions that somebody has to look at, and appeals, the oldest first; one too many.

    ``author_id`` narrows them to somebody's own.
    """
    statement = select(OpinionRow).where(
        OpinionRow.topic_id == topic_id,
        or_(
            OpinionRow.state == "waiting",
            and_(
                OpinionRow.state == "hidden",
                OpinionRow.appealed_at.is_not(None),
                OpinionRow.final.is_(False),
            ),
        ),
        OpinionRow.id > after,
    )
    if author_id is not None:
        statement = statement.where(OpinionRow.author_id == author_id)
    return session.scalars(statement.order_by(OpinionRow.id).limit(limit + 1)).all()


# -- moderators -------------------------------------------------------------------------------


def moderating(session: Session, topic_id: str, person_id: str) -> ModeratorRow | None:
    """Somebody's moderation of a topic, while it lasts."""
    return session.scalars(
        select(ModeratorRow).where(
            ModeratorRow.topic_id == topic_id,
            ModeratorRow.person_id == person_id,
            ModeratorRow.ended_at.is_(None),
        )
    ).first()


def moderators(session: Session, topic_id: str) -> Sequence[ModeratorRow]:
    """Who moderates a topic, or did, in the order of appointment."""
    of_topic = select(ModeratorRow).where(ModeratorRow.topic_id == topic_id)
    return session.scalars(of_topic.order_by(ModeratorRow.id)).all()


# -- leaving ----------------------------------------------------------------------------------


def end_moderations(
    session: Session, person_id: str, community_id: str | None, now: datetime
) -> None:
    """Somebody moderates nothing any more in a community, or anywhere."""
    statement = update(ModeratorRow).where(
        ModeratorRow.person_id == person_id, ModeratorRow.ended_at.is_(None)
    )
    if community_id is not None:
        here = select(TopicRow.id).where(TopicRow.community_id == community_id)
        statement = statement.where(ModeratorRow.topic_id.in_(here))
    session.execute(statement.values(ended_at=now))


# That somebody helped is kept, not who.
_FORGET: tuple[str, ...] = (
    # What nobody else has read, or may read, goes; what was said in public stays, nobody's.
    """
    UPDATE opinions SET body = '', earlier = '[]', appeal = NULL, author_id = NULL,
        state = CASE WHEN state = 'waiting' THEN 'withdrawn' ELSE state END
    WHERE author_id = :person AND state IN ('waiting', 'hidden')
    """,
    "UPDATE opinions SET author_id = NULL, earlier = '[]', appeal = NULL WHERE author_id = :person",
    "UPDATE opinions SET assisted_by = '' WHERE assisted_by = :person",
    "UPDATE opinions SET decided_by = NULL WHERE decided_by = :person",
    "UPDATE topic_moderators SET person_id = NULL WHERE person_id = :person",
    "UPDATE topic_moderators SET appointed_by = NULL WHERE appointed_by = :person",
    "UPDATE proposal_versions SET written_by = NULL WHERE written_by = :person",
)


def forget(session: Session, person_id: str) -> None:
    """Somebody's account was deleted: what she said in discussions, moderated or wrote."""
    for statement in _FORGET:
        session.execute(text(statement), {"person": person_id})
