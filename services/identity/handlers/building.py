"""Buildings made by the row: an estate as it is described in one sentence."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError
from services.contracts.ids import new_id
from services.contracts.operations.identity import BuildPlaces, BuiltPlaces
from services.identity import register_rows, repository
from services.identity.domain import addresses, building_plan
from services.identity.domain.building_plan import Shape
from services.identity.handlers import closing, territory
from services.identity.models import Territory
from services.kit.uow import UnitOfWork


def build_places(uow: UnitOfWork, cmd: BuildPlaces, actor: Actor) -> BuiltPlaces:
    """Make the buildings that are not there yet, with all that is in them, or say what would be.

    Raises:
        ScopeNotFound: no such estate.
        PlaceNotBelow: it is none.
        PlaceClosed: it was closed.
        And what :func:`building_plan.check` raises.
    """
    session = uow.session
    estate = territory.node(session, cmd.id)
    actor.require(COMMITTEE, estate.path)
    if estate.kind != "estate":
        raise territory.PlaceNotBelow(errors=[FieldError("id", territory.PlaceNotBelow.zh)])
    closing.require_open(estate)
    shape = Shape(**cmd.model_dump(exclude={"id", "dry_run"}))
    building_plan.check(shape)
    community = repository.community_around(session, estate.path)
    if not cmd.dry_run:
        register_rows.lock(session, community.id if community else estate.id)
    siblings = list(
        session.execute(
            select(Territory.name, Territory.path, Territory.position).where(
                Territory.parent_id == estate.id
            )
        )
    )
    keys = {addresses.place_key("building", one.name): one.name for one in siblings}
    names, there = [], []
    for name in shape.names():
        key = addresses.place_key("building", name)
        if key in keys:
            there.append(keys[key])
        else:
            keys[key] = name
            names.append(name)
    if not cmd.dry_run:
        last = max((one.position for one in siblings), default=0)
        taken = {one.path.rpartition(".")[2] for one in siblings}
        rows = _rows(shape, estate, names, taken, last)
        register_rows.add_places(session, rows)
    rooms = shape.room_names()
    return BuiltPlaces(
        dry_run=cmd.dry_run,
        names=names,
        there=there,
        units=len(names) * shape.units,
        rooms=len(names) * max(1, shape.units) * len(rooms),
        sample=[rooms[0], rooms[-1]] if rooms else [],
    )


def _rows(
    shape: Shape, estate: Territory, names: Iterable[str], taken: set[str], last: int
) -> list[dict[str, Any]]:
    """Every node that is new, whatever lies in another behind it."""
    buildings, units, rooms = [], [], []
    for position, name in enumerate(names, last + 1):
        building = _node("building", estate.id, estate.path, name, position, taken)
        buildings.append(building)
        inside: set[str] = set()
        doors = [
            _node("unit", building["id"], building["path"], unit, number, inside)
            for number, unit in enumerate(shape.unit_names(), 1)
        ]
        units += doors
        for door in doors or [building]:
            labels: set[str] = set()
            rooms += [
                _node("room", door["id"], door["path"], room, number, labels)
                for number, room in enumerate(shape.room_names(), 1)
            ]
    return [*buildings, *units, *rooms]


def _node(
    kind: str, parent: str, path: str, name: str, position: int, taken: set[str]
) -> dict[str, Any]:
    """A new node, its label unlike those ``taken``, which it joins."""
    mark = addresses.label(kind, name, taken)
    taken.add(mark)
    return {
        "id": new_id(),
        "kind": kind,
        "parent_id": parent,
        "path": f"{path}.{mark}",
        "name": name,
        "position": position,
    }
