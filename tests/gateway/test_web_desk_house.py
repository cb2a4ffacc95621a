"""The desk for places, posters, offices and modules: what is asked, shown, and refused."""

import re
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from gateway.web import words_desk_house
from gateway.web.moments import CHINA
from gateway.web.pages.console.modules import free_key
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError, Invalid
from services.contracts.operations import identity
from services.contracts.operations.feed import modules as feed
from tests.gateway import web_desk_house as h
from tests.gateway import web_world as w
from tests.gateway.web_poison import SCRIPT
from tests.gateway.web_reader import plain

pytestmark = pytest.mark.gateway

ESTATE = f"/console/places/{h.ESTATE}"
HOME = f"/console/places/{w.CID}"
POSTERS, OFFICES, MODULES = "/console/posters", "/console/offices", "/console/modules"


@pytest.fixture
def staff(world):
    world.say(**h.desk(), get_me=w.me("secretary"))
    world.rpc.answers["get_place"] = h.shown
    return world.browser(Role.SECRETARY)


# -- all of them ----------------------------------------------------------------------------------


async def test_every_page_opens_is_small_and_has_nothing_of_its_own_to_run(staff):
    for path in h.STAFF:
        plain(await staff.get(path), path)


async def test_they_are_for_committees_alone(world):
    for path in h.STAFF:
        for role in (Role.RESIDENT, Role.OBSERVER):
            assert (await world.browser(role).get(path)).status_code == 403, path
        page = await world.browser(login=False).get(path)
        assert page.headers["location"].startswith("/login"), path


async def test_markup_in_any_text_stays_text(world, staff):
    world.say(
        list_places=w.page_of(h.place(name=SCRIPT)),
        list_roles=h.roles_page(
            h.holder(reason=SCRIPT, person={"id": "p", "display_name": SCRIPT}),
            may_grant=("volunteer",),
        ),
        list_register=w.page_of(h.entry(name=SCRIPT, room=SCRIPT)),
        list_qr=w.page_of(h.code(estate={"id": "e", "name": SCRIPT})),
        list_module_definitions=h.definitions(h.definition("idle", SCRIPT, own=True)),
        list_community_reads=w.page_of(h.look(observer={"id": "p", "display_name": SCRIPT})),
    )
    seen = 0
    for path in h.STAFF:
        html = (await staff.get(path)).text
        assert "<script>alert" not in html and "<img src=x" not in html, path
        seen += "&lt;script&gt;alert" in html
    assert seen > 7


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (identity.PlaceKind, words_desk_house.PLACE),
        (feed.ModuleOrder, words_desk_house.ORDER),
        (feed.Moderation, words_desk_house.MODERATION),
    ],
)
def test_every_key_has_its_word(keys, table):
    assert set(keys.__args__) == set(table)


# -- places ---------------------------------------------------------------------------------------


async def test_the_tree_is_walked_from_the_community_down(world, staff):
    html = (await staff.get("/console/places")).text
    assert world.sent("get_place")["id"] == w.CID
    assert "社区的底数" in html and "98000.50" in html and "40 人、15 户" in html
    html = (await staff.get(ESTATE)).text
    assert world.sent("list_places")["id"] == h.ESTATE
    assert f'href="{HOME}"' in html and f'href="/console/places/{h.BUILDING}"' in html
    assert "里面 2 处" in html and "已停用" in html and "社区的底数" not in html


async def test_another_communitys_place_is_not_there(world, staff):
    world.rpc.answers["get_place"] = h.sheet(above=[{**h.HOME, "id": "elsewhere"}])
    assert (await staff.get(ESTATE)).status_code == 404


async def test_a_place_is_added_renamed_put_on_the_map_and_closed(world, staff):
    done = await staff.form(ESTATE, ESTATE, {"do": "add", "kind": "building", "name": "9号楼"})
    assert done.status_code == 303 and done.headers["location"] == ESTATE
    asked = world.sent("create_place")
    assert (asked["parent"], asked["kind"], asked["name"]) == (h.ESTATE, "building", "9号楼")
    await staff.form(ESTATE, ESTATE, {"do": "name", "name": "尚园一期"})
    assert world.sent("update_place")["name"] == "尚园一期"
    await staff.form(ESTATE, ESTATE, {"do": "point", "lat": "31.395", "lng": "121.36"})
    assert (world.sent("update_place")["lat"], world.sent("update_place")["lng"]) == (
        31.395, 121.36,
    )  # fmt: skip
    for doing, closed in (("close", True), ("open", False)):
        await staff.form(ESTATE, ESTATE, {"do": doing})
        assert world.sent("update_place")["closed"] is closed
    assert (await staff.form(ESTATE, ESTATE, {"do": "sell"})).status_code == 400


async def test_a_refusal_stands_beside_its_field_in_the_open_form(world, staff):
    far = Invalid(errors=[FieldError("lat", "这个位置离小区太远，请核对经纬度")])
    world.say(update_place=far)
    page = await staff.form(ESTATE, ESTATE, {"do": "point", "lat": "32.395", "lng": "121.36"})
    assert page.status_code == 422
    assert 'id="f-point-lat-fault"' in page.text and 'value="32.395"' in page.text
    page = await staff.form(ESTATE, ESTATE, {"do": "point", "lat": "here", "lng": "121.36"})
    assert page.status_code == 422 and 'id="f-point-lat-fault"' in page.text
    assert page.text.count('class="fault"') == 1


async def test_where_people_live_no_button_closes_it(world, staff):
    world.rpc.answers["get_place"] = h.sheet(members=3)
    html = (await staff.get(ESTATE)).text
    assert "还有 3 位居民住在这里" in html and 'value="close"' not in html
    world.rpc.answers["get_place"] = h.sheet(closed_at=w.at(days=2), may_add=[])
    html = (await staff.get(ESTATE)).text
    assert 'value="open"' in html and 'value="add"' not in html and "成排建楼" not in html


async def test_the_communitys_figures_are_stated_all_at_once(world, staff):
    fields = {"do": "figures", "electorate_households": "1201", "electorate_as_of": "2026-02-01"}
    await staff.form(HOME, HOME, fields)
    asked = world.sent("update_community")
    assert asked["cid"] == w.CID and asked["electorate"]["households"] == 1201
    assert asked["electorate"].get("residents") is None
    world.say(update_community=Invalid(errors=[FieldError("electorate.as_of", "不能晚于今天")]))
    page = await staff.form(HOME, HOME, fields)
    assert page.status_code == 422 and 'id="f-figures-electorate_as_of-fault"' in page.text


async def test_a_row_of_buildings_is_looked_at_before_it_is_made(world, staff):
    path = f"{ESTATE}/buildings"
    shape = {"pattern": "{n}号楼", "first": "1", "last": "24", "units": "2", "floors": "18",
             "rooms": "4", "step": "1"}  # fmt: skip
    page = await staff.form(path, path, {"do": "preview", **shape})
    asked = world.sent("build_places")
    assert (asked["dry_run"], asked["last"], asked["rooms"]) == (True, 24, 4)
    assert page.status_code == 200 and 'value="build"' in page.text
    assert "<b>288</b>" in page.text and "已经有了，不再建：3号楼" in page.text
    assert 'value="24"' in page.text, "what was written stays"
    done = await staff.form(path, path, {"do": "build", **shape})
    assert done.headers["location"] == ESTATE
    assert not world.sent("build_places").get("dry_run")


async def test_nothing_is_built_that_does_not_fit(world, staff):
    path = f"{ESTATE}/buildings"
    world.say(build_places=Invalid(errors=[FieldError("last", "不能小于起始楼号")]))
    page = await staff.form(path, path, {"do": "preview", "first": "9", "last": "3"})
    assert page.status_code == 422 and 'id="f-build-last-fault"' in page.text
    assert 'value="build"' not in page.text
    page = await staff.form(path, path, {"do": "preview", "first": "many", "last": "3"})
    assert page.status_code == 422 and 'id="f-build-first-fault"' in page.text


# -- posters --------------------------------------------------------------------------------------


async def test_a_code_tells_who_came_by_it_and_is_printed_on_either_paper(world, staff):
    html = (await staff.get(POSTERS)).text
    assert "12 人扫它申请，9 人现在是居民" in html
    poster = f"/api/v1/qr/{h.TOKEN}/poster"
    for address in (f"{poster}.png", f"{poster}.pdf", f"{poster}.pdf?size=a3"):
        assert f'"{address}"' in html, address
    assert "/api/v1/qr/old/" not in html, "nobody prints what lets nobody in"
    assert "已停用" in html


async def test_a_code_that_ends_soon_is_marked(world, staff):
    world.say(list_qr=w.page_of(
        h.code(expires_at=w.at(days=-3)), h.code(id="c-2", token="t2", expires_at=w.at(days=1))
    ))  # fmt: skip
    html = (await staff.get(POSTERS)).text
    assert "就要到期" in html and "已到期" in html


async def test_a_code_is_made_for_an_estate_or_one_building(world, staff):
    done = await staff.form(POSTERS, POSTERS, {"place": h.ESTATE})
    assert done.headers["location"] == f"{POSTERS}?c={w.CID}&new={h.CODE}#q-{h.CODE}"
    asked = world.sent("create_qr")
    assert asked["estate"] == h.ESTATE and asked.get("building") is None
    fields = {"place": f"{h.ESTATE}/{h.BUILDING}", "expires_at": "2026-12-31"}
    await staff.form(POSTERS, POSTERS, fields)
    asked = world.sent("create_qr")
    assert asked["building"] == h.BUILDING
    assert str(asked["expires_at"]).startswith("2026-12-31")
    world.say(create_qr=Invalid(errors=[FieldError("expires_at", "时间必须晚于现在")]))
    page = await staff.form(POSTERS, POSTERS, {**fields, "expires_at": "2020-01-01"})
    assert page.status_code == 422 and 'id="f-new-expires_at-fault"' in page.text
    assert f'value="{h.ESTATE}/{h.BUILDING}" selected' in page.text


async def test_an_old_poster_goes_at_once_or_after_the_new_one_hangs(world, staff):
    path = f"{POSTERS}/changes"
    await staff.form(POSTERS, path, {"do": "rotate", "token": h.TOKEN})
    assert world.sent("rotate_qr").get("revoke_old_at") is None
    fields = {"do": "rotate", "token": h.TOKEN, "revoke_old_at": "2026-12-01"}
    done = await staff.form(POSTERS, path, fields)
    assert done.headers["location"].endswith("#q-c-3")
    assert str(world.sent("rotate_qr")["revoke_old_at"]).startswith("2026-12-01")
    await staff.form(POSTERS, path, {"do": "revoke", "token": h.TOKEN})
    assert world.sent("revoke_qr")["token"] == h.TOKEN
    world.say(rotate_qr=Invalid(errors=[FieldError("revoke_old_at", "时间必须晚于现在")]))
    page = await staff.form(POSTERS, path, fields)
    assert page.status_code == 422 and f"f-r{h.CODE}-revoke_old_at-fault" in page.text


async def test_a_day_that_is_none_is_refused_and_not_taken_for_no_day(world, staff):
    fields = {"place": h.ESTATE, "expires_at": "12月31日"}
    page = await staff.form(POSTERS, POSTERS, fields)
    assert page.status_code == 422 and 'id="f-new-expires_at-fault"' in page.text
    fields = {"do": "rotate", "token": h.TOKEN, "revoke_old_at": "12月31日"}
    page = await staff.form(POSTERS, f"{POSTERS}/changes", fields)
    assert page.status_code == 422 and f"f-r{h.CODE}-revoke_old_at-fault" in page.text
    assert world.rpc.asked("create_qr") == world.rpc.asked("rotate_qr") == []
    world.say(create_qr=Invalid(errors=[FieldError("building", "这栋楼停用了")]))
    page = await staff.form(POSTERS, POSTERS, {"place": f"{h.ESTATE}/{h.BUILDING}"})
    assert page.status_code == 422 and "这栋楼停用了" in page.text


# -- offices --------------------------------------------------------------------------------------


async def test_an_office_says_until_when_why_and_who_gave_it(world, staff):
    html = (await staff.get(OFFICES)).text
    assert "居委小王" in html and "李干事休假" in html and "石书记授予" in html
    assert "七天内到期" not in html
    world.say(list_roles=h.roles_page(h.holder(expires_at=w.at(days=-3)), may_grant=("volunteer",)))
    html = (await staff.get(OFFICES)).text
    assert "七天内到期" in html and "还有 2 天" in html


async def test_only_what_is_ones_own_to_give_and_take_has_a_button(world, staff):
    world.say(list_roles=h.roles_page(h.holder(may_revoke=False)))
    html = (await staff.get(OFFICES)).text
    assert "收回" not in re.sub(r"请收回后重新授予", "", html) and f"{OFFICES}/new" not in html
    assert (await staff.get(f"{OFFICES}/new")).status_code == 403
    world.say(list_roles=h.roles_page(h.holder(), may_grant=("volunteer",)))
    done = await staff.form(OFFICES, OFFICES, {"id": h.GRANT})
    assert done.headers["location"] == f"{OFFICES}?c={w.CID}"
    assert world.sent("revoke_role")["id"] == h.GRANT


async def test_the_trail_shows_who_took_it_back_or_that_its_time_was_over(world, staff):
    taken = {"ended_at": w.at(days=1), "may_revoke": False}
    world.say(list_roles=h.roles_page(
        h.holder(**taken, ended_by={"id": "p", "display_name": "石书记"}),
        h.holder(**taken, id="g-2"),
    ))  # fmt: skip
    html = (await staff.get(f"{OFFICES}?ended=1")).text
    assert world.sent("list_roles")["ended"] is True
    assert "石书记收回" in html and "到期" in html and "不在岗时谁代办" not in html


async def test_somebody_is_found_in_the_register_and_gets_an_office_for_two_weeks(world, staff):
    page = f"{OFFICES}/new?q={quote('孙桂芳')}"
    html = (await staff.get(page)).text
    asked = world.sent("list_register")
    assert (asked["q"], asked["account"]) == ("孙桂芳", True)
    assert "孙**" in html and "居委小王" in html and 'value="committee_staff"' in html
    fields = {"person_id": h.WANG, "role": "volunteer", "scope": h.ESTATE, "term": "14",
              "reason": "代两周"}  # fmt: skip
    done = await staff.form(page, f"{OFFICES}/new", fields)
    assert done.status_code == 303
    asked = world.sent("grant_role")
    assert (asked["scope"], asked["reason"]) == (h.ESTATE, "代两周")
    ends = datetime.fromisoformat(str(asked["expires_at"])).astimezone(CHINA)
    assert (ends.hour, ends.minute) == (23, 59)
    assert timedelta(days=13) < ends - datetime.now(CHINA) <= timedelta(days=15)


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"term": "open"}, None),
        ({"term": "day", "expires_at": "2026-12-31"}, "2026-12-31"),
    ],
)
async def test_an_office_is_given_to_a_day_or_without_an_end(world, staff, fields, until):
    await staff.form(
        f"{OFFICES}/new", f"{OFFICES}/new", {"person_id": h.WANG, "role": "volunteer", **fields}
    )
    asked = world.sent("grant_role")
    assert asked["scope"] == w.CID
    ends = asked.get("expires_at")
    assert ends is None if until is None else str(ends).startswith(until)


async def test_what_is_wrong_with_a_grant_stands_beside_its_field(world, staff):
    path = f"{OFFICES}/new"
    page = await staff.form(path, path, {"person_id": h.WANG, "role": "volunteer", "term": "day"})
    assert page.status_code == 422 and 'id="f-give-expires_at-fault"' in page.text
    for term in ("", "0", "999999999"):
        page = await staff.form(
            path, path, {"person_id": h.WANG, "role": "volunteer", "term": term}
        )
        assert page.status_code == 422 and "请选择" in page.text, "never for ever by mistake"
    assert world.rpc.asked("grant_role") == []
    page = await staff.form(path, path, {"role": "volunteer", "term": "14", "reason": "代班"})
    assert page.status_code == 422 and "代班" in page.text
    assert re.search(r'name="person_id"[^>]*checked', page.text) is None
    world.say(grant_role=errors.Conflict())
    page = await staff.form(path, path, {"person_id": h.WANG, "role": "volunteer", "term": "14"})
    assert page.status_code == 409 and f'value="{h.WANG}" required checked' in page.text


# -- modules --------------------------------------------------------------------------------------


async def test_the_list_shows_what_is_on_in_order_and_what_is_off(world, staff):
    html = (await staff.get(MODULES)).text
    assert re.findall(r'value="(?:off|on):(\w+)"', html) == [
        "announcements", "idle", "garden", "doctor",
    ]  # fmt: skip
    assert "都还能看，不能再发" in html and html.count('weui-grid"') == 3
    world.say(get_community_profile=h.profile(("idle", "doctor")))
    html = (await staff.get(MODULES)).text
    assert re.findall(r'value="off:(\w+)"', html) == ["idle", "doctor", "garden"]


@pytest.mark.parametrize(
    ("doing", "modules"),
    [
        ("up:idle", ["idle", "announcements", "garden"]),
        ("down:announcements", ["idle", "announcements", "garden"]),
        ("on:doctor", ["announcements", "idle", "garden", "doctor"]),
        ("off:idle", ["announcements", "garden"]),
    ],
)
async def test_built_in_ones_are_moved_and_switched_in_the_communitys_list(
    world, staff, doing, modules
):
    done = await staff.form(MODULES, MODULES, {"do": doing})
    assert done.headers["location"].endswith(f"#{doing.partition(':')[2]}")
    assert world.sent("update_community")["modules"] == modules


async def test_an_own_one_is_switched_by_its_own_definition(world, staff):
    await staff.form(MODULES, MODULES, {"do": "off:garden"})
    asked = world.sent("put_module")
    assert (asked["key"], asked["switched_on"], asked["version"]) == ("garden", False, 2)
    assert asked["name"] == "小花园"
    assert world.rpc.asked("update_community") == []


async def test_nothing_is_arranged_that_makes_no_sense(world, staff):
    one = h.definition("idle", "闲置物品")
    world.say(list_module_definitions=h.definitions(one))
    page = await staff.form(MODULES, MODULES, {"do": "off:idle"})
    assert page.status_code == 422 and "至少留一个栏目" in page.text
    for doing, status in (("on:idle", 400), ("off:none", 404), ("", 404)):
        assert (await staff.form(MODULES, MODULES, {"do": doing})).status_code == status


async def test_how_one_works_is_said_and_the_rest_stays_as_it_was(world, staff):
    path = f"{MODULES}/idle"
    html = (await staff.get(path)).text
    assert 'name="post_members" value="1" checked' in html
    fields = {
        "do": "put", "version": "1", "name": "跳蚤市场", "name_en": "Flea market",
        "post[]": ["volunteer"], "comment_members": "1", "order": "active", "moderation": "pre",
    }  # fmt: skip
    done = await staff.form(path, path, fields)
    assert done.headers["location"] == f"{MODULES}?c={w.CID}#idle"
    asked = world.sent("put_module")
    assert asked["post"] == {"members": False, "roles": ["volunteer"]}
    assert (asked["comment"]["members"], asked["moderation"], asked["works"]) == (
        True, "pre", ["idle"],
    )  # fmt: skip
    assert asked.get("switched_on") is None, "a built-in one is not switched here"


async def test_a_refused_change_keeps_what_was_ticked(world, staff):
    path = f"{MODULES}/idle"
    world.say(put_module=Invalid(errors=[FieldError("post", "请指定谁可以发帖")]))
    page = await staff.form(
        path, path,
        {"do": "put", "version": "1", "name": "甲", "name_en": "A", "comment[]": ["secretary"],
         "order": "newest", "moderation": "post"},
    )  # fmt: skip
    assert page.status_code == 422 and "请指定谁可以发帖" in page.text
    assert 'name="post_members" value="1" checked' not in page.text
    assert 'name="comment[]" value="secretary" checked' in page.text
    world.say(put_module=errors.Conflict())
    page = await staff.form(
        path, path,
        {"do": "put", "version": "7", "name": "甲", "name_en": "A", "post_members": "1",
         "order": "newest", "moderation": "post"},
    )  # fmt: skip
    assert page.status_code == 409 and 'value="甲"' in page.text
    assert 'name="version" value="7"' not in page.text, "the next time it is kept"


async def test_an_own_one_is_added_under_a_free_key_and_given_up(world, staff):
    done = await staff.form(
        f"{MODULES}/new", f"{MODULES}/new", {"name": "花园", "name_en": "Garden"}
    )
    assert done.headers["location"] == f"{MODULES}/garden_2?c={w.CID}"
    assert world.sent("put_module")["version"] == 0
    world.say(put_module=errors.Conflict())
    page = await staff.form(
        f"{MODULES}/new", f"{MODULES}/new", {"name": "花园", "name_en": "Garden"}
    )
    assert page.status_code == 409 and 'value="花园"' in page.text
    path = f"{MODULES}/garden"
    assert "去掉它" in (await staff.get(path)).text
    assert "去掉它" not in (await staff.get(f"{MODULES}/idle")).text
    await staff.form(path, path, {"do": "drop", "version": "2"})
    assert world.sent("delete_module") == {"cid": w.CID, "key": "garden", "version": 2}


def test_a_key_is_made_of_any_name():
    assert free_key("3D print!", {"d_print"}) == "d_print_2"
    assert free_key("读书", set()) == "own"
    assert len(free_key("x" * 80, set())) <= 40


# -- who looked, and what is kept -----------------------------------------------------------------


async def test_the_committee_reads_who_looked_at_what_day_by_day(world, staff):
    html = (await staff.get("/console/looks")).text
    assert "林观察员" in html and "一个社区的问题" in html and "someNewThing" in html
    assert world.sent("list_community_reads")["cid"] == w.CID
    await staff.get(f"/console/looks?who={h.LIN}")
    assert world.sent("list_community_reads")["person_id"] == h.LIN


async def test_a_filter_is_kept_with_what_the_address_asks_for(world, staff):
    html = (await staff.get("/console/issues")).text
    assert f'href="?c={w.CID}&amp;clock=overdue"' in html and "把这个筛选存下来" not in html
    path = "/console/issues?clock=overdue&q=%E7%81%AF&cursor=x"
    done = await staff.form(path, path, {"do": "keep", "name": "灯"})
    asked = world.sent("keep_filter")
    assert (asked["of"], asked["name"]) == ("desk_issues", "灯")
    assert asked["asked"] == {"clock": "overdue", "q": "灯"}
    assert done.headers["location"] == "/console/issues?clock=overdue&q=%E7%81%AF"
    await staff.form(path, path, {"do": "drop", "id": h.FILTER})
    assert world.sent("drop_filter")["id"] == h.FILTER
    assert (await staff.form(path, path, {"do": "sell"})).status_code == 400


async def test_one_too_many_is_said_with_the_list_as_it_was(world, staff):
    world.say(keep_filter=errors.Conflict())
    path = "/console/issues?clock=overdue"
    page = await staff.form(path, path, {"do": "keep", "name": "再一个"})
    assert page.status_code == 409 and 'value="再一个"' in page.text
    assert page.text.count('<details class="fold" open>') == 1, "what was written is in sight"
    world.say(list_kept_filters=errors.Unavailable())
    page = await staff.get(path)
    assert page.status_code == 200 and "把这个筛选存下来" not in page.text
