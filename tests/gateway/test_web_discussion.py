"""What neighbours say of a topic: with a stance, corrected for a while, hidden with a reason."""

import pytest

from services.contracts.actor import Role
from tests.gateway import web_topics as t
from tests.gateway.test_web_forms import send
from tests.gateway.test_web_topics import HERE

pytestmark = pytest.mark.gateway

TALK = f"{HERE}/discussion"


@pytest.fixture
def me(world):
    return world.browser(Role.RESIDENT)


async def test_each_opinion_has_its_stance_and_who_spoke_with_flag_and_office(world, me):
    official = {**t.NEIGHBOUR, "badge_shown": False, "role_badges": ["secretary"]}
    world.say(
        list_opinions=t.spoken(
            t.opinion(),
            t.opinion(id=t.OTHER, stance="neutral", author=official),
            t.opinion(id=t.MINE, stance=None, moderator=True, body="请回到正题"),
        )
    )
    html = (await me.get(TALK)).text
    assert 'class="opinion against"' in html and "亮身份的党员" in html
    assert "社区书记" in html and 'class="opinion word"' in html
    assert "cursor=next" in html


async def test_an_opinion_is_given_with_its_stance(world, me):
    done = await send(me, TALK, {"stance": "for", "body": "装南门"})
    assert done.headers["location"] == f"{TALK}#o-{t.MINE}"
    assert world.rpc.last("discuss_topic").kwargs["stance"] == "for"
    page = await send(me, TALK, {"body": "没有立场"})
    assert page.status_code == 422 and 'id="fault-stance"' in page.text
    assert "没有立场" in page.text


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        ({"barred": "spent", "left": 0, "may_speak_at": None}, "发言次数已经用完"),
        ({"may_speak_at": t.at(minutes=-8)}, "先听听别人的"),
        ({"barred": "child", "left": None, "may_speak_at": None}, "请由监护人代为参与"),
        ({"open": False, "barred": "closed", "left": None, "may_speak_at": None}, "不再讨论"),
    ],
)
async def test_why_somebody_cannot_speak_is_said(world, me, talk, said):
    state = "notice" if talk.get("open") is False else "discussion"
    world.say(get_topic=t.topic(state=state), get_discussion=t.talk(**talk))
    html = (await me.get(TALK)).text
    assert said in html and 'name="stance"' not in html


async def test_my_own_may_be_corrected_for_a_while_and_taken_back(world, me):
    world.say(list_opinions=t.spoken(t.mine()))
    html = (await me.get(TALK)).text
    assert f"do=correction&amp;on={t.MINE}" in html and f"do=withdrawal&amp;on={t.MINE}" in html
    form = (await me.get(f"{TALK}?do=correction&on={t.MINE}")).text
    assert f'action="{TALK}/{t.MINE}/correction"' in form and form.count('id="f-body"') == 1
    path = f"{TALK}/{t.MINE}/correction"
    done = await send(me, TALK, {"body": "装南门和北门"}, path=path)
    assert done.headers["location"] == f"{TALK}#o-{t.MINE}"
    world.say(correct_opinion=t.refusal("body"))
    page = await send(me, TALK, {"body": "改成这样"}, path=path)
    assert page.status_code == 422 and "改成这样" in page.text and "请再想想" in page.text
    world.say(list_opinions=t.spoken(t.mine(correct_until=t.at(minutes=1))))
    assert "do=correction" not in (await me.get(TALK)).text


async def test_what_somebody_has_to_look_at_first_is_shown_to_its_author(world, me):
    held = t.mine(state="waiting", body="先等等看")
    world.say(list_opinions=t.spoken(t.opinion(), waiting=(held,)))
    html = (await me.get(TALK)).text
    assert "等人看过才公开的" in html and "先等等看" in html and "待查看" in html
    assert "先等等看" not in (await me.get(f"{TALK}?cursor=next")).text


async def test_what_was_hidden_says_by_whom_and_why_and_its_author_asks_again(world, me):
    trace = t.hidden()
    world.say(
        list_opinions=t.spoken(
            t.mine(state="hidden", hidden=trace, correct_until=None, actions=["appeal"])
        )
    )
    html = (await me.get(TALK)).text
    assert "猜测他人动机" in html and "老郑" in html and "do=appeal" in html
    asked = await send(me, TALK, {"reason": "是真的"}, path=f"{TALK}/{t.MINE}/appeal")
    assert asked.status_code == 303
    world.say(
        list_opinions=t.spoken(
            t.opinion(state="hidden", body="", hidden=t.hidden(final=True, appealed_at=t.at()))
        )
    )
    assert "复核过，维持隐藏" in (await me.get(TALK)).text


async def test_who_moderates_has_no_opinion_and_says_why_something_is_hidden(world, me):
    leading = t.talk(moderating=True, barred="moderating", left=None, may_speak_at=None)
    world.say(get_discussion=leading)
    html = (await me.get(TALK)).text
    assert 'name="stance"' not in html and "主持人的话" in html
    assert f"do=decision&amp;on={t.OPINION}" in html
    await send(me, TALK, {"body": "请回到正题"}, path=f"{HERE}/moderation")
    assert world.rpc.last("moderate_topic").kwargs["body"] == "请回到正题"
    fields = {"decision": "hide", "reason": "人身攻击"}
    await send(me, TALK, fields, path=f"{TALK}/{t.OPINION}/decision")
    assert world.rpc.last("decide_opinion").kwargs["reason"] == "人身攻击"
