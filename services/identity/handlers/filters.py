"""Filters of lists that somebody keeps under names of her own."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import (
    DropFilter,
    KeepFilter,
    KeptFilters,
    ListKeptFilters,
)
from services.contracts.operations.identity import KeptFilter as View
from services.identity import repository
from services.identity.domain.filters import MOST, FilterNotFound, TooManyFilters
from services.identity.models import KeptFilter
from services.kit.uow import UnitOfWork


def list_kept_filters(uow: UnitOfWork, cmd: ListKeptFilters, actor: Actor) -> KeptFilters:
    """The actor's own, of one list or of all, by name."""
    query = select(KeptFilter).where(KeptFilter.person_id == actor.person_id)
    if cmd.of is not None:
        query = query.where(KeptFilter.of == cmd.of)
    rows = uow.session.scalars(query.order_by(KeptFilter.of, KeptFilter.name))
    return KeptFilters(items=[_view(row) for row in rows], most=MOST)


def keep_filter(uow: UnitOfWork, cmd: KeepFilter, actor: Actor, now: datetime) -> View:
    """Keep what a list is asked for; the same name again takes the place of what it was.

    Raises:
        PersonNotFound: the account was deleted.
        TooManyFilters: see the domain.
    """
    session = uow.session
    repository.person(session, actor.person_id, lock=True)  # so that two at once are counted
    mine = (KeptFilter.person_id == actor.person_id, KeptFilter.of == cmd.of)
    others = select(func.count()).where(*mine, KeptFilter.name != cmd.name)
    if (session.scalar(others) or 0) >= MOST:
        raise TooManyFilters()
    asked = {field: value for field, value in cmd.asked.items() if value}
    kept = insert(KeptFilter).values(
        id=new_id(), person_id=actor.person_id, of=cmd.of, name=cmd.name, asked=asked, kept_at=now
    )
    row = session.scalars(
        kept.on_conflict_do_update(
            index_elements=("person_id", "of", "name"), set_={"asked": asked, "kept_at": now}
        ).returning(KeptFilter),
        execution_options={"populate_existing": True},
    ).one()
    return _view(row)


def drop_filter(uow: UnitOfWork, cmd: DropFilter, actor: Actor) -> Empty:
    """Keep it no longer.

    Raises:
        FilterNotFound: there is none of the actor's with this id.
    """
    gone = uow.session.scalar(
        delete(KeptFilter)
        .where(KeptFilter.id == cmd.id, KeptFilter.person_id == actor.person_id)
        .returning(KeptFilter.id)
    )
    if gone is None:
        raise FilterNotFound()
    return Empty()


def _view(row: KeptFilter) -> View:
    return View.model_validate({"id": row.id, "of": row.of, "name": row.name, "asked": row.asked})
