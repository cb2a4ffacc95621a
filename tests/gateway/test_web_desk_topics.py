"""Topics at the desk: the board, what can be done and why not, the text, the chain, who leads."""

import re
from typing import get_args

import pytest

from gateway.web import words_desk_topics
from gateway.web.pages.console.topic import _barred
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.operations.votes import rules, surveys, topics
from services.contracts.operations.votes.chain import ChainSettings, ChainStep
from services.contracts.operations.votes.rule_desk import Sure
from services.votes.domain.chain import _SCREENINGS, STEPS, Hand
from tests.gateway import web_desk_topics as d
from tests.gateway import web_topics as t
from tests.gateway import web_world as w
from tests.gateway.web_poison import SCRIPT
from tests.gateway.web_reader import plain

pytestmark = pytest.mark.gateway


@pytest.fixture
def staff(world):
    world.say(**d.as_committee(), get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


@pytest.fixture
def owners(world):
    world.say(**d.as_committee(), get_me=w.me("owners_committee"))
    return world.browser(Role.OWNERS_COMMITTEE)


# -- the contract's keys ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (get_args(topics.BoardTask.model_fields["task"].annotation), words_desk_topics.COLUMN),
        (get_args(ChainStep), words_desk_topics.CHAIN_STEP),
        (set(ChainSettings.model_fields) - {"steps"}, words_desk_topics.LIMIT),
        (
            get_args(surveys.QuestionView.model_fields["kind"].annotation),
            words_desk_topics.QUESTION,
        ),
        (get_args(surveys.OnePer), words_desk_topics.ONE_PER),
        (get_args(Sure), words_desk_topics.SURE),
        (get_args(rules.RuleSet.model_fields["secrecy"].annotation), words_desk_topics.SECRECY),
        (get_args(rules.RuleSet.model_fields["proxies"].annotation), words_desk_topics.PROXIES),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert set(keys) == set(table)


def test_every_step_that_a_hand_takes_has_its_word():
    own = {Hand.DESK, Hand.PARTY}
    by_hand = {
        (str(was), str(to))
        for (was, to), ways in STEPS.items()
        if any(way.hand in own for way in ways) and (was, to) not in _SCREENINGS
    }
    assert by_hand == set(words_desk_topics.ADVANCE)
    assert by_hand >= words_desk_topics.FORWARD and set(words_desk_topics.MEANS) <= by_hand


def test_the_bounds_of_the_form_are_those_of_the_contract():
    for name, (_, _, low, high) in words_desk_topics.LIMIT.items():
        for value, fits in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
            try:
                ChainSettings(**{name: value})
            except ValueError:
                assert not fits, (name, value)
            else:
                assert fits, (name, value)


# -- all of them -----------------------------------------------------------------------------------


async def test_every_page_opens_is_small_and_has_nothing_of_its_own_to_run(staff):
    for path in d.STAFF:
        plain(await staff.get(path), path)


async def test_they_are_for_who_convenes_alone(world, staff):
    for path in (*d.STAFF, *d.ELSEWHERE):
        for role in (Role.RESIDENT, Role.OBSERVER, Role.GROUP_REPRESENTATIVE):
            page = await world.browser(role).get(path)
            assert page.status_code == 403, (path, role)
        page = await world.browser(login=False).get(path)
        assert page.headers["location"].startswith("/login"), path


async def test_a_topic_of_another_community_is_not_there(world, staff):
    world.say(get_topic=errors.NotFound())
    for path in (d.DESK, f"{d.DESK}/discussion", f"{d.DESK}/proposal", f"{d.DESK}/objections"):
        assert (await staff.get(path)).status_code == 404, path


async def test_the_owners_committee_has_its_part_of_the_desk(world, owners):
    html = (await owners.get("/console/topics")).text
    assert 'href="/console/topics"' in html and "业委会" in html
    assert 'href="/console/issues' not in html and 'href="/console/memberships' not in html
    assert (await owners.get(d.DESK)).status_code == 200
    assert "list_roles" not in {asked.method for asked in world.rpc.calls}
    page = await owners.get(f"{d.DESK}/moderators")
    assert "我来主持" in page.text, "whom else she may ask, identity does not tell her"


async def test_markup_in_any_text_stays_text(world, staff):
    people = {**t.NEIGHBOUR, "display_name": SCRIPT}
    world.say(
        list_screening_board=w.page_of(d.task(title=SCRIPT, author_name=SCRIPT)),
        find_alike_topics={"items": [d.alike(title=SCRIPT)]},
        get_topic=d.raised(
            title=SCRIPT, body=SCRIPT, author_name=SCRIPT,
            timeline=[t.line(text=SCRIPT, reason=SCRIPT)],
        ),
        list_topics=w.page_of(t.summary(id=d.LIKE, title=SCRIPT), stages={}),
        list_opinions=t.spoken(
            t.opinion(body=SCRIPT, author=people, decisions=["hide"],
                      state="hidden", hidden=t.hidden(reason=SCRIPT, appeal=SCRIPT)),
        ),
        list_objections=w.page_of(t.objection(body=SCRIPT, objector=people)),
        get_discussion=t.talk(rules=[{"zh": SCRIPT, "en": SCRIPT}]),
        list_roles=w.page_of(d.holder(SCRIPT)),
        get_proposal_version=t.version(
            articles=[{"number": 1, "key": "a1", "title": SCRIPT, "text": SCRIPT}]
        ),
        list_chain_versions=w.page_of(d.version(note=SCRIPT, changed_by_name=SCRIPT)),
        list_surveys=w.page_of(t.survey_line(title=SCRIPT)),
        get_survey=t.survey(title=SCRIPT, intro=SCRIPT),
    )  # fmt: skip
    seen = 0
    for path in d.STAFF:
        html = (await staff.get(path)).text
        assert "<script>alert" not in html and "<img src=x" not in html, path
        seen += "&lt;script&gt;alert" in html
    assert seen == len(d.STAFF)


# -- the board -------------------------------------------------------------------------------------


async def test_the_board_has_a_column_for_each_task_with_who_asked_and_by_when(world, staff):
    late = d.task(topic_id=d.LIKE, title="晚了", overdue=True, deadline_at=w.at(hours=5))
    world.say(
        list_screening_board=w.page_of(d.task(alike=2), {**late, "task": "publish"}),
        list_topics=w.page_of(stages={}),
    )
    html = (await staff.get("/console/topics")).text
    for name, _ in words_desk_topics.COLUMN.values():
        assert f"<h2>{name}" in html
    assert "小陈" in html and "3 人附议" in html and "2 个相像的" in html
    assert 'class="chip late"' in html and "已超过 5 小时" in html
    assert 'value="screen_question"' in html and 'value="publish"' in html
    assert 'value="screen_item"' not in html, "there is none to be done together"
    assert f'href="{d.DESK.rpartition("/")[0]}/{d.ASKED}"' in html


async def test_a_phone_opens_the_column_that_was_asked_for_or_the_first_with_something(
    world, staff
):
    world.say(list_screening_board=w.page_of(d.task(task="screen_item", state="actionable")))
    html = (await staff.get("/console/topics")).text
    assert 'class="card column here" id="screen_item"' in html
    html = (await staff.get("/console/topics?column=decided")).text
    assert 'class="card column going here" id="decided"' in html
    assert html.count("column going here") + html.count("column here") == 1


async def test_what_waits_for_neighbours_is_shown_apart_from_what_waits_here(world, staff):
    seconding = t.summary(id=d.LIKE, title="等附议的", state="raised", seconders_wanted=5)
    others = t.summary(id=d.COVENANT, title="业委会该筛选的", state="raised")
    world.say(list_topics=w.page_of(seconding, others, stages={}))
    html = (await staff.get("/console/topics")).text
    assert "等附议的" in html and "附议 3 人，要 5 人" in html
    assert "业委会该筛选的" not in html


async def test_the_board_works_while_lists_cannot_be_had(world, staff):
    world.say(list_topics=errors.Unavailable())
    page = await staff.get("/console/topics")
    assert page.status_code == 200 and "电动车不进楼" in page.text and "暂时取不到" in page.text


async def test_of_the_other_body_one_sees_what_waits_and_ticks_nothing(world, staff):
    html = (await staff.get("/console/topics?whose=others")).text
    assert world.sent("list_screening_board")["whose"] == "others"
    assert 'name="pick[]"' not in html and 'value="hand_over"' not in html


async def test_the_ticked_are_done_each_with_a_key_of_its_own_and_told_one_by_one(world, staff):
    fields = {
        "do": "screen_question", "pick[]": [d.ASKED, d.LIKE], f"title-{d.ASKED}": "电动车不进楼",
        "once": w.POST,
    }  # fmt: skip
    page = await staff.form("/console/topics", "/console/topics/batch", fields)
    assert "2 件都办好了" in page.text and "电动车不进楼" in page.text and "受理了" in page.text
    asked = [one for one in world.rpc.calls if one.method == "screen_topic"]
    assert {one.kwargs["id"] for one in asked} == {d.ASKED, d.LIKE}
    assert all(one.kwargs["stage"] == "intake" for one in asked)
    keys = {one.options["idempotency_key"] for one in asked}
    assert len(keys) == 2 and w.POST not in keys


async def test_what_was_refused_in_a_batch_says_why_beside_its_title(world, staff):
    world.say(advance_topic=t.refusal("to"))
    page = await staff.form(
        "/console/topics", "/console/topics/batch", {"do": "publish", "pick[]": d.ASKED}
    )
    assert "0 件办好了，1 件没有办成" in page.text and "这样不行" in page.text
    nothing = await staff.form("/console/topics", "/console/topics/batch", {"do": "publish"})
    assert nothing.status_code == 422 and "请先勾选" in nothing.text


async def test_a_batch_that_cannot_begin_shows_the_board_with_what_was_ticked_and_written(staff):
    board = await staff.get("/console/topics")
    first = board.text.partition('id="batch"')[2].partition("<button")[2]
    assert first.startswith(" disabled"), "Enter in a field presses no button of another column"
    fields = {"do": "hand_over", "convener": "owners_committee", "reason": "共有部分"}
    page = await staff.form("/console/topics", "/console/topics/batch", fields)
    assert page.status_code == 422 and 'id="batch"' in page.text
    assert 'value="共有部分"' in page.text and 'value="owners_committee" selected' in page.text
    page = await staff.form(
        "/console/topics", "/console/topics/batch", {"do": "odd", "pick[]": d.ASKED}
    )
    assert re.search(f'value="{d.ASKED}" checked', page.text)


async def test_several_are_handed_over_with_one_public_reason(world, staff):
    await staff.form(
        "/console/topics", "/console/topics/batch",
        {"do": "hand_over", "pick[]": d.ASKED, "convener": "owners_committee",
         "reason": "共有部分"},
    )  # fmt: skip
    asked = world.sent("hand_topic")
    assert (asked["convener"], asked["reason"]) == ("owners_committee", "共有部分")


# -- one topic -------------------------------------------------------------------------------------


async def test_a_question_is_accepted_with_one_key_and_refused_with_a_reason(world, staff):
    html = (await staff.get(d.DESK)).text
    assert 'data-key="a"' in html and "受理" in html and "走到哪一步" in html
    done = await staff.form(
        d.DESK, f"{d.DESK}/screening", {"stage": "intake", "decision": "accept"}
    )
    assert done.headers["location"] == f"{d.DESK}?done=1"
    world.say(screen_topic=t.refusal("reason"))
    fields = {"stage": "intake", "decision": "refuse", "into": d.LIKE, "locked_by": d.LIKE}
    page = await staff.form(d.DESK, f"{d.DESK}/screening", {**fields, "reason": "不归社区管"})
    assert page.status_code == 422
    assert (
        "不归社区管" in page.text
        and "请再想想" in page.text
        and '<details class="fold" id="no" open' in page.text
    )
    asked = world.sent("screen_topic")
    assert asked["locked_by"] == d.LIKE and "into" not in asked


async def test_what_reads_alike_stands_beside_the_question(world, staff):
    world.say(
        find_alike_topics={
            "items": [
                d.alike(locked_until=w.at(days=-30), outcome="not_passed", state="closed"),
                d.alike(kind="covenant", id=d.COVENANT, title="停车公约", outcome=None,
                        state="in_force"),
            ]
        }
    )  # fmt: skip
    html = (await staff.get(d.DESK)).text
    assert f'href="/console/topics/{d.LIKE}"' in html and "以后才能再提" in html
    assert f'href="/covenants/{d.COVENANT}"' in html and "现行公约" in html
    world.say(find_alike_topics=errors.Unavailable())
    assert 'id="alike"' not in (await staff.get(d.DESK)).text


async def test_an_item_is_formed_with_its_wording_once_the_discussion_is_over(world, staff):
    step = t.step("advance", "actionable", needs=["wording"], not_before=w.at(days=1))
    world.say(get_topic=t.topic(convenes=True, next_steps=[step]))
    html = (await staff.get(d.DESK)).text
    assert "谁来办、办什么" in html
    asked = {"to": "actionable", "title": "装快递柜", "body": "物业来装"}
    await staff.form(d.DESK, f"{d.DESK}/steps", asked)
    told = world.sent("advance_topic")
    assert (told["to"], told["title"], told["body"]) == ("actionable", "装快递柜", "物业来装")
    world.say(get_topic=t.topic(convenes=True, next_steps=[{**step, "not_before": w.at(days=-2)}]))
    html = (await staff.get(d.DESK)).text
    assert "讨论期还没有满" in html and "谁来办、办什么" not in html


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        (d.raised(waits_for="seconders", next_steps=[]), {"seconders"}),
        (d.raised(convenes=False, next_steps=[]), {"others"}),
        (d.raised(state="prior_study", waits_for="party", next_steps=[]), {"party", "not_yet"}),
        (d.drafted(next_steps=[]), {"text"}),
        (d.drafted(), set()),
        (t.noticed(convenes=True), {"frozen", "owed"}),
        (d.raised(covenant_id=d.COVENANT), {"covenant"}),
        (t.topic(state="refused", waits_for=None, next_steps=[], convenes=True), {"ended"}),
    ],
)
def test_what_cannot_be_done_says_why(topic, why):
    assert {reason for _, reason, _ in _barred(topic)} == why
    assert why <= set(words_desk_topics.WHY)


async def test_every_reason_is_read_with_what_cannot_be_done(world, staff):
    world.say(get_topic=d.raised(waits_for="seconders", next_steps=[]))
    html = (await staff.get(d.DESK)).text
    assert "现在还不能办的" in html and "附议的人还不够" in html and 'name="decision"' not in html


async def test_a_topic_goes_to_the_other_body_with_a_reason(world, staff):
    assert "移交业委会" in (await staff.get(d.DESK)).text
    world.say(hand_topic=t.refusal("reason"))
    page = await staff.form(
        d.DESK, f"{d.DESK}/convener", {"convener": "owners_committee", "reason": "无"}
    )
    assert "请再想想" in page.text and '<details class="card fold" id="hand" open' in page.text
    world.say(get_topic=d.raised(covenant_id=d.COVENANT, next_steps=[d.SCREENS[0]]))
    assert "移交业委会" not in (await staff.get(d.DESK)).text


async def test_whoever_convenes_a_topic_is_led_to_the_desk_from_its_page(world, staff):
    assert f'href="{d.DESK}"' in (await staff.get(f"/topics/{t.TOPIC}")).text
    world.say(get_topic=t.topic())
    assert d.DESK not in (await world.browser(Role.RESIDENT).get(f"/topics/{t.TOPIC}")).text
