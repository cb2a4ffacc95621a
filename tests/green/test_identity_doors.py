"""Who lives behind which door, for an emergency: counted once, without names. Needs: db."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.identity.handlers import doors
from services.identity.handlers.doors import DoorsNotFound, NoSuchPlace
from services.identity.repository import CommunityNotFound
from tests.support.identity_world import C_HOME, HOME, OTHER, World, made_up_id

pytestmark = pytest.mark.db


@pytest.fixture
def world(db) -> World:
    return World(db("identity"))


def opened(world: World, actor: Any, **more: Any) -> op.OpenedDoors:
    cmd = op.OpenDoors(**{"community_id": C_HOME, **more})
    return world.do(doors.open_doors, world.vault, cmd, actor, world.clock, read=True)


def read(world: World, ticket: str, pages: int = 1) -> list[op.Door]:
    found: list[op.Door] = []
    after: int | None = 0
    for _ in range(pages):
        assert after is not None
        cmd = op.PageDoors(ticket=ticket, after=after)
        page = world.do(doors.page_doors, world.vault, cmd, world.clock, world.now, read=True)
        found += page.items
        after = page.after
    assert after is None
    return found


def test_whoever_lives_there_is_counted_once_on_the_register_or_not(world):
    wang, sun, lodger, son = world.staff(), *(world.person() for _ in range(3))
    world.register("孙桂芳", "402", birth_year=1949)
    world.register("孙小明", "402", birth_year=2016)
    world.join(sun)  # found on the register, which knows no unit
    for room, who in (("101", lodger), ("102", son)):
        joined = world.join(
            who, room=room, real_name="李四", id_number=made_up_id(sequence=int(room))
        )
        with world.units() as uow:
            uow.session.execute(
                text("UPDATE memberships SET status = 'active', residence = :at WHERE id = :id"),
                {"id": joined.id, "at": "away" if who is son else "local"},
            )
            uow.commit()
    with world.units() as uow:
        for room, relation, ended in (
            ("501", "away", None), ("502", "tenant", None), ("503", "owner", world.now)
        ):  # fmt: skip
            entry = world.register("王五", room)
            uow.session.execute(
                text("UPDATE register_persons SET relation = :r, ended_at = :e WHERE id = :id"),
                {"id": entry, "r": relation, "e": ended},
            )
        uow.commit()
    world.register("赵六", "101", building_id="b-2")

    counted = opened(world, wang, count=True)
    assert (counted.name, counted.kind, counted.path) == ("样例居民区", "community", HOME)
    assert (counted.households, counted.people) == (4, 5)
    found = read(world, counted.ticket)
    assert [(d.building, d.unit, d.room, d.people) for d in found] == [
        ("样例苑 1号楼", "", "402", 2),
        ("样例苑 1号楼", "", "502", 1),
        ("样例苑 1号楼", "1单元", "101", 1),
        ("样例苑 2号楼", "", "101", 1),
    ], "who lives elsewhere makes no door, who rents does"
    assert [[(m.person_id, m.away) for m in d.members] for d in found] == [
        [(sun.person_id, False)], [], [(lodger.person_id, False)], [],
    ]  # fmt: skip
    assert [len(d.entries) for d in found] == [1, 1, 0, 1], "on the register, without an account"
    assert len({d.ref for d in found}) == 4 and all("402" not in d.ref for d in found)
    narrow = opened(world, wang, within="b-2", count=True)
    assert (narrow.kind, narrow.households) == ("building", 1)
    assert [d.room for d in read(world, narrow.ticket)] == ["101"]


def test_many_buildings_come_page_by_page(world, monkeypatch):
    monkeypatch.setattr(doors, "BUILDINGS_OF_A_PAGE", 1)
    world.register("孙桂芳", "402")
    world.register("赵六", "101", building_id="b-2")
    found = read(world, opened(world, world.staff()).ticket, pages=2)
    assert [d.building for d in found] == ["样例苑 1号楼", "样例苑 2号楼"]


def test_only_who_may_call_an_emergency_there_opens_them_and_the_ticket_opens_nothing_else(world):
    for role, path in (
        (Role.SECRETARY, HOME),
        (Role.COMMUNITY_POLICE, HOME),
        (Role.TOWN_ADMIN, "d.t"),
        (Role.DISTRICT_ADMIN, "d"),
    ):
        assert opened(world, world.person("", (role, path))).households is None
    ticket = opened(world, world.staff()).ticket
    refusals: list[tuple[type[Exception], Any]] = [
        (Forbidden, lambda: opened(world, world.staff(OTHER))),
        (Forbidden, lambda: opened(world, world.person("", (Role.OBSERVER, HOME)))),
        (Forbidden, lambda: opened(world, world.staff(f"{HOME}"), community_id="c-other")),
        (CommunityNotFound, lambda: opened(world, world.staff(), community_id="nowhere")),
        (NoSuchPlace, lambda: opened(world, world.staff(), within="b-9")),
        (NoSuchPlace, lambda: opened(world, world.staff(), within="u-1")),
        (DoorsNotFound, lambda: read(world, ticket[:-4] + "AAAA")),
        (DoorsNotFound, lambda: read(world, "é" * 30)),
        (DoorsNotFound, lambda: read(world, "x" * 30)),
    ]
    for error, call in refusals:
        with pytest.raises(error):
            call()
    world.clock += timedelta(days=1)
    with pytest.raises(DoorsNotFound):
        read(world, ticket)
