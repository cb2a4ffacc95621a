"""The territory and a community's sheet, as offices keep them. Needs: db."""

from datetime import date
from decimal import Decimal

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, Invalid
from services.contracts.operations import identity as op
from services.identity.domain.addresses import PlaceNameInvalid
from services.identity.handlers import community, places, territory
from services.identity.handlers.roles import ScopeNotFound
from services.identity.handlers.territory import PlaceNameTaken, PlaceNotBelow
from services.identity.repository import CommunityNotFound
from services.kit.pages import BadCursor
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    ESTATE,
    HOME,
    OTHER,
    World,
    first_and_second,
)

pytestmark = pytest.mark.db


@pytest.fixture
def district(world) -> Actor:
    return world.person("", (Role.DISTRICT_ADMIN, "d"))


@pytest.fixture
def town(world) -> Actor:
    return world.person("", (Role.TOWN_ADMIN, "d.t"))


def make(world: World, who: Actor, parent: str, kind: str, name: str, **over) -> op.PlaceView:
    cmd = op.CreatePlace.model_validate({"parent": parent, "kind": kind, "name": name, **over})
    return world.do(territory.create_place, cmd, who)


def change(world: World, who: Actor, place: str, **over) -> op.PlaceView:
    cmd = op.UpdatePlace.model_validate({"id": place, **over})
    return world.do(territory.update_place, cmd, who, world.now)


def below(world: World, who: Actor, place: str, **over):
    cmd = op.ListPlaces.model_validate({"id": place, **over})
    return world.do(territory.list_places, cmd, who, read=True)


def sheet(world: World, who: Actor, cid: str = C_HOME) -> op.CommunityProfile:
    cmd = op.GetCommunityProfile(cid=cid)
    return world.do(community.get_community_profile, cmd, who, read=True)


def edit(world: World, who: Actor, **over) -> op.CommunityProfile:
    cmd = op.UpdateCommunity.model_validate({"cid": C_HOME, **over})
    return world.do(community.update_community, cmd, who, world.now)


VILLAGE = {"code12": "310199101201", "community_kind": "village"}


# -- looking ---------------------------------------------------------------------------------------


def test_offices_look_down_the_tree_as_far_as_theirs_goes(world, staff, town, district):
    assert [p.name for p in below(world, district, "d").items] == ["样例镇"]
    assert [p.id for p in below(world, town, "t").items] == [C_HOME, C_OTHER]
    (estate,) = below(world, staff, C_HOME).items
    assert (estate.kind, estate.path, estate.has_children) == ("estate", f"{HOME}.e1", True)
    buildings = below(world, staff, ESTATE).items
    assert [(b.name, b.has_children) for b in buildings] == [("1号楼", True), ("2号楼", False)]
    for who, place in ((town, "d"), (staff, "t"), (staff, C_OTHER), (world.person(), C_HOME)):
        with pytest.raises(Forbidden):
            below(world, who, place)
    with pytest.raises(ScopeNotFound):
        below(world, district, "nowhere")


def test_the_places_go_on_page_by_page_in_their_order(world, staff):
    made = [make(world, staff, "b-2", "room", str(100 + i)).id for i in range(5)]
    seen, cursor = [], None
    while True:
        page = below(world, staff, "b-2", limit=2, cursor=cursor)
        seen += [p.id for p in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == made
    with pytest.raises(BadCursor):
        below(world, staff, "b-2", cursor="WyJ4IiwieSJd")


def test_who_lives_there_sees_the_buildings_that_a_problem_may_be_at(world, staff):
    found = sheet(world, staff).buildings
    assert [(one.name, one.estate) for one in found] == [("1号楼", ESTATE), ("2号楼", ESTATE)]


# -- making ----------------------------------------------------------------------------------------


def test_a_new_community_is_told_to_the_other_services(world, town):
    made = make(world, town, "t", "community", "新村", **VILLAGE)
    assert made.path == "d.t.c" and made.community_kind == "village"
    (told,) = world.events("community.changed.v1")
    assert told["community_id"] == made.id
    assert (told["name"], told["kind"], told["code12"]) == ("新村", "village", VILLAGE["code12"])
    assert (told["town_name"], told["district_name"]) == ("样例镇", "样例区")


def test_the_committee_makes_what_lies_in_its_community(world, staff):
    estate = make(world, staff, C_HOME, "estate", "阳光 苑")
    building = make(world, staff, estate.id, "building", "１２号楼")
    unit = make(world, staff, building.id, "unit", "A单元")
    room = make(world, staff, unit.id, "room", "402", floor_area="89.5")
    assert building.name == "12号楼"
    assert room.path == f"{HOME}.e.b12.ua.r402" and room.floor_area == Decimal("89.5")
    assert not world.events("community.changed.v1")


def test_labels_of_paths_never_meet(world, staff):
    paths = [
        make(world, staff, ESTATE, "building", n).path for n in ("甲楼", "乙楼", "丙楼", "1幢")
    ]
    assert [p.rpartition(".")[2] for p in paths] == ["b", "b_2", "b_3", "b1_2"]


def test_who_makes_what_is_settled_by_the_level(world, staff, town, district):
    for who, parent, kind, extra in (
        (town, "d", "town", {}),
        (staff, "t", "community", VILLAGE),
        (town, C_HOME, "estate", {}),
        (district, ESTATE, "building", {}),
        (staff, C_OTHER, "estate", {}),
        (world.person("", (Role.RESIDENT, HOME)), C_HOME, "estate", {}),
    ):
        with pytest.raises(Forbidden):
            make(world, who, parent, kind, "新", **extra)
    assert make(world, district, "d", "town", "新镇").path == "d.t_2"
    assert make(world, district, "t", "community", "新村", **VILLAGE).kind == "community"


@pytest.mark.parametrize(
    ("parent", "kind", "name", "extra", "error"),
    [
        (ESTATE, "unit", "1单元", {}, PlaceNotBelow),
        (C_HOME, "building", "1号楼", {}, PlaceNotBelow),
        ("b-1", "building", "1号楼", {}, PlaceNotBelow),
        (ESTATE, "building", "=1号楼", {}, PlaceNameInvalid),
        (ESTATE, "building", "楼" * 51, {}, PlaceNameInvalid),
        (ESTATE, "building", "1\u202e楼", {}, PlaceNameInvalid),
        ("b-1", "room", "4" * 31, {}, PlaceNameInvalid),
        (ESTATE, "building", "1号楼", {}, PlaceNameTaken),
        (ESTATE, "building", "3号楼", {"floor_area": 3}, Invalid),
        (ESTATE, "building", "3号楼", {"code12": "310199101201"}, Invalid),
        ("nowhere", "room", "1", {}, ScopeNotFound),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    world, staff, parent, kind, name, extra, error
):
    before = world.rows("SELECT count(*) FROM territory")
    with pytest.raises(error):
        make(world, staff, parent, kind, name, **extra)
    assert world.rows("SELECT count(*) FROM territory") == before


def test_a_community_needs_its_code_and_kind(world, town):
    with pytest.raises(Invalid) as caught:
        make(world, town, "t", "community", "新村")
    assert [e.field for e in caught.value.errors] == ["code12", "community_kind"]


def test_of_two_who_make_the_same_at_once_one_is_told_so(world, staff):
    cmd = op.CreatePlace(parent=ESTATE, kind="building", name="3号楼")
    made, other = first_and_second(
        world,
        lambda uow: territory.create_place(uow, cmd, staff),
        lambda: make(world, staff, ESTATE, "building", "3号楼"),
    )
    assert made.name == "3号楼"
    assert isinstance(other.exception(5), PlaceNameTaken)


# -- renaming --------------------------------------------------------------------------------------


def test_a_renamed_building_keeps_id_and_path_and_its_people_get_new_labels(world, staff):
    world.register("孙桂芳", "402")
    granny = world.person()
    world.join(granny)
    renamed = change(world, staff, "b-1", name="一号楼")
    assert (renamed.id, renamed.path, renamed.has_children) == ("b-1", f"{HOME}.e1.b1", True)
    assert world.events("member.card_changed.v1")[-1]["building_label"] == "样例苑 一号楼"
    change(world, staff, ESTATE, name="新样例苑")
    card = world.events("member.card_changed.v1")[-1]
    assert (card["person_id"], card["building_label"]) == (granny.person_id, "新样例苑 一号楼")


def test_a_renamed_town_is_told_with_each_of_its_communities(world, district):
    change(world, district, "t", name="新样例镇")
    told = world.events("community.changed.v1")
    assert {t["community_id"] for t in told} == {C_HOME, C_OTHER}
    assert {t["town_name"] for t in told} == {"新样例镇"}


def test_the_same_name_again_tells_nobody(world, staff, town):
    change(world, staff, "b-1", name="1号楼")
    change(world, town, C_HOME, name="样例居民区")
    assert world.rows("SELECT 1 FROM kit_outbox") == []


def test_a_rooms_size_is_corrected(world, staff):
    room = make(world, staff, "b-2", "room", "101")
    assert change(world, staff, room.id, floor_area="90.25").floor_area == Decimal("90.25")
    with pytest.raises(Invalid):
        change(world, staff, "b-2", floor_area="90")


def test_renaming_has_its_limits(world, staff, town):
    with pytest.raises(PlaceNameTaken):
        change(world, staff, "b-1", name="2号楼")
    with pytest.raises(Forbidden):
        change(world, staff, C_HOME, name="我们村")
    with pytest.raises(Forbidden):
        change(world, town, "b-1", name="我们楼")
    with pytest.raises(ScopeNotFound):
        change(world, staff, "nowhere", name="x")


# -- a community's sheet ---------------------------------------------------------------------------


def test_the_sheet_tells_of_place_figures_and_register(world, staff):
    for name, room in (("孙桂芳", "402"), ("孙伟", "402"), ("陆建国", "101")):
        world.register(name, room)
    found = sheet(world, staff)
    assert (found.community.id, found.community.town_name) == (C_HOME, "样例镇")
    assert (found.register_persons, found.register_households) == (3, 2)
    assert [e.name for e in found.estates] == ["样例苑"]
    assert found.electorate == op.Electorate()


def test_it_is_for_those_who_live_work_or_watch_there(world, town):
    world.register("孙桂芳", "402")
    granny = world.person()
    world.join(granny)
    for who in (granny, town, world.person("", (Role.OBSERVER, HOME))):
        assert sheet(world, who).community.id == C_HOME
    for who in (world.person(), world.staff(OTHER)):
        with pytest.raises(CommunityNotFound):
            sheet(world, who)


def test_the_committee_states_its_figures_and_says_who_says_so(world, staff):
    figures = {
        "households": 812,
        "residents": 2100,
        "adults": 1800,
        "owners": 790,
        "floor_area": "68123.45",
        "as_of": "2026-10-01",
        "source": "派出所户籍数据",
    }
    stated = edit(world, staff, electorate=figures).electorate
    assert (stated.households, stated.floor_area) == (812, Decimal("68123.45"))
    assert (stated.as_of, stated.source) == (date(2026, 10, 1), "派出所户籍数据")
    (row,) = world.rows("SELECT changed_by FROM community_figures")
    assert row.changed_by == staff.person_id
    assert edit(world, staff, electorate={"households": 813}).electorate.residents is None
    assert world.rows("SELECT 1 FROM kit_outbox") == []


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"as_of": "2026-11-24"}, "electorate.as_of"),
        ({"residents": 10, "adults": 11}, "electorate.adults"),
    ],
)
def test_figures_that_cannot_be_are_refused(world, staff, figures, field):
    with pytest.raises(Invalid) as caught:
        edit(world, staff, electorate=figures)
    assert [e.field for e in caught.value.errors] == [field]
    assert world.rows("SELECT 1 FROM community_figures") == []


def test_switched_modules_are_told(world, staff):
    done = edit(world, staff, modules=["announcements", "idle"])
    assert done.community.modules == ["announcements", "idle"]
    (told,) = world.events("community.changed.v1")
    assert told["modules"] == ["announcements", "idle"]
    edit(world, staff, modules=["announcements", "idle"])
    assert len(world.events("community.changed.v1")) == 1
    with pytest.raises(Invalid):
        edit(world, staff, modules=["idle", "idle"])


def test_names_are_the_administrators_and_the_rest_is_the_committees(world, staff, town):
    assert edit(world, town, name="新居民区").community.name == "新居民区"
    assert [t["name"] for t in world.events("community.changed.v1")] == ["新居民区"]
    for who, over in (
        (staff, {"name": "我们村"}),
        (town, {"modules": []}),
        (town, {"electorate": {}}),
        (town, {"name": "又一个", "electorate": {}}),
        (world.staff(OTHER), {"modules": []}),
    ):
        with pytest.raises(Forbidden):
            edit(world, who, **over)
    assert sheet(world, staff).community.name == "新居民区"
    with pytest.raises(PlaceNameTaken):
        edit(world, town, name="隔壁村")
    with pytest.raises(CommunityNotFound):
        cmd = op.UpdateCommunity(cid="nowhere", name="x")
        world.do(community.update_community, cmd, town, world.now)


def test_a_community_is_listed_under_its_new_name(world, town):
    edit(world, town, name="新居民区")
    listed = world.do(places.list_communities, op.ListCommunities(), town, read=True)
    assert [c.name for c in listed.items] == ["新居民区", "隔壁村"]
