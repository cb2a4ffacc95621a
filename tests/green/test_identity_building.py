"""Buildings made by the row, places on the map, and places that were closed. Needs: db."""

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, Invalid
from services.contracts.operations import identity as op
from services.identity.domain.positions import PlaceTooFar
from services.identity.handlers import building, closing, community, qr, territory
from services.identity.handlers.closing import PlaceClosed, PlaceLivedIn, PlaceNotClosable
from services.identity.handlers.joining import BuildingUnknown, UnitUnknown
from services.identity.handlers.qr import PlaceNotFound
from services.identity.handlers.roles import ScopeNotFound
from services.identity.handlers.territory import PlaceNotBelow
from tests.support.identity_world import C_HOME, ESTATE, HOME, World, first_and_second

pytestmark = pytest.mark.db

SHAPE = {"id": ESTATE, "first": 1, "last": 5, "units": 2, "floors": 3, "rooms": 2}
POINT = {"lng": 121.3601, "lat": 31.395}


def build(world: World, who: Actor, **over) -> op.BuiltPlaces:
    cmd = op.BuildPlaces.model_validate({**SHAPE, **over})
    return world.do(building.build_places, cmd, who)


def change(world: World, who: Actor, place: str, **over) -> op.PlaceView:
    cmd = op.UpdatePlace.model_validate({"id": place, **over})
    return world.do(territory.update_place, cmd, who, world.now)


def sheet(world: World, who: Actor, place: str) -> op.PlaceSheet:
    return world.do(territory.get_place, op.GetPlace(id=place), who, world.now, read=True)


def below(world: World, who: Actor, place: str) -> list[op.PlaceView]:
    cmd = op.ListPlaces(id=place, limit=100)
    return world.do(territory.list_places, cmd, who, read=True).items


def places(world: World) -> int:
    return len(world.rows("SELECT 1 FROM territory"))


# -- by the row ------------------------------------------------------------------------------------


def test_a_row_of_buildings_is_looked_at_first_and_then_made(world, staff):
    before = places(world)
    plan = build(world, staff, dry_run=True)
    assert places(world) == before
    assert (plan.names, plan.there) == (["3号楼", "4号楼", "5号楼"], ["1号楼", "2号楼"])
    assert (plan.units, plan.rooms, plan.sample) == (6, 36, ["101", "302"])
    made = build(world, staff)
    assert made == plan.model_copy(update={"dry_run": False})
    assert places(world) == before + 3 + 6 + 36
    names = [one.name for one in below(world, staff, ESTATE)]
    assert names == ["1号楼", "2号楼", "3号楼", "4号楼", "5号楼"]


def test_what_was_made_is_as_if_it_was_made_one_by_one(world, staff):
    build(world, staff, first=3, last=3)
    (third,) = [one for one in below(world, staff, ESTATE) if one.name == "3号楼"]
    assert (third.path, third.children) == (f"{HOME}.e1.b3", 2)
    unit = below(world, staff, third.id)[1]
    assert (unit.name, unit.kind, unit.path) == ("2单元", "unit", f"{HOME}.e1.b3.u2")
    rooms = below(world, staff, unit.id)
    assert [one.name for one in rooms] == ["101", "102", "201", "202", "301", "302"]
    world.register("孙桂芳", "201", building_id=third.id)
    joined = world.join(world.person(), building="3号楼", unit="2单元", room="201")
    assert joined.status == "active"


def test_rooms_lie_right_in_a_building_without_units(world, staff):
    made = build(world, staff, first=8, last=8, units=0)
    assert (made.units, made.rooms) == (0, 6)
    (eighth,) = [one for one in below(world, staff, ESTATE) if one.name == "8号楼"]
    assert {one.kind for one in below(world, staff, eighth.id)} == {"room"}


def test_built_again_nothing_is_made_twice_however_the_name_is_spelt(world, staff):
    build(world, staff)
    before = places(world)
    again = build(world, staff, pattern="{n} 幢")
    assert (again.names, len(again.there)) == ([], 5)
    assert places(world) == before


def test_of_two_who_build_the_same_at_once_the_second_finds_it_there(world, staff):
    cmd = op.BuildPlaces.model_validate(SHAPE)
    first, second = first_and_second(
        world,
        lambda uow: building.build_places(uow, cmd, staff),
        lambda: build(world, staff),
    )
    assert len(first.names) == 3
    assert second.result(5).names == []


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"id": "nowhere"}, ScopeNotFound),
        ({"id": "b-1"}, PlaceNotBelow),
        ({"id": "e-2"}, Forbidden),
        ({"pattern": "一号楼"}, Invalid),
        ({"first": 9, "last": 3}, Invalid),
        ({"last": 900, "floors": 0, "rooms": 0}, Invalid),
    ],
)
def test_what_cannot_be_built_leaves_nothing(world, staff, over, error):
    before = places(world)
    with pytest.raises(error):
        build(world, staff, **over)
    assert places(world) == before


def test_a_whole_estate_takes_few_statements(world, staff):
    said = world.statements(lambda: build(world, staff, first=10, last=33, floors=18, rooms=4))
    assert len(said) < 20


# -- on the map ------------------------------------------------------------------------------------


def test_a_place_says_where_it_lies_and_what_lies_around_it(world, staff):
    shown = change(world, staff, "b-1", **POINT)
    assert (shown.lng, shown.lat) == (121.3601, 31.395)
    found = sheet(world, staff, "u-1")
    assert [(one.kind, one.name) for one in found.above] == [
        ("community", "样例居民区"), ("estate", "样例苑"), ("building", "1号楼"),
    ]  # fmt: skip
    assert (found.may_add, found.may_close) == (["room"], True)
    assert sheet(world, staff, "b-1").may_add == ["unit", "room"]
    assert sheet(world, staff, C_HOME).above == []
    with pytest.raises(Forbidden):
        sheet(world, world.person(), "u-1")
    with pytest.raises(ScopeNotFound):
        sheet(world, staff, "nowhere")


def test_a_point_far_from_the_estate_is_refused(world, staff):
    change(world, staff, ESTATE, **POINT)
    with pytest.raises(PlaceTooFar):
        change(world, staff, "b-1", lng=121.3601, lat=32.395)
    assert sheet(world, staff, "b-1").lat is None
    near = change(world, staff, "b-1", lng=121.3622, lat=31.3961)
    assert near.lat == 31.3961
    with pytest.raises(ValueError, match="belong together"):
        change(world, staff, "b-1", lat=31.3)


def test_an_administrators_places_are_not_the_committees(world, staff):
    town = world.person("", (Role.TOWN_ADMIN, "d.t"))
    assert sheet(world, town, C_HOME).may_add == []
    assert sheet(world, town, "t").may_add == ["community"]
    with pytest.raises(Forbidden):
        change(world, staff, C_HOME, **POINT)
    assert change(world, town, C_HOME, **POINT).lng == POINT["lng"]


# -- closed ----------------------------------------------------------------------------------------


def test_nobody_joins_at_a_closed_building_and_its_codes_end(world, staff):
    made = world.do(
        qr.create_qr, world.vault, op.CreateQr(cid=C_HOME, estate=ESTATE, building="b-2"), staff,
        world.now, "https://x",
    )  # fmt: skip
    assert sheet(world, staff, "b-2").codes == 1
    closed = change(world, staff, "b-2", closed=True)
    assert closed.closed_at == world.now
    assert world.events("qr.revoked.v1")[-1]["qr_id"] == made.id
    target = world.do(
        qr.resolve_qr, world.vault, op.ResolveQr(token=world.qr()), world.now, read=True
    )
    assert [one.name for one in target.buildings] == ["1号楼"]
    profile = world.do(
        community.get_community_profile, op.GetCommunityProfile(cid=C_HOME), staff, read=True
    )
    assert [one.name for one in profile.buildings] == ["1号楼"]
    with pytest.raises(BuildingUnknown):
        world.join(world.person(), building="2号楼", unit=None)
    with pytest.raises(PlaceNotFound):
        world.do(
            qr.create_qr, world.vault, op.CreateQr(cid=C_HOME, estate=ESTATE, building="b-2"),
            staff, world.now, "https://x",
        )  # fmt: skip
    found = sheet(world, staff, "b-2")
    assert (found.codes, found.may_add) == (0, [])
    with pytest.raises(PlaceClosed):
        world.do(
            territory.create_place, op.CreatePlace(parent="b-2", kind="room", name="101"), staff
        )


def test_a_place_is_opened_again_without_its_old_codes(world, staff):
    change(world, staff, "u-2", closed=True)
    with pytest.raises(UnitUnknown):
        world.join(world.person(), unit="2单元")
    assert change(world, staff, "u-2", closed=False).closed_at is None
    world.register("孙桂芳", "402")
    assert world.join(world.person(), unit="2单元").status == "active"


def test_where_somebody_lives_or_waits_stays_open(world, staff):
    world.join(world.person())
    for place in ("u-1", "b-1", ESTATE):
        with pytest.raises(PlaceLivedIn):
            change(world, staff, place, closed=True)
    assert sheet(world, staff, ESTATE).members == 0, "she waits, and is no member yet"
    assert change(world, staff, "u-2", closed=True).closed_at is not None


def test_a_community_and_a_room_are_not_closed_like_that(world, staff):
    room = world.do(
        territory.create_place, op.CreatePlace(parent="b-2", kind="room", name="101"), staff
    )
    with pytest.raises(PlaceNotClosable):
        change(world, staff, room.id, closed=True)
    town = world.person("", (Role.TOWN_ADMIN, "d.t"))
    with pytest.raises(PlaceNotClosable):
        change(world, town, C_HOME, closed=True)
    assert not sheet(world, staff, room.id).may_close
    assert closing.LIVES_AT.keys() == {"estate", "building", "unit"}
