"""The desk's modules, and posts that look like problems."""

import pytest

from gateway.web import words_content
from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import web_content as c
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

HERE, HINTS = "/console/content", "/console/suggestions"


@pytest.fixture
def staff(world):
    modules = [{**m, "may_moderate": True} for m in w.MODULES["items"]]
    world.say(get_me=w.me("committee_staff"), list_modules={"items": modules})
    return world.browser(Role.COMMITTEE_STAFF)


def waits(post_id: str = w.POST):
    return w.page_of(
        {
            "post_id": post_id,
            "module": "nearby",
            "title": "谢谢保洁阿姨",
            "published_at": w.at(hours=5),
            "due_at": w.at(hours=-19),
            "overdue": False,
            "at_risk": False,
            "provisional": False,
            "neighbour_replied_at": None,
            "told_to": None,
        }
    )


async def test_the_newest_posts_say_which_of_them_wait_for_the_committee(world, staff):
    world.say(list_unanswered_posts=waits())
    html = (await staff.get(f"{HERE}?module=nearby")).text
    assert "小区门口的树开花了" in html and "等居委会回应" in html
    assert world.rpc.last("list_posts").kwargs["module"] == "nearby"
    world.say(list_unanswered_posts=errors.Unavailable())
    page = await staff.get(HERE)
    assert page.status_code == 200 and "等居委会回应 ·" not in page.text


async def test_praise_that_nobody_answered_and_events_are_views_of_their_own(world, staff):
    thanks = w.post(title="谢谢保洁阿姨", extra={"kind": "praise"})
    other = w.post(id=w.NEWS, title="树开花了")
    event = w.post(id=w.ISSUE, title="周六义卖", signs_up=True)
    world.say(list_posts=w.page_of(thanks, other, event), list_unanswered_posts=waits())
    praise = (await staff.get(f"{HERE}?view=praise")).text
    assert "谢谢保洁阿姨" in praise and "树开花了" not in praise
    events = (await staff.get(f"{HERE}?view=events")).text
    assert "周六义卖" in events and "谢谢保洁阿姨" not in events
    world.say(list_unanswered_posts=w.page_of())
    assert "都回应过了" in (await staff.get(f"{HERE}?view=praise")).text
    world.say(list_posts=w.page_of(other, cursor="second"))
    html = (await staff.get(f"{HERE}?view=praise")).text
    assert "都回应过了" not in html and "接着往前看" in html, "older ones were not looked through"
    await staff.get(f"{HERE}?view=unseen")
    assert world.rpc.last("list_posts").kwargs["state"] == "waiting"


@pytest.mark.parametrize(
    ("fields", "method", "asked", "done"),
    [
        ({"do": "pin"}, "update_post", {"pinned": True}, "pinned"),
        ({"do": "unpin"}, "update_post", {"pinned": False}, "unpinned"),
        ({"do": "answer", "body": "谢谢您"}, "create_comment", {"body": "谢谢您"}, "answered"),
        (
            {"do": "down", "ground": "spam", "reason": "第三次了"},
            "take_down",
            {"reason": words_content.GROUNDS["spam"] + "\n第三次了"},
            "taken_down",
        ),
    ],
)
async def test_what_is_done_at_once_is_said_in_the_same_view(
    world, staff, fields, method, asked, done
):
    sent = {"id": w.POST, "c": w.CID, "module": "nearby", "view": "praise", **fields}
    page = await staff.form(HERE, HERE, sent)
    assert page.headers["location"] == f"{HERE}?c={w.CID}&module=nearby&view=praise&done={done}"
    got = world.rpc.last(method).kwargs
    assert got["id"] == w.POST and asked.items() <= got.items()


async def test_what_was_refused_stands_open_beside_its_post_with_every_word(world, staff):
    sent = {"id": w.POST, "c": w.CID, "do": "down", "ground": "", "reason": " "}
    page = await staff.form(HERE, HERE, sent)
    assert page.status_code == 422 and f"f-d{w.POST}-reason-fault" in page.text
    long = {"id": w.POST, "c": w.CID, "do": "answer", "body": "话" * 2_001}
    page = await staff.form(HERE, HERE, long)
    assert (
        page.status_code == 422 and f"f-a{w.POST}-body-fault" in page.text and "话话话" in page.text
    )
    later = {"id": w.POST, "do": "down", "ground": "spam", "reason": "话" * 2_001}
    page = await staff.form(HERE, f"{HERE}?cursor=second", later)
    assert world.rpc.last("list_posts").kwargs["cursor"] == "second", "where the post stands"
    assert 'value="spam" selected' in page.text and f"{HERE}?cursor=second" in page.text
    assert (await staff.form(HERE, HERE, {"do": "sing", "id": w.POST})).status_code == 404


async def test_who_does_not_moderate_a_module_finds_no_button_for_it(world, staff):
    world.say(list_modules=w.MODULES)
    html = (await staff.get(HERE)).text
    assert 'value="pin"' not in html and 'value="down"' not in html


async def test_a_hint_becomes_a_problem_a_topic_or_nothing(world, staff):
    html = (await staff.get(HINTS)).text
    one = c.suggestion()["post_id"]
    assert "三号楼门口的灯又坏了" in html and "91%" in html and "灯、坏了" in html
    assert f"/c/{w.CID}/topics/new?post={one}" in html
    world.say(issue_from_post={"id": w.ISSUE, "post_id": one, "status": "reported"})
    made = await staff.form(HINTS, HINTS, {"do": "accept", "id": one, "c": w.CID})
    assert made.headers["location"] == f"/console/issues/{w.ISSUE}"
    none = await staff.form(HINTS, HINTS, {"do": "dismiss", "id": one, "c": w.CID})
    assert none.headers["location"] == f"{HINTS}?c={w.CID}&done=dismissed"
    assert world.rpc.last("dismiss_suggestion").kwargs == {"id": one}
    asked = len(world.rpc.calls)
    assert (await staff.form(HINTS, HINTS, {"id": one})).status_code == 404
    assert not {"issue_from_post", "dismiss_suggestion"} & {
        one.method for one in world.rpc.calls[asked:]
    }


async def test_a_colleague_who_was_faster_is_told_of(world, staff):
    class Decided(errors.Conflict):
        code = "feed.suggestion_decided"
        zh, en = "同事已经处理了这条提示", "A colleague has decided this already"

    one = c.suggestion()["post_id"]
    world.say(
        dismiss_suggestion=Decided(),
        get_suggestion=c.suggestion(),
        list_suggestions=w.page_of(),
    )
    told = {"do": "dismiss", "id": one, "reason": "旧闻"}
    page = await staff.form(f"{HINTS}?post={one}", HINTS, told)
    assert page.status_code == 409
    assert "同事已经处理了这条提示" in page.text and "旧闻" in page.text


async def test_a_single_hint_stands_on_top_of_the_others(world, staff):
    html = (await staff.get(f"{HINTS}?post={w.POST}")).text
    assert world.rpc.last("get_suggestion").kwargs == {"id": w.POST}
    assert html.index(f"s-{w.POST}") < html.index(f"s-{c.suggestion()['post_id']}")
    world.say(list_suggestions=w.page_of())
    assert "没有线索" in (await staff.get(HINTS)).text


async def test_residents_have_no_such_desk(world):
    for path in (HERE, HINTS, "/console/questions", "/console/deeds"):
        assert (await world.browser(Role.RESIDENT).get(path)).status_code == 403, path
