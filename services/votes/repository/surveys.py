"""Surveys, marks and answers; an answer shares the survey's lock, whatever changes it holds it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.votes.domain.surveys import SurveyNotFound
from services.votes.models import SurveyAnswerRow, SurveyMarkRow, SurveyRow

_SUMMARY = """
    SELECT one.id, one.community_id, one.convener, one.title, one.state,
           jsonb_array_length(one.questions) AS size, one.anonymous, one.one_per, one.results,
           one.texts, one.plan_id, one.topic_id, one.closes_at, one.opened_at, one.closed_at,
           (SELECT count(*) FROM survey_answers AS a WHERE a.survey_id = one.id) AS answers,
           EXISTS (SELECT FROM survey_marks AS m
                   WHERE m.survey_id = one.id AND m.person_id = :reader) AS answered
    FROM surveys AS one
    WHERE <narrowed>
    ORDER BY one.id DESC LIMIT :take
"""


def page(
    session: Session,
    community_id: str,
    *,
    reader: str,
    bodies: Sequence[str],
    state: str | None,
    plan_id: str | None,
    topic_id: str | None,
    before: str | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Surveys of a community, drafts those of the reader's ``bodies``; one more than ``limit``."""
    narrowed = [
        "one.community_id = :community",
        "(one.state <> 'draft' OR one.convener = ANY(:bodies))",
    ]
    if state:
        narrowed.append("one.state = :state")
    if plan_id:
        narrowed.append("one.plan_id = :plan")
    if topic_id:
        narrowed.append("one.topic_id = :topic")
    if before:
        narrowed.append("one.id < :before")
    return session.execute(
        text(_SUMMARY.replace("<narrowed>", " AND ".join(narrowed))),
        {
            "community": community_id,
            "reader": reader,
            "bodies": list(bodies),
            "state": state,
            "plan": plan_id,
            "topic": topic_id,
            "before": before,
            "take": limit + 1,
        },
    ).all()


def known(session: Session, community_id: str, ids: Sequence[str]) -> list[str]:
    """Which of these the community was asked."""
    found = session.scalars(
        select(SurveyRow.id).where(
            SurveyRow.id.in_(ids),
            SurveyRow.community_id == community_id,
            SurveyRow.state != "draft",
        )
    )
    return sorted(found)


def summary(session: Session, survey_id: str, reader: str) -> Row[Any]:
    """One survey as lists show it."""
    return session.execute(
        text(_SUMMARY.replace("<narrowed>", "one.id = :survey")),
        {"survey": survey_id, "reader": reader, "take": 1},
    ).one()


def survey(
    session: Session, survey_id: str, *, lock: bool = False, share: bool = False
) -> SurveyRow:
    """The survey; ``lock`` is for whoever changes it, ``share`` for whoever answers.

    Raises:
        SurveyNotFound: there is none.
    """
    wait: Any = {"read": True} if share else lock or None
    row = session.get(SurveyRow, survey_id, with_for_update=wait, populate_existing=lock or share)
    if row is None:
        raise SurveyNotFound()
    return row


_MARK = text(
    "INSERT INTO survey_marks (survey_id, subject, person_id) VALUES (:survey, :subject, :person) "
    "ON CONFLICT (survey_id, subject) DO NOTHING RETURNING subject"
)


def mark(session: Session, survey_id: str, subject: str, person_id: str) -> bool:
    """Mark that the subject has answered; False when it had. A twin waits for the first."""
    marked = session.execute(_MARK, {"survey": survey_id, "subject": subject, "person": person_id})
    return marked.first() is not None


def answer_of(session: Session, survey_id: str, subject: str) -> SurveyAnswerRow | None:
    """The answer of a subject, in a survey with names; locked, to be changed."""
    query = select(SurveyAnswerRow).where(
        SurveyAnswerRow.survey_id == survey_id, SurveyAnswerRow.subject == subject
    )
    return session.scalars(query.with_for_update()).first()


def answer_by(session: Session, survey_id: str, person_id: str) -> SurveyAnswerRow | None:
    """The answer that somebody gave, in a survey with names."""
    return session.scalars(
        select(SurveyAnswerRow).where(
            SurveyAnswerRow.survey_id == survey_id, SurveyAnswerRow.person_id == person_id
        )
    ).first()


def count(session: Session, survey_id: str) -> int:
    """How many have answered."""
    counted = select(func.count()).where(SurveyMarkRow.survey_id == survey_id)
    return session.scalar(counted) or 0


def answers(session: Session, survey_id: str) -> Sequence[Any]:
    """All answers as (answers, waits), in an order that says nothing."""
    return session.execute(
        select(SurveyAnswerRow.answers, SurveyAnswerRow.waits)
        .where(SurveyAnswerRow.survey_id == survey_id)
        .order_by(SurveyAnswerRow.code)
    ).all()


_SHUFFLE = text(
    """
    WITH gone AS (
        DELETE FROM survey_answers WHERE survey_id = :survey RETURNING *
    )
    INSERT INTO survey_answers (survey_id, code, answers, waits)
    SELECT survey_id, md5(random()::text || code), answers, waits FROM gone ORDER BY random()
    """
)


def shuffle(session: Session, survey_id: str) -> None:
    """Write anonymous answers anew in random order, under other codes.

    Where a row lay, and which transaction wrote it, said beside whose mark it came.
    """
    session.execute(_SHUFFLE, {"survey": survey_id})


_FORGET = (
    # What she said in words goes, what counts stays.
    """
    UPDATE survey_answers AS a SET person_id = NULL, assisted_by = NULL, at = NULL, waits = false,
        subject = CASE WHEN a.subject = :person THEN NULL ELSE a.subject END,
        answers = (
            SELECT jsonb_agg(
                CASE WHEN asked.one->>'kind' = 'text' THEN 'null' ELSE given.one END
                ORDER BY given.place)
            FROM jsonb_array_elements(a.answers) WITH ORDINALITY AS given (one, place)
            JOIN jsonb_array_elements(s.questions) WITH ORDINALITY AS asked (one, place)
                USING (place))
    FROM surveys AS s WHERE s.id = a.survey_id AND a.person_id = :person
    """,
    """
    UPDATE survey_marks SET person_id = NULL, subject = CASE WHEN subject = :person
        THEN md5(random()::text || subject) ELSE subject END
    WHERE person_id = :person
    """,
    "UPDATE survey_answers SET assisted_by = NULL WHERE assisted_by = :person",
)


def forget(session: Session, person_id: str) -> None:
    """Somebody has left for good: what she answered counts on, without her words and her name.

    Of an anonymous survey nobody knows which answer was hers. Her household has answered still.
    """
    for statement in _FORGET:
        session.execute(text(statement), {"person": person_id})
