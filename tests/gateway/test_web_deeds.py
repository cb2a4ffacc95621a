"""Pledges under the neighbours' eyes: what was done, and who saw it."""

import pytest

from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import web_content as c
from tests.gateway import web_world as w
from tests.gateway.fakes import PERSON

pytestmark = pytest.mark.gateway

LIST, ONE = f"/c/{w.CID}/deeds", f"{c.DEEDS}/{c.DEED}"


@pytest.fixture
def resident(world):
    world.say(get_post=w.post(module="party", extra={"kind": "pledge"}, author=w.author(id="p-lu")))
    return world.browser(Role.RESIDENT)


async def test_the_pledges_say_how_they_are_kept(world, resident):
    html = (await resident.get(LIST)).text
    for words in ("银先锋", "周三 20:00–21:00", "该做 8 次，做到了 7 次", "3月6日", c.DEEDS):
        assert words in html
    world.say(list_pledges=w.page_of())
    assert "还没有人许下承诺" in (await resident.get(LIST)).text


async def test_the_garden_and_a_pledge_lead_there(world, resident):
    told = [{**m, "works": ["party"] if m["key"] == "party" else []} for m in w.MODULES["items"]]
    world.say(list_modules={"items": told})
    assert f'href="{LIST}"' in (await resident.get(f"/c/{w.CID}/m/party")).text
    assert f'href="{LIST}"' not in (await resident.get(f"/c/{w.CID}/m/nearby")).text
    assert f'href="{c.DEEDS}"' in (await resident.get(f"/posts/{w.POST}")).text
    world.say(get_post=w.post(module="party", extra={"kind": "study"}))
    assert f'href="{c.DEEDS}"' not in (await resident.get(f"/posts/{w.POST}")).text


async def test_the_desk_sees_which_days_are_missing(world):
    world.say(get_me=w.me("committee_staff"))
    html = (await world.browser(Role.COMMITTEE_STAFF).get("/console/deeds")).text
    assert "没有记录的" in html and "3月4日" in html


async def test_a_pledge_shows_its_records_and_who_saw_them(resident):
    html = (await resident.get(c.DEEDS)).text
    for words in ("十二栋楼走了一遍", "2 位邻居看到了", "1 位说没看到", "小赵"):
        assert words in html
    assert 'name="on_date"' not in html and "/keepers" not in html


async def test_who_keeps_it_records_a_day(world, resident):
    world.say(list_deeds=c.deeds(may_record=True))
    fields = {"on_date": "2026-03-06", "note": "走了一遍"}
    sent = await resident.form(c.DEEDS, c.DEEDS, fields)
    assert sent.headers["location"] == f"{c.DEEDS}?done=deed"
    got = world.rpc.last("record_deed").kwargs
    assert (got["id"], got["on_date"], got["note"]) == (w.POST, "2026-03-06", "走了一遍")
    late = errors.Invalid(errors=[errors.FieldError("on_date", "日期不能晚于今天")])
    world.say(record_deed=late)
    page = await resident.form(c.DEEDS, c.DEEDS, fields)
    assert page.status_code == 422 and 'id="fault-on_date"' in page.text
    assert "走了一遍</textarea>" in page.text
    no_day = await resident.form(c.DEEDS, c.DEEDS, {"on_date": "", "note": "x"})
    assert no_day.status_code == 422


async def test_the_author_names_who_spoke_and_lets_go_whom_she_named(world, resident):
    world.say(get_post=w.post(mine=True), list_comments=w.page_of(w.comment()))
    world.say(list_deeds=c.deeds(keepers=[c.author("小赵", id="p-zhao")]))
    html = (await resident.get(c.DEEDS)).text
    assert 'value="p-zhao"' in html
    world.say(list_comments=w.page_of(w.comment(author=w.author("老陆", id="p-lu"))))
    assert '<option value="p-lu">' in (await resident.get(c.DEEDS)).text
    at = f"{c.DEEDS}/keepers"
    named = await resident.form(c.DEEDS, at, {"person_id": "p-lu", "do": "name"})
    assert named.headers["location"] == f"{c.DEEDS}?done=named"
    assert world.rpc.last("name_keeper").kwargs == {"id": w.POST, "person_id": "p-lu"}
    gone = await resident.form(c.DEEDS, at, {"person_id": "p-zhao", "do": "remove"})
    assert gone.headers["location"] == f"{c.DEEDS}?done=removed"
    elsewhere = errors.Invalid(errors=[errors.FieldError("person_id", "她不住在这里")])
    world.say(name_keeper=elsewhere)
    page = await resident.form(c.DEEDS, at, {"person_id": "p-lu", "do": "name"})
    assert page.status_code == 422 and "她不住在这里" in page.text


async def test_a_neighbour_says_whether_she_saw_it(world, resident):
    html = (await resident.get(ONE)).text
    assert "碰到他们了" in html and 'name="seen" value="1"' in html
    sent = await resident.form(ONE, ONE, {"seen": "1", "note": "在门口遇到"})
    assert sent.headers["location"] == f"{c.DEEDS}?done=witnessed"
    got = world.rpc.last("witness_deed").kwargs
    assert (got["seen"], got["note"]) == (True, "在门口遇到")
    await resident.form(ONE, ONE, {"seen": "0", "note": ""})
    assert world.rpc.last("witness_deed").kwargs["seen"] is False
    world.say(list_deeds=c.deeds(c.deed(id=w.NEWS)))
    assert (await resident.get(ONE)).status_code == 404


async def test_an_old_deed_of_many_is_found_and_what_i_said_of_it_is_there_to_change(
    world, resident
):
    def answer(asked):
        if asked.kwargs.get("cursor") == "older":
            return c.deeds(c.deed())
        return c.deeds(c.deed(id=w.NEWS), next_cursor="older")

    said = {"person": c.author(id=PERSON), "seen": True, "note": "那天我也在", "at": w.at(days=1)}
    world.say(list_deeds=answer, list_witnesses=w.page_of(said))
    page = await resident.get(f"{c.DEEDS}/{c.DEED}")
    assert page.status_code == 200 and 'value="那天我也在"' in page.text
    path = f"{c.DEEDS}/{c.DEED}"
    assert (await resident.form(path, path, {"note": "没有"})).status_code == 404, "seen, or not?"
    assert not [one for one in world.rpc.calls if one.method == "witness_deed"]


async def test_nobody_is_a_witness_of_her_own_deed(world, resident):
    world.say(list_deeds=c.deeds(c.deed(by=c.author("孙奶奶", id=PERSON))))
    html = (await resident.get(ONE)).text
    assert "由邻居来作证" in html and 'name="seen"' not in html


async def test_an_observer_finds_nothing_to_write_with(world):
    world.say(list_deeds=c.deeds())
    for path in (c.DEEDS, ONE):
        html = (await world.browser(Role.OBSERVER).get(path)).text
        main = html.partition("<main")[2].partition("</main>")[0]
        assert "<form" not in main and "观察员只看不说" in main, path


async def test_markup_in_any_text_stays_text(world, resident):
    bad = "<script>alert(1)</script>"
    world.say(
        list_pledges=w.page_of(c.pledge(title=bad, by=c.author(bad), extra={"place": bad})),
        list_deeds=c.deeds(c.deed(note=bad, by=c.author(bad))),
        list_witnesses=w.page_of(
            {"person": c.author(bad), "seen": True, "note": bad, "at": w.at()}
        ),
    )
    for path in (LIST, c.DEEDS, ONE):
        html = (await resident.get(path)).text
        assert bad not in html and "&lt;script&gt;alert(1)" in html, path
