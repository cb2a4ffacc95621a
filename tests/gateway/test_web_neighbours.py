"""Events: who is shown which button in which state, and what a form sends; all words."""

import re

import pytest

from gateway.web import calendars, moments, words_neighbours
from gateway.web.texts import Texts
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.events import feed as events
from services.contracts.operations.feed import aid, ledgers, party, projects, sign_ups
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


@pytest.mark.parametrize(
    ("state", "said"),
    [("waiting", "这次没有排上您"), ("invited", "活动已经开始"), ("in", "报上名")],
)
async def test_once_it_has_begun_nothing_is_offered_that_would_be_refused(
    world, resident, state, said
):
    mine = n.my_part(state=state, place_in_line=1 if state == "waiting" else None)
    event = n.event(mine=mine, may_sign_up=False, why_not="feed.event_started")
    announced(world, event)
    page = (await resident.get(n.HERE)).text
    assert (
        said in page and "有人退出就轮到您" not in page and f"{n.HERE}/sign-up/cancel" not in page
    )


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
    modules = [{**one, "works": ["sign_up"]} for one in w.MODULES["items"]]
    world.say(
        get_post=w.post(mine=True),
        get_sign_up_event=rules.NoSignUp(),
        list_modules={"items": modules},
    )
    page = f"{n.HERE}/sign-up/terms"
    moderates = world.browser(Role.COMMITTEE_STAFF)
    world.say(get_post=w.post())
    assert (await moderates.get(page)).status_code == 403, "not in this module"
    world.say(list_modules={"items": [{**one, "may_moderate": True} for one in modules]})
    assert (await moderates.get(page)).status_code == 200
    world.say(get_post=w.post(mine=True))
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
