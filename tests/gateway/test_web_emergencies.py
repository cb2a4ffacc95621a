"""Emergencies: one tap for those at home; called, counted, knocked at and ended from the desk."""

from typing import Any

import pytest

from services.contracts.actor import Role
from services.notify.domain.emergencies import EmergencyClosed, NotConfirmed
from tests.gateway import web_news as n
from tests.gateway import web_world as w
from tests.gateway.web_browser import Browser, World

pytestmark = pytest.mark.gateway

MINE = f"/emergencies/{n.FIRE}"
DESK = "/console/emergencies"
ONE = f"{DESK}/{n.FIRE}"


@pytest.fixture
def clerk(world: World) -> Browser:
    world.say(get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


def mine(**changes: Any) -> dict[str, Any]:
    return {"items": [n.my_emergency(**changes)]}


# -- at home --------------------------------------------------------------------------------------


async def test_one_tap_says_that_we_are_safe(world):
    browser = world.browser(Role.RESIDENT)
    page = await browser.get(MINE)
    assert "我们平安" in page.text and "需要帮助" in page.text and 'name="whole"' in page.text
    sent = await browser.form(MINE, f"{MINE}/answer", {"state": "safe", "whole": "1"})
    assert sent.headers["location"] == MINE
    await browser.form(MINE, f"{MINE}/answer", {"state": "safe"})
    said = {"id": n.FIRE, "state": "safe"}
    assert world.rpc.asked("answer_emergency") == [
        {**said, "whole": True},
        {**said, "whole": False},
    ]


async def test_whoever_needs_help_says_which_and_a_word_is_kept(world):
    browser = world.browser(Role.RESIDENT)
    page = await browser.form(MINE, f"{MINE}/answer", {"state": "help", "note": "在阳台"})
    assert page.status_code == 422 and 'value="在阳台"' in page.text
    assert "请选一项，说明需要什么帮助" in page.text and world.rpc.asked("answer_emergency") == []
    said = {"state": "help", "need": "trapped", "note": "在阳台"}
    await browser.form(MINE, f"{MINE}/answer", said)
    assert world.rpc.asked("answer_emergency")[-1].items() >= said.items()


async def test_what_one_said_is_shown_and_can_be_changed(world):
    world.say(list_my_emergencies=mine(answer=n.answered("help", need="medical", note="发烧")))
    page = await world.browser(Role.RESIDENT).get(MINE)
    for words in ("看病、受伤、急救", "发烧", "改一下回复", "tel:120"):
        assert words in page.text


async def test_after_the_end_help_is_asked_for_all_the_same_but_nothing_else(world):
    closed = {"state": "closed", "closed_at": n.at(minutes=1), "asked": False}
    world.say(list_my_emergencies=mine(**closed))
    page = await world.browser(Role.RESIDENT).get(MINE)
    assert "已经解除" in page.text and "我们平安" not in page.text
    assert "照样可以说" in page.text and 'value="help"' in page.text
    world.say(answer_emergency=EmergencyClosed())
    said = {"state": "safe"}
    page = await world.browser(Role.RESIDENT).form(MINE, f"{MINE}/answer", said)
    assert page.status_code == 409 and EmergencyClosed.zh in page.text


async def test_a_town_tells_and_asks_nobody(world):
    world.say(list_my_emergencies=mine(scope="town", asked=False))
    page = await world.browser(Role.RESIDENT).get(MINE)
    assert "1号楼火情" in page.text and "/answer" not in page.text


async def test_a_drill_says_so_and_one_that_is_past_is_told_to_be(world):
    world.say(list_my_emergencies=mine(drill=True))
    assert "演练，不是真的" in (await world.browser(Role.RESIDENT).get(MINE)).text
    world.say(list_my_emergencies={"items": []})
    page = await world.browser(Role.RESIDENT).get(MINE)
    assert page.status_code == 404 and "这次应急已经过去了" in page.text
    page = await world.browser(Role.COMMITTEE_STAFF).get(MINE)
    assert page.headers["location"] == ONE
    page = await world.browser(login=False).get(MINE)
    assert page.headers["location"] == f"/login?next={MINE}"


# -- on the desk ----------------------------------------------------------------------------------


async def test_a_call_takes_a_look_and_a_confirmation(world, clerk):
    said = {"title": "1号楼火情", "message": "请到广场集合", "drill": "1", "place_id": n.ESTATE}
    page = await clerk.form(f"{DESK}/new?estate={n.ESTATE}", f"{DESK}/new", {**said, "c": w.CID})
    assert page.status_code == 200 and "<b>512</b>" in page.text and 'value="c0nf1rm"' in page.text
    assert "confirm" not in world.rpc.asked("call_emergency")[-1]
    world.say(call_emergency=n.called(emergency=n.emergency(), confirm=None))
    again = {**said, "c": w.CID, "confirm": "c0nf1rm"}
    sent = await clerk.form(f"{DESK}/new", f"{DESK}/new", again)
    assert sent.headers["location"] == ONE
    assert world.rpc.asked("call_emergency")[-1] == {
        "cid": w.CID,
        "title": "1号楼火情",
        "message": "请到广场集合",
        "drill": True,
        "place_id": n.ESTATE,
        "dry_run": False,
        "confirm": "c0nf1rm",
    }


async def test_what_was_not_confirmed_in_time_is_looked_at_again_with_every_word_kept(world, clerk):
    world.say(call_emergency=NotConfirmed())
    said = {"title": "火情", "message": "请到广场集合", "c": w.CID, "confirm": "late"}
    page = await clerk.form(f"{DESK}/new", f"{DESK}/new", said)
    assert page.status_code == 422 and NotConfirmed.zh in page.text
    assert 'value="火情"' in page.text and "看看会通知多少人" in page.text
    asked_before = len(world.rpc.asked("call_emergency"))
    page = await clerk.form(f"{DESK}/new", f"{DESK}/new", {**said, "back": "1"})
    assert "请到广场集合" in page.text and len(world.rpc.asked("call_emergency")) == asked_before


async def test_the_headcount_is_renewed_by_the_stream_alone(clerk):
    page = await clerk.get(ONE)
    assert f'hx-trigger="shequ:headcount-{n.FIRE} from:body throttle:2s"' in page.text
    assert "3号楼" in page.text and "every " not in page.text
    assert 'id="figures"' in (await clerk.get(f"{ONE}/counts")).text


async def test_words_go_to_all_or_to_the_silent_and_the_end_is_told(world, clerk):
    await clerk.form(ONE, f"{ONE}/broadcasts", {"text": "火已扑灭", "to": "silent"})
    told = {"id": n.FIRE, "text": "火已扑灭", "to": "silent"}
    assert world.rpc.asked("tell_emergency") == [told]
    await clerk.form(ONE, f"{ONE}/close", {"text": "可以回家了"})
    assert world.rpc.asked("close_emergency") == [{"id": n.FIRE, "text": "可以回家了"}]
    world.say(get_emergency=n.figures(doors="lost"))
    await clerk.form(ONE, f"{ONE}/doors")
    assert world.rpc.asked("take_doors") == [{"id": n.FIRE}]
    world.say(close_emergency=EmergencyClosed())
    page = await clerk.form(ONE, f"{ONE}/close", {"text": "没事了"})
    assert page.status_code == 409 and "没事了</textarea>" in page.text


async def test_a_door_is_ticked_once_under_the_key_of_its_form(world, clerk):
    page = await clerk.get(f"{ONE}/doors?building=3号楼")
    assert "502" in page.text and world.rpc.asked("list_doors")[-1]["building"] == "3号楼"
    key = page.text.partition('name="once" value="')[2].partition('"')[0]
    back = f"{ONE}/doors?building=3%E5%8F%B7%E6%A5%BC"
    fields = {"once": key, "household": n.DOOR, "back": back}
    sent = await clerk.form(ONE, f"{ONE}/ticks", {**fields, "state": "safe", "need": "medical"})
    assert sent.headers["location"] == back
    (tick,) = world.rpc.asked("tick_doors")[-1]["ticks"]
    assert tick == {"key": key, "household": n.DOOR, "state": "safe"}
    page = await clerk.form(ONE, f"{ONE}/ticks", {**fields, "state": "help", "note": "腿疼"})
    assert page.status_code == 422 and "请选一项" in page.text and 'value="腿疼"' in page.text
    away = {**fields, "state": "safe", "back": "//elsewhere.example"}
    sent = await clerk.form(ONE, f"{ONE}/ticks", away)
    assert sent.headers["location"] == f"{ONE}/doors"


async def test_who_only_watches_reads_figures_and_has_nothing_to_press(world):
    world.say(get_me=w.me("observer"), get_emergency=n.figures(may_lead=False, may_knock=False))
    observer = world.browser(Role.OBSERVER)
    page = await observer.get(ONE)
    assert page.status_code == 200 and 'method="post"' not in page.text
    assert "您的查看会被记录" in page.text and "/doors" not in page.text
    page = await observer.get(DESK)
    assert page.status_code == 200 and "/new" not in page.text
    assert (await observer.get(f"{DESK}/new")).status_code == 403
    assert (await observer.get(f"{ONE}/doors")).status_code == 403
    assert (await world.browser(Role.RESIDENT).get(DESK)).status_code == 403


async def test_who_is_set_above_communities_looks_at_each_of_hers(world):
    other = {**w.PLACE, "id": n.ESTATE, "name": "聚源村"}
    above = ("path", "code12", "district_id", "district_name", "town_id", "town_name")
    mine = [{**one, **dict.fromkeys(above, "x"), "modules": []} for one in (w.PLACE, other)]
    world.say(get_me=w.me(), list_communities=w.page_of(*mine))
    town = world.browser(Role.TOWN_ADMIN)
    page = await town.get(f"{DESK}?c={n.ESTATE}")
    assert page.status_code == 200 and "聚源村" in page.text and 'name="c"' in page.text
    assert world.rpc.asked("list_emergencies")[-1]["cid"] == n.ESTATE
    assert "拉响警报" in page.text
    world.say(list_communities=w.page_of())
    assert (await town.get(DESK)).status_code == 403


async def test_who_may_not_list_places_calls_for_the_whole_community(world):
    world.say(get_me=w.me("community_police"))
    police = world.browser(Role.COMMUNITY_POLICE)
    page = await police.get(f"{DESK}/new")
    assert page.status_code == 200 and "place_id" not in page.text
    assert world.rpc.asked("list_places") == []


async def test_the_report_can_be_kept(clerk):
    page = await clerk.get(f"{ONE}/report")
    assert f"/api/v1{MINE}/report.docx" in page.text and "15 分钟内" in page.text


async def test_what_people_wrote_stays_text(world, clerk):
    bad = "<img src=x onerror=alert(1)>"
    world.say(
        get_emergency=n.figures(title=bad, message=bad),
        list_my_emergencies=mine(title=bad, latest=bad),
        list_doors=w.page_of(n.door(state="help", note=bad, need="other")),
        get_emergency_report=n.report(broadcasts=[n.broadcast(text=bad)]),
    )
    for path in (MINE, ONE, f"{ONE}/doors", f"{ONE}/report"):
        assert "<img" not in (await clerk.get(path)).text


# -- the committee's robot ------------------------------------------------------------------------


async def test_a_robot_is_set_tried_and_removed(world, clerk):
    here = "/console/robot"
    assert "a1b2****" in (await clerk.get(here)).text
    sent = await clerk.form(here, here, {"token": "t0ken", "secret": "", "c": w.CID})
    assert sent.headers["location"] == f"{here}?c={w.CID}&done=set"
    assert world.rpc.asked("put_robot") == [{"cid": w.CID, "token": "t0ken"}]
    for do, method in (("test", "test_robot"), ("remove", "delete_robot")):
        await clerk.form(here, f"{here}/changes", {"do": do, "c": w.CID})
        assert world.rpc.asked(method) == [{"cid": w.CID}]
    world.say(get_robot={"offered": False, "shown": None, "set_by": None, "set_at": None})
    page = await clerk.get(here)
    assert "本平台还没有开通钉钉" in page.text and 'name="token"' not in page.text
