"""Queries of the discovery library, and of urges. An entry is changed under its issue's lock."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.grid_bridge.models import LibraryEntryRow, OrderUrgeRow, WorkOrderRow
from services.grid_bridge.repository import ORDER_READERS, under


def entry_of(session: Session, issue_id: str) -> LibraryEntryRow | None:
    """The entry of an issue, when it was handed over before."""
    return session.scalar(select(LibraryEntryRow).where(LibraryEntryRow.issue_id == issue_id))


def enter(session: Session, order: WorkOrderRow, standing: str, now: datetime) -> LibraryEntryRow:
    """A new entry for the issue of its first order."""
    earlier = session.scalar(select(func.count()).where(WorkOrderRow.issue_id == order.issue_id))
    row = LibraryEntryRow(
        no=order.library_no,
        id=new_id(),
        issue_id=order.issue_id,
        community_id=order.community_id,
        path=order.path,
        district_id=order.district_id,
        slot=order.slot,
        slot_name=order.slot_name,
        catalogue_version=order.catalogue_version,
        title=order.title,
        standing=standing,
        work_order_no=order.no,
        order_state=order.state,
        orders=earlier or 1,
        entered_at=order.opened_at,
        updated_at=now,
    )
    session.add(row)
    return row


def page_of_entries(
    session: Session,
    actor: Actor,
    district_id: str,
    *,
    standing: str | None,
    before: str | None,
    limit: int,
) -> Sequence[LibraryEntryRow]:
    """Entries of a district in the actor's reach, newest first; one more than ``limit``."""
    scopes = sorted({grant.path for grant in actor.grants if grant.role in ORDER_READERS})
    query = select(LibraryEntryRow).where(
        LibraryEntryRow.district_id == district_id,
        or_(*(under(LibraryEntryRow.path, scope) for scope in scopes)),
    )
    if standing is not None:
        query = query.where(LibraryEntryRow.standing == standing)
    if before is not None:
        query = query.where(LibraryEntryRow.id < before)
    return session.scalars(query.order_by(LibraryEntryRow.id.desc()).limit(limit + 1)).all()


def urge(
    session: Session, no: str, level: str, day: date, reason: str, by: tuple[str, str], at: datetime
) -> bool:
    """Write an urge down; False when this level has urged the order on that day."""
    actor_id, role = by
    statement = (
        insert(OrderUrgeRow)
        .values(
            work_order_no=no,
            level=level,
            day=day,
            reason=reason,
            actor_id=actor_id,
            actor_role=role,
            at=at,
        )
        .on_conflict_do_nothing()
        .returning(OrderUrgeRow.work_order_no)
    )
    return session.execute(statement).first() is not None
