"""The desk's pages about problems: who sees which button, what is asked, what a refusal shows."""

import re

import pytest

from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError, Invalid
from tests.gateway import web_desk as d
from tests.gateway import web_world as w
from tests.gateway.web_poison import SCRIPT
from tests.gateway.web_reader import plain

pytestmark = pytest.mark.gateway

ISSUE = f"/console/issues/{w.ISSUE}"
PLAN = f"/console/plans/{d.PLAN}"
TABLE = f"/console/consultations/{d.TABLE}"
ALL = ["triage", "answer", "step", "escalate", "refer", "merge", "convene"]
PAGES = (
    *d.STAFF, "/console", "/console/issues", ISSUE, PLAN, f"{PLAN}/edit", f"{PLAN}/differences",
    TABLE,
)  # fmt: skip
AT_WORK = w.issue(
    acts=ALL, category="8x", slot="X3", status="self_governing", suggestion=w.SUGGESTION,
    minutes=30, assignee=d.WANG, covered_by=d.ME, undertaking_due_at=d.at(days=2),
    last_step="undertaking", consultation_id=d.TABLE, work_order_no=d.ORDER,
)  # fmt: skip


def summary(**changes):
    return {name: value for name, value in w.issue(**changes).items() if name != "timeline"}


@pytest.fixture
def staff(world):
    world.say(**d.answers(), get_me=w.me("committee_staff"), get_issue=AT_WORK)
    return world.browser(Role.COMMITTEE_STAFF)


# -- all of them ----------------------------------------------------------------------------------


async def test_every_page_opens_is_small_and_has_nothing_of_its_own_to_run(staff):
    for path in PAGES:
        plain(await staff.get(path), path)


async def test_they_are_for_committees_alone(world):
    world.say(get_joint_consultation=d.table(full=False, leads=False))
    for path in (*PAGES, "/console/issues/next", "/console/issues.csv", "/console/letters"):
        page = await world.browser(Role.RESIDENT).get(path)
        assert page.status_code == 403, path
        page = await world.browser(Role.OBSERVER).get(path)
        assert page.status_code == 403, path
        page = await world.browser(login=False).get(path)
        assert page.headers["location"].startswith("/login"), path


async def test_markup_in_any_text_stays_text(world, staff):
    world.say(
        get_issue={**AT_WORK, "title": SCRIPT, "body": SCRIPT,
                   "suggestion": {**w.SUGGESTION, "dangers": [SCRIPT]},
                   "assignee": {"person_id": "p", "display_name": SCRIPT}},
        list_issues=w.page_of(summary(title=SCRIPT, slot_name=SCRIPT, category="8x")),
        list_referrals=w.page_of(d.referral(title=SCRIPT, note=SCRIPT, answer=SCRIPT)),
        list_unanswered_posts=w.page_of(d.waiting_post(title=SCRIPT)),
        get_joint_consultation=d.table(title=SCRIPT, reason=SCRIPT),
        list_answer_guides=w.page_of(d.guide(title=SCRIPT, excerpt=SCRIPT, department=SCRIPT)),
        get_answer_guide=d.guide_whole(title=SCRIPT, body=SCRIPT, may_write=False),
        get_plan=d.plan(title=SCRIPT, summary=SCRIPT),
        list_plan_comments=w.page_of(d.comment(body=SCRIPT)),
        community_hot_topics=d.hot(d.topic(label=SCRIPT)),
        get_work_order=d.order(title=SCRIPT, reason=SCRIPT),
        list_comments=w.page_of(w.comment(body=SCRIPT)),
        get_desk=d.desk(colleagues=[{"person_id": "p", "display_name": SCRIPT}]),
    )  # fmt: skip
    seen = 0
    for path in PAGES:
        html = (await staff.get(path)).text
        assert "<script>alert" not in html and "<img src=x" not in html, path
        seen += "&lt;script&gt;alert" in html
    assert seen > 15


# -- today ----------------------------------------------------------------------------------------


async def test_today_counts_and_leads_to_the_lists(world, staff):
    world.say(get_desk=d.desk(overdue=3, due_today=4, waiting=7, posts_waiting=0))
    html = (await staff.get("/console")).text
    assert "<b>3</b>超时" in html and "<b>7</b>今天该办" in html and "<b>7</b>待受理" in html
    assert "clock=overdue" in html and "等居委会回应的帖子" not in html
    asked = world.sent("list_issues")
    assert (asked["open"], asked["sort"]) == (True, "due")
    assert 'hx-get="/console/beside' in html


async def test_today_works_while_its_numbers_cannot_be_had(world, staff):
    world.say(get_desk=errors.Unavailable())
    page = await staff.get("/console")
    assert page.status_code == 200
    assert "数目暂时取不到" in page.text and "商铺占用绿化带" in page.text


async def test_beside_today_shows_what_it_can(world, staff):
    world.say(community_hot_topics=errors.Unavailable(), list_referrals=errors.TimedOut())
    html = (await staff.get("/console/beside")).text
    assert "有的内容暂时取不到" in html and "谁捡到一把钥匙" in html and "消防通道" in html


# -- the queue ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", {"open": True}),
        ("?state=all", {}),
        ("?state=waiting", {"status": "reported"}),
        ("?state=merging", {"merging": True}),
        ("?state=closed&category=8x", {"status": "closed", "category": "8x"}),
        ("?assignee=me&clock=overdue&sort=due", {"assignee": "me", "clock": "overdue"}),
        ("?alike=1&topic=t-1&q=路灯", {"has_duplicates": True, "topic": "t-1", "q": "路灯"}),
    ],
)
async def test_the_address_says_what_is_asked_for(world, staff, query, asked):
    html = (await staff.get(f"/console/issues{query}")).text
    said = world.sent("list_issues")
    assert {name: said[name] for name in asked} == asked
    for name in ("status", "category", "assignee", "topic", "q"):
        assert name in asked or said.get(name) is None, name
    assert 'href="/console/issues.csv?' in html


async def test_what_is_due_today_is_due_before_china_sleeps(world, staff):
    await staff.get("/console/issues?due=today")
    assert world.sent("list_issues")["due_before"].endswith("T00:00:00+08:00")


async def test_many_at_once_each_with_a_key_of_its_own_and_told_one_by_one(world, staff):
    def triaged(asked):
        return errors.Forbidden() if asked.kwargs["id"] == d.OTHER else AT_WORK

    world.say(triage_issue=triaged)
    fields = {
        "pick[]": [w.ISSUE, d.OTHER, d.PLAN],
        f"title-{w.ISSUE}": "路灯", f"title-{d.OTHER}": "树枝", f"title-{d.PLAN}": "噪声",
        f"advice-{w.ISSUE}": "8x/X3", f"advice-{d.OTHER}": "consult",
        "do": "triage", "c": w.CID, "back": "c=x&state=waiting", "once": d.SEAT,
    }  # fmt: skip
    page = await staff.form("/console/issues", "/console/issues/batch", fields)
    assert page.status_code == 200
    assert "1 件办好了，2 件没有办成" in page.text
    assert "没有权限" in page.text and "还没有系统建议" in page.text
    assert 'href="/console/issues?c=x&amp;state=waiting"' in page.text
    asked = [one for one in world.rpc.calls if one.method == "triage_issue"]
    keys = {one.options["idempotency_key"] for one in asked}
    assert len(keys) == len(asked) == 2
    await staff.form("/console/issues", "/console/issues/batch", fields)
    again = [one for one in world.rpc.calls if one.method == "triage_issue"][2:]
    assert {one.options["idempotency_key"] for one in again} == keys


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "assign"}, "请先勾选"),
        ({"do": "merge", "pick[]": [w.ISSUE]}, "请选择并入哪一件"),
        ({"do": "assign", "pick[]": [w.demo_id(3, n) for n in range(1, 23)]}, "最多办二十件"),
    ],
)
async def test_a_batch_of_nothing_or_too_much_does_nothing(world, staff, fields, said):
    page = await staff.form("/console/issues", "/console/issues/batch", {**fields, "c": w.CID})
    assert page.status_code == 422
    assert said in page.text
    assert not {"assign_issue", "merge_issue"} & {one.method for one in world.rpc.calls}


async def test_the_list_is_a_file_in_which_nothing_is_reckoned(world, staff):
    def listed(asked):
        last = asked.kwargs.get("cursor")
        row = summary(title="=SUM(A1)" if last else "路灯", assignee=d.WANG)
        return w.page_of(row, cursor=None if last else "next")

    world.say(list_issues=listed)
    file = await staff.get("/console/issues.csv?clock=overdue")
    text = file.content.decode("utf-8-sig")
    assert file.headers["content-type"].startswith("text/csv")
    assert "attachment" in file.headers["content-disposition"]
    assert "路灯,待受理" in text and "'=SUM(A1)" in text and "孙奶奶" not in text
    assert world.sent("list_issues")["clock"] == "overdue"
    book = await staff.get("/console/issues.xlsx")
    assert book.content.startswith(b"PK")


async def test_the_next_one_is_the_one_after_this(world, staff):
    world.say(list_issues=w.page_of(summary(id=w.ISSUE), summary(id=d.OTHER)))
    page = await staff.get(f"/console/issues/next?c={w.CID}&after={w.ISSUE}")
    assert page.headers["location"].startswith(f"/console/issues/{d.OTHER}")
    page = await staff.get(f"/console/issues/next?c={w.CID}&after={d.OTHER}")
    assert page.headers["location"] == f"/console/issues?c={w.CID}"


# -- one problem ----------------------------------------------------------------------------------


async def test_what_may_be_done_has_its_form_and_nothing_else(world, staff):
    forms = {"answer", "step", "escalate", "refer", "convene", "triage"}
    html = (await staff.get(ISSUE)).text
    assert {name for name in forms if f'action="{ISSUE}/{name}"' in html} == forms
    world.say(get_issue={**AT_WORK, "acts": [], "status": "escalated"})
    html = (await staff.get(ISSUE)).text
    assert {name for name in forms if f'action="{ISSUE}/{name}"' in html} == set()
    assert "网格平台正在办理" in html and f"{ISSUE}/minutes" in html


async def test_candidates_have_their_keys(world, staff):
    world.say(get_issue=w.issue(suggestion=w.SUGGESTION))
    html = (await staff.get(ISSUE)).text
    assert re.search(r'data-key="1" name="choice" value="8x/X3"', html)
    assert re.search(r'data-key="2" name="choice" value="dispose"', html)


async def test_danger_stands_above_everything(world, staff):
    world.say(get_issue=w.issue(suggestion={**w.SUGGESTION, "dangers": ["提到燃气"]}))
    html = (await staff.get(ISSUE)).text
    assert html.index("提到燃气") < html.index("南门的水果店")


async def test_the_platform_gets_what_is_shown_before(staff):
    html = (await staff.get(ISSUE)).text
    shown = html.partition("平台会收到")[2].partition("</section>")[0]
    assert "毁绿占绿" in shown and "南门" in shown and "06045" in shown


async def test_a_guide_goes_below_what_was_written(world, staff):
    html = (await staff.get(f"{ISSUE}?guide={d.GUIDE}&body=您好")).text
    box = html.partition('id="f-body"')[2].partition("</textarea>")[0]
    assert "您好\n\n感谢反映，我们三天内去看。" in box
    assert f'name="guide_id" value="{d.GUIDE}"' in html
    page = await staff.form(
        ISSUE, f"{ISSUE}/answer",
        {"body": "已去看过", "outcome": "answered", "guide_id": d.GUIDE, "once": d.SEAT},
    )  # fmt: skip
    assert page.headers["location"] == ISSUE
    assert world.sent("answer_issue")["guide_id"] == d.GUIDE


async def test_a_refused_answer_keeps_every_word_beside_its_fault(world, staff):
    world.say(answer_issue=Invalid(errors=[FieldError("body", "太长了")]))
    page = await staff.form(ISSUE, f"{ISSUE}/answer", {"body": "写了很久", "outcome": "refused"})
    assert page.status_code == 422
    assert "写了很久" in page.text and "太长了" in page.text
    assert re.search(r'name="outcome" value="refused" required checked', page.text)


@pytest.mark.parametrize(
    ("act", "fields", "method", "asked"),
    [
        ("refer", {"to": "property", "department": "x", "note": "请修"}, "refer_issue",
         {"to": "property", "department": None, "note": "请修"}),
        ("refer", {"to": "department", "department": "房管", "note": "请看"}, "refer_issue",
         {"to": "department", "department": "房管"}),
        ("recall", {"referral_id": d.REFERRAL, "reason": "自己办"}, "withdraw_referral",
         {"id": d.REFERRAL, "reason": "自己办"}),
        ("merge", {"into": d.OTHER}, "merge_issue", {"id": w.ISSUE, "into": d.OTHER}),
        ("unmerge", {}, "undo_merge", {"id": w.ISSUE}),
        ("assign", {"person_id": "p-wang"}, "assign_issue", {"person_id": "p-wang"}),
        ("assign", {"person_id": ""}, "unassign_issue", {"id": w.ISSUE}),
        ("minutes", {"minutes": "45", "note": "上门"}, "log_minutes", {"minutes": 45}),
        ("convene", {"departments[]": ["房管部门"], "others": "消防、公安，房管部门"},
         "open_joint_consultation", {"id": w.ISSUE}),
        ("step", {"step": "undertaking", "note": "答应搬", "with": "店主", "due_at": "2026-03-09"},
         "record_self_governance",
         {"step": "undertaking", "due_at": "2026-03-09T23:59:00+08:00"}),
        ("escalate", {"reason": "自治未果", "urgent": "1"}, "escalate_issue", {"urgent": True}),
    ],
)  # fmt: skip
async def test_each_form_asks_its_operation(world, staff, act, fields, method, asked):
    page = await staff.form(ISSUE, f"{ISSUE}/{act}", fields)
    assert page.headers["location"] == ISSUE
    said = world.sent(method)
    assert {name: said.get(name) for name in asked} == asked
    if act == "convene":
        assert [one["department"] for one in said["departments"]] == ["房管部门", "消防", "公安"]


async def test_time_that_is_no_number_is_told_beside_its_field(staff):
    page = await staff.form(ISSUE, f"{ISSUE}/minutes", {"minutes": "一会儿"})
    assert page.status_code == 422
    assert 'id="f-minutes-minutes-fault"' in page.text


async def test_another_committees_problem_is_not_there(world, staff):
    world.say(get_issue=w.issue(acts=None))
    for path in (ISSUE, f"{ISSUE}/talk", f"{ISSUE}/alike", f"{ISSUE}/guides"):
        assert (await staff.get(path)).status_code == 404, path


# -- boards and orders ----------------------------------------------------------------------------


async def test_self_governance_stands_in_columns_by_its_last_step(world, staff):
    world.say(list_issues=w.page_of(
        summary(title="后到的", last_step="undertaking", undertaking_due_at=d.at(days=5)),
        summary(title="先到的", last_step="undertaking", undertaking_due_at=d.at(days=1)),
        summary(title="刚去看过", last_step="site_visit"),
    ))  # fmt: skip
    html = (await staff.get("/console/self-governance")).text
    assert html.index("刚去看过") < html.index("先到的") < html.index("后到的")


async def test_a_call_is_taken_in_without_a_name(world, staff):
    world.say(record_intake={"id": d.OTHER, "post_id": d.POST, "status": "reported"})
    path = "/console/issues/new"
    fields = {"c": w.CID, "source": "visit", "title": "电梯异响", "location": "9号楼"}
    page = await staff.form(path, path, fields)
    assert page.headers["location"] == f"/console/issues/{d.OTHER}"
    said = world.sent("record_intake")
    assert (said["source"], said["anonymous"], said["body"]) == ("visit", True, "电梯异响")
    world.say(record_intake=Invalid(errors=[FieldError("title", "太长")]))
    kept = await staff.form(path, path, fields)
    assert kept.status_code == 422 and 'value="电梯异响"' in kept.text and "太长" in kept.text


async def test_a_post_becomes_a_problem(world, staff):
    world.say(issue_from_post={"id": d.OTHER, "post_id": d.POST, "status": "reported"})
    page = await staff.form("/console/unanswered", "/console/unanswered", {"post_id": d.POST})
    assert page.headers["location"] == f"/console/issues/{d.OTHER}"


async def test_who_is_away_is_written_down_and_taken_back(world, staff):
    world.say(put_absence={"person": d.WANG, "cover": d.ME, "from": "2026-03-02",
                           "to": "2026-03-03"}, end_absence={"items": []})  # fmt: skip
    fields = {"c": w.CID, "person_id": "p-wang", "cover_id": d.ME["person_id"],
              "from": "2026-03-02", "to": "2026-03-03"}  # fmt: skip
    page = await staff.form("/console/absences", "/console/absences", fields)
    assert page.status_code == 303
    assert world.sent("put_absence")["from"] == "2026-03-02"
    page = await staff.form(
        "/console/absences", "/console/absences/end", {"c": w.CID, "person_id": "p-wang"}
    )
    assert page.status_code == 303 and world.sent("end_absence")["person_id"] == "p-wang"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unsent": [{"what": "urged", "since": d.at(), "attempts": 2}]}, "还没发出去"),
        ({"steps": []}, "已经发出，平台还没有回音"),
        ({"steps": [{"seq": 1, "state": "accepted", "at": d.at(), "actor_role": "intake_clerk",
                     "department": "", "note": "收到", "attachments": []}]}, "平台也有回音"),
        ({"held": [{"seq": 3, "state": "disposed", "standing": "quarantined",
                    "reason": "conflict", "received_at": d.at()}]}, "请区里查看"),
    ],
)  # fmt: skip
async def test_an_order_says_how_far_its_messages_are(world, staff, changes, said):
    world.say(get_work_order=d.order(**changes))
    assert said in (await staff.get(f"/console/orders/{d.ORDER}")).text


async def test_news_of_an_order_leads_the_desk_to_it_and_others_to_its_problem(world, staff):
    world.say(get_work_order=d.order(no=d.ORDER))
    page = await staff.get(f"/work-orders/{d.ORDER}")
    assert page.headers["location"] == f"/console/orders/{d.ORDER}"
    page = await world.browser(Role.GRID_OPERATOR).get(f"/work-orders/{d.ORDER}")
    assert page.headers["location"] == f"/issues/{w.ISSUE}"


async def test_an_order_is_urged_amended_and_taken_back_while_it_is_open(world, staff):
    path = f"/console/orders/{d.ORDER}"
    for act, method, fields in (
        ("urge", "urge_work_order", {"reason": "三天没动"}),
        ("amendment", "amend_work_order", {"note": "又多了一处"}),
        ("withdrawal", "withdraw_work_order", {"reason": "已自行解决"}),
    ):
        page = await staff.form(path, f"{path}/{act}", fields)
        assert page.headers["location"] == path
        assert fields.items() <= world.sent(method).items()
    world.say(get_work_order=d.order(open=False, state="closed"))
    assert "/urge" not in (await staff.get(path)).text


async def test_dead_letters_are_for_those_who_may_replay_them(world, staff):
    assert "/console/letters" not in (await staff.get("/console/orders")).text
    assert (await staff.get("/console/letters")).status_code == 403
    world.say(replay_dead_letter={"id": "d-1", "queue": "feed.steps", "event_id": None,
                                  "replayed_at": d.at()})  # fmt: skip
    admin = world.browser(Role.DISTRICT_ADMIN)
    html = (await admin.get("/console/letters")).text
    assert "不明的消息" in html and "读不懂" in html
    page = await admin.form("/console/letters", "/console/letters", {"id": "d-1"})
    assert page.headers["location"] == "/console/letters"
