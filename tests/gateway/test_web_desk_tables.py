"""What the desk deals with together: consultations, referrals, guides and plans."""

import re

import pytest

from services.contracts.actor import Role
from services.contracts.errors import FieldError, Invalid
from tests.gateway import web_desk as d
from tests.gateway import web_world as w
from tests.gateway.test_web_desk_issues import PLAN, TABLE
from tests.gateway.web_reader import Reader

pytestmark = pytest.mark.gateway


@pytest.fixture
def staff(world):
    world.say(**d.answers(), get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


@pytest.mark.parametrize(
    ("act", "fields", "method", "asked"),
    [
        ("seats", {"department": "房管", "note": "请带图纸"}, "invite_department",
         {"department": "房管"}),
        ("uninvite", {"of": d.SEAT, "reason": "请错了"}, "withdraw_department_invitation",
         {"seat_id": d.SEAT}),
        ("meetings", {"planned_at": "2026-03-05T14:00", "place": "二楼"}, "plan_joint_meeting",
         {"planned_at": "2026-03-05T14:00:00+08:00", "online": False}),
        ("settle", {"of": d.MEETING, "state": "held", "participants": "消防 张队\n\n房管 李科"},
         "settle_joint_meeting", {"participants": ["消防 张队", "房管 李科"]}),
        ("minutes", {"of": d.OTHER, "version": "1", "published": "划线", "internal": "钱"},
         "write_joint_minutes", {"meeting_id": d.OTHER, "version": 1, "published": "划线"}),
        ("actions", {"what": "划线", "owner": "committee", "department": "x",
                     "due_at": "2026-03-09"}, "add_joint_action",
         {"owner": "committee", "department": None}),
        ("move", {"of": d.DEED, "move": "finish", "note": "划好了", "due_at": "2026-03-09"},
         "move_joint_action", {"action_id": d.DEED, "move": "finish", "due_at": None}),
        ("conclude", {"outcome": "returned", "words": "居委会接着办", "slot": "X3"},
         "conclude_joint_consultation", {"outcome": "returned", "slot": None}),
    ],
)  # fmt: skip
async def test_what_is_done_at_the_table(world, staff, act, fields, method, asked):
    page = await staff.form(TABLE, f"{TABLE}/{act}", fields)
    assert page.headers["location"] == f"{TABLE}#{act}"
    said = world.sent(method)
    assert {name: said.get(name) for name in asked} == asked


async def test_a_refusal_at_the_table_opens_the_form_that_it_was_of(world, staff):
    world.say(settle_joint_meeting=Invalid(errors=[FieldError("participants", "写明单位")]))
    page = await staff.form(TABLE, f"{TABLE}/settle", {"of": d.MEETING, "state": "held"})
    assert page.status_code == 422
    opened = re.findall(r'<details class="fold" id="([^"]+)" open>', page.text)
    assert opened == [f"do-settle-{d.MEETING}"] and "写明单位" in page.text


async def test_a_department_answers_for_its_seat_and_its_actions_alone(world):
    seat = {**d.table()["seats"][0], "mine": True, "state": "invited"}
    other = {**seat, "id": d.OTHER, "mine": False, "department": "公安交警"}
    deed = d.table()["actions"][0]
    theirs = {**deed, "id": d.PLAN, "department": "公安交警"}
    world.say(**d.answers())
    world.say(
        get_joint_consultation=d.table(
            leads=False, seats=[seat, other], actions=[deed, theirs], issue_status="solved"
        )
    )
    guest = world.browser(Role.DEPARTMENT_STAFF)
    html = (await guest.get(TABLE)).text
    forms = re.findall(r'<details class="fold" id="do-([^"]+)"', html)
    assert forms == [f"seat-{d.SEAT}", f"move-{d.DEED}"]
    assert 'value="drop"' not in html and "/console/issues" not in html
    page = await guest.form(TABLE, f"{TABLE}/seat", {"of": d.SEAT, "accept": "no", "reason": "x"})
    assert page.headers["location"] == f"{TABLE}#seat"
    said = world.sent("answer_department_invitation")
    assert (said["seat_id"], said["accept"], said["reason"]) == (d.SEAT, False, "x")


async def test_a_party_answers_what_was_referred_to_it(world):
    world.say(**d.answers())
    world.say(list_referrals=w.page_of(d.referral(state="open", answer=None, settled_at=None)))
    party = world.browser(Role.DEPARTMENT_STAFF)
    page = await party.get("/referrals")
    assert page.status_code == 200 and "请修一修" in page.text and "消防通道" in page.text
    assert Reader(page.text).inline == [] and Reader(page.text).unnamed == []
    path = f"/referrals/{d.REFERRAL}"
    done = await party.form("/referrals", path, {"outcome": "done", "body": "换了灯泡"})
    assert done.headers["location"] == "/referrals"
    assert world.sent("answer_referral")["body"] == "换了灯泡"
    world.say(answer_referral=Invalid(errors=[FieldError("body", "太短")]))
    kept = await party.form("/referrals", path, {"outcome": "declined", "body": "不归我们"})
    assert kept.status_code == 422 and "不归我们" in kept.text and "太短" in kept.text
    assert (await world.browser(Role.RESIDENT).get("/referrals")).status_code == 403
    desk = await world.browser(Role.COMMITTEE_STAFF).get("/referrals")
    assert desk.headers["location"] == "/console/referrals"


async def test_who_does_not_sit_there_does_not_get_in(world, staff):
    world.say(get_joint_consultation=d.table(full=False, leads=False))
    assert (await staff.get(TABLE)).status_code == 403
    assert (await staff.form("/console/absences", f"{TABLE}/nothing", {})).status_code == 404


async def test_departments_write_guides_and_committees_read_them(world, staff):
    world.say(get_answer_guide=d.guide_whole(may_write=False))
    assert "<textarea" not in (await staff.get(f"/console/guides/{d.GUIDE}")).text
    assert (await staff.get("/console/guides/new")).status_code == 403
    place = {"id": w.CID, "name": "尚园", "kind": "urban", "path": "demo", "code12": "1" * 12,
             "district_id": "demo", "district_name": "示范区", "town_id": "t",
             "town_name": "月浦", "modules": []}  # fmt: skip
    world.say(list_communities=w.page_of(place), get_answer_guide=d.guide_whole(),
              create_answer_guide=d.guide_whole(), update_answer_guide=d.guide_whole(),
              retire_answer_guide=d.guide_whole())  # fmt: skip
    writer = world.browser(Role.DEPARTMENT_STAFF)
    fields = {"did": "demo", "department": "绿化", "title": "怎么答", "body": "…", "kind": "8x/X3"}
    page = await writer.form("/console/guides/new", "/console/guides/new", fields)
    assert page.headers["location"] == f"/console/guides/{d.GUIDE}"
    made = world.sent("create_answer_guide")
    assert (made["category"], made["slot"], made["did"]) == ("8x", "X3", "demo")
    one = f"/console/guides/{d.GUIDE}"
    await writer.form(one, one, {"version": "2", "title": "新", "body": "新", "kind": ""})
    assert world.sent("update_answer_guide").get("category") is None
    await writer.form(one, f"{one}/retirement", {"reason": "过时了"})
    assert world.sent("retire_answer_guide")["reason"] == "过时了"


async def test_a_plan_is_written_item_by_item_and_keeps_what_it_rests_on(world, staff):
    world.say(update_plan=d.plan(), create_plan=d.plan())
    html = (await staff.get(f"{PLAN}/edit")).text
    kept = re.search(r'name="i0_kept\[\]" value="([^"]+)"', html)
    fields = {
        "version": "2", "title": "方案", "summary": "", "rows": "2",
        "i0_key": d.ITEM, "i0_title": "修路灯", "i0_yuan": "12,000.5", "i0_source": "treasury",
        "i0_owner_kind": "property", "i0_due_on": "2026-06-30",
        "i0_kept[]": [kept[1].replace("&#34;", '"')],
        "i0_ev_kind": "issues", "i0_ev_what": "12", "i0_ev_note": "都说暗",
        "i1_title": "", "i1_text": "没有标题的不算",
    }  # fmt: skip
    page = await staff.form(f"{PLAN}/edit", f"{PLAN}/edit", fields)
    assert page.headers["location"] == PLAN
    (item,) = world.sent("update_plan")["items"]
    assert item["key"] == d.ITEM and item["budget"]["amount_fen"] == 1_200_050
    assert [one["kind"] for one in item["evidence"]] == ["hot_topic", "issues"]
    assert item["evidence"][1]["count"] == 12


async def test_one_more_item_keeps_what_was_written(staff):
    fields = {"c": w.CID, "rows": "2", "i0_title": "修路灯", "more": "1", "title": "方案"}
    page = await staff.form("/console/plans/new", "/console/plans/new", fields)
    assert page.status_code == 200
    assert 'value="修路灯"' in page.text and 'name="rows" value="3"' in page.text


async def test_money_that_is_no_sum_is_refused_with_every_word_kept(staff):
    fields = {"c": w.CID, "rows": "1", "title": "方案", "i0_title": "修灯", "i0_yuan": "很多"}
    page = await staff.form("/console/plans/new", "/console/plans/new", fields)
    assert page.status_code == 422
    assert 'value="很多"' in page.text and "fault" in page.text


async def test_items_for_which_the_form_has_no_room_stay_as_they_are(world, staff):
    long = d.plan()
    (first, *_) = long["content"]
    long["content"] = [{**first, "key": f"item-{n}", "title": f"第 {n} 件"} for n in range(18)]
    world.say(get_plan=long, update_plan=long)
    page = await staff.get(f"{PLAN}/edit")
    assert "后面的原样保留" in page.text
    fields = {"rows": "15", "version": "2", "title": "方案"}
    fields |= {f"i{n}_title": f"改过 {n}" for n in range(15)}
    await staff.form(f"{PLAN}/edit", f"{PLAN}/edit", fields)
    told = [item["title"] for item in world.sent("update_plan")["items"]]
    assert told == [*(f"改过 {n}" for n in range(15)), "第 15 件", "第 16 件", "第 17 件"]


async def test_a_plan_is_led_on_accounted_for_and_answered(world, staff):
    done = d.plan(state="in_progress", next_steps=["finished", "withdrawn"])
    world.say(get_plan=done, step_plan=done, record_plan_progress=done,
              answer_plan_comment=d.comment(), decide_plan_comment=d.comment())  # fmt: skip
    html = (await staff.get(PLAN)).text
    assert 'id="step-finished"' in html and 'id="step-open"' not in html
    for act, fields, method, asked in (
        ("step", {"to": "finished", "version": "2"}, "step_plan", {"to": "finished"}),
        ("progress", {"item": d.ITEM, "note": "换好了", "state": "done", "spent": "9000"},
         "record_plan_progress", {"item": d.ITEM, "spent_fen": 900_000}),
        ("answer", {"comment": d.COMMENT, "body": "一起换"}, "answer_plan_comment",
         {"id": d.COMMENT}),
        ("decision", {"comment": d.COMMENT, "decision": "hide", "reason": "骂人"},
         "decide_plan_comment", {"decision": "hide"}),
    ):  # fmt: skip
        page = await staff.form(PLAN, f"{PLAN}/{act}", fields)
        assert page.status_code == 303, act
        assert asked.items() <= world.sent(method).items()
