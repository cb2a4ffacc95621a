"""The territory as offices keep it: places looked through, made and renamed; a community's sheet.

Ids and paths never change: tokens, events and every service compare them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ScalarSelect, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import Conflict, FieldError, Invalid
from services.contracts.events import CommunityChanged
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    CommunityKind,
    CreatePlace,
    GetPlace,
    ListPlaces,
    PlaceAbove,
    PlaceKind,
    PlaceSheet,
    PlaceView,
    UpdatePlace,
)
from services.contracts.operations.identity.common import ADMINS
from services.identity import register_rows, repository
from services.identity.domain import addresses, positions
from services.identity.handlers import cards, closing, places
from services.identity.handlers.roles import ScopeNotFound
from services.identity.models import Membership, Territory
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

# Who makes and renames a node of a kind, above it; what lies in a community is the committee's.
KEPT_BY: dict[str, frozenset[Role]] = {
    "district": frozenset({Role.DISTRICT_ADMIN}),
    "town": frozenset({Role.DISTRICT_ADMIN}),
    "community": ADMINS,
}


class PlaceNotBelow(Invalid):
    """A node of this kind cannot lie there (a unit in an estate, anything in a room)."""

    code = "identity.place_not_below"
    zh, en = "这一级下面不能建立此类地点", "A place of this kind cannot lie there"


class PlaceNameTaken(Conflict):
    """Two places right below one never have the same name."""

    code = "identity.place_name_taken"
    zh, en = "同一级已有此名称", "There is a place of this name already"


def list_places(uow: UnitOfWork, cmd: ListPlaces, actor: Actor) -> Page[PlaceView]:
    """The nodes right below one, in their order.

    Raises:
        ScopeNotFound: no such node.
        Forbidden: it does not lie in the actor's office.
    """
    session = uow.session
    parent = node(session, cmd.id)
    actor.require(COMMITTEE | ADMINS, parent.path)
    query = select(Territory, _children()).where(Territory.parent_id == parent.id)
    order = tuple_(Territory.position, Territory.path)
    if cmd.cursor:
        query = query.where(order > _after(cmd.cursor))
    rows = session.execute(query.order_by(*order).limit(cmd.limit + 1)).all()
    page = rows[: cmd.limit]
    last = page[-1][0] if len(rows) > cmd.limit else None
    return Page[PlaceView](
        items=[view(node, children=below) for node, below in page],
        next_cursor=encode_cursor(str(last.position), last.path) if last else None,
    )


def get_place(uow: UnitOfWork, cmd: GetPlace, actor: Actor, now: datetime) -> PlaceSheet:
    """One node, what it lies in, and what can be done with it.

    Raises:
        ScopeNotFound: no such node.
        Forbidden: it does not lie in the actor's office.
    """
    session = uow.session
    place = node(session, cmd.id)
    actor.require(COMMITTEE | ADMINS, place.path)
    may_add = [
        kind
        for kind in addresses.BELOW[place.kind]
        if place.closed_at is None and actor.holds(KEPT_BY.get(kind, COMMITTEE), place.path)
    ]
    return PlaceSheet(
        **view(place, children=_right_below(session, place)).model_dump(),
        above=[
            PlaceAbove(id=one.id, name=one.name, kind=cast(PlaceKind, one.kind))
            for one in _around(session, place)
        ],
        may_add=cast(list[PlaceKind], may_add),
        may_close=place.kind in closing.LIVES_AT and actor.holds(COMMITTEE, place.path),
        members=closing.members(session, place),
        codes=closing.codes(session, place, now),
    )


def create_place(uow: UnitOfWork, cmd: CreatePlace, actor: Actor) -> PlaceView:
    """Add a node right below another; a new community is told to the other services.

    Raises:
        ScopeNotFound: no such parent.
        PlaceClosed: the parent was closed.
        PlaceNotBelow, PlaceNameInvalid, PlaceNameTaken: it cannot be made there like that.
    """
    session = uow.session
    parent = node(session, cmd.parent)
    actor.require(KEPT_BY.get(cmd.kind, COMMITTEE), parent.path)
    if cmd.kind not in addresses.BELOW[parent.kind]:
        raise PlaceNotBelow(errors=[FieldError("kind", PlaceNotBelow.zh)])
    closing.require_open(parent)
    _require_details(cmd)
    name = addresses.place_name(cmd.name, cmd.kind)
    community = repository.community_around(session, parent.path)
    register_rows.lock(session, community.id if community else parent.id)
    siblings = session.execute(
        select(Territory.path, Territory.position).where(Territory.parent_id == parent.id)
    ).all()
    taken = {path.rpartition(".")[2] for path, _ in siblings}
    row = Territory(
        id=new_id(),
        kind=cmd.kind,
        parent_id=parent.id,
        path=f"{parent.path}.{addresses.label(cmd.kind, name, taken)}",
        name=name,
        position=max((position for _, position in siblings), default=0) + 1,
        code12=cmd.code12,
        community_kind=cmd.community_kind,
        modules=[],
        floor_area=cmd.floor_area,
    )
    kept = ("id", "kind", "parent_id", "path", "name", "position", "code12", "community_kind",
            "modules", "floor_area")  # fmt: skip
    added = session.execute(
        insert(Territory)
        .values({column: getattr(row, column) for column in kept})
        .on_conflict_do_nothing()
        .returning(Territory.id)
    ).first()
    if added is None:
        raise PlaceNameTaken(errors=[FieldError("name", PlaceNameTaken.zh)])
    if row.kind == "community":
        tell_communities(uow, [row])
    return view(row, children=0)


def update_place(uow: UnitOfWork, cmd: UpdatePlace, actor: Actor, now: datetime) -> PlaceView:
    """Rename a node, say how large a room is or where it lies, close it; who shows it is told.

    Raises:
        ScopeNotFound: no such node.
        PlaceNameInvalid, PlaceNameTaken: it cannot be called that.
        PlaceTooFar: it cannot lie there.
        PlaceLivedIn, PlaceNotClosable: it cannot be closed.
    """
    session = uow.session
    place = node(session, cmd.id)
    actor.require(KEPT_BY.get(place.kind, COMMITTEE), place.path)
    if cmd.floor_area is not None and place.kind != "room":
        raise Invalid(errors=[FieldError("floor_area", "只有室有建筑面积")])
    if cmd.name is not None:
        rename(uow, place, cmd.name, now)
    if cmd.floor_area is not None:
        place.floor_area = cmd.floor_area
    if cmd.lng is not None and cmd.lat is not None:
        _put(session, place, positions.Point(cmd.lng, cmd.lat))
    if cmd.closed is not None:
        closing.close(uow, place, actor, now, closed=cmd.closed)
    session.flush()
    return view(place, children=_right_below(session, place))


def _put(session: Session, place: Territory, point: positions.Point) -> None:
    """Say where a place lies: near whatever is known of where it belongs to."""
    known = [
        positions.Point(one.lng, one.lat)
        for one in _around(session, place)
        if one.lng is not None and one.lat is not None
    ]
    positions.require_near(point, known)
    place.lng, place.lat = point


def _around(session: Session, place: Territory) -> list[Territory]:
    """What a place lies in, from its community on."""
    above = repository.nodes_at(session, repository.ancestors_of(place.path)[:-1])
    return [one for _, one in sorted(above.items()) if one.kind not in ("district", "town")]


def rename(uow: UnitOfWork, place: Territory, name: str, now: datetime) -> None:
    """Give a node another name, and tell it: communities with what is above them, and the cards
    of people whose building's label it is part of."""
    session = uow.session
    name = addresses.place_name(name, place.kind)
    if name == place.name:
        return
    community = repository.community_around(session, place.path)
    register_rows.lock(session, community.id if community else place.parent_id or place.id)
    twin = select(Territory.id).where(
        Territory.parent_id == place.parent_id, Territory.name == name, Territory.id != place.id
    )
    if session.scalars(twin).first() is not None:
        raise PlaceNameTaken(errors=[FieldError("name", PlaceNameTaken.zh)])
    place.name = name
    session.flush()
    if place.kind in KEPT_BY:
        tell_communities(uow, repository.nodes_in(session, place, "community"))
    elif place.kind in ("estate", "building") and community is not None:
        lives_there = Membership.estate_id if place.kind == "estate" else Membership.building_id
        neighbours = session.scalars(
            select(Membership.person_id)
            .where(lives_there == place.id, Membership.status == "active")
            .where(Membership.community_id == community.id)
            .distinct()
        )
        cards.announce_all(uow, set(neighbours), community, now)


def tell_communities(uow: UnitOfWork, communities: Iterable[Territory]) -> None:
    """Tell the other services how communities are now."""
    for record in places.records(uow.session, communities):
        uow.emit(CommunityChanged(**record.model_dump()))


def view(place: Territory, *, children: int) -> PlaceView:
    """A node as offices see it."""
    return PlaceView(
        id=place.id,
        name=place.name,
        kind=cast(PlaceKind, place.kind),
        path=place.path,
        code12=place.code12,
        community_kind=cast(CommunityKind | None, place.community_kind),
        floor_area=place.floor_area,
        has_children=children > 0,
        children=children,
        lng=place.lng,
        lat=place.lat,
        closed_at=place.closed_at,
    )


def node(session: Session, place_id: str) -> Territory:
    """The node; :class:`ScopeNotFound` when there is none."""
    found = session.get(Territory, place_id)
    if found is None:
        raise ScopeNotFound()
    return found


def _require_details(cmd: CreatePlace) -> None:
    """What belongs to a kind must be there, and nowhere else."""
    wrong = []
    for name, kind, needed in (
        ("code12", "community", True),
        ("community_kind", "community", True),
        ("floor_area", "room", False),
    ):
        given = getattr(cmd, name) is not None
        if given and cmd.kind != kind:
            wrong.append(FieldError(name, "这一级没有此项"))
        elif needed and not given and cmd.kind == kind:
            wrong.append(FieldError(name, "必须填写"))
    if wrong:
        raise Invalid(errors=wrong)


def _right_below(session: Session, place: Territory) -> int:
    counting = select(func.count()).where(Territory.parent_id == place.id)
    return session.scalar(counting) or 0


def _children() -> ScalarSelect[int]:
    child = aliased(Territory)
    return (
        select(func.count())
        .select_from(child)
        .where(child.parent_id == Territory.id)
        .correlate(Territory)
        .scalar_subquery()
    )


def _after(cursor: str) -> Any:
    position, path = decode_cursor(cursor, 2)
    if not position.isdecimal() or len(position) > 9:
        raise BadCursor()
    return tuple_(literal(int(position)), path)
