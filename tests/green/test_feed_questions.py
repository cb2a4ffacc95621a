"""Supervision questions: asked in public, answered in office, in time. Needs: db."""

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Invalid
from services.contracts.operations.feed import moderation as reported
from services.contracts.operations.feed import questions as ops
from services.feed.domain import questions as rules
from services.feed.domain.lexicon import WordsRefused
from services.feed.domain.moderation import STORM, OwnContent
from services.feed.domain.posts import NotAModerator, OnRecord, PostNotFound
from services.feed.domain.silences import Silenced
from services.feed.handlers import decisions, questions, reports
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import SUN as TOWNSWOMAN
from tests.support.feed_street import VILLAGE, VILLAGE_PATH, ZHAO, actor

pytestmark = pytest.mark.db

CLERK = actor("clerk", (Role.COMMITTEE_STAFF, VILLAGE_PATH))
MEI = actor("mei")


@pytest.fixture
def village(db):
    street = WatchedStreet(db("feed"))
    place = {"cid": VILLAGE, "path": VILLAGE_PATH}
    street.card("clerk", standing="staff", display_name="村会计", **place)
    street.card("mei", display_name="阿梅", **place)
    return street


@pytest.fixture
def post(village):
    return village.post(who=CLERK, cid=VILLAGE, module="village_affairs", title="鱼塘承包公开")


def ask(village, post, who=ZHAO, body="承包费为什么少了？", **more):
    cmd = ops.AskQuestion(id=post["id"], body=body, **more)
    return village.run(questions.ask_question, cmd, who, village.now)


def answer(village, question, who=CLERK, body="合同分两期付，第二期六月到。"):
    cmd = ops.AnswerQuestion(id=question["id"], body=body)
    return village.run(questions.answer_question, cmd, who, village.now, village.shelf)


def listed(village, post, who=ZHAO, **asked):
    cmd = ops.ListQuestions(id=post["id"], **asked)
    return village.run(questions.list_questions, cmd, who, village.now, read_only=True)


def of_village(village, who=CLERK, **asked):
    cmd = ops.ListCommunityQuestions(cid=VILLAGE, **asked)
    return village.run(questions.list_community_questions, cmd, who, village.now, read_only=True)


def pass_time(village):
    told = 0
    while village.run(questions.tell_overdue, village.now):
        told += 1
    return told


def test_a_question_and_its_answer_stand_in_public(village, post):
    asked = ops.Question.model_validate(ask(village, post))
    assert (asked.state, asked.asker.display_name, asked.mine) == ("open", "小赵", True)
    answer(village, {"id": asked.id})
    (seen,) = listed(village, post, MEI)["items"]
    assert (seen["state"], seen["answer"]) == ("answered", "合同分两期付，第二期六月到。")
    assert (seen["answered_by"]["display_name"], seen["answered_role"]) == (
        "村会计", "committee_staff",
    )  # fmt: skip
    assert [kind for kind in village.types() if kind.startswith("question")] == [
        "question.asked.v1", "question.answered.v1",
    ]  # fmt: skip


def test_a_question_in_hard_words_is_asked_and_nobodys_id_number_is_told(village, post):
    assert ask(village, post, body="钱去哪了，你们这些傻逼")["state"] == "open"
    number = "310113199003071236"
    with pytest.raises(WordsRefused):
        ask(village, post, MEI, body=f"会计的身份证是 {number}")
    with pytest.raises(WordsRefused):
        answer(village, listed(village, post)["items"][0], body=f"承包人身份证 {number}")
    (seen,) = listed(village, post)["items"]
    assert (seen["state"], seen["answer"]) == ("open", None)


def test_who_hides_her_name_is_hidden_from_all_but_herself(village, post):
    ask(village, post, hide_name=True)
    for who in (MEI, CLERK):
        (seen,) = listed(village, post, who)["items"]
        assert (seen["asker"]["id"], seen["asker"]["display_name"]) == (None, "匿名邻居")
    assert listed(village, post, ZHAO)["items"][0]["asker"]["id"] == "zhao"


def test_only_the_office_answers_and_nobody_her_own(village, post):
    question = ask(village, post)
    for who in (MEI, ZHAO):
        assert listed(village, post, who)["items"][0]["may_answer"] is False
        with pytest.raises(rules.MayNotAnswer):
            answer(village, question, who=who)
    assert listed(village, post, CLERK)["items"][0]["may_answer"] is True
    own = ask(village, post, who=CLERK)
    assert listed(village, post, CLERK)["items"][0]["may_answer"] is False
    with pytest.raises(rules.MayNotAnswer):
        answer(village, own)


def test_the_first_answer_stands(village, post):
    question = ask(village, post)
    answer(village, question)
    with pytest.raises(rules.QuestionAnsweredAlready):
        answer(village, question, body="再说一遍")


def test_what_waits_too_long_is_told_once_and_can_still_be_answered(village, post):
    late, soon = ask(village, post), None
    village.later(days=3)
    soon = ask(village, post, who=MEI)
    assert pass_time(village) == 0
    village.later(days=5)
    assert pass_time(village) == 1
    assert pass_time(village) == 0
    (told,) = [body for kind, body in village.emitted() if kind == "question.overdue.v1"]
    assert told["question_id"] == late["id"]
    assert [q["id"] for q in of_village(village, state="overdue")["items"]] == [late["id"]]
    assert [q["id"] for q in of_village(village, state="open")["items"]] == [soon["id"]]
    assert answer(village, late)["state"] == "answered"
    assert of_village(village, state="overdue")["items"] == []


def test_what_is_due_first_comes_first_page_by_page(village, post):
    asked = []
    for _ in range(3):
        asked.append(ask(village, post)["id"])
        village.later(hours=1)
    page = of_village(village, limit=2)
    rest = of_village(village, limit=2, cursor=page["next_cursor"])
    assert [q["id"] for p in (page, rest) for q in p["items"]] == asked
    newest = listed(village, post, limit=2)
    older = listed(village, post, limit=2, cursor=newest["next_cursor"])
    assert [q["id"] for p in (newest, older) for q in p["items"]] == asked[::-1]


def test_other_modules_take_none_and_strangers_learn_nothing(village, post):
    with pytest.raises(rules.NoQuestionsHere):
        ask(village, village.post(who=ZHAO, cid=VILLAGE, module="homesick"))
    with pytest.raises(PostNotFound):
        ask(village, post, who=TOWNSWOMAN)
    question = ask(village, post)
    with pytest.raises(rules.QuestionNotFound):
        answer(village, question, who=TOWNSWOMAN)


def test_a_line_must_be_there_and_words_too(village, post):
    with pytest.raises(Invalid) as refused:
        ask(village, post, line=1)
    assert [error.field for error in refused.value.errors] == ["line"]
    with pytest.raises(Invalid):
        ask(village, post, body="\u200b\u200b")


def test_one_person_asks_within_measure(village, post):
    for number in range(rules.MOST_OPEN):
        ask(village, post, body=f"第 {number} 问")
    with pytest.raises(rules.TooManyQuestions):
        ask(village, post)
    ask(village, post, who=MEI)
    first = listed(village, post, limit=1)["items"][0]
    answer(village, {"id": listed(village, post, limit=100)["items"][-1]["id"]})
    assert first["state"] == "open"
    ask(village, post)


def test_questions_of_a_post_that_is_gone_are_not_listed(village, post):
    ask(village, post)
    village.take_down(post["id"], who=HEAD)
    assert of_village(village)["items"] == []


BAD = "兼职招人，刷单返利，当天结账"
HEAD = actor("head", (Role.SECRETARY, VILLAGE_PATH))


def bodies(village, post, who):
    return [item["body"] for item in listed(village, post, who)["items"]]


def report(village, question, who=MEI):
    cmd = reported.ReportQuestion(id=question["id"], reason="骂人")
    return village.run(reports.report_question, cmd, who, village.now)


def test_words_that_the_lexicon_holds_wait_and_the_office_owes_its_answer_all_the_same(
    village, post
):
    question = ask(village, post, body=BAD)
    assert question["content_state"] == "waiting"
    assert [bodies(village, post, who) for who in (MEI, ZHAO, CLERK)] == [[], [BAD], [BAD]]
    assert of_village(village, MEI)["items"] == []
    assert village.types()[-2:] == ["question.asked.v1", "content.reported.v1"]
    (case,) = village.cases(CLERK, cid=VILLAGE)
    assert (case["target"], case["hits"], case["author"]["id"]) == ("question", ["fraud"], "zhao")
    village.decide(case["id"], "keep", HEAD)
    assert bodies(village, post, MEI) == [BAD]
    assert village.emitted()[-1][1]["target"] == "question"
    village.later(days=rules.DAYS_TO_ANSWER)
    assert pass_time(village) == 1


def test_a_question_taken_down_keeps_its_place_and_comes_back_on_appeal(village, post):
    question = ask(village, post, hide_name=True)
    answer(village, question)
    case_id = report(village, question).id
    assert village.cases(HEAD, cid=VILLAGE)[0]["author"]["id"] is None, "her name stays hidden"
    village.decide(case_id, "take_down", CLERK)
    (seen,) = listed(village, post, MEI)["items"]
    ops.Question.model_validate(seen)
    assert (seen["body"], seen["asker"]["id"], seen["content_state"]) == ("", None, "taken_down")
    assert seen["answer"] == "合同分两期付，第二期六月到。"
    assert bodies(village, post, ZHAO) == ["承包费为什么少了？"]
    (mine,) = village.my_cases(ZHAO)
    assert (mine["target"], mine["content_state"]) == ("question", "taken_down")
    village.appeal(case_id, ZHAO)
    village.decide_appeal(case_id, "keep", HEAD)
    assert bodies(village, post, MEI) == ["承包费为什么少了？"]


def test_who_moderates_takes_a_question_down_and_nobody_owes_an_answer(village, post):
    question = ask(village, post)
    cmd = reported.TakeDownQuestion(id=question["id"], reason="骂人")
    with pytest.raises(NotAModerator):
        village.run(decisions.take_down_question, cmd, MEI, village.now)
    taken = village.run(decisions.take_down_question, cmd, HEAD, village.now)
    assert (taken["opened_by"], taken["evidence"]["body"]) == ("staff", "承包费为什么少了？")
    with pytest.raises(rules.QuestionNotFound):
        answer(village, question)
    with pytest.raises(rules.QuestionNotFound):
        report(village, question)
    village.later(days=rules.DAYS_TO_ANSWER)
    assert pass_time(village) == 0
    assert of_village(village, MEI, state="overdue")["items"] == []


def test_so_many_reports_hold_a_question_and_strangers_report_none(village, post):
    question = ask(village, post)
    with pytest.raises(OwnContent):
        report(village, question, ZHAO)
    with pytest.raises(rules.QuestionNotFound):
        report(village, question, TOWNSWOMAN)
    for number in range(STORM.homes):
        village.card(f"n{number}", cid=VILLAGE, path=VILLAGE_PATH)
        report(village, question, actor(f"n{number}"))
    assert (bodies(village, post, MEI), len(bodies(village, post, CLERK))) == ([], 1)


def test_who_is_silenced_asks_nothing(village, post):
    village.silence("zhao", HEAD, cid=VILLAGE)
    with pytest.raises(Silenced):
        ask(village, post)
    assert listed(village, post)["items"] == []


def test_what_was_asked_about_is_not_deleted(village, post):
    question = ask(village, post)
    with pytest.raises(OnRecord):
        village.delete(post["id"], who=CLERK)
    answer(village, question)
    with pytest.raises(OnRecord):
        village.delete(post["id"], who=CLERK)
    assert listed(village, post, MEI)["items"][0]["state"] == "answered"


def test_a_page_is_one_statement(village, post):
    for _ in range(4):
        ask(village, post)
    few = len(village.statements(lambda: listed(village, post, limit=1)))
    assert len(village.statements(lambda: listed(village, post, limit=4))) == few
