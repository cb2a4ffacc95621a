"""The desk where somebody looks at what was reported, and decides with a reason."""

import pytest

from gateway.web import words_content
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.contracts.events.looks import Reason as LookReason
from services.contracts.operations.feed import moderation as ops
from services.contracts.operations.feed import questions
from tests.gateway import web_content as c
from tests.gateway import web_world as w
from tests.gateway.fakes import PERSON

pytestmark = pytest.mark.gateway


@pytest.fixture
def staff(world):
    world.say(get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (set(ops.OpenedBy.__args__), words_content.OPENED),
        (set(ops.ReportKind.__args__), words_content.REPORT),
        (set(ops.CaseState.__args__), words_content.CASE),
        (set(ops.Target.__args__), words_content.LOGGED),
        (set(LookReason.__args__), words_content.LOOK),
        (set(questions.QuestionState.__args__), words_content.QUESTION),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert keys <= set(table)


def test_a_reason_that_is_ready_goes_before_what_was_written_besides():
    ready = words_content.GROUNDS["insult"]
    assert words_content.chosen("take_down/insult", "") == ("take_down", ready)
    assert words_content.chosen("take_down/insult", "请改") == ("take_down", f"{ready}\n请改")
    assert words_content.chosen("keep", "没事") == ("keep", "没事")
    assert words_content.chosen("take_down/unheard-of", "") == ("take_down", "")


async def test_the_queue_says_what_was_said_how_often_it_was_reported_and_what_it_may_break(
    world, staff
):
    html = (await staff.get(c.QUEUE)).text
    for words in ("大家都去敲他家门", "2 人举报", "骂人、人身攻击", "老张 · 5号楼", c.ONE):
        assert words in html
    assert world.rpc.last("list_moderation_cases").kwargs["state"] == "waiting"
    await staff.get(f"{c.QUEUE}?state=final")
    assert world.rpc.last("list_moderation_cases").kwargs["state"] == "final"


async def test_only_what_she_may_decide_can_be_ticked(world, staff):
    world.say(
        list_moderation_cases=w.page_of(
            c.summary(may_decide=False), c.summary(id=w.NEWS, state="appealed")
        )
    )
    html = (await staff.get(c.QUEUE)).text
    assert 'name="pick[]"' not in html and 'name="ground"' not in html


async def test_obvious_ones_are_decided_at_once_and_each_says_what_became_of_it(world, staff):
    other = w.NEWS
    told = {
        "pick[]": [c.CASE, other],
        "do": "take_down",
        "ground": "spam",
        f"title-{other}": "卖保险",
    }

    def decided(asked):
        if asked.kwargs["id"] == other:
            raise errors.Conflict()
        return c.case(state="decided", decision="take_down", may_decide=False)

    world.say(decide_report=decided)
    page = await staff.form(c.QUEUE, f"{c.QUEUE}/batch", told)
    assert page.status_code == 200
    assert "1 件办好了，1 件没有办成" in page.text and "卖保险" in page.text
    asked = [one for one in world.rpc.calls if one.method == "decide_report"]
    assert {one.kwargs["reason"] for one in asked} == {words_content.GROUNDS["spam"]}
    nothing = await staff.form(c.QUEUE, f"{c.QUEUE}/batch", {"do": "keep"})
    assert nothing.status_code == 422 and "请先勾选" in nothing.text


async def test_a_batch_that_was_refused_keeps_what_was_ticked_chosen_and_written(world, staff):
    world.say(list_moderation_cases=w.page_of(c.summary()))
    many = [c.CASE, *(demo_id(8, n) for n in range(1, 60))]
    told = {"pick[]": many, "do": "take_down", "ground": "fraud", "reason": "第三次了"}
    page = await staff.form(c.QUEUE, f"{c.QUEUE}/batch", told)
    assert page.status_code == 422
    for kept in (f'value="{c.CASE}" checked', 'value="fraud" selected', 'value="第三次了"'):
        assert kept in page.text, kept
    silent = await staff.form(c.QUEUE, f"{c.QUEUE}/batch", {"pick[]": [c.CASE]})
    assert silent.status_code == 404, "neither button was pressed: nothing is decided"
    assert not [one for one in world.rpc.calls if one.method == "decide_report"]


async def test_a_case_shows_the_words_in_their_thread_and_nobody_who_reported(world, staff):
    html = (await staff.get(c.ONE)).text
    for words in ("大家都去敲他家门！", "去敲门", "叫人上门不合适", "一位邻居", "居委小王"):
        assert words in html
    assert world.rpc.last("list_comments").kwargs["at"] == c.COMMENT
    assert f"/posts/{c.POST}?comment={c.COMMENT}#c-{c.COMMENT}" in html


async def test_a_case_outlives_its_post_and_its_words(world, staff):
    world.say(get_post=errors.NotFound(), list_comments=errors.NotFound())
    assert (await staff.get(c.ONE)).status_code == 200
    world.say(get_moderation_case=c.case(evidence={"body": "去敲门", "at": w.at()}))
    assert "去敲门" in (await staff.get(c.ONE)).text
    world.say(get_moderation_case=c.case(evidence={}, forgotten_at=w.at()))
    assert "原话已经删除" in (await staff.get(c.ONE)).text


async def test_a_decision_is_one_button_with_the_reason_that_the_author_reads(world, staff):
    sent = await staff.form(c.ONE, f"{c.ONE}/decision", {"choice": "take_down/insult"})
    assert sent.headers["location"] == c.ONE
    asked = world.rpc.last("decide_report").kwargs
    assert asked["decision"] == "take_down"
    assert asked["reason"] == words_content.GROUNDS["insult"]
    own = await staff.form(c.ONE, f"{c.ONE}/decision", {"choice": "take_down", "reason": ""})
    assert own.status_code == 422 and "f-decide-reason-fault" in own.text


async def test_an_appeal_is_for_another_person(world, staff):
    world.say(get_moderation_case=c.appealed())
    html = (await staff.get(c.ONE)).text
    assert "我没有骂人" in html and "维持原来的处理" in html
    fields = {"appeal": "1", "choice": "keep/restored"}
    await staff.form(c.ONE, f"{c.ONE}/decision", fields)
    assert world.rpc.last("decide_appeal").kwargs["decision"] == "keep"
    mine = {"id": PERSON, "display_name": "石书记"}
    world.say(get_moderation_case=c.appealed(may_decide=False, decided_by=mine))
    html = (await staff.get(c.ONE)).text
    assert "另一位同事复核" in html and f"{c.ONE}/decision" not in html
    world.say(get_moderation_case=c.case(may_decide=False))
    assert "请由同事处理" in (await staff.get(c.ONE)).text


async def test_a_decided_case_says_until_when_its_author_may_appeal(world, staff):
    world.say(
        get_moderation_case=c.appealed(
            state="decided",
            appeal="",
            appealed_at=None,
            may_decide=False,
            appeal_until=w.at(days=-3),
        )
    )
    html = (await staff.get(c.ONE)).text
    assert "以前可以申诉" in html and f"{c.ONE}/decision" not in html


async def test_a_hidden_name_is_uncovered_for_a_purpose_and_shown_once(world, staff):
    world.say(get_moderation_case=c.case(author=c.HIDDEN))
    before = (await staff.get(c.ONE)).text
    assert "真名老张" not in before and f"{c.ONE}/silence" not in before
    page = await staff.form(c.ONE, f"{c.ONE}/author", {"reason": "moderation", "note": "核实"})
    assert page.status_code == 200 and "真名老张" in page.text
    asked = world.rpc.last("uncover_author").kwargs
    assert (asked["id"], asked["comment_id"]) == (c.POST, c.COMMENT)
    assert (asked["reason"], asked["note"]) == ("moderation", "核实")
    without = await staff.form(c.ONE, f"{c.ONE}/author", {"note": "好奇"})
    assert without.status_code == 422 and "真名老张" not in without.text
    world.say(get_moderation_case=c.case())
    assert f"{c.ONE}/author" not in (await staff.get(c.ONE)).text


async def test_somebody_is_silenced_for_days_and_let_speak_again(world, staff):
    fields = {"person_id": c.PERSON, "until": "3", "reason": "多次骂人", "c": c.CID}
    sent = await staff.form(c.ONE, f"{c.ONE}/silence", fields)
    assert sent.headers["location"] == f"{c.ONE}?done=silenced"
    asked = world.rpc.last("silence_person").kwargs
    assert asked["person_id"] == c.PERSON
    assert asked["until"].endswith((":00Z", ":00+00:00")), "a second tap asks for the same"
    wrong = {**fields, "reason": " "}
    page = await staff.form(c.ONE, f"{c.ONE}/silence", wrong)
    assert page.status_code == 422 and "f-silence-reason-fault" in page.text
    for days in ("999999999", "30", "", "soon"):
        page = await staff.form(c.ONE, f"{c.ONE}/silence", {**fields, "until": days})
        assert page.status_code == 422 and "多次骂人" in page.text, days
    world.say(get_moderation_case=c.case(author=c.HIDDEN))
    page = await staff.form(c.ONE, f"{c.ONE}/author", {"reason": "moderation"})
    world.say(silence_person=errors.Unavailable())
    page = await staff.form(c.ONE, f"{c.ONE}/silence", fields)
    assert "多次骂人" in page.text and f'value="{c.PERSON}"' in page.text
    assert "真名老张" not in page.text, "shown once"
    lifted = await staff.form(
        f"{c.QUEUE}/silences", f"{c.QUEUE}/silences", {"id": c.SILENCE, "c": c.CID}
    )
    assert lifted.headers["location"].endswith("done=lifted")
    assert world.rpc.last("lift_silence").kwargs == {"id": c.SILENCE}


async def test_the_log_tells_what_was_done_in_words(staff):
    html = (await staff.get(f"{c.QUEUE}/log")).text
    assert "作出处理" in html and "居委小王" in html and "有人举报" in html


class WordsRefused(errors.RuleBroken):
    """As feed says it."""

    code = "feed.words_refused"
    zh, en = "内容含有不能发布的信息", "This cannot be published"


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({"held": False}, 200, "可以直接显示"),
        ({"held": True}, 200, "会先收起来"),
        (WordsRefused(errors=[errors.FieldError("body", "请不要公布身份证号码")]), 422, "会被拒绝"),
        (errors.Unavailable(), 503, "维护"),
    ],
)
async def test_a_text_is_tried_against_the_lexicon(world, staff, answer, status, said):
    world.say(check_speech=answer)
    page = await staff.form(f"{c.QUEUE}/words", f"{c.QUEUE}/words", {"body": "刷单返利"})
    assert page.status_code == status and said in page.text
    assert world.rpc.last("check_speech").kwargs == {"cid": c.CID, "body": "刷单返利"}


async def test_the_next_case_is_one_that_she_may_decide(world, staff):
    world.say(list_moderation_cases=w.page_of(c.summary(may_decide=False), c.summary(id=w.NEWS)))
    assert (await staff.get(f"{c.QUEUE}/next")).headers["location"] == f"{c.QUEUE}/{w.NEWS}"
    world.say(list_moderation_cases=w.page_of())
    assert (await staff.get(f"{c.QUEUE}/next")).headers["location"].startswith(f"{c.QUEUE}?c=")


async def test_who_keeps_a_corner_sees_a_case_of_it_without_a_desk(world):
    keeper = world.browser(Role.COMMUNITY_POLICE)
    page = await keeper.get(c.ONE)
    assert page.status_code == 200 and f"{c.ONE}/decision" in page.text
    assert f"{c.ONE}/silence" not in page.text
    assert (await keeper.get(c.QUEUE)).status_code == 403
    world.say(get_moderation_case=errors.NotFound())
    assert (await keeper.get(c.ONE)).status_code == 404


async def test_markup_in_any_text_stays_text(world, staff):
    bad = "<script>alert(1)</script>"
    world.say(
        list_moderation_cases=w.page_of(c.summary(title=bad, excerpt=bad, hits=[bad])),
        get_moderation_case=c.case(
            title=bad,
            hits=[bad],
            author=c.author(bad),
            evidence={**c.case()["evidence"], "title": bad, "body": bad, "extra": {"where": bad}},
            reported=[{"kind": "other", "reason": bad, "at": w.at(), "reporter": None}],
        ),
        list_moderation_log=w.page_of(c.line(action=bad, reason=bad, actor_role=bad)),
        list_silences=w.page_of(c.silence(display_name=bad, reason=bad)),
    )
    for path in (c.QUEUE, c.ONE, f"{c.QUEUE}/log", f"{c.QUEUE}/silences"):
        html = (await staff.get(path)).text
        assert bad not in html and "&lt;script&gt;alert(1)" in html, path
