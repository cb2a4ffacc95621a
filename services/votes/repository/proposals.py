"""The proposal's versions, and the covenant that one amends or repeals."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.votes.domain.proposals import ProposalVersionNotFound
from services.votes.models import CovenantVersionRow, ProposalVersionRow

_P = ProposalVersionRow
_KEYS = text(
    """
    SELECT DISTINCT article->>'key'
    FROM proposal_versions CROSS JOIN jsonb_array_elements(articles) AS article
    WHERE topic_id = :topic
    """
)


def version(session: Session, topic_id: str, number: int) -> ProposalVersionRow:
    """A version of a topic's proposal.

    Raises:
        ProposalVersionNotFound: there is none.
    """
    row = session.get(ProposalVersionRow, (topic_id, number))
    if row is None:
        raise ProposalVersionNotFound()
    return row


def page(session: Session, topic_id: str, *, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Versions without their texts, newest first; one more than ``limit``."""
    size = func.jsonb_array_length(_P.articles).label("articles")
    statement = select(
        _P.version, size, _P.hash, _P.opens_at, _P.closes_at, _P.written_at, _P.written_role
    ).where(_P.topic_id == topic_id)
    if before is not None:
        statement = statement.where(_P.version < before)
    return session.execute(statement.order_by(_P.version.desc()).limit(limit + 1)).all()


def keys(session: Session, topic_id: str) -> list[str]:
    """Every key that an article of any version had."""
    return list(session.scalars(_KEYS, {"topic": topic_id}))


def covenant_text(
    session: Session, covenant_id: str, number: int | None = None
) -> CovenantVersionRow | None:
    """What a covenant says in a version, or by the latest decision; None when there is none."""
    statement = select(CovenantVersionRow).where(CovenantVersionRow.covenant_id == covenant_id)
    if number is not None:
        statement = statement.where(CovenantVersionRow.version == number)
    return session.scalars(statement.order_by(CovenantVersionRow.version.desc()).limit(1)).first()
