"""Surveys at the desk: written, opened, closed, and their figures."""

import pytest

from gateway.web import survey_form
from gateway.web.forms import Form
from services.contracts.actor import Role
from tests.gateway import web_desk_topics as d
from tests.gateway import web_topics as t
from tests.gateway import web_world as w
from tests.gateway.test_web_forms import send

pytestmark = pytest.mark.gateway

NEW, ONE = "/console/surveys/new", d.ONE_SURVEY
WRITTEN = {
    "rows": "4", "title": "冬天办什么班", "intro": "想听听", "anonymous": "yes",
    "one_per": "household", "results": "closed", "texts": "staff",
    "closes_at": "2026-04-01T20:00", "topic_id": t.TOPIC, "convener": "residents_committee",
    "q0_kind": "multiple", "q0_text": "哪些班？", "q0_choices": "书法\n 合唱 \n\n急救",
    "q0_most": "2", "q0_least": "", "q0_lowest": "9", "q0_required": "1",
    "q1_kind": "scale", "q1_text": "打几分？", "q1_choices": "不算",
    "q2_kind": "text", "q2_text": "", "q3_kind": "number", "q3_text": "几个人？",
    "q3_lowest": "-1", "q3_highest": "很多",
}  # fmt: skip


@pytest.fixture
def staff(world):
    world.say(**d.as_committee(), get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


def test_a_question_says_what_its_kind_asks_for_and_nothing_else():
    assert survey_form.written(Form(values=WRITTEN))["questions"] == [
        {"kind": "multiple", "text": "哪些班？", "required": True,
         "choices": ["书法", "合唱", "急救"], "most": 2},
        {"kind": "scale", "text": "打几分？", "required": False, "lowest": 1, "highest": 5},
        {"kind": "number", "text": "几个人？", "required": False, "lowest": -1, "highest": "很多"},
    ]  # fmt: skip


async def test_what_the_form_has_no_field_or_room_for_stays_as_it_was(world, staff):
    one = {**d.draft()["questions"][0], "kind": "number", "choices": []}
    many = [{**one, "text": f"第{n}问"} for n in range(33)]
    world.say(get_survey=d.draft(plan_id=t.OTHER, questions=many, topic_id=t.OTHER))
    page = f"{ONE}/edit"
    html = (await staff.get(page)).text
    assert f'value="{t.OTHER}" selected' in html, "though it is none of the newest topics"
    await staff.form(page, page, {**WRITTEN, "q3_highest": "9"})
    asked = world.rpc.last("update_survey").kwargs
    assert asked["plan_id"] == t.OTHER
    assert [one["text"] for one in asked["questions"]][-3:] == ["第30问", "第31问", "第32问"]


async def test_a_survey_is_kept_as_a_draft_or_asked_at_once(world, staff):
    fields = {**WRITTEN, "c": w.CID, "q3_highest": "9"}
    done = await send(staff, NEW, fields)
    assert done.headers["location"] == ONE
    asked = world.rpc.last("create_survey").kwargs
    assert (asked["draft"], asked["anonymous"], asked["one_per"]) == (True, True, "household")
    assert asked["topic_id"] == t.TOPIC
    assert asked["closes_at"] == "2026-04-01T20:00:00+08:00"
    await send(staff, NEW, {**fields, "open": "1"})
    assert world.rpc.last("create_survey").kwargs["draft"] is False


async def test_a_refused_survey_keeps_every_word(world, staff):
    page = await send(staff, NEW, {**WRITTEN, "c": w.CID})
    assert page.status_code == 422 and 'value="很多"' in page.text
    assert (
        "冬天办什么班" in page.text and "书法" in page.text and 'id="fault-questions"' in page.text
    )
    world.say(create_survey=t.refusal("closes_at"))
    page = await send(staff, NEW, {**WRITTEN, "c": w.CID, "q3_highest": "9"})
    assert "请再想想" in page.text and 'id="f-s-closes_at-fault"' in page.text


async def test_one_more_question_keeps_every_word(world, staff):
    page = await send(staff, NEW, {**WRITTEN, "c": w.CID, "more": "1"})
    assert page.status_code == 200 and 'name="q4_text"' in page.text and "几个人？" in page.text
    assert "create_survey" not in {asked.method for asked in world.rpc.calls}


async def test_a_draft_is_put_better_and_opened_and_no_other_is_edited(world, staff):
    assert (await staff.get(f"{ONE}/edit")).status_code == 404, "it is open"
    world.say(get_survey=d.draft())
    html = (await staff.get(ONE)).text
    assert "发出去" in html and f"{ONE}/edit" in html and "结束问卷" not in html
    assert "哪些班？" in (await staff.get(f"{ONE}/edit")).text
    done = await send(staff, f"{ONE}/edit", {**WRITTEN, "q3_highest": "9"})
    assert done.headers["location"] == ONE
    assert world.rpc.last("update_survey").kwargs["title"] == "冬天办什么班"
    await staff.form(ONE, f"{ONE}/opening")
    assert world.rpc.last("open_survey").kwargs["id"] == t.SURVEY


async def test_while_it_is_open_nobody_sees_results_and_it_can_be_closed(world, staff):
    html = (await staff.get(ONE)).text
    assert "提前结束" in html and "结束以后才能导出" in html and "谁也看不到结果" in html
    assert "survey_results" not in {asked.method for asked in world.rpc.calls}
    await staff.form(ONE, f"{ONE}/closing")
    assert world.rpc.last("close_survey").kwargs["id"] == t.SURVEY


async def test_figures_are_charts_with_their_tables_and_files(world, staff):
    world.say(get_survey=t.survey(state="closed", closed_at=w.at(days=1), may_see=True))
    html = (await staff.get(ONE)).text
    assert 'data-chart="bar"' in html and 'data-n="6"' in html and "echarts" in html
    assert "平均 4.3，中位数 4" in html and "早一点开门" in html
    assert f"/api/v1/surveys/{t.SURVEY}/results/export?format=csv" in html


async def test_too_few_answers_are_told_to_nobody(world, staff):
    world.say(
        get_survey=t.survey(state="closed", closed_at=w.at(days=1), may_see=True),
        survey_results=t.results(withheld=True, questions=[]),
    )
    html = (await staff.get(ONE)).text
    assert "答的人太少，不公布结果" in html and "data-chart" not in html


async def test_the_list_shows_drafts_and_filters_by_state(world, staff):
    world.say(list_surveys=w.page_of(t.survey_line(state="draft", title="还没发的")))
    html = (await staff.get("/console/surveys?state=draft")).text
    assert world.rpc.last("list_surveys").kwargs["state"] == "draft" and "还没发的" in html
    await staff.get("/console/surveys?state=nonsense")
    assert "state" not in world.rpc.last("list_surveys").kwargs
    world.say(list_surveys=w.page_of())
    assert "问卷只是听听大家怎么想" in (await staff.get("/console/surveys")).text
