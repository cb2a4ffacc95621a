"""Supervision questions: asked by residents, answered at the desk."""

import pytest

from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import web_content as c
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

DESK = "/console/questions"
ONE = f"{c.ASKED}/{c.QUESTION}"


@pytest.fixture
def resident(world):
    disclosing(world)
    return world.browser(Role.RESIDENT)


@pytest.fixture
def staff(world):
    world.say(get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


def disclosing(world, **changes):
    """A module whose posts take questions."""
    told = [{**m, "works": ["question"], **changes} for m in w.MODULES["items"]]
    world.say(list_modules={"items": told})


async def test_what_was_asked_stands_with_its_clock_and_its_answer(world, resident):
    html = (await resident.get(c.ASKED)).text
    for words in ("电梯维修为什么比去年贵一倍？", "等待答复", "还有 ", "换了曳引机，附合同。"):
        assert words in html
    assert "账目第 3 笔" in html
    here = f"/c/{w.CID}/questions"
    assert "三季度收支公开" in (await resident.get(here)).text
    await resident.get(f"{here}?state=overdue")
    assert world.rpc.last("list_community_questions").kwargs["state"] == "overdue"
    await resident.get(f"{here}?state=nonsense")
    assert "state" not in world.rpc.last("list_community_questions").kwargs


async def test_what_discloses_leads_there(resident):
    assert f'href="/c/{w.CID}/questions"' in (await resident.get(f"/c/{w.CID}/m/nearby")).text
    assert f'href="{c.ASKED}"' in (await resident.get(f"/posts/{w.POST}")).text


async def test_words_that_are_not_shown_leave_their_place_and_the_answer(world, resident):
    world.say(
        list_questions=w.page_of(c.answered(body="", content_state="taken_down", asker=c.HIDDEN))
    )
    html = (await resident.get(c.ASKED)).text
    assert "原话已不再显示" in html and "换了曳引机" in html and ONE not in html


async def test_a_question_is_asked_about_a_line_without_ones_name(world, resident):
    page = (await resident.get(f"{c.ASKED}?line=3")).text
    assert 'name="line" value="3"' in page
    sent = await resident.form(c.ASKED, c.ASKED, {"body": "为什么", "line": "3", "hide_name": "1"})
    assert sent.headers["location"] == f"{c.ASKED}?done=asked"
    got = world.rpc.last("ask_question").kwargs
    assert (got["line"], got["hide_name"], got["body"]) == (3, True, "为什么")
    empty = await resident.form(c.ASKED, c.ASKED, {"body": " "})
    assert empty.status_code == 422 and 'id="fault-body"' in empty.text
    wrong = errors.Invalid(errors=[errors.FieldError("line", "账目没有这一行")])
    world.say(ask_question=wrong)
    page = await resident.form(c.ASKED, c.ASKED, {"body": "为什么", "line": "9"})
    assert page.status_code == 422 and "账目没有这一行" in page.text and "为什么" in page.text


async def test_who_cannot_ask_is_told_why(world):
    resident = world.browser(Role.RESIDENT)
    assert "不接受监督提问" in (await resident.get(c.ASKED)).text
    disclosing(world)
    observer = (await world.browser(Role.OBSERVER).get(c.ASKED)).text
    assert "观察员只看不说" in observer and f'action="{c.ASKED}"' not in observer


async def test_a_question_is_reported_and_taken_down_by_who_moderates(world, resident):
    theirs = (await resident.get(ONE)).text
    assert f"{ONE}/report" in theirs and f"{ONE}/takedown" not in theirs
    sent = await resident.form(ONE, f"{ONE}/report", {"kind": "insult", "reason": "骂人"})
    assert sent.headers["location"] == f"{ONE}?done=reported"
    refused = await resident.form(ONE, f"{ONE}/report", {"kind": "insult", "reason": ""})
    assert refused.status_code == 422 and 'id="fault-reason"' in refused.text
    disclosing(world, may_moderate=True)
    page = await resident.form(ONE, f"{ONE}/takedown", {"reason": "有人名"})
    assert page.headers["location"] == f"{ONE}?done=taken_down"
    assert world.rpc.last("take_down_question").kwargs["reason"] == "有人名"
    world.say(list_questions=w.page_of())
    assert (await resident.get(ONE)).status_code == 404


async def test_the_office_that_discloses_answers_where_it_reads(world, resident):
    assert f"{ONE}/answer" not in (await world.browser(Role.OBSERVER).get(ONE)).text
    assert f"{ONE}/answer" not in (await resident.get(ONE)).text
    world.say(list_questions=w.page_of(c.question(may_answer=True)))
    manager = world.browser(Role.PROPERTY_MANAGER)
    sent = await manager.form(ONE, f"{ONE}/answer", {"body": "见合同"})
    assert sent.headers["location"] == f"{ONE}?done=answered"
    assert world.rpc.last("answer_question").kwargs["body"] == "见合同"


async def test_the_desk_answers_the_open_ones_and_hears_of_those_that_are_late(world, staff):
    world.say(list_community_questions=w.page_of(c.question(may_answer=True)))
    html = (await staff.get(DESK)).text
    states = [a.kwargs["state"] for a in world.rpc.calls if a.method == "list_community_questions"]
    assert sorted(states) == ["open", "overdue"]
    assert "超过期限" in html and f"/posts/{c.POST}/questions#q-{c.QUESTION}" in html
    fields = {"id": c.QUESTION, "c": w.CID, "state": "open", "body": "换了曳引机"}
    sent = await staff.form(DESK, DESK, fields)
    assert sent.headers["location"] == f"{DESK}?c={w.CID}&state=open&done=answered"
    got = world.rpc.last("answer_question").kwargs
    assert (got["id"], got["body"], got["attachments"]) == (c.QUESTION, "换了曳引机", [])
    empty = await staff.form(DESK, DESK, {**fields, "body": " "})
    assert empty.status_code == 422 and f"f-q{c.QUESTION}-body-fault" in empty.text


async def test_a_colleague_answers_what_i_asked_myself(world, staff):
    world.say(list_community_questions=w.page_of(c.question(mine=True)))
    html = (await staff.get(DESK)).text
    assert "由同事来答" in html and 'name="body"' not in html


async def test_another_offices_matter_is_not_the_desks_to_answer(world, staff):
    world.say(list_community_questions=w.page_of(c.question()))
    html = (await staff.get(DESK)).text
    assert "由公开它的部门来答" in html and 'name="body"' not in html


async def test_markup_in_any_text_stays_text(world, resident):
    bad = "<script>alert(1)</script>"
    asked = c.answered(body=bad, post_title=bad, answer=bad, asker=c.author(bad))
    world.say(list_questions=w.page_of(asked), list_community_questions=w.page_of(asked))
    for path in (c.ASKED, ONE, f"/c/{w.CID}/questions"):
        html = (await resident.get(path)).text
        assert bad not in html and "&lt;script&gt;alert(1)" in html, path
