"""Pages of covenants and of those who do not keep them."""

import pytest

from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.votes.domain.breaches import BreachNotFound, TooManyBreaches
from services.votes.domain.covenants import NotToAgree
from tests.gateway import web_votes as v
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway
HERE = f"/covenants/{v.COVENANT}"
BREACH = f"/breaches/{v.BREACH}"
SCRIPT = '<script>alert("1")</script>'


@pytest.fixture
def me(world):
    return world.browser(Role.RESIDENT)


async def test_a_covenant_says_where_it_and_its_articles_come_from(world, me):
    html = (await me.get(HERE)).text
    assert f"/polls/{v.POLL}/result" in html and f"/topics/{v.TOPIC}" in html
    assert "下次回头看" in html and "被反映过 1 次" in html
    assert f"/c/{w.CID}/topics/new?aim=amend&amp;covenant={v.COVENANT}" in html
    said = {**v.article(), "since": v.provenance(2), "breaches": v.SUMS}
    changed = v.covenant(shown=2, version=2, newest=2, change="amended", articles=[said])
    world.say(get_covenant={**changed, "changes": [v.change()]})
    html = (await me.get(HERE)).text
    assert "第 2 版改成这样" in html
    assert "公示<del>七日</del><ins>十五日</ins>" in html


async def test_reading_and_agreeing_is_one_tap_with_the_name_or_without(world, me):
    for fields, named in (({}, False), ({"named": "1"}, True)):
        answer = await me.form(HERE, f"{HERE}/agreement", {"version": "1", **fields})
        assert answer.headers["location"] == f"{HERE}#agree"
        told = world.rpc.last("agree_to_covenant").kwargs
        assert told == {"id": v.COVENANT, "version": 1, "named": named}
    world.say(get_covenant=v.covenant(my_agreement=1))
    html = (await me.get(HERE)).text
    assert "您同意了这一版" in html and 'name="named"' not in html
    await me.form(HERE, f"{HERE}/agreement", {"do": "withdraw"})
    assert world.rpc.last("withdraw_agreement").kwargs == {"id": v.COVENANT}


async def test_what_cannot_be_agreed_to_says_why_and_a_refusal_is_told(world, me):
    world.say(get_covenant=v.covenant(may_agree=False, state="expired"))
    html = (await me.get(HERE)).text
    assert 'aria-disabled="true"' in html and "/breach" not in html
    world.say(agree_to_covenant=NotToAgree(), get_covenant=v.covenant())
    page = await me.form(HERE, f"{HERE}/agreement", {"version": "1"})
    assert page.status_code == 409 and NotToAgree.zh in page.text


async def test_whoever_agreed_to_older_words_is_asked_anew(world, me):
    world.say(get_covenant=v.covenant(version=2, newest=2, shown=2, my_agreement=1))
    html = (await me.get(HERE)).text
    assert "您同意的是第 1 版" in html and 'name="version" value="2"' in html


@pytest.mark.parametrize("version", ["x", "0x1", "99999999999"])
async def test_a_version_that_is_no_number_is_nowhere(me, version):
    assert (await me.get(f"{HERE}?version={version}")).status_code == 404
    assert (await me.get(f"{HERE}/differences?older=1&newer={version}")).status_code == 404


async def test_versions_say_by_which_vote_they_came_and_can_be_compared(world, me):
    html = (await me.get(f"{HERE}/versions")).text
    assert f"{HERE}/differences?older=1&amp;newer=2" in html
    assert f"/polls/{v.POLL}/result" in html
    html = (await me.get(f"{HERE}/differences?older=2&newer=1")).text
    asked = world.rpc.last("compare_covenant_versions").kwargs
    assert (asked["older"], asked["newer"]) == (1, 2)
    assert "<ins>十五日</ins>" in html


async def test_the_list_asks_for_those_that_wait_for_me(world, me):
    html = (await me.get(f"/c/{w.CID}/covenants?mine=1")).text
    assert world.rpc.last("list_covenants").kwargs["to_agree"] is True
    assert "自治公约议事规则" in html
    world.say(list_covenants=w.page_of())
    assert "没有等您签的公约" in (await me.get(f"/c/{w.CID}/covenants?mine=1")).text


# -- breaches --------------------------------------------------------------------------------------


async def test_a_report_names_an_article_and_nobody(world, me):
    page = f"{HERE}/breach"
    assert '<option value="a1" selected>' in (await me.get(f"{page}?article=a1")).text
    fields = {"article": "a1", "body": "又推上楼了", "building": "5号楼", "hide_me": "1"}
    answer = await me.form(page, page, fields)
    assert answer.headers["location"] == f"{BREACH}?new=1"
    told = world.rpc.last("report_breach").kwargs
    assert told == {"id": v.COVENANT, **fields, "hide_me": True}


async def test_a_report_that_is_refused_keeps_its_words(world, me):
    page = f"{HERE}/breach"
    world.say(report_breach=errors.Invalid(errors=[FieldError("body", "写得太少")]))
    shown = await me.form(page, page, {"body": SCRIPT, "place": "车棚"})
    assert shown.status_code == 422
    assert "写得太少" in shown.text.partition('id="fault-body"')[2]
    assert 'value="车棚"' in shown.text and SCRIPT not in shown.text
    world.say(report_breach=TooManyBreaches())
    assert TooManyBreaches.zh in (await me.form(page, page, {"body": "又"})).text


async def test_what_may_be_done_in_a_conversation_is_told_by_the_service(world, me):
    html = (await me.get(f"{BREACH}?new=1")).text
    assert f'action="{BREACH}/notes"' in html and f'action="{BREACH}/outcome"' in html
    assert "交给召集人了" in html
    world.say(get_breach=v.breach(role="concerned", actions=["reply"]))
    assert "/outcome" not in (await me.get(BREACH)).text
    over = v.breach(state="settled", actions=[], ended_at=v.at(), reason="谈好了")
    world.say(get_breach=over)
    html = (await me.get(BREACH)).text
    assert "<form" not in html and "谈好了" in html


async def test_a_reply_and_an_end_lead_back_to_the_conversation(world, me):
    answer = await me.form(BREACH, f"{BREACH}/notes", {"body": "好的"})
    assert answer.headers["location"] == f"{BREACH}#talk"
    assert world.rpc.last("reply_to_breach").kwargs == {"id": v.BREACH, "body": "好的"}
    answer = await me.form(BREACH, f"{BREACH}/outcome", {"state": "settled", "reason": "谈好了"})
    assert answer.headers["location"] == BREACH
    world.say(settle_breach=errors.Invalid(errors=[FieldError("reason", "请写明")]))
    page = await me.form(BREACH, f"{BREACH}/outcome", {"state": "settled", "reason": "算了"})
    assert "请写明" in page.text.partition('id="fault-reason"')[2]


async def test_somebody_elses_conversation_is_nowhere(world, me):
    world.say(get_breach=BreachNotFound())
    assert (await me.get(BREACH)).status_code == 404
    assert (await me.get(f"/c/{w.CID}/breaches?state=nonsense")).status_code == 404


async def test_words_of_neighbours_stay_text(world, me):
    note = {**v.breach()["notes"][0], "body": SCRIPT}
    world.say(get_breach=v.breach(notes=[note], covenant_title=SCRIPT, building=SCRIPT))
    world.say(get_covenant=v.covenant(title=SCRIPT, articles=[
        {**v.article(text=SCRIPT), "since": v.provenance(), "breaches": v.SUMS}
    ]))  # fmt: skip
    for path in (BREACH, HERE, f"{HERE}/breach"):
        html = (await me.get(path)).text
        assert SCRIPT not in html and "&lt;script&gt;" in html, path
