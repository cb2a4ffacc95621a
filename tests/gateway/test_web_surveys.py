"""Surveys: answered in the contract's shapes, changed while they run, counted for everybody."""

import pytest

from services.contracts.actor import Role
from services.contracts.errors import FieldError, Invalid
from tests.gateway import web_topics as t
from tests.gateway import web_world as w
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway

LIST, HERE = f"/c/{w.CID}/surveys", f"/surveys/{t.SURVEY}"
SCRIPT = "<script>alert(1)</script>"


class BadAnswers(Invalid):
    code = "votes.bad_answers"
    zh, en = "有的回答不符合要求", "Some answers do not fit their questions"


@pytest.fixture
def me(world):
    return world.browser(Role.RESIDENT)


async def answer(browser, fields):
    shown = await browser.get(HERE)
    data = {"csrf": token_in(shown.text), **fields}
    return await browser.client.post(HERE, data=data, headers=ORIGIN)


async def test_surveys_are_listed_and_narrowed(world, me):
    assert "冬天办什么班" in (await me.get(LIST)).text
    await me.get(f"{LIST}?state=closed")
    assert world.rpc.last("list_surveys").kwargs["state"] == "closed"
    world.say(list_surveys=t.page_of())
    assert "这里还没有问卷" in (await me.get(f"{LIST}?state=nonsense")).text
    assert "state" not in world.rpc.last("list_surveys").kwargs


async def test_each_kind_of_question_is_answered_in_the_contracts_shape(world, me):
    fields = {
        "answers_0": "1", "answers_1[]": ["0", "2"], "answers_2": "4", "answers_3": "2",
        "answers_4": " 早点开门 ",
    }  # fmt: skip
    done = await answer(me, fields)
    assert done.headers["location"] == f"{HERE}?thanks=1"
    assert world.rpc.last("answer_survey").kwargs["answers"] == [1, [0, 2], 4, 2, "早点开门"]
    await answer(me, {"answers_0": "0"})
    assert world.rpc.last("answer_survey").kwargs["answers"] == [0, None, None, None, None]


async def test_a_fault_stands_beside_its_question_and_every_word_is_kept(world, me):
    world.say(
        answer_survey=BadAnswers(
            errors=[FieldError("answers.3", "must be a whole number from 1 to 10")]
        )
    )
    page = await answer(me, {"answers_0": "1", "answers_3": "很多", "answers_4": "写了半天"})
    assert page.status_code == 422
    assert world.rpc.last("answer_survey").kwargs["answers"][3] == "很多"
    assert 'id="fault-answers_3"' in page.text and "请填 1 到 10 的整数" in page.text
    assert 'value="很多"' in page.text and "写了半天" in page.text
    assert 'value="1" required checked' in page.text


async def test_a_named_answer_stands_in_the_form_and_may_be_changed(world, me):
    mine = [1, [0, 2], 4, None, "早点"]
    world.say(get_survey=t.survey(anonymous=False, mine=mine, may_change=True, answered=True))
    html = (await me.get(HERE)).text
    assert "这是您上次的回答" in html and html.count(" checked") == 4
    assert "早点</textarea>" in html


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("answered", "不能再找出来修改"),
        ("observer", "观察员只看不说"),
        ("child", "未满十四周岁"),
        ("not_a_member", "通过认证的居民"),
    ],
)
async def test_why_somebody_cannot_answer_is_said(world, me, why, said):
    world.say(get_survey=t.survey(barred=why))
    html = (await me.get(HERE)).text
    assert said in html and 'method="post"' not in html


async def test_results_are_bars_with_their_numbers(world, me):
    closed = t.survey(state="closed", barred="closed", may_see=True, closed_at=t.at())
    world.say(get_survey=closed)
    html = (await me.get(HERE)).text
    assert '<meter min="0" max="8" value="6"' in html and "75%" in html
    assert "平均 4.3，中位数 4" in html and "早一点开门" in html
    assert "每道题各算各的" in html


async def test_too_few_anonymous_answers_are_not_told(world, me):
    closed = t.survey(state="closed", barred="closed", may_see=True)
    world.say(get_survey=closed, survey_results=t.results(withheld=True, answers=2, questions=[]))
    html = (await me.get(HERE)).text
    assert "免得让人猜出是谁答的" in html and "<meter" not in html


async def test_no_results_are_asked_for_before_they_may_be_seen(world, me):
    before = len(world.rpc.calls)
    assert "结束以后在这里公布结果" in (await me.get(HERE)).text
    assert "survey_results" not in {one.method for one in world.rpc.calls[before:]}


async def test_markup_in_any_text_stays_text(world, me):
    asked = [t.question(kind="single", text=SCRIPT, choices=[SCRIPT, "b"])]
    told = t.results()
    told["questions"][2]["texts"] = [SCRIPT]
    told["questions"][0]["counts"][0]["answer"] = SCRIPT
    world.say(
        get_survey=t.survey(title=SCRIPT, intro=SCRIPT, questions=asked, may_see=True),
        survey_results=told, list_surveys=t.page_of(t.survey_line(title=SCRIPT)),
    )  # fmt: skip
    for path in (LIST, HERE):
        html = (await me.get(path)).text
        assert "<script>alert" not in html and "&lt;script&gt;alert" in html, path
