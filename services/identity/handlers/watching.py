"""What observers (观察员) read, in numbers: heard from every service, shown to who runs a district.

What shows somebody's data is in the access log instead, line by line (:mod:`access`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.events import AccessCounted
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, ListCommand, Page
from services.contracts.operations.identity import (
    CountReads,
    ListCommunityReads,
    ListMyReads,
    ListObserverReads,
    ObserverReadsRow,
)
from services.identity import repository
from services.identity.handlers import access
from services.identity.models import ObserverReads, PersonRow
from services.kit import kept
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

KEY = ("day", "person_id", "operation", "place", "service")
GATEWAYS = "gateway.reads"  # where a gateway's tellings are known by their ids
READERS = frozenset({Role.DISTRICT_ADMIN, Role.AUDITOR})


def heard(uow: UnitOfWork, event: AccessCounted, at: datetime) -> None:
    """Add what a service has counted since it last told; it told it ``at`` that time."""
    _add(uow, [event], at)


def count_reads(uow: UnitOfWork, cmd: CountReads, at: datetime) -> Empty:
    """Add what a gateway has counted; a telling that comes again counts once."""
    if kept.take_delivery(uow.session, GATEWAYS, cmd.telling):
        _add(uow, cmd.reads, at)
    return Empty()


def _add(uow: UnitOfWork, events: Sequence[AccessCounted], at: datetime) -> None:
    counted: dict[tuple[Any, ...], dict[str, Any]] = {}
    for event in events:
        for read in event.reads:
            key = (event.day, event.person_id, read.operation, read.place, event.service)
            row = counted.setdefault(key, {**dict(zip(KEY, key, strict=True)), "reads": 0})
            # somebody's places may have changed in between: the later ones are kept
            row |= {"reads": row["reads"] + read.count, "paths": event.paths, "told_at": at}
    if not counted:
        return
    rows = postgresql.insert(ObserverReads).values(
        [{"id": new_id(), **counted[key]} for key in sorted(counted)]  # one order for everybody
    )
    uow.session.execute(
        rows.on_conflict_do_update(
            index_elements=KEY,
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
    return _page(uow, _narrowed(query, cmd), cmd)


def list_community_reads(
    uow: UnitOfWork, cmd: ListCommunityReads, actor: Actor
) -> Page[ObserverReadsRow]:
    """Who of the observers read what of a community, the latest day first; for its committee.

    Raises:
        CommunityNotFound: there is none.
        Forbidden: it is not the actor's.
    """
    community = repository.community(uow.session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    query = select(ObserverReads).where(ObserverReads.place == community.id)
    return _page(uow, _narrowed(query, cmd), cmd)


def _narrowed(
    query: Select[ObserverReads], cmd: ListObserverReads | ListCommunityReads
) -> Select[ObserverReads]:
    if cmd.person_id:
        query = query.where(ObserverReads.person_id == cmd.person_id)
    if cmd.day:
        query = query.where(ObserverReads.day == cmd.day)
    return query


def list_my_reads(uow: UnitOfWork, cmd: ListMyReads, actor: Actor) -> Page[ObserverReadsRow]:
    """What is written down of the actor's own looking, the latest day first."""
    return _page(uow, select(ObserverReads).where(ObserverReads.person_id == actor.person_id), cmd)


def _page(
    uow: UnitOfWork, query: Select[ObserverReads], cmd: ListCommand
) -> Page[ObserverReadsRow]:
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
    return ObserverReadsRow(
        day=row.day,
        observer=access.named(people, row.person_id),
        operation=row.operation,
        place=row.place or None,
        reads=row.reads,
    )
