"""Home: what needs me comes first, in large type and in few words where that is wanted."""

import pytest

from gateway import examples
from services.contracts.actor import Role
from services.contracts.operations import BY_ID
from tests.gateway import web_world as w
from tests.support.votes import RULES

pytestmark = pytest.mark.gateway


def one_of(operation, **changes):
    """An item of a list, as the operation's own example has it."""
    return {**examples.answer(BY_ID[operation].result)["items"][0], **changes}


POLL = one_of("listPolls", id=w.NEWS, title="3号楼加装电梯", state="open", my_state="free",
              rule_set=RULES.model_dump(mode="json"))  # fmt: skip
CALL = one_of("listMyEmergencies", id=w.NEWS, title="台风蓝色预警", state="open", drill=False,
              asked=True, answer=None)  # fmt: skip
EVENT = one_of("listMySignUps", title="爱心义卖", state="waiting", place_in_line=2)


async def home(world, **answers):
    world.say(**answers)
    return await world.browser(Role.RESIDENT).get("/")


async def test_an_open_vote_of_mine_is_asked_for_until_i_have_voted(world):
    page = await home(world, list_polls=w.page_of(POLL))
    assert f'href="/polls/{w.NEWS}"' in page.text and "待投票" in page.text
    for state in ("voted", "paper_out", None):
        page = await home(world, list_polls=w.page_of({**POLL, "my_state": state}))
        assert "待投票" not in page.text


async def test_what_i_signed_up_for_stands_with_my_place_in_line(world):
    page = await home(world, list_my_sign_ups={"items": [EVENT]})
    assert "爱心义卖" in page.text and "排队第 2 位" in page.text


async def test_an_emergency_stands_above_everything_with_its_answer(world):
    page = await home(world, list_my_emergencies={"items": [CALL]})
    above, alarm, below = page.text.partition("台风蓝色预警")
    assert alarm and "发现问题" in below and "发现问题" not in above
    assert f'href="/emergencies/{w.NEWS}"' in page.text and "报平安" in page.text
    page = await home(world, list_my_emergencies={"items": [{**CALL, "state": "closed"}]})
    assert "台风蓝色预警" not in page.text


async def test_home_asks_for_what_is_mine_not_for_everything(world):
    await home(world)
    (asked,) = [call for call in world.rpc.calls if call.method == "list_issues"]
    assert asked.kwargs["mine"] is True


async def test_what_i_have_judged_is_done_with(world):
    done = {
        k: v
        for k, v in w.issue(status="closed", title="灯已修好", score=5).items()
        if k != "timeline"
    }
    page = await home(world, list_issues=w.page_of(done))
    assert done["title"] not in page.text
    page = await home(world, list_issues=w.page_of({**done, "score": None}))
    assert done["title"] in page.text


async def choose(browser, look, *, on, back="/"):
    fields = {"look": look, "next": back} | ({"on": "1"} if on else {})
    return await browser.form("/", "/look", fields)


async def test_large_type_and_few_buttons_are_chosen_on_the_device(world):
    browser = world.browser(Role.RESIDENT)
    assert 'body class="sq"' in (await browser.get("/")).text
    chosen = await choose(browser, "simple", on=True)
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert (await choose(browser, "large", on=True, back="/me")).headers["location"] == "/me"
    page = await browser.get("/")
    assert "sq large simple" in page.text
    assert page.text.count('<li><a class="tone-') >= 4 and "weui-grids" not in page.text
    await choose(browser, "simple", on=False)
    page = await browser.get("/")
    assert 'body class="sq large"' in page.text and "weui-grids" in page.text


async def test_a_look_that_does_not_exist_changes_nothing_and_leads_nowhere_else(world):
    browser = world.browser(Role.RESIDENT)
    told = await choose(browser, "tiny", on=True, back="//evil.example")
    assert told.headers["location"] == "/"
    assert 'body class="sq"' in (await browser.get("/")).text


@pytest.mark.parametrize(("unread", "shown"), [(0, ""), (99, "99"), (156, "99+")])
async def test_the_bell_has_room_for_two_digits(world, unread, shown):
    html = (await home(world, count_unread={"unread": unread})).text
    bell = html.partition("data-bell")[2].partition("</span>")[0]
    assert bell.partition(">")[2] == shown and ("hidden" in bell) == (not unread)
