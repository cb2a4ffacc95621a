"""Reporting a problem, its page, what a community is concerned about, and its plans."""

import re

import pytest

from gateway.web import words, words_issues
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import (
    ConsultationStep,
    MergeStanding,
    ReferralState,
)
from services.contracts.events.plans import PlanState
from services.contracts.operations.grid_bridge import consultations, hot_topics, plan_items, plans
from services.contracts.operations.grid_bridge.common import IssueStatus
from services.contracts.operations.grid_bridge.issues import IssueAct, Level
from services.grid_bridge.domain import plan_differences
from tests.gateway import web_desk
from tests.gateway import web_issues as i
from tests.gateway import web_world as w
from tests.gateway.test_web_forms import picture, send
from tests.gateway.test_web_words import literals
from tests.gateway.web_browser import ORIGIN

pytestmark = pytest.mark.gateway

REPORT = f"/c/{w.CID}/report"
ISSUE = f"/issues/{w.ISSUE}"
PLAN = f"/plans/{i.PLAN}"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


# -- reporting -------------------------------------------------------------------------------------


async def test_the_form_offers_the_buildings_and_ones_own_first(resident):
    html = (await resident.get(REPORT)).text
    options = re.findall(r'<option value="([^"]*)"', html)
    assert options[:2] == ["", "宝月尚园3号楼"] and "宝月尚园2号楼" in options
    assert html.index('name="photo"') < html.index('name="title"')
    assert 'name="lng" value=""' in html and "data-locate" in html


async def test_the_form_does_without_a_list_of_buildings(world, resident):
    world.say(get_community_profile=errors.Unavailable())
    page = await resident.get(REPORT)
    assert page.status_code == 200 and 'name="spot"' not in page.text
    assert 'name="location"' in page.text


async def test_the_place_goes_along_in_words_and_with_the_point_of_the_phone(world, resident):
    place = {"spot": "宝月尚园3号楼", "location": "三楼楼道", "lng": "121.42", "lat": "31.43"}
    await send(resident, REPORT, {"title": "堆物", **place})
    assert world.rpc.last("report_issue").kwargs["location"] == {
        "address": "宝月尚园3号楼 三楼楼道", "lng": 121.42, "lat": 31.43, "crs": "WGS84",
    }  # fmt: skip


@pytest.mark.parametrize("half", [{"lng": "121.4"}, {"lng": "x", "lat": "31.4"}, {}])
async def test_half_a_point_is_none(world, resident, half):
    await send(resident, REPORT, {"title": "堆物", **half})
    assert "location" not in world.rpc.last("report_issue").kwargs


@pytest.mark.parametrize(("key", "number"), [("fire", "119"), ("hurt", "120"), ("law", "12348")])
async def test_what_is_not_for_the_committee_says_whom_to_call_and_is_not_sent(
    world, resident, key, number
):
    page = await send(resident, REPORT, {"title": "着火了", "stop": key, "body": "写了很久"})
    assert page.status_code == 422 and not world.rpc.asked("report_issue")
    assert f'href="tel:{number}"' in page.text and "写了很久" in page.text
    assert 'id="fault-stop"' in page.text


async def test_after_the_call_it_may_be_reported_but_not_what_belongs_elsewhere(world, resident):
    fields = {"title": "着火了", "anyway": "1"}
    await send(resident, REPORT, {**fields, "stop": "talk"})
    assert not world.rpc.asked("report_issue")
    answer = await send(resident, REPORT, {**fields, "stop": "fire"})
    assert answer.headers["location"] == f"{ISSUE}?new=1"


async def test_what_reads_alike_is_shown_before_anything_is_sent(world, resident):
    world.say(find_look_alikes={"items": [i.like(), i.like(id=w.NEWS, status="closed")]})
    files = {"photo": ("a.jpg", picture(), "image/jpeg")}
    fields = {
        "title": f"路灯不亮{SCRIPT}",
        "body": "三盏",
        "spot": "宝月尚园2号楼",
        "hide_name": "1",
    }
    page = await send(resident, REPORT, fields, files)
    assert page.status_code == 200 and not world.rpc.asked("report_issue")
    assert "2号楼前的路灯不亮" in page.text and SCRIPT not in page.text
    assert page.text.count(f'action="/issues/{i.OTHER}/me-too"') == 1
    assert f'action="/issues/{w.NEWS}/me-too"' not in page.text, "what has ended cannot be joined"
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    kept["title"] = fields["title"]
    answer = await resident.client.post(REPORT, data=kept, headers=ORIGIN)
    assert answer.headers["location"] == f"{ISSUE}?new=1"
    sent = world.rpc.last("report_issue").kwargs
    assert (sent["title"], sent["body"], sent["hide_name"]) == (fields["title"], "三盏", True)
    assert sent["location"] == {"address": "宝月尚园2号楼"} and len(sent["attachments"]) == 1


async def test_one_can_go_back_to_the_form_with_every_word(world, resident):
    page = await send(
        resident, REPORT, {"title": "路灯", "body": "三盏", "looked": "1", "back": "1"}
    )
    assert 'value="路灯"' in page.text and "三盏" in page.text
    assert not world.rpc.asked("report_issue")


async def test_a_report_does_not_wait_for_what_cannot_be_looked_up(world, resident):
    world.say(find_look_alikes=errors.Unavailable())
    answer = await send(resident, REPORT, {"title": "路灯不亮"})
    assert answer.status_code == 303


async def test_the_drawer_is_a_piece_of_the_form_and_a_page_by_itself(world, resident):
    world.say(find_look_alikes={"items": [i.like()]})
    address = f"{REPORT}/alike?title=路灯&body={'长' * 900}"
    piece = await resident.get(address, hx_request="true")
    assert f'formaction="/issues/{i.OTHER}/me-too"' in piece.text and "<form" not in piece.text
    assert 'name="looked" value="1"' in piece.text, "who saw it is not asked again"
    whole = await resident.get(address)
    assert f'action="/issues/{i.OTHER}/me-too"' in whole.text
    assert len(world.rpc.last("find_look_alikes").kwargs["body"]) == 400


async def test_an_observer_is_given_no_form(world):
    page = await world.browser(Role.OBSERVER).get(REPORT)
    assert page.status_code == 403 and "交给居委会" not in page.text


# -- a problem's page ------------------------------------------------------------------------------


async def test_the_promise_says_who_has_heard_that_it_was_broken(world, resident):
    late = {**w.issue()["promise"], "due_at": w.at(hours=5), "overdue": True, "told_to": "district"}
    world.say(get_issue=w.issue(promise=late))
    html = (await resident.get(ISSUE)).text
    assert "已超过 5 小时" in html and "已经告诉区里" in html


async def test_a_clock_that_stands_says_why(world, resident):
    paused = {**w.issue()["promise"], "paused": True, "stage": "grid"}
    world.say(
        get_issue=w.issue(promise=paused, status="escalated", work_order_no="310-1"),
        get_work_order=web_desk.order(state="suspended"),
    )
    html = (await resident.get(ISSUE)).text
    assert "时限暂停" in html and "挂账" in html
    assert "部门处置" in html and 'aria-current="step"' in html


@pytest.mark.parametrize(
    ("told", "there", "missing"),
    [
        ({"status": "reported"}, "还没有受理|办出结果以后", "提交评价"),
        ({"status": "answered"}, "提交评价", "aria-disabled"),
        ({"status": "self_governing"}, "解决了吗", "提交评价"),
        ({"status": "closed", "score": 5}, "非常满意", "提交评价"),
        ({"status": "triaged", "mine": False}, "我也遇到了", "aria-disabled"),
        ({"status": "closed", "mine": False}, "不能再附议", "提交评价"),
    ],
)
async def test_what_one_may_do_is_there_and_what_not_says_why(
    world, resident, told, there, missing
):
    world.say(get_issue=w.issue(**told))
    html = (await resident.get(ISSUE)).text
    assert re.search(there, html) and missing not in html


async def test_an_observer_sees_no_form_and_is_told_that_looking_is_kept(world):
    world.say(get_issue=w.issue(status="answered", mine=False))
    html = (await world.browser(Role.OBSERVER).get(ISSUE)).text
    assert "会留下记录" in html
    assert f'action="{ISSUE}' not in html


async def test_a_merge_is_asked_of_the_reporter_and_answered(world, resident):
    merge = {
        "into": i.OTHER, "title": "车库积水", "state": "asked", "reason": SCRIPT,
        "asked_at": w.at(hours=1),
    }  # fmt: skip
    world.say(get_issue=w.issue(merge=merge), consent_to_merge=w.issue())
    html = (await resident.get(ISSUE)).text
    assert "车库积水" in html and "同意，一起办" in html and SCRIPT not in html
    await resident.form(ISSUE, f"{ISSUE}/merge", {"agree": "no"})
    assert world.rpc.last("consent_to_merge").kwargs == {"id": w.ISSUE, "agree": False}
    world.say(get_issue=w.issue(status="merged", merge={**merge, "state": "agreed"}))
    html = (await resident.get(ISSUE)).text
    assert f'href="/issues/{i.OTHER}"' in html and "同意，一起办" not in html


async def test_joining_and_taking_it_back(world, resident):
    world.say(get_issue=w.issue(mine=False, status="triaged"))
    answer = await resident.form(ISSUE, f"{ISSUE}/me-too", {"on": "1"})
    assert answer.headers["location"] == f"{ISSUE}#joined"
    assert world.rpc.last("me_too").kwargs == {"id": w.ISSUE, "follow": True}
    world.say(get_issue=w.issue(mine=False, status="triaged", supported=True, supporters=3))
    html = (await resident.get(ISSUE)).text
    assert "3 位邻居也遇到" in html
    await resident.form(ISSUE, f"{ISSUE}/me-too")
    assert world.rpc.last("withdraw_me_too").kwargs == {"id": w.ISSUE}


async def test_a_refused_step_is_told_on_the_page(world, resident):
    world.say(
        get_issue=w.issue(mine=False, status="triaged"),
        me_too=errors.Conflict(errors=[FieldError("id", "已办结")]),
    )
    page = await resident.form(ISSUE, f"{ISSUE}/me-too", {"on": "1"})
    assert page.status_code == 409 and 'role="alert"' in page.text


async def test_the_reporter_says_whether_it_is_solved(world, resident):
    world.say(get_issue=w.issue(status="self_governing"), confirm_solved=w.issue(status="solved"))
    await resident.form(ISSUE, f"{ISSUE}/confirmation", {"solved": "no", "said": "还在"})
    assert world.rpc.last("confirm_solved").kwargs == {
        "id": w.ISSUE, "solved": False, "comment": "还在",
    }  # fmt: skip


async def test_the_official_answer_stands_above_the_way(world, resident):
    step = {"at": w.at(hours=1), "kind": "answered", "actor_role": "secretary",
            "text": f"已答复：{SCRIPT}", "attachments": []}  # fmt: skip
    again = {**step, "kind": "reopened", "text": "又坏了"}
    base = w.issue()["timeline"]
    world.say(get_issue=w.issue(status="answered", timeline=[*base, step]))
    html = (await resident.get(ISSUE)).text
    assert 'class="answer"' in html and SCRIPT not in html
    world.say(get_issue=w.issue(status="reopened", timeline=[*base, step, again]))
    assert 'class="answer"' not in (await resident.get(ISSUE)).text


# -- lists -----------------------------------------------------------------------------------------


async def test_the_list_is_narrowed_by_what_one_chose(world, resident):
    await resident.get(f"/c/{w.CID}/issues?row=mine&status=triaged&category=8x&q=灯")
    sent = world.rpc.last("list_issues").kwargs
    told = {name: sent[name] for name in ("cid", "mine", "status", "category", "q")}
    assert told == {
        "cid": w.CID, "mine": True, "status": "triaged", "category": "8x", "q": "灯",
    }  # fmt: skip
    page = await resident.get(f"/c/{w.CID}/issues?row=nonsense&status=x&category=y")
    assert page.status_code == 200


async def test_an_empty_list_says_what_one_can_do(world, resident):
    world.say(list_issues=w.page_of())
    html = (await resident.get(f"/c/{w.CID}/issues")).text
    assert "还没有人反映问题" in html and f'href="{REPORT}"' in html
    seen = (await world.browser(Role.OBSERVER).get(f"/c/{w.CID}/issues")).text
    assert f'class="weui-btn weui-btn_primary" href="{REPORT}"' not in seen


async def test_concerns_show_their_trend_and_what_is_done(world, resident):
    world.say(community_hot_topics=i.hot(i.topic(label=SCRIPT)))
    html = (await resident.get(f"/c/{w.CID}/hot")).text
    assert "比上月多" in html and "清楼道" in html and "14 位邻居" in html and SCRIPT not in html
    world.say(community_hot_topics=i.hot())
    assert "还没有算出热点" in (await resident.get(f"/c/{w.CID}/hot")).text


# -- plans -----------------------------------------------------------------------------------------


async def test_a_plan_that_lies_open_takes_comments(world, resident):
    world.say(get_plan=i.plan(), list_plan_comments=w.page_of(i.remark(body=SCRIPT)))
    html = (await resident.get(PLAN)).text
    assert "正在征求意见" in html and "41,000.50 元" in html and "好，写进要求" in html
    assert SCRIPT not in html and f"{PLAN}/changes" in html
    answer = await resident.form(PLAN, f"{PLAN}/comments", {"body": "地灯别太亮", "item": "k2"})
    assert answer.headers["location"] == f"{PLAN}#c-{i.REMARK}"
    assert world.rpc.last("comment_on_plan").kwargs == {
        "id": i.PLAN, "body": "地灯别太亮", "item": "k2",
    }  # fmt: skip


async def test_a_comment_that_is_refused_keeps_its_words(world, resident):
    world.say(
        get_plan=i.plan(),
        comment_on_plan=errors.Invalid(errors=[FieldError("body", "有不文明用语")]),
    )
    page = await resident.form(PLAN, f"{PLAN}/comments", {"body": "写了很久"})
    assert page.status_code == 422 and "写了很久" in page.text
    assert 'id="fault-body"' in page.text


async def test_a_plan_that_was_adopted_says_why_nothing_is_taken(world, resident):
    done = {"item": "k1", "at": w.at(days=1), "actor_role": "committee_staff", "state": "done",
            "spent_fen": 52_000, "note": "装好了", "attachments": []}  # fmt: skip
    content = i.plan()["content"]
    content[0] |= {"state": "done", "progress": [done]}
    world.say(
        get_plan=i.plan(
            state="in_progress", comments_open=False, done=1, content=content,
            adopted_at=w.at(days=9),
        )
    )  # fmt: skip
    html = (await resident.get(PLAN)).text
    assert '<progress value="1" max="2">' in html and "装好了" in html and "已花 520 元" in html
    assert "照着办" in html and f'action="{PLAN}/comments"' not in html


async def test_ones_own_comment_can_be_taken_back_and_only_that(world, resident):
    own = i.remark(mine=True, id=w.NEWS, state="waiting", answer=None)
    world.say(get_plan=i.plan(), list_plan_comments=w.page_of(i.remark(), own))
    html = (await resident.get(PLAN)).text
    assert html.count("/withdrawal") == 1 and "等居委会看过后公开" in html
    await resident.form(PLAN, f"{PLAN}/comments/{w.NEWS}/withdrawal")
    assert world.rpc.last("withdraw_plan_comment").kwargs == {"id": w.NEWS}
    observed = (await world.browser(Role.OBSERVER).get(PLAN)).text
    assert "/withdrawal" not in observed and "提意见</button>" not in observed


async def test_two_versions_are_held_beside_each_other(world, resident):
    world.say(get_plan=i.plan(), compare_plan_versions=i.DIFFERENCES)
    html = (await resident.get(f"{PLAN}/changes?older=1&newer=2")).text
    assert "<del>每五十米一张</del><ins>每三十米一张</ins>。" in html
    assert world.rpc.last("compare_plan_versions").kwargs == {"id": i.PLAN, "older": 1, "newer": 2}
    for odd in ("older=2&newer=1", "older=9&newer=10", "older=x", "older=²&newer=1"):
        assert (await resident.get(f"{PLAN}/changes?{odd}")).status_code == 200
    world.say(get_plan=i.plan(timeline=i.plan()["timeline"][:2]))
    assert (await resident.get(f"{PLAN}/changes")).status_code == 404


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(IssueStatus), words_issues.NEXT),
        (literals(Level), words_issues.LEVEL),
        (literals(PlanState), words_issues.PLAN),
        (literals(plan_items.ItemState), words_issues.ITEM),
        (literals(plan_items.OwnerKind), words_issues.OWNER),
        (literals(plan_items.MoneySource), words_issues.MONEY),
        (literals(plan_items.EvidenceKind), words_issues.EVIDENCE),
        (literals(plans.CommentState), words_issues.COMMENT),
        (literals(hot_topics.ActionKind), words_issues.ACTION),
        (literals(consultations.SeatState), words_issues.SEAT),
        (literals(consultations.MeetingState), words_issues.MEETING),
        (literals(consultations.ActionState), words_issues.TABLE_ACTION),
        ({"title", "summary", *plan_differences.FIELDS}, words_issues.CHANGED_FIELD),
    ],
)
def test_every_key_of_the_contract_has_a_word(keys, table):
    assert keys == set(table)


def test_every_step_of_a_way_has_a_word():
    told = {f"consultation_{one}" for one in literals(ConsultationStep)}
    told |= {f"merge_{one}" for one in literals(MergeStanding)}
    told |= {f"referral_{one}" for one in literals(ReferralState) - {"open"}}
    assert told | set(words.KIND) <= set(words_issues.KIND)


def test_every_state_of_a_work_order_is_on_its_way_or_ends_it():
    on_the_way = [state for _, _, states in words_issues.ORDER_WAY for state in states]
    assert len(on_the_way) == len(set(on_the_way))
    ended = {"rejected", "duplicate", "not_registered", "cancelled"}  # without being dealt with
    assert {*on_the_way} | ended == literals(WorkOrderState)


def test_whatever_a_resident_may_not_do_has_its_reason_in_words():
    acts = literals(IssueAct.model_fields["act"].annotation)
    for status in literals(IssueStatus):
        for mine in (True, False):
            found = i.my_acts({"status": status, "mine": mine})
            assert {one["act"] for one in found} == acts
            assert {one["why_not"] for one in found} - {None} <= set(words_issues.WHY_NOT)
