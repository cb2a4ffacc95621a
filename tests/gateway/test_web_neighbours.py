"""Events and mutual aid: who is shown which button in which state, and what a form sends."""

import re

import pytest

from gateway.web import calendars, moments, words_neighbours
from gateway.web.texts import Texts
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.events import feed as events
from services.contracts.operations.feed import aid, ledgers, party, projects, sign_ups
from services.feed.domain import aid as aid_rules
from services.feed.domain import sign_ups as rules
from tests.gateway import web_neighbours as n
from tests.gateway import web_world as w
from tests.gateway.test_web_words import literals

pytestmark = pytest.mark.gateway

SCRIPT = '<script>alert("1")</script>'


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


def announced(world, event, **post):
    world.say(get_post=w.post(signs_up=True, module="services", **post), get_sign_up_event=event)


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(sign_ups.Unit), words_neighbours.UNIT),
        (literals(sign_ups.Unit), words_neighbours.UNIT_SAYS),
        (literals(events.SignUpState), words_neighbours.PART),
        (literals(events.HandshakeState), words_neighbours.SHAKE),
        (literals(events.HandshakeState), words_neighbours.SHAKE_SAYS),
        (literals(aid.Step), words_neighbours.STEP),
        (literals(aid.Step), words_neighbours.STEP_SAYS),
        (literals(aid.AidState), words_neighbours.NOT_OPEN),
        (literals(aid.MatchReasons.model_fields["distance"].annotation), words_neighbours.FAR),
        (literals(events.ProjectState), words_neighbours.PROJECT),
        (
            literals(projects.RecordProjectStep.model_fields["step"].annotation),
            words_neighbours.PROJECT_ACT,
        ),
        (literals(projects.MoneyKind), words_neighbours.MONEY),
        (literals(ledgers.LedgerKind), words_neighbours.LEDGER),
        (literals(ledgers.Section), words_neighbours.SECTION),
        (literals(party.CheckInKind), words_neighbours.CHECK_IN),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert keys <= set(table)


def test_every_reason_why_nobody_signs_up_has_its_words():
    said = (rules.SignUpClosed, rules.EventStarted, rules.SignUpNotOpen, rules.DeadlinePassed)
    assert {error.code for error in said} == set(words_neighbours.NO_SIGN_UP)


# -- an event on its post --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said", "not_said"),
    [
        ({}, ("还有 <b>2</b>", "我要报名"), ("取消报名", "报名名单")),
        (
            {"full": True, "taken": 6, "waiting": 2},
            ("已满", "2 位在排队", "排队候补"),
            ("我要报名<",),
        ),
        (
            {"mine": n.my_part(stall=3), "may_sign_up": False},
            ("您已报上名", "3 号摊位", "出示我的签到码", "event.ics", "取消报名"),
            ("我要报名",),
        ),
        (
            {"mine": n.my_part(state="waiting", place_in_line=2), "may_sign_up": False},
            ("您排在第 2 位", "不排了"),
            ("出示我的签到码",),
        ),
        (
            {"mine": n.my_part(state="invited", invited_by="老陆"), "may_sign_up": False},
            ("老陆邀您合用", "好，一起", "谢谢，不了"),
            ("我要报名",),
        ),
        (
            {"mine": n.my_part(checked_in_at=w.at()), "may_sign_up": False},
            ("已签到，欢迎您",),
            ("出示我的签到码", "取消报名"),
        ),
        (
            {"may_sign_up": False, "why_not": "feed.sign_up_deadline_passed"},
            ("报名截止时间已过。", 'aria-disabled="true"'),
            ('/sign-up"',),
        ),
        (
            {"may_sign_up": False, "may_manage": True, "code": "YM6X3H"},
            ("报名名单", "现场签到", "名额和时间"),
            (),
        ),
    ],
)
async def test_an_event_shows_its_places_and_my_one_button(
    world, resident, changes, said, not_said
):
    announced(world, n.event(**changes))
    page = (await resident.get(n.HERE)).text
    for words in said:
        assert words in page, words
    for words in not_said:
        assert words not in page, words


async def test_an_observer_sees_the_places_and_no_form(world):
    announced(world, n.event(may_sign_up=False))
    page = (await world.browser(Role.OBSERVER).get(n.HERE)).text
    assert "还有 <b>2</b>" in page and "/sign-up" not in page


async def test_signing_up_says_how_many_come_and_goes_back_to_the_event(world, resident):
    announced(world, n.event(heads_each=4))
    done = await resident.form(n.HERE, f"{n.HERE}/sign-up", {"heads": "3", "note": "带孙子"})
    assert done.headers["location"] == f"{n.HERE}#sign-up"
    assert world.rpc.last("sign_up").kwargs == {"id": n.POST, "heads": 3, "note": "带孙子"}


async def test_what_was_wrong_with_a_sign_up_stands_beside_its_field(world, resident):
    announced(world, n.event(heads_each=4))
    world.say(sign_up=rules.Invalid(errors=[FieldError("heads", "每份报名最多 4 人")]))
    page = await resident.form(n.HERE, f"{n.HERE}/sign-up", {"heads": "9", "note": SCRIPT})
    assert page.status_code == 422 and 'id="fault-heads"' in page.text
    assert 'value="9"' in page.text and "&lt;script&gt;" in page.text and SCRIPT not in page.text


async def test_a_stall_is_shared_with_somebody_who_spoke_on_the_thread(world, resident):
    announced(world, n.event(unit="stall", shareable=True, mine=n.my_part(stall=1)))
    world.say(
        list_comments=w.page_of(
            w.comment(author=n.person("敏敏")),
            w.comment(id=w.NEWS, author=n.person("匿名邻居", id=None, anonymous=True)),
        )
    )
    page = (await resident.get(n.HERE)).text
    offered = page.partition("sign-up/invitation")[2].partition("</form>")[0]
    assert re.findall(r'name="person_id" value="([^"]+)"', offered) == [n.OTHER]
    await resident.form(n.HERE, f"{n.HERE}/sign-up/invitation", {"person_id": n.OTHER})
    assert world.rpc.last("invite_to_sign_up").kwargs["person_id"] == n.OTHER


async def test_my_code_is_shown_as_a_picture_that_any_camera_reads(world, resident):
    announced(world, n.event(mine=n.my_part()))
    page = (await resident.get(f"{n.HERE}/sign-up/code")).text
    assert "K7QDXW" in page and "<svg" in page
    announced(world, n.event(mine=n.my_part(state="waiting", place_in_line=1)))
    away = await resident.get(f"{n.HERE}/sign-up/code")
    assert away.headers["location"] == f"{n.HERE}#sign-up"


async def test_the_calendar_gets_the_event(world, resident):
    announced(world, n.event(starts_at="2026-03-07T01:00:00+00:00", ends_at=None),
              title="包馄饨，学一学；来吧", extra={"place": "活动室"})  # fmt: skip
    file = await resident.get(f"{n.HERE}/event.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    lines = file.text.split("\r\n")
    assert "DTSTART:20260307T010000Z" in lines and "DTEND:20260307T030000Z" in lines
    assert "LOCATION:活动室" in lines and any(one.startswith("SUMMARY:包馄饨") for one in lines)
    announced(world, n.event(starts_at=None, ends_at=None))
    assert (await resident.get(f"{n.HERE}/event.ics")).status_code == 404


def test_a_line_of_a_calendar_is_folded_within_75_octets_and_never_within_a_sign():
    file = calendars.event(
        uid="u", title="很长的名字," * 12 + "\n完", place="", url="https://x/1",
        starts_at="2026-03-07T01:00:00+00:00", ends_at="2026-03-07T02:00:00+00:00",
        now=moments.parse("2026-03-01T00:00:00+00:00"),
    )  # fmt: skip
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    whole = file.decode().replace("\r\n ", "")
    assert "很长的名字\\,很长的名字" in whole and "\\n完" in whole


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("k7qdxw", "k7qdxw"),
        (" K7Q DXW ", "K7QDXW"),
        ("https://x/posts/1/check-in#K7QDXW", "K7QDXW"),
    ],
)
async def test_the_door_takes_what_was_typed_or_scanned(world, resident, typed, sent):
    announced(world, n.event(may_manage=True, code="YM6X3H"))
    page = await resident.form(f"{n.HERE}/check-in", f"{n.HERE}/check-in", {"code": typed})
    assert world.rpc.last("check_in").kwargs["code"] == sent
    assert "老陆" in page.text and "已签到" in page.text and "带孙子" in page.text
    assert 'name="code" type="text" value=""' in page.text, "ready for the next"


async def test_a_wrong_code_is_said_beside_the_field(world, resident):
    announced(world, n.event())
    world.say(check_in=rules.WrongCode(errors=[FieldError("code", rules.WrongCode.zh)]))
    page = await resident.form(f"{n.HERE}/check-in", f"{n.HERE}/check-in", {"code": "AAAAAA"})
    assert 'id="fault-code"' in page.text and "签到码不对" in page.text
    assert "贴在门口的码" not in page.text, "the entrance's code is the organiser's"
    assert (await world.browser(Role.OBSERVER).get(f"{n.HERE}/check-in")).status_code == 403


async def test_the_organiser_sets_places_and_times(world, resident):
    world.say(get_post=w.post(mine=True), get_sign_up_event=rules.NoSignUp())
    page = f"{n.HERE}/sign-up/terms"
    fields = {"unit": "stall", "shareable": "1", "capacity": "12", "heads_each": "",
              "starts_at": "2026-03-07T09:00", "ends_at": "soon"}  # fmt: skip
    wrong = await resident.form(page, page, fields)
    assert wrong.status_code == 422 and 'id="fault-ends_at"' in wrong.text
    assert 'value="12"' in wrong.text and 'value="soon"' in wrong.text
    await resident.form(page, page, {**fields, "ends_at": ""})
    assert world.rpc.last("put_sign_up_event").kwargs == {
        "id": n.POST, "unit": "stall", "shareable": True, "closed": False, "capacity": 12,
        "starts_at": "2026-03-07T09:00:00+08:00",
    }  # fmt: skip
    wrong = await resident.form(page, page, {**fields, "ends_at": "", "capacity": "many"})
    assert 'id="fault-capacity"' in wrong.text


async def test_nobody_elses_event_is_set(world, resident):
    world.say(get_post=w.post(mine=False), get_sign_up_event=n.event())
    assert (await resident.get(f"{n.HERE}/sign-up/terms")).status_code == 403


async def test_who_comes_is_a_list_and_a_table_to_keep(world, resident):
    announced(world, n.event(may_manage=True, code="YM6X3H", waiting=1))
    world.say(
        list_sign_ups=w.page_of(
            n.sign_up(person=n.person(SCRIPT)), n.sign_up(state="waiting", place_in_line=2)
        )
    )
    page = (await resident.get(f"{n.HERE}/sign-ups?state=waiting")).text
    assert world.rpc.last("list_sign_ups").kwargs["state"] == "waiting"
    assert SCRIPT not in page and "候补 2" in page and "export?format=xlsx" in page


def test_a_time_span_of_one_day_says_the_day_once():
    now, begins = moments.parse("2026-03-05T12:00:00+08:00"), "2026-03-07T09:00:00+08:00"
    same, next_day = "2026-03-07T11:30:00+08:00", "2026-03-08T11:30:00+08:00"
    assert moments.during(begins, same, now, Texts()) == "3月7日（周六）09:00–11:30"
    assert moments.during(begins, next_day, now, Texts()).count("月") == 2
    assert moments.during(begins, None, now, Texts()) == "3月7日（周六）09:00"


# -- aid -------------------------------------------------------------------------------------------


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
