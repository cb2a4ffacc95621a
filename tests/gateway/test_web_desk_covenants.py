"""The desk for covenants: what is due, a covenant looked at again, breaches talked about."""

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Conflict, FieldError, Invalid
from tests.gateway import web_desk_polls as d
from tests.gateway import web_votes as v
from tests.gateway import web_world as w
from tests.gateway.web_pieces import at, page_of
from tests.gateway.web_poison import SCRIPT

pytestmark = pytest.mark.gateway


@pytest.fixture
def staff(world):
    world.say(**d.at_desk(), get_me=w.me("secretary"))
    return world.browser(Role.SECRETARY)


async def test_what_is_due_is_told_breaches_looks_again_and_what_should_have_been_done(
    world, staff
):
    world.say(
        list_covenants=page_of(
            v.summary(review_at=at(days=-3), breaches_open=2), v.summary(id=v.POLL)
        ),
        list_breaches=page_of(d.breach_line(overdue=True)),
        list_follow_ups=page_of(v.follow_up(overdue=True, due_on="2026-02-01")),
    )
    page = await staff.get("/console/covenants")
    assert page.text.count("该回头看了") == 1 and "违约 2" in page.text
    assert page.text.count(f'href="{d.BREACH}"') == 1, "what is overdue is told once"
    assert "车棚再装二十个充电口" in page.text


async def test_a_covenant_is_kept_with_a_reason_by_those_who_convened_it(world, staff):
    page = await staff.form(
        d.COVENANT, f"{d.COVENANT}/reviews", {"version": "1", "reason": "守得好"}
    )
    assert page.headers["location"] == f"{d.COVENANT}?kept=1"
    assert {"version": 1, "reason": "守得好"}.items() <= world.sent("keep_covenant").items()
    world.say(keep_covenant=Invalid(errors=[FieldError("reason", "太短了")]))
    page = await staff.form(d.COVENANT, f"{d.COVENANT}/reviews", {"version": "1", "reason": "x"})
    assert page.status_code == 422 and "太短了" in page.text and ">\nx<" in page.text
    world.say(get_covenant=v.covenant(may_keep=False))
    page = await staff.get(d.COVENANT)
    assert "/reviews" not in page.text and 'aria-disabled="true"' in page.text
    assert f"{d.COVENANT}/follow-ups" not in page.text


async def test_an_amended_covenant_shows_what_changed_and_how_many_agreed_to_each_version(
    world, staff
):
    world.say(get_covenant=v.covenant(change="amended", changes=[v.change()], may_keep=True))
    page = await staff.get(d.COVENANT)
    assert "<del>七日</del>" in page.text and "<ins>十五日</ins>" in page.text
    assert page.text.count('class="n">12</td>') == 2
    assert "aim=amend" in page.text and "aim=repeal" in page.text


async def test_what_follows_is_written_down_on_the_covenants_page(world, staff):
    told = {"topic": v.TOPIC, "what": "装充电口", "who": "物业", "due_on": "2026-04-01"}
    page = await staff.form(d.COVENANT, f"{d.COVENANT}/follow-ups", told)
    assert page.headers["location"] == f"{d.COVENANT}#follows"
    world.say(add_follow_up=Invalid(errors=[FieldError("who", "请写单位")]))
    page = await staff.form(d.COVENANT, f"{d.COVENANT}/follow-ups", told)
    assert page.status_code == 422 and "请写单位" in page.text and "装充电口" in page.text


@pytest.mark.parametrize(
    ("act", "given", "method", "asked"),
    [
        ("notes", {"body": "明天上门看", "talk": "failed"}, "reply_to_breach",
         {"body": "明天上门看", "talk": "failed"}),
        ("concerned", {"person_id": v.NEIGHBOUR}, "bring_into_breach",
         {"person_id": v.NEIGHBOUR}),
        ("concerned", {"person_code": f"http://x/polls/1/proxies?holder={v.NEIGHBOUR}"},
         "bring_into_breach", {"person_id": v.NEIGHBOUR}),
        ("shown", {"note": "2"}, "show_breach_note", {"note": 2}),
        ("outcome", {"state": "settled", "reason": "谈好了"}, "settle_breach",
         {"state": "settled", "reason": "谈好了"}),
        ("outcome", {"state": "to_issue", "reason": "没谈拢",
                     "issue_id": f"http://x/console/issues/{v.POLL}"},
         "settle_breach", {"state": "to_issue", "issue_id": v.POLL}),
        ("outcome", {"state": "to_issue", "reason": "没谈拢",
                     "issue_id": f"http://x/console/issues/{v.POLL}?c={w.CID}#story"},
         "settle_breach", {"state": "to_issue", "issue_id": v.POLL}),
    ],
)  # fmt: skip
async def test_each_step_of_a_conversation_asks_its_operation(
    world, staff, act, given, method, asked
):
    page = await staff.form(d.BREACH, f"{d.BREACH}/{act}", given)
    assert page.headers["location"] == f"{d.BREACH}#talk"
    assert asked.items() <= world.sent(method).items()
    world.say(**{method: Conflict()})
    page = await staff.form(d.BREACH, f"{d.BREACH}/{act}", given)
    assert page.status_code == 409 and Conflict().zh in page.text


async def test_what_is_no_code_is_said_by_the_operation(world, staff):
    world.say(bring_into_breach=Invalid(errors=[FieldError("person_id", "没有这个人")]))
    given = {"person_code": "http://[抄错了"}
    page = await staff.form(d.BREACH, f"{d.BREACH}/concerned", given)
    assert page.status_code == 422 and given["person_code"] in page.text


async def test_an_issue_is_made_of_it_only_after_a_talk_failed(world, staff):
    page = await staff.get(d.BREACH)
    assert 'value="to_issue"' not in page.text and "要先谈过" in page.text
    world.say(get_breach=d.breach(actions=["reply", "settled", "closed", "to_issue"]))
    page = await staff.get(d.BREACH)
    assert 'value="to_issue"' in page.text and 'name="issue_id"' in page.text


async def test_who_has_no_part_as_the_desk_reads_why_there_is_nothing_to_do(world, staff):
    for changes, why in (
        ({"actions": []}, "由另一方召集"),
        ({"role": "concerned", "actions": ["reply"]}, "和您自己有关"),
        ({"actions": [], "state": "settled", "ended_at": at()}, "这次沟通已经结束"),
    ):
        world.say(get_breach=d.breach(**changes))
        page = await staff.get(d.BREACH)
        assert why in page.text and f"{d.BREACH}/" not in page.text


async def test_a_list_is_asked_for_by_state_and_an_unknown_one_is_nowhere(world, staff):
    page = await staff.get(f"{d.BREACHES}?state=talking")
    assert page.status_code == 200 and world.sent("list_breaches")["state"] == "talking"
    assert (await staff.get(f"{d.BREACHES}?state=odd")).status_code == 404


async def test_markup_in_a_conversation_stays_text(world, staff):
    note = {**d.breach()["notes"][0], "body": SCRIPT}
    world.say(
        get_breach=d.breach(notes=[note], place=SCRIPT, building=SCRIPT),
        get_covenant=v.covenant(title=SCRIPT, may_keep=True),
    )
    for path in (d.BREACH, d.COVENANT):
        assert "<script>alert" not in (await staff.get(path)).text, path
