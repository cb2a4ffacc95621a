"""Rows of the register of persons, read and written in sets: 20,000 cost some statements."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Text, bindparam, exists, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from services.identity.crypto import Vault
from services.identity.domain import names
from services.identity.models import Membership, RealName, RegisterPerson, Territory
from services.kit import db

BATCH = 2_000  # rows of one statement, far below the statement's time limit


def name_index(vault: Vault, community_id: str, name: str) -> str:
    """The blind index of a name within one community; the same name has another one elsewhere."""
    return vault.index("register.name", f"{community_id}\0{names.name_key(name)}")


def lock(session: Session, community_id: str) -> None:
    """Let one change of a community's register or places finish before the next begins."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('identity.places ' || :community, 0))"),
        {"community": community_id},
    )


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A node below a community, as far as addresses need it."""

    id: str
    kind: str
    parent_id: str
    path: str
    name: str
    position: int
    floor_area: Decimal | None


def places_below(session: Session, community: Territory) -> list[PlaceRow]:
    """Estates, buildings, units and rooms of a community, in their order."""
    rows = session.execute(
        select(
            Territory.id,
            Territory.kind,
            func.coalesce(Territory.parent_id, ""),
            Territory.path,
            Territory.name,
            Territory.position,
            Territory.floor_area,
        )
        .where(Territory.path.like(db.below(community.path), escape="\\"))
        .order_by(Territory.position, Territory.path)
    )
    return [PlaceRow(*row) for row in rows]


def add_places(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Put new nodes in, parents first."""
    for some in _batches(rows):
        session.execute(insert(Territory), some)


def measure(session: Session, areas: Mapping[str, Decimal]) -> None:
    """Write floor areas (m²) of rooms."""
    for some in _batches({"id": room, "floor_area": area} for room, area in areas.items()):
        session.execute(update(Territory), some)


def live_entries(session: Session, community_id: str, *, lock: bool = False) -> Sequence[Any]:
    """The community's entries that have not ended: what an import compares, no sealed column.

    Args:
        lock: let no account be tied to one of them before the end of this transaction.
    """
    query = (
        select(
            RegisterPerson.id,
            RegisterPerson.building_id,
            RegisterPerson.unit_id,
            RegisterPerson.room_id,
            RegisterPerson.room_key,
            RegisterPerson.match_index,
            RegisterPerson.name_index,
            RegisterPerson.birth_year,
            RegisterPerson.relation,
            RegisterPerson.id_index,
            RegisterPerson.person_id,
        )
        .where(RegisterPerson.community_id == community_id, RegisterPerson.ended_at.is_(None))
        .order_by(RegisterPerson.id)
    )
    return session.execute(query.with_for_update() if lock else query).all()


def of_rooms(session: Session, rooms: Collection[tuple[str, str]]) -> Sequence[RegisterPerson]:
    """The live entries of several rooms, each told by its building and the room in one spelling."""
    if not rooms:
        return ()
    return session.scalars(
        select(RegisterPerson)
        .where(
            tuple_(RegisterPerson.building_id, RegisterPerson.room_key).in_(rooms),
            RegisterPerson.ended_at.is_(None),
        )
        .order_by(RegisterPerson.id)
    ).all()


def count_live(session: Session, community_id: str) -> tuple[int, int]:
    """Persons and households (distinct addresses) of the community's register."""
    address = func.row(
        RegisterPerson.building_id, func.coalesce(RegisterPerson.unit_id, ""),
        RegisterPerson.room_key,
    )  # fmt: skip
    row = session.execute(
        select(func.count(), func.count(address.distinct())).where(
            RegisterPerson.community_id == community_id, RegisterPerson.ended_at.is_(None)
        )
    ).one()
    return row[0], row[1]


def add(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Put new entries in."""
    for some in _batches(rows):
        session.execute(insert(RegisterPerson), some)


def change(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Write changed entries by their ``id``; each row names the same columns."""
    for some in _batches(rows):
        session.execute(update(RegisterPerson), some)
    session.expire_all()


def end(session: Session, ids: Iterable[str], now: datetime) -> None:
    """End entries; they stay for whoever is tied to them, and match nobody any more."""
    for some in _batches(ids):
        session.execute(
            update(RegisterPerson)
            .where(RegisterPerson.id == bindparam("ids", some, type_=ARRAY(Text)).any_())
            .values(ended_at=now),
            execution_options={"synchronize_session": False},
        )


# -- accounts that look for their entry ------------------------------------------------------------


def seekers(session: Session, community_id: str) -> Sequence[Any]:
    """Live memberships without a live register entry, with what their holders said of themselves.

    Locked, so that nobody decides about one meanwhile. Whoever was verified without a name (网号)
    cannot be found by it and is left out.
    """
    return session.execute(
        select(
            Membership.id,
            Membership.person_id,
            Membership.status,
            Membership.finding,
            Membership.building_id,
            Membership.unit_id,
            Membership.room,
            RealName.name_sealed,
            RealName.birth_year,
            RealName.id_index,
        )
        .join(RealName, RealName.person_id == Membership.person_id)
        .outerjoin(RegisterPerson, RegisterPerson.id == Membership.register_id)
        .where(
            Membership.community_id == community_id,
            Membership.status.in_(("pending", "active")),
            or_(Membership.register_id.is_(None), RegisterPerson.ended_at.is_not(None)),
            RealName.name_sealed.is_not(None),
            RealName.id_index.is_not(None),
            RealName.birth_year.is_not(None),
        )
        .order_by(Membership.requested_at, Membership.id)
        .with_for_update(of=Membership)
    ).all()


def tie(session: Session, pairs: Sequence[tuple[str, str]]) -> set[str]:
    """Tie entries to accounts ((entry, person) each); the entries that nobody else has taken."""
    if not pairs:
        return set()
    wanted = (
        func.unnest(
            bindparam("entries", [entry for entry, _ in pairs], type_=ARRAY(Text)),
            bindparam("people", [person for _, person in pairs], type_=ARRAY(Text)),
        )
        .table_valued("entry", "person", name="wanted")
        .render_derived()
    )
    tied = session.scalars(
        update(RegisterPerson)
        .where(
            RegisterPerson.id == wanted.c.entry,
            RegisterPerson.ended_at.is_(None),
            or_(
                RegisterPerson.person_id.is_(None),
                RegisterPerson.person_id == wanted.c.person,
            ),
        )
        .values(person_id=wanted.c.person)
        .returning(RegisterPerson.id),
        execution_options={"synchronize_session": False},
    )
    return set(tied)


def untie(session: Session, entry_id: str, person_id: str) -> None:
    """Free an entry from an account, unless another live membership of hers goes on naming it."""
    named = exists().where(
        Membership.register_id == entry_id,
        Membership.person_id == person_id,
        Membership.status.in_(("pending", "active")),
    )
    session.execute(
        update(RegisterPerson)
        .where(RegisterPerson.id == entry_id, RegisterPerson.person_id == person_id, ~named)
        .values(person_id=None),
        execution_options={"synchronize_session": False},
    )


def settle(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Write what became of seekers: each row has ``id`` and the same columns."""
    for some in _batches(rows):
        session.execute(update(Membership), some)
    session.expire_all()


# -- for reading -----------------------------------------------------------------------------------


def whose(session: Session, community_id: str) -> list[tuple[str | None, str]]:
    """The account, if there is one, and the id of every live entry."""
    rows = session.execute(
        select(RegisterPerson.person_id, RegisterPerson.id)
        .where(RegisterPerson.community_id == community_id, RegisterPerson.ended_at.is_(None))
        .order_by(RegisterPerson.id)
    )
    return [(row.person_id, row.id) for row in rows]


def lines(session: Session, community_id: str) -> Sequence[Any]:
    """All live entries with their addresses, in the order of the addresses; names sealed."""
    room, unit = aliased(Territory, name="room"), aliased(Territory, name="unit")
    building, estate = aliased(Territory, name="building"), aliased(Territory, name="estate")
    return session.execute(
        select(
            RegisterPerson.id,
            estate.name.label("estate"),
            building.name.label("building"),
            unit.name.label("unit"),
            room.name.label("room"),
            RegisterPerson.room_key,
            RegisterPerson.name_sealed,
            RegisterPerson.birth_year,
            RegisterPerson.relation,
            room.floor_area,
        )
        .join(building, building.id == RegisterPerson.building_id)
        .join(estate, estate.id == building.parent_id)
        .outerjoin(unit, unit.id == RegisterPerson.unit_id)
        .outerjoin(room, room.id == RegisterPerson.room_id)
        .where(RegisterPerson.community_id == community_id, RegisterPerson.ended_at.is_(None))
        .order_by(
            estate.position,
            building.position,
            func.coalesce(unit.position, 0),
            func.lpad(RegisterPerson.room_key, 30),
            RegisterPerson.id,
        )
    ).all()


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    among = iter(rows)
    while some := list(islice(among, BATCH)):
        yield some
