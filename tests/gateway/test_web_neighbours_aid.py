"""Mutual aid and idle things: who is shown which button in which state, and what a form sends."""

import pytest

from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.feed.domain import aid as aid_rules
from tests.gateway import web_neighbours as n
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

SCRIPT = '<script>alert("1")</script>'


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


def offered(world, *, kind="offer", mine=False, extra=None, **changes):
    found = n.aid(kind=kind, **changes)
    world.say(
        get_post=w.post(
            module="idle" if kind == "idle" else "mutual_aid", mine=mine, extra=extra or {},
            aid={"kind": kind, "state": found["state"]},
        ),
        get_aid=found,
    )  # fmt: skip


async def test_an_offer_is_asked_for_with_words_and_hours(world, resident):
    offered(world)
    page = (await resident.get(n.HERE)).text
    assert "请您帮个忙" in page and "帮了大忙" in page and "在这里帮过 3 次忙" in page
    done = await resident.form(n.HERE, f"{n.HERE}/handshakes",
        {"note": "周六行吗", "slots[]": ["6", "9"], "slots_from": "09:00", "slots_to": "11:00"},
    )  # fmt: skip
    assert done.headers["location"] == f"/handshakes/{n.SHAKE}"
    got = world.rpc.last("create_handshake").kwargs
    assert got["slots"] == [{"weekday": 6, "from": "09:00", "to": "11:00"}]
    assert got["note"] == "周六行吗" and got["confirmed_safety"] is False


async def test_where_children_are_concerned_the_advice_is_read_first(world, resident):
    offered(world, minors=True, advice=n.ADVICE)
    world.say(
        create_handshake=aid_rules.SafetyNotConfirmed(
            errors=[FieldError("confirmed_safety", aid_rules.SafetyNotConfirmed.zh)]
        )
    )
    page = await resident.form(n.HERE, f"{n.HERE}/handshakes", {"note": "数学"})
    assert "尽量在活动室见面" in page.text and 'id="fault-confirmed_safety"' in page.text
    assert "数学</textarea>" in page.text


@pytest.mark.parametrize(
    ("extra", "cost"),
    [
        ({"price": "0.00"}, "<b>送人</b>"),
        ({"price": "180.00"}, "<b>¥ 180</b>"),
        ({"price": "9.50"}, "<b>¥ 9.50</b>"),
        ({"swap": SCRIPT}, "<b>换</b> &lt;script&gt;"),
        ({}, "<b>面议</b>"),
    ],
)
async def test_a_thing_says_what_it_costs(world, resident, extra, cost):
    offered(world, kind="idle", extra=extra)
    page = (await resident.get(n.HERE)).text
    assert cost in page and "我要，帮我留着" in page and SCRIPT not in page


@pytest.mark.parametrize(("state", "why"), [("reserved", "已有邻居预订"), ("gone", "已经送出去了")])
async def test_a_thing_that_is_taken_says_why_nobody_can_have_it(world, resident, state, why):
    offered(world, kind="idle", state=state, open=False)
    page = (await resident.get(n.HERE)).text
    assert why in page and 'aria-disabled="true"' in page and '/handshakes"' not in page


async def test_things_are_a_grid_of_pictures(world, resident):
    modules = {"items": [{**m, "works": ["idle"]} for m in w.MODULES["items"]]}
    world.say(
        list_modules=modules,
        list_posts=w.page_of(
            w.post(module="idle", aid={"kind": "idle", "state": "reserved"}, title=SCRIPT),
            w.post(module="idle", aid={"kind": "idle", "state": "open"}, attachments=[]),
            cursor="on",
        ),
    )
    page = (await resident.get(f"/c/{w.CID}/m/idle")).text
    grid = page.partition('<ul class="things"')[2].partition("</ul>")[0]
    assert grid.count("<li>") == 3 and "已预订" in grid and "cursor=on" in grid
    assert grid.count("<img") == 1 and SCRIPT not in page


async def test_the_author_sees_who_asked_and_what_fits(world, resident):
    offered(world, mine=True)
    world.say(list_handshakes=w.page_of(n.shake(role="author")))
    page = (await resident.get(n.HERE)).text
    assert f"/handshakes/{n.SHAKE}" in page and f"{n.HERE}/matches" in page
    assert "请您帮个忙" not in page
    await resident.form(n.HERE, f"{n.HERE}/aid", {"open": "0"})
    assert world.rpc.last("update_aid").kwargs == {"id": n.POST, "open": False}


async def test_a_match_says_why_it_fits(world, resident):
    match = {
        "post": {
            "id": w.NEWS, "title": SCRIPT, "kind": "need", "skill_kind": "repairs", "skill": "",
            "slots": [{"weekday": 6, "from": "09:00", "to": "11:00"}], "author": n.person(),
            "helped_count": 2, "created_at": w.at(hours=3),
        },
        "reasons": {"skill": True, "minutes": 150, "distance": "building"},
    }  # fmt: skip
    world.say(list_matches=w.page_of(match))
    page = (await resident.get(f"{n.HERE}/matches")).text
    assert all(said in page for said in ("正是这方面", "2.5 小时", "同一幢楼", "周六 09:00–11:00"))
    assert SCRIPT not in page


async def test_a_handshake_is_a_conversation_with_what_comes_next_and_why_not(world, resident):
    world.say(
        get_handshake=n.story(
            role="author",
            steps=[{"state": "asked", "by": "asker", "note": SCRIPT, "at": w.at(hours=2)}],
            actions=[n.action("agree"), n.action("decline"), n.action("cancel", may=False)],
        )
    )
    page = (await resident.get(f"/handshakes/{n.SHAKE}")).text
    assert "和孙奶奶的约定" in page and "问了一声" in page and SCRIPT not in page
    assert page.count('name="step"') == 2 and "这一步应由对方操作" in page
    done = await resident.form(f"/handshakes/{n.SHAKE}", f"/handshakes/{n.SHAKE}/steps",
        {"step": "agree", "note": "好，九点", "close_post": "1"},
    )  # fmt: skip
    assert done.headers["location"] == f"/handshakes/{n.SHAKE}#next"
    got = world.rpc.last("step_handshake").kwargs
    assert (got["step"], got["note"], got["close_post"]) == ("agree", "好，九点", True)
    assert "confirmed_safety" not in got


async def test_the_committee_watches_help_for_children_and_takes_no_step(world):
    world.say(get_handshake=n.story(role=None, minors=True, actions=[], advice=n.ADVICE))
    staff = world.browser(Role.COMMITTEE_STAFF)
    page = (await staff.get(f"/handshakes/{n.SHAKE}")).text
    assert "邻居的约定" in page and 'name="step"' not in page


async def test_the_desk_speaks_with_who_did_not_come(world):
    world.say(
        get_me=w.me("committee_staff"),
        list_minors_aid=w.page_of(
            {
                "post_id": n.POST, "title": SCRIPT, "kind": "offer", "skill_kind": "tutoring",
                "state": "open", "author": n.person(), "created_at": w.at(days=3),
                "flagged_at": w.at(days=1), "no_shows": 1, "handshakes": [n.shake()],
            }
        ),
    )  # fmt: skip
    staff = world.browser(Role.COMMITTEE_STAFF)
    page = (await staff.get("/console/aid")).text
    assert "近三个月 3 次没有来" in page and SCRIPT not in page and "1 次没有来" in page
    fields = {"c": w.CID, "person_id": n.OTHER, "note": ""}
    wrong = await staff.form("/console/aid", "/console/aid", fields)
    assert wrong.status_code == 422 and 'id="fault-note"' in wrong.text
    await staff.form("/console/aid", "/console/aid", {**fields, "note": "家里有事，以后会早说"})
    assert world.rpc.last("clear_no_shows").kwargs["note"] == "家里有事，以后会早说"
    assert (await world.browser(Role.RESIDENT).get("/console/aid")).status_code == 403
