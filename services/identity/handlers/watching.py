"""What observers (观察员) read, in numbers: heard from every service, shown to who runs a district.

What shows somebody's data is in the access log instead, line by line (:mod:`access`).
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects import postgresql

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.events import AccessCounted
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.identity import ListObserverReads, ObserverReadsRow, Person
from services.identity import repository
from services.identity.domain import deletion
from services.identity.models import ObserverReads, PersonRow
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

READERS = frozenset({Role.DISTRICT_ADMIN, Role.AUDITOR})


def heard(uow: UnitOfWork, event: AccessCounted, at: datetime) -> None:
    """Add what a service has counted since it last told; it told it ``at`` that time."""
    if not event.reads:
        return
    rows = postgresql.insert(ObserverReads).values(
        [
            {
                "id": new_id(),
                "day": event.day,
                "person_id": event.person_id,
                "service": event.service,
                "operation": read.operation,
                "place": read.place,
                "paths": event.paths,
                "reads": read.count,
                "told_at": at,
            }
            for read in sorted(event.reads, key=lambda read: (read.operation, read.place))
        ]
    )
    uow.session.execute(
        rows.on_conflict_do_update(
            index_elements=["day", "person_id", "operation", "place", "service"],
            set_={
                "reads": ObserverReads.reads + rows.excluded.reads,
                "paths": rows.excluded.paths,
                "told_at": rows.excluded.told_at,
            },
        )
    )


def list_observer_reads(
    uow: UnitOfWork, cmd: ListObserverReads, actor: Actor
) -> Page[ObserverReadsRow]:
    """Who observes in the district and how often she read what, the latest day first.

    Raises:
        Forbidden: it is not a district that the actor administers or audits.
    """
    district = repository.node(uow.session, cmd.did)
    if district is None or district.kind != "district":
        raise Forbidden()
    actor.require(READERS, district.path)
    observes = func.unnest(ObserverReads.paths).column_valued("path")
    query = select(ObserverReads).where(
        select(observes)
        .where(or_(observes == district.path, func.starts_with(observes, f"{district.path}.")))
        .exists()
    )
    if cmd.person_id:
        query = query.where(ObserverReads.person_id == cmd.person_id)
    if cmd.day:
        query = query.where(ObserverReads.day == cmd.day)
    if cmd.cursor:
        day, last = decode_cursor(cmd.cursor, 2)
        query = query.where(tuple_(ObserverReads.day, ObserverReads.id) < tuple_(_day(day), last))
    order = (ObserverReads.day.desc(), ObserverReads.id.desc())
    rows = list(uow.session.scalars(query.order_by(*order).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    people = repository.people(uow.session, [row.person_id for row in page])
    return Page[ObserverReadsRow](
        items=[_view(row, people) for row in page],
        next_cursor=encode_cursor(page[-1].day.isoformat(), page[-1].id)
        if len(rows) > cmd.limit
        else None,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCursor() from None


def _view(row: ObserverReads, people: Mapping[str, PersonRow]) -> ObserverReadsRow:
    known = people.get(row.person_id)
    return ObserverReadsRow(
        day=row.day,
        observer=Person(
            id=row.person_id,
            display_name=known.display_name if known else deletion.DELETED_NAME,
        ),
        operation=row.operation,
        place=row.place or None,
        reads=row.reads,
    )
