"""Calendars and limits as districts keep them, and the promises that they move.

What a promise needs to know of its place is one statement for any number of communities; a
calendar itself is read once in a process, as its revision names it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.grid_bridge.domain.sla import Step
from services.grid_bridge.models import (
    CalendarRow,
    CalendarYearRow,
    IssueRow,
    LimitsRow,
    PromiseRow,
    WorkOrderRow,
)
from services.grid_bridge.workdays import DistrictCalendar

_PLACES = text(
    """
    SELECT here.id, here.district_id, coalesce(known.revision, '') AS revision,
           (SELECT limits FROM sla_limits
            WHERE district_id = here.district_id AND community_id = ''
            ORDER BY version DESC LIMIT 1) AS of_district,
           (SELECT limits FROM sla_limits
            WHERE district_id = here.district_id AND community_id = here.id
            ORDER BY version DESC LIMIT 1) AS of_community
    FROM directory_communities AS here
    LEFT JOIN calendars AS known ON known.district_id = here.district_id
    WHERE here.id = ANY(:communities)
    """
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('grid_clocks'), hashtext(:district))")


def places(session: Session, community_ids: Iterable[str]) -> Sequence[Any]:
    """Of each community that is known: its district, its calendar's revision, its own limits."""
    return session.execute(_PLACES, {"communities": sorted(set(community_ids))}).all()


# -- calendars -----------------------------------------------------------------------------------


def lock(session: Session, district_id: str) -> None:
    """Let nobody else enter days or set limits of the district until the transaction ends."""
    session.execute(_LOCK, {"district": district_id})


def calendar(session: Session, district_id: str) -> CalendarRow | None:
    """That the district has a calendar of its own."""
    return session.get(CalendarRow, district_id, populate_existing=True)


def years(session: Session, district_id: str) -> Sequence[CalendarYearRow]:
    """The years that the district entered, each as it was entered last."""
    newest = (
        select(CalendarYearRow.year, func.max(CalendarYearRow.version).label("version"))
        .where(CalendarYearRow.district_id == district_id)
        .group_by(CalendarYearRow.year)
        .subquery()
    )
    return session.scalars(
        select(CalendarYearRow)
        .join(
            newest,
            and_(
                CalendarYearRow.year == newest.c.year, CalendarYearRow.version == newest.c.version
            ),
        )
        .where(CalendarYearRow.district_id == district_id)
        .order_by(CalendarYearRow.year)
    ).all()


def as_calendar(revision: str, entered: Iterable[CalendarYearRow]) -> DistrictCalendar:
    """What a district entered as the rules know it."""
    rows = list(entered)
    days = {date.fromisoformat(one["day"]): one["worked"] for row in rows for one in row.days}
    complete = frozenset(row.year for row in rows if row.complete)
    return DistrictCalendar(revision, MappingProxyType(days), complete)


def enter_year(session: Session, row: CalendarYearRow, revision: str, now: datetime) -> None:
    """Keep a year as the next version; the caller holds the lock."""
    last = session.scalar(
        select(func.max(CalendarYearRow.version)).where(
            CalendarYearRow.district_id == row.district_id, CalendarYearRow.year == row.year
        )
    )
    row.version = 1 + (last or 0)
    session.add(row)
    entered = insert(CalendarRow).values(
        district_id=row.district_id, revision=revision, changed_at=now, settled_at=None
    )
    session.execute(
        entered.on_conflict_do_update(
            index_elements=["district_id"],
            set_={
                name: entered.excluded[name] for name in ("revision", "changed_at", "settled_at")
            },
        )
    )
    session.flush()


# -- what is reckoned anew -------------------------------------------------------------------------

_STALE_PROMISES = text(
    """
    SELECT promise.id
    FROM calendars AS known
    JOIN directory_communities AS here ON here.district_id = known.district_id
    JOIN issues AS issue ON issue.community_id = here.id
    JOIN promises AS promise ON promise.issue_id = issue.id AND promise.ended_at IS NULL
    WHERE known.settled_at IS NULL AND promise.calendar <> known.revision
    ORDER BY promise.id LIMIT :limit
    FOR UPDATE OF issue, promise SKIP LOCKED
    """
)
_COVERED_PROMISES = text(
    """
    SELECT promise.id FROM promises AS promise
    JOIN issues AS issue ON issue.id = promise.issue_id
    WHERE promise.provisional AND promise.ended_at IS NULL AND promise.due_at < :until
    ORDER BY promise.due_at LIMIT :limit
    FOR UPDATE OF issue, promise SKIP LOCKED
    """
)
_SETTLE = text(
    """
    UPDATE calendars AS known SET settled_at = :now
    WHERE known.settled_at IS NULL AND known.changed_at < :quiet
      AND NOT EXISTS (
        SELECT FROM directory_communities AS here
        JOIN issues AS issue ON issue.community_id = here.id
        JOIN promises AS promise ON promise.issue_id = issue.id
        WHERE here.district_id = known.district_id AND promise.ended_at IS NULL
          AND promise.calendar <> known.revision)
      AND NOT EXISTS (
        SELECT FROM directory_communities AS here
        JOIN post_clocks AS clock ON clock.community_id = here.id
        WHERE here.district_id = known.district_id AND clock.ended_at IS NULL
          AND clock.due_at IS NOT NULL AND clock.calendar <> known.revision)
    """
)


def stale_promises(
    session: Session, until: datetime, limit: int
) -> Sequence[tuple[IssueRow, PromiseRow]]:
    """Running promises that their calendar has left behind, with their issues, both locked.

    Of districts whose calendar changed; and provisional ones whose limit the published table,
    which reaches ``until``, covers by now. What others hold is skipped: it is found again.
    """
    ids = session.scalars(_STALE_PROMISES, {"limit": limit}).all()
    ids = ids or session.scalars(_COVERED_PROMISES, {"until": until, "limit": limit}).all()
    rows = session.execute(
        select(IssueRow, PromiseRow)
        .join(PromiseRow, PromiseRow.issue_id == IssueRow.id)
        .where(PromiseRow.id.in_(ids))
        .order_by(PromiseRow.id)
    )
    return [(issue, promise) for issue, promise in rows]


def untouched_orders(session: Session, numbers: Iterable[str]) -> dict[str, WorkOrderRow]:
    """The orders among these of which the platform has told nothing yet, locked, by number."""
    rows = session.scalars(
        select(WorkOrderRow)
        .where(WorkOrderRow.no.in_(sorted(numbers)), WorkOrderRow.applied == 0)
        .order_by(WorkOrderRow.no)
        .with_for_update()
    )
    return {row.no: row for row in rows}


def settle(session: Session, quiet: datetime, now: datetime) -> None:
    """Calendars that changed before ``quiet`` and by which everything goes are settled.

    A promise that was being made while the calendar changed does not know of it; so nothing is
    settled while such a transaction may run.
    """
    session.execute(_SETTLE, {"quiet": quiet, "now": now})


def as_steps(stored: Iterable[dict[str, Any]]) -> tuple[Step, ...]:
    """Stored steps of a promise as the rules know them."""
    return tuple(
        Step(
            one["kind"],
            datetime.fromisoformat(one["at"]),
            one.get("days", 0),
            datetime.fromisoformat(one["until"]) if one.get("until") else None,
        )
        for one in stored
    )


def stored_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps as they are stored."""
    return [
        {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(step).items()
            if value
        }
        for step in steps
    ]


# -- limits ----------------------------------------------------------------------------------------


def limits(session: Session, district_id: str, community_id: str) -> LimitsRow | None:
    """The limits of a district (``community_id`` empty) or of a community as they stand."""
    return session.scalar(
        select(LimitsRow)
        .where(LimitsRow.district_id == district_id, LimitsRow.community_id == community_id)
        .order_by(LimitsRow.version.desc())
        .limit(1)
    )


def page_of_limits(
    session: Session, district_id: str, community_id: str, *, below: int, limit: int
) -> Sequence[LimitsRow]:
    """The versions of a place's limits, newest first; one more than ``limit``."""
    return session.scalars(
        select(LimitsRow)
        .where(
            LimitsRow.district_id == district_id,
            LimitsRow.community_id == community_id,
            LimitsRow.version < below,
        )
        .order_by(LimitsRow.version.desc())
        .limit(limit + 1)
    ).all()


def lies_in(session: Session, community_id: str, district_id: str) -> bool:
    """Whether the community is one of the district's."""
    return bool(
        session.scalar(
            text("SELECT district_id = :district FROM directory_communities WHERE id = :id"),
            {"district": district_id, "id": community_id},
        )
    )
