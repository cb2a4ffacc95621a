"""Covenants, their versions and who agreed to them: one statement for a list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, text
from sqlalchemy.orm import Session

from services.votes.domain.covenants import CovenantNotFound, CovenantVersionNotFound, Version
from services.votes.models import AgreementRow, CovenantRow, CovenantVersionRow

# What lists show, and a covenant's own page as its head.
_SUMMARY = """
    SELECT one.id, one.community_id, one.title, one.convener, one.state, one.version, one.newest,
           one.review_at, said.size, said.effective_at, said.expires_at,
           (SELECT count(*) FROM covenant_agreements AS a
            WHERE a.covenant_id = one.id AND a.version = one.version) AS agreed,
           mine.version AS my_agreement,
           (SELECT count(*) FROM covenant_breaches AS b
            WHERE b.covenant_id = one.id AND b.state IN ('open', 'talking')) AS breaches_open
    FROM covenants AS one
    JOIN covenant_versions AS said ON said.covenant_id = one.id AND said.version = one.version
    LEFT JOIN LATERAL (
        SELECT max(version) AS version FROM covenant_agreements
        WHERE covenant_id = one.id AND person_id = :reader
    ) AS mine ON true
    WHERE <narrowed>
    ORDER BY one.id DESC LIMIT :take
"""


def page(
    session: Session,
    community_id: str,
    *,
    reader: str,
    state: str | None,
    convener: str | None,
    to_agree: bool,
    before: str | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Covenants of a community, newest first; one more than ``limit``."""
    narrowed = ["one.community_id = :community"]
    if state:
        narrowed.append("one.state = :state")
    if convener:
        narrowed.append("one.convener = :convener")
    if to_agree:
        narrowed.append("one.state = 'in_force' AND mine.version IS DISTINCT FROM one.version")
    if before:
        narrowed.append("one.id < :before")
    asked = {"community": community_id, "reader": reader, "take": limit + 1}
    return session.execute(
        text(_SUMMARY.replace("<narrowed>", " AND ".join(narrowed))),
        {**asked, "state": state, "convener": convener, "before": before},
    ).all()


def summary(session: Session, covenant_id: str, reader: str) -> Row[Any]:
    """One covenant as lists show it; :class:`CovenantNotFound` when there is none."""
    row = session.execute(
        text(_SUMMARY.replace("<narrowed>", "one.id = :covenant")),
        {"covenant": covenant_id, "reader": reader, "take": 1},
    ).first()
    if row is None:
        raise CovenantNotFound()
    return row


def covenant(session: Session, covenant_id: str, *, lock: bool = False) -> CovenantRow:
    """The covenant; :class:`CovenantNotFound` when there is none."""
    row = session.get(
        CovenantRow, covenant_id, with_for_update=lock or None, populate_existing=lock
    )
    if row is None:
        raise CovenantNotFound()
    return row


def version(session: Session, covenant_id: str, number: int) -> CovenantVersionRow:
    """What it said in one version; :class:`CovenantVersionNotFound` when there is none."""
    row = session.scalars(
        select(CovenantVersionRow).where(
            CovenantVersionRow.covenant_id == covenant_id, CovenantVersionRow.version == number
        )
    ).first()
    if row is None:
        raise CovenantVersionNotFound()
    return row


def of_duty(session: Session, version_id: str) -> CovenantVersionRow:
    """The version that a duty of the clock names."""
    return session.get_one(CovenantVersionRow, version_id)


def terms(session: Session, covenant_id: str) -> list[Version]:
    """When each version takes effect and ends."""
    rows = session.execute(
        text(
            "SELECT version, change, effective_at, expires_at FROM covenant_versions "
            "WHERE covenant_id = :covenant ORDER BY version"
        ),
        {"covenant": covenant_id},
    )
    return [Version(*row) for row in rows]


def history(session: Session, covenant_id: str) -> Sequence[Row[Any]]:
    """Every version, newest first, with its topic and how many agreed to it."""
    return session.execute(
        text(
            """
            SELECT said.version, said.change, said.size, said.topic_id, topic.title AS topic_title,
                   said.poll_id, said.proposal, said.proposal_hash, said.adopted_at,
                   said.effective_at, said.expires_at,
                   (SELECT count(*) FROM covenant_agreements AS a
                    WHERE a.covenant_id = said.covenant_id AND a.version = said.version) AS agreed
            FROM covenant_versions AS said JOIN topics AS topic ON topic.id = said.topic_id
            WHERE said.covenant_id = :covenant ORDER BY said.version DESC
            """
        ),
        {"covenant": covenant_id},
    ).all()


def provenances(
    session: Session, covenant_id: str, numbers: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """By which decisions these versions came."""
    rows = session.execute(
        text(
            "SELECT version, topic_id, poll_id, proposal, proposal_hash, adopted_at "
            "FROM covenant_versions WHERE covenant_id = :covenant AND version = ANY(:numbers)"
        ),
        {"covenant": covenant_id, "numbers": list(set(numbers))},
    )
    return {row.version: dict(row._mapping) for row in rows}


# -- agreements -----------------------------------------------------------------------------------


def agree(
    session: Session, covenant_id: str, number: int, person_id: str, at: datetime, *, named: bool
) -> None:
    """She agrees to this version; who did already may still be named or not."""
    session.execute(
        text(
            "INSERT INTO covenant_agreements (covenant_id, version, person_id, named, at) "
            "VALUES (:covenant, :version, :person, :named, :at) "
            "ON CONFLICT (covenant_id, version, person_id) DO UPDATE SET named = excluded.named"
        ),
        {
            "covenant": covenant_id,
            "version": number,
            "person": person_id,
            "named": named,
            "at": at,
        },
    )


def disagree(session: Session, covenant_id: str, person_id: str) -> bool:
    """She takes back that she agreed, to whichever versions she did; whether she had."""
    gone = session.scalars(
        delete(AgreementRow)
        .where(AgreementRow.covenant_id == covenant_id, AgreementRow.person_id == person_id)
        .returning(AgreementRow.version)
    )
    return bool(gone.all())


def forget(session: Session, person_id: str) -> None:
    """Somebody has left for good."""
    session.execute(delete(AgreementRow).where(AgreementRow.person_id == person_id))


def agreed(session: Session, covenant_id: str, number: int) -> int:
    """How many have agreed to this version."""
    counted = session.scalar(
        text(
            "SELECT count(*) FROM covenant_agreements "
            "WHERE covenant_id = :covenant AND version = :version"
        ),
        {"covenant": covenant_id, "version": number},
    )
    return int(counted or 0)


def named(session: Session, covenant_id: str, number: int, limit: int) -> list[str]:
    """The people who agreed to this version and let their names be shown, newest first."""
    found = session.scalars(
        select(AgreementRow.person_id)
        .where(
            AgreementRow.covenant_id == covenant_id,
            AgreementRow.version == number,
            AgreementRow.named,
        )
        .order_by(AgreementRow.at.desc(), AgreementRow.person_id)
        .limit(limit)
    )
    return list(found)


def breach_sums(session: Session, covenant_id: str) -> dict[str | None, dict[str, int]]:
    """How many breaches were reported of each article, by what became of them."""
    rows = session.execute(
        text(
            "SELECT article, CASE WHEN state = 'talking' THEN 'open' ELSE state END AS state, "
            "count(*) AS reported FROM covenant_breaches WHERE covenant_id = :covenant "
            "GROUP BY 1, 2"
        ),
        {"covenant": covenant_id},
    )
    sums: dict[str | None, dict[str, int]] = {}
    for row in rows:
        sums.setdefault(row.article, {})[row.state] = row.reported
    return sums
