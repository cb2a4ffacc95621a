"""The paper desk's pages: one state, one button; two people who do not see each other's numbers."""

import json
import re
from typing import Any

import pytest

from gateway.web import slips, words_paper
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.operations.votes import paper as paper_ops
from services.contracts.operations.votes import paper_sheets, rolls
from services.votes.domain import paper as paper_rules
from services.votes.domain import paper_sheets as sheet_rules
from tests.gateway import web_paper as p
from tests.gateway import web_votes as v
from tests.gateway import web_world as w
from tests.gateway.test_web_words import literals

pytestmark = pytest.mark.gateway
HERE, TALLIES = p.HERE, f"{p.HERE}/tallies"
BIG = re.compile(
    r"<button class=\"weui-btn weui-btn_primary wide full huge\"[^>]*>.*?</svg>([^<]*)"
)

FILLED = {
    **{name: str(number) for name, number in p.SUMS.items()},
    "buildings[]": ["3号楼"],
    "attachments[]": [p.PHOTO],
}
"""A sheet as somebody fills it in."""


@pytest.fixture
def staff(world):
    world.say(**p.answers(), get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


async def sent(who: Any, act: str, page: str = f"{HERE}?q=3-502", **fields: Any) -> Any:
    return await who.form(page, f"{HERE}/acts/{act}", {"code": p.CODE, **fields})


# -- what is typed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("", {}),
        ("shequ:paper:poll:0042-7K", {"paper": "0042-7K"}),
        ("0042－7k", {"paper": "0042-7K"}),
        ("7kq2m9xwhb", {"code": "7KQ2M9XWHB"}),
        ("3-502", {"building": "3", "place": "502"}),
        ("３号楼 502室", {"building": "3", "place": "502"}),
        ("12栋2单元1503", {"building": "12", "unit": "2", "place": "1503"}),
        ("10-1-301", {"building": "10", "unit": "1", "place": "301"}),
        ("1单元 301", {"unit": "1", "place": "301"}),
        ("样例苑 3号楼 502室", {"building": "样例苑 3号楼", "place": "502"}),
        ("A座1203", {"building": "A", "place": "1203"}),
        ("502", {"place": "502"}),
        ("3号楼", {"building": "3号楼"}),
        ("孙美兰", {"name": "孙美兰"}),
    ],
)
def test_what_is_typed_is_a_slip_a_code_an_address_or_a_name(typed, asked):
    assert slips.asked(typed) == asked


def test_three_is_not_thirteen_and_all_are_shown_where_none_is_meant():
    places = [("13号楼", "1502室"), ("3号楼", "502室"), ("3号楼", "1502室")]
    found = [{"building": building, "place": place} for building, place in places]
    assert slips.nearest(found, {"building": "3", "place": "502"}) == [found[1]]
    assert slips.nearest(found, {"place": "99"}) == found


def test_buildings_stand_as_people_count_them():
    names = ["10号楼", "2号楼", "A座", "样例苑 1号楼"]
    assert slips.in_order(names) == ["2号楼", "10号楼", "A座", "样例苑 1号楼"]


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(rolls.EntryState), words_paper.ENTRY),
        (literals(rolls.EntryState), words_paper.NOTHING),
        (literals(paper_ops.PaperAct), words_paper.ACT),
        (literals(paper_ops.PaperAct), words_paper.WAITING),
        (literals(paper_ops.PaperState), words_paper.DONE),
        (literals(paper_ops.PaperState), words_paper.PAPER),
        (literals(paper_sheets.SheetState), words_paper.SHEET),
        (literals(paper_sheets.PaperChoice), words_paper.CHOICE),
        (set(sheet_rules.SUMS), words_paper.SLIPS),
    ],
)
def test_every_key_of_the_desk_has_its_word(keys, table):
    assert keys == set(table)


def test_advice_is_for_refusals_that_there_are():
    codes = {one.code for one in vars(paper_rules).values() if hasattr(one, "code")}
    assert set(words_paper.ADVICE) <= codes


# -- which poll ------------------------------------------------------------------------------------


async def test_polls_that_take_paper_are_listed_with_what_can_be_done(world, staff):
    online = v.poll(title="只在手机上", rule_set=v.rule_set(channels=["online"]))
    theirs = v.poll(id="p-2", title="业主的", convener="owners_committee")
    listed = {"open": [v.poll(), online, theirs], "closed": [v.poll("closed", title="要计票")]}
    world.say(list_polls=lambda asked: w.page_of(*listed.get(asked.kwargs["state"], [])))
    html = (await staff.get("/console/paper")).text
    assert "电动自行车不进楼" in html and "只在手机上" not in html
    assert html.count("打开柜台") == 1 and "由业主委员会召集" in html
    assert f'href="{TALLIES}"' in html


async def test_the_desk_is_that_of_the_body_that_convenes(world):
    world.say(get_me=w.me("owners_committee"))
    owners = world.browser(Role.OWNERS_COMMITTEE)
    assert (await owners.get(HERE)).status_code == 403
    world.say(get_poll=v.poll(convener="owners_committee"))
    assert (await owners.get(HERE)).status_code == 200
    assert (await world.browser(Role.RESIDENT).get("/console/paper")).status_code == 403
    assert (await world.browser(Role.RESIDENT).get(HERE)).status_code == 403
    assert (await world.browser(Role.OBSERVER).get(HERE)).status_code == 403
    nobody = await world.browser(login=False).get(HERE)
    assert nobody.headers["location"] == f"/login?next={HERE}"


async def test_another_community_s_poll_is_not_there(world, staff):
    world.say(get_poll=errors.NotFound())
    for path in (HERE, f"{HERE}/print", TALLIES, f"{TALLIES}/new", f"{HERE}/round"):
        assert (await staff.get(path)).status_code == 404, path


async def test_the_code_on_a_sheet_leads_to_the_sheets(staff):
    page = await staff.get(f"/polls/{v.POLL}/paper")
    assert page.headers["location"] == TALLIES


# -- the counter -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "state", "button"),
    [
        (p.entry(), "可以发票", "发票"),
        (p.OUT, "纸质票在外", "收票：核对回执，勾销"),
        (p.entry("online", ()), "已在手机上投票", None),
        (p.entry("proxy", ()), "受托人已投", None),
        (p.entry("paper", ("reopen",), paper=p.slip("returned")), "票已交回", None),
        (p.entry("struck", ()), "已从名册上划去", None),
        (p.entry("absent", (), subject_id=None), "名册上没有", None),
    ],
)
async def test_one_state_and_at_most_one_big_button(world, staff, found, state, button):
    world.say(find_on_roll=w.page_of(found))
    html = (await staff.get(f"{HERE}?q=3-502")).text
    assert f"<b>{state}</b>" in html
    assert [text.strip() for text in BIG.findall(html)] == ([button] if button else [])
    assert "孙**" in html and "1950" in html


async def test_a_room_of_many_buildings_asks_which_and_nobody_is_named(world, staff):
    rooms = [p.entry(building=f"{n}号楼", subject_id=f"c-{n}", names=[]) for n in (3, 5)]
    world.say(find_on_roll=w.page_of(*rooms))
    html = (await staff.get(f"{HERE}?q=502")).text
    (asked,) = world.rpc.asked("find_on_roll")
    assert (asked["names"], asked["place"]) == (False, "502")
    assert "哪栋楼" in html and "?b=5" in html and BIG.findall(html) == []


async def test_a_room_in_the_chosen_building_is_enough(world, staff):
    await staff.get(f"{HERE}?q=502&b=3号楼")
    first, named = world.rpc.asked("find_on_roll")
    assert (first["building"], first["place"], first["names"]) == ("3号楼", "502", False)
    assert (named["building"], named["place"]) == ("3号楼", "502室") and "names" not in named


async def test_a_room_of_several_units_asks_which(world, staff):
    units = [p.entry(place=f"{n}单元 502", subject_id=f"c-{n}") for n in (1, 2)]
    world.say(find_on_roll=w.page_of(*units))
    html = (await staff.get(f"{HERE}?q=3-502")).text
    assert "1单元 502" in html and "2单元 502" in html and BIG.findall(html) == []
    one = (await staff.get(f"{HERE}?q=3-2-502")).text
    assert len(BIG.findall(one)) == 1 and "2单元 502" in one


async def test_several_in_a_room_are_told_apart_and_have_a_key_each(world, staff):
    two = p.entry(subject_id=p.OTHER_CODE, names=["李*"])
    world.say(find_on_roll=w.page_of(p.entry(), two))
    html = (await staff.get(f"{HERE}?q=3-502")).text
    assert len(BIG.findall(html)) == 2 and 'data-key="2"' in html
    assert 'huge" autofocus' not in html


async def test_a_paper_is_handed_out_and_its_number_said(world, staff):
    page = await sent(staff, "issue", once="0190a0a0-0000-7000-8000-000000000001", b="3号楼")
    assert page.status_code == 303
    asked = world.rpc.last("issue_paper").kwargs
    assert asked["subject_id"] == p.CODE
    assert asked["entry_key"] == "0190a0a0-0000-7000-8000-000000000001"
    world.say(find_on_roll=w.page_of(p.OUT))
    html = (await staff.get(page.headers["location"])).text
    assert "已发出" in html and p.NUMBER in html and 'value="3号楼"' in html
    assert "ballot-papers.pdf?first=42&amp;last=42" in html
    assert world.rpc.last("find_on_roll").kwargs["paper"] == p.NUMBER


@pytest.mark.parametrize(
    ("act", "method"),
    [
        ("return", "return_paper"),
        ("spoil", "spoil_paper"),
        ("take_back", "take_back_paper"),
        ("reopen", "reopen_paper"),
    ],
)
async def test_what_happens_to_a_paper_is_said_of_its_number(world, staff, act, method):
    page = await sent(staff, act, paper=p.NUMBER, reason="点错了")
    assert page.headers["location"] == f"{HERE}?done={p.NUMBER}"
    assert world.rpc.last(method).kwargs["paper"] == p.NUMBER
    assert (await sent(staff, "burn", paper=p.NUMBER)).status_code == 404


async def test_a_refusal_stays_at_the_counter_with_the_entry(world, staff):
    taken = paper_rules.EntryTaken(errors=[FieldError("subject_id", "has voted")])
    world.say(issue_paper=taken)
    page = await sent(staff, "issue")
    assert page.status_code == 409 and taken.zh in page.text and "3号楼 502室" in page.text
    assert world.rpc.last("find_on_roll").kwargs["code"] == p.CODE


async def test_a_wrong_number_is_said_beside_the_field(world, staff):
    world.say(find_on_roll=paper_rules.UnknownPaper())
    page = await staff.get(f"{HERE}?q=0001-AA")
    assert page.status_code == 422 and paper_rules.UnknownPaper.zh in page.text


async def test_instead_of_an_online_vote_two_witnesses_and_a_photo_are_asked_for(world, staff):
    found = p.entry("online", ("return", "spoil", "take_back"), paper=p.slip(instead=True))
    world.say(find_on_roll=w.page_of(found))
    html = (await staff.get(f"{HERE}?q=3-502")).text
    assert "见证人一" in html and 'name="photo"' in html
    told = paper_rules.WitnessesNeeded(
        errors=[FieldError("witnesses", "must name two"), FieldError("photo_ids", "must hold one")]
    )
    world.say(return_paper=told)
    page = await sent(staff, "return", paper=p.NUMBER, witness_1="老陆")
    assert page.status_code == 422 and page.text.count(told.zh) == 2
    assert 'value="老陆"' in page.text
    assert world.rpc.last("return_paper").kwargs["witnesses"] == ["老陆"]


async def test_after_the_close_it_is_said_when_a_paper_came_back(world, staff):
    world.say(get_poll=v.poll("closed"), find_on_roll=w.page_of(p.OUT))
    html = (await staff.get(f"{HERE}?q={p.NUMBER}")).text
    assert 'type="datetime-local" name="at"' in html
    await sent(staff, "return", paper=p.NUMBER, at="2026-03-05T14:00")
    assert world.rpc.last("return_paper").kwargs["at"] == "2026-03-05T14:00:00+08:00"
    page = await sent(staff, "return", paper=p.NUMBER, at="gestern")
    assert page.status_code == 422 and "请写日期和时间" in page.text


async def test_a_round_of_visits_takes_those_of_a_building_who_are_free(world, staff):
    taken = p.entry("online", (), subject_id=p.OTHER_CODE, place="601室")
    next_door = p.entry(building="13号楼", subject_id=p.THIRD)
    world.say(find_on_roll=w.page_of(p.entry(), taken, next_door))
    page = f"{HERE}/round?b=3号楼"
    html = (await staff.get(page)).text
    assert re.findall(r'name="codes\[\]" value="(\w+)"', html) == [p.CODE]
    world.say(issue_paper={"papers": [p.paper(), p.paper(serial=43)]})
    done = await staff.form(page, f"{HERE}/round", {"codes[]": [p.CODE, p.OTHER_CODE]})
    assert done.headers["location"] == f"{HERE}/print?first=42&last=43"
    assert world.rpc.last("issue_paper").kwargs["subject_ids"] == [p.CODE, p.OTHER_CODE]


# -- without a line --------------------------------------------------------------------------------


async def test_the_list_that_a_device_keeps_names_nobody(world, staff):
    world.say(find_on_roll=w.page_of(p.entry(names=[]), p.OUT, cursor="next"))
    told = (await staff.get(f"{HERE}/list?cursor=c")).json()
    assert told["entries"][1] == [
        p.CODE, "3号楼", "502室", "paper_out", p.NUMBER, ["return", "spoil", "take_back"],
    ]  # fmt: skip
    assert told["next"] == "next" and "孙" not in json.dumps(told, ensure_ascii=False)
    asked = world.rpc.last("find_on_roll").kwargs
    assert (asked["names"], asked["cursor"]) == (False, "c")


async def test_what_waited_is_sent_and_each_refusal_said_in_words(world, staff):
    refusal = {"code": "votes.entry_taken", "zh": "已投票", "en": "has voted", "errors": []}
    world.say(sync_paper={"results": [
        {"entry_key": "k1", "outcome": "refused", "result": None, "refusal": refusal}
    ]})  # fmt: skip
    entries = [{"entry_key": "k1", "act": "issue", "body": {"subject_id": p.CODE}}]
    page = await staff.form(f"{HERE}?q=3-502", f"{HERE}/sync", {"entries": json.dumps(entries)})
    assert page.json()["results"][0]["said"] == "已投票"
    assert world.rpc.last("sync_paper").kwargs["entries"] == entries
    broken = await staff.form(f"{HERE}?q=3-502", f"{HERE}/sync", {"entries": "{"})
    assert broken.status_code == 400
    world.say(sync_paper=errors.Unavailable())
    later = await staff.form(f"{HERE}?q=3-502", f"{HERE}/sync", {"entries": json.dumps(entries)})
    assert later.status_code == 503 and later.json()["code"] == "server.unavailable"


async def test_the_counter_without_a_line_is_nobody_s(world):
    page = await world.browser(login=False).get("/paper-desk")
    assert page.status_code == 200 and "data-poll" not in page.text and "csrf" not in page.text


# -- printed ---------------------------------------------------------------------------------------


async def test_ballots_come_forty_to_a_file(world, staff):
    html = (await staff.get(f"{HERE}/print")).text
    spans = re.findall(r"ballot-papers\.pdf\?first=(\d+)&amp;last=(\d+)", html)
    assert spans == [("1", "40"), ("41", "80"), ("81", "102")]
    for file in ("issue-register.pdf", "tally-sheet.pdf"):
        form = html.partition(file)[2].partition("</form>")[0]
        assert 'value="3号楼"' in form and 'value="5号楼"' in form
    some = (await staff.get(f"{HERE}/print?first=42&last=43")).text
    assert re.findall(r"first=(\d+)&amp;last=(\d+)", some) == [("42", "43")]
    assert (await staff.get(f"{HERE}/print?first=x&last=99999999999")).status_code == 200


# -- sheets ----------------------------------------------------------------------------------------


async def test_urns_stay_sealed_until_voting_has_ended(staff):
    html = (await staff.get(TALLIES)).text
    assert "票箱还封着" in html and "录入一张计票单" not in html


async def test_the_second_is_offered_a_reading_and_shown_no_number(world, staff):
    world.say(get_poll=v.poll("closed"))
    html = (await staff.get(TALLIES)).text
    assert f"{TALLIES}/{p.SHEET}/reading" in html
    reading = (await staff.get(f"{TALLIES}/{p.SHEET}/reading")).text
    assert re.findall(r'inputmode="numeric"[^>]* value="([^"]+)"', reading) == []
    world.say(list_tallies=w.page_of(p.sheet(entered_by_me=True)))
    mine = (await staff.get(TALLIES)).text
    assert "/reading" not in mine and "请另一人用自己的账号录入" in mine


async def test_lines_that_differ_are_named_and_not_by_how_much(world, staff):
    recount = p.sheet("recount", differ=["for", "weights.against", f"ballots.{p.CODE}"], round=2)
    world.say(get_poll=v.poll("closed"), list_tallies=w.page_of(recount))
    html = (await staff.get(TALLIES)).text
    assert "两人录入的不一致" in html and "重新清点后录入" in html
    assert "反对的面积或人数" in html and p.CODE in html


async def test_what_does_not_add_up_is_shown_line_by_line(world, staff):
    lines = [p.line(), p.line(line="issued", agrees=True), p.line(sheet=None, line="sheet")]
    world.say(
        get_poll=v.poll("closed"),
        list_paper_desk=p.figures(lines=lines),
        list_tallies=w.page_of(p.sheet("confirmed")),
    )
    html = (await staff.get(TALLIES)).text
    table = html.partition("对不上的")[2].partition("</table>")[0]
    assert table.count("<tr>") == 2 and "收回" in table and "/correction" in html


@pytest.mark.parametrize(
    ("path", "method", "more"),
    [
        (f"{TALLIES}/new", "enter_paper", {"id": v.POLL}),
        (f"{TALLIES}/{p.SHEET}/reading", "confirm_paper", {"id": p.SHEET}),
        (f"{TALLIES}/{p.SHEET}/correction", "counter_paper", {"id": p.SHEET, "reason": "漏数"}),
    ],
)
async def test_a_sheet_is_sent_as_it_was_typed(world, staff, path, method, more):
    world.say(get_poll=v.poll("closed"))
    page = await staff.form(path, path, {**FILLED, "for": "７", "reason": "漏数"})
    assert page.headers["location"] == TALLIES
    asked = world.rpc.last(method).kwargs
    assert {name: asked[name] for name in p.SUMS} == p.SUMS
    assert asked["buildings"] == ["3号楼"] and asked["ballots"] == []
    assert {name: asked[name] for name in more} == more
    if method != "confirm_paper":
        assert asked["photo_ids"] == [p.PHOTO]


async def test_a_number_that_is_missing_is_never_a_nought(world, staff):
    world.say(get_poll=v.poll("closed"))
    path = f"{TALLIES}/new"
    typed = {**{name: str(n) for name, n in p.SUMS.items()}, "against": "", "spoiled": "zwei"}
    page = await staff.form(path, path, typed)
    assert page.status_code == 422 and world.rpc.asked("enter_paper") == []
    assert 'id="fault-against"' in page.text and 'id="fault-spoiled"' in page.text
    assert 'id="fault-buildings"' in page.text and 'value="7"' in page.text


async def test_a_sheet_that_does_not_add_up_is_refused_beside_its_line(world, staff):
    told = sheet_rules.DoesNotReconcile(errors=[FieldError("issued", "is 12, but 11 are")])
    world.say(get_poll=v.poll("closed"), confirm_paper=told)
    path = f"{TALLIES}/{p.SHEET}/reading"
    page = await staff.form(path, path, FILLED)
    assert page.status_code == 422
    assert told.zh in page.text.partition('id="fault-issued"')[2][:400]


async def test_ballots_with_names_are_entered_by_the_entries_whose_papers_are_back(world, staff):
    world.say(
        get_poll=v.poll("closed", secrecy="named"),
        find_on_roll=w.page_of(p.entry("paper"), p.entry("paper", building="5号楼")),
    )
    path = f"{TALLIES}/new"
    html = (await staff.get(f"{path}?of=3号楼")).text
    assert html.count("<select") == 1 and f'name="c-{p.CODE}"' in html
    assert world.rpc.last("find_on_roll").kwargs["state"] == "paper"
    await staff.form(path, path, {**FILLED, f"c-{p.CODE}": "for"})
    asked = world.rpc.last("enter_paper").kwargs["ballots"]
    assert asked == [{"subject_id": p.CODE, "choice": "for"}]


async def test_areas_are_typed_in_square_metres(world, staff):
    owners = v.rule_set(electorate={"who": "owners"})
    world.say(get_poll=v.poll("closed", rule_set=owners))
    path = f"{TALLIES}/new"
    await staff.form(path, path, {**FILLED, "area-for": "1,085.32", "heads-for": "3/2"})
    weights = world.rpc.last("enter_paper").kwargs["weights"]
    assert weights == {"for": {"area": 108532, "heads": "3/2"}}
    for odd in ("85.321", "1e400000", "1/0", "-1"):
        page = await staff.form(path, path, {**FILLED, "area-for": odd})
        assert page.status_code == 422 and "面积最多两位小数" in page.text


async def test_a_sheet_is_given_up_with_a_reason(world, staff):
    world.say(get_poll=v.poll("closed"))
    path = f"{HERE}/sheets/{p.SHEET}/dropping"
    page = await staff.form(TALLIES, path, {"reason": "拿错了单"})
    assert page.headers["location"] == TALLIES
    assert world.rpc.last("drop_paper").kwargs["reason"] == "拿错了单"
    world.say(drop_paper=errors.Invalid(errors=[FieldError("reason", "请写理由")]))
    again = await staff.form(TALLIES, path, {"reason": "啊"})
    assert again.status_code == 422 and "请写理由" in again.text


async def test_who_watches_reads_the_figures_and_is_offered_nothing(world):
    world.say(get_poll=v.poll("closed"), list_tallies=w.page_of(p.sheet("confirmed")))
    supervisor = world.browser(Role.SUPERVISOR)
    html = (await supervisor.get(TALLIES)).text
    assert "第 1 号计票单" in html and "<form" not in html
    for path in (f"{TALLIES}/new", f"{HERE}/print", f"{HERE}/round"):
        assert (await supervisor.get(path)).status_code == 403, path
