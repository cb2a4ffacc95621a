"""Projects, the party garden and accounts: who is shown what, and what a form sends."""

import re
from datetime import UTC, datetime

import pytest

from gateway.web import ledger_lines, words_neighbours
from services.contracts.actor import Role
from services.contracts.errors import FieldError, Invalid
from services.feed.domain import ledgers as ledger_rules
from services.feed.domain import project as rules
from tests.gateway import web_neighbours as n
from tests.gateway import web_world as w
from tests.gateway.test_web_forms import picture
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway

SCRIPT = '<script>alert("1")</script>'
PROJECT, HOURS, MONEY = (f"{n.HERE}/project{end}" for end in ("", "/hours", "/money"))
LEDGER, DRAFT = f"{n.HERE}/ledger", f"/console/ledgers/{n.POST}"


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


def works(*names, **changes):
    """The modules, all of which carry this."""
    return {"items": [{**m, "works": list(names), **changes} for m in w.MODULES["items"]]}


# -- projects --------------------------------------------------------------------------------------


async def test_a_project_shows_its_way_and_the_button_that_is_mine(world, resident):
    steps = [{**n.project()["steps"][0], "note": SCRIPT}]
    world.say(get_project=n.project(steps=steps))
    page = (await resident.get(PROJECT)).text
    assert "我来做志愿者" in page and "招募志愿者" in page and SCRIPT not in page
    assert 'name="step"' not in page, "the lead's and the committee's"
    done = await resident.form(PROJECT, f"{PROJECT}/volunteers", {"act": "join"})
    assert done.headers["location"] == PROJECT and world.rpc.last("join_project")


async def test_who_cannot_join_reads_why(world, resident):
    world.say(get_project=n.project(n.act("join", may=False)))
    page = (await resident.get(PROJECT)).text
    assert "志愿者已经招满" in page and 'aria-disabled="true"' in page
    watching = (await world.browser(Role.OBSERVER).get(PROJECT)).text
    assert 'aria-disabled="true"' not in watching and 'method="post"' not in watching


async def test_the_lead_ends_it_with_story_photo_and_account(world, resident):
    world.say(
        get_project=n.project(n.act("progress"), n.act("done"), n.act("cancel"), mine=True),
        record_project_step=rules.AccountNeeded(
            errors=[FieldError("no_money", rules.AccountNeeded.zh)]
        ),
    )
    page = await resident.form(PROJECT, f"{PROJECT}/steps", {"step": "done", "note": "做完了"})
    form = page.text.partition('value="done"')[2].partition("</form>")[0]
    assert "做完了</textarea>" in form and 'id="fault-no_money"' in form
    kept = picture()
    shown = await resident.get(PROJECT)
    files = {"photo": ("a.jpg", kept, "image/jpeg")}
    more = {"csrf": token_in(shown.text), "step": "done", "note": "做完了", "add_photo": "1"}
    again = await resident.client.post(f"{PROJECT}/steps", data=more, files=files, headers=ORIGIN)
    assert re.search(r'name="attachments\[\]" value="[^"]+"', again.text), "without a script"


async def test_an_application_keeps_every_word_that_was_wrong(world, resident):
    world.say(get_post=w.post(mine=True), get_project=rules.ProjectNotFound())
    path = f"{PROJECT}/application"
    wrong = await resident.form(path, path, {"wanted": "some", "budget": "", "place": SCRIPT})
    assert 'id="fault-wanted"' in wrong.text and 'value="some"' in wrong.text
    assert SCRIPT not in wrong.text
    await resident.form(path, path, {"wanted": "0", "budget": "600", "until": "2026-05-01"})
    assert world.rpc.last("apply_project").kwargs == {
        "id": n.POST, "wanted": 0, "budget": "600", "place": "", "until": "2026-05-01",
    }  # fmt: skip
    world.say(get_post=w.post(mine=False))
    assert (await resident.get(path)).status_code == 403


async def test_hours_are_logged_confirmed_and_taken_back(world, resident):
    world.say(
        get_project=n.project(n.act("log_hours"), volunteering=True),
        list_hours=w.page_of(
            n.entry(may_confirm=True, note=SCRIPT), n.entry(id=w.NEWS, mine=True)
        ),
    )  # fmt: skip
    page = (await resident.get(HOURS)).text
    assert SCRIPT not in page and page.count('value="confirm"') == 1
    assert page.count('value="withdraw"') == 1
    assert f'value="{datetime.now(UTC):%Y-}' in page, "today stands there already"
    await resident.form(HOURS, f"{HOURS}/entries", {"act": "confirm", "entry": n.ENTRY})
    asked = world.rpc.last("confirm_hours")
    assert asked.kwargs == {"id": n.ENTRY} and asked.options["idempotency_key"], "tapped twice"
    await resident.form(HOURS, f"{HOURS}/entries", {"act": "withdraw", "entry": w.NEWS})
    assert world.rpc.last("withdraw_hours").kwargs == {"id": w.NEWS}
    wrong = await resident.form(HOURS, HOURS, {"hours": "lots", "on_date": "2026-03-01"})
    assert 'id="fault-hours"' in wrong.text and 'value="lots"' in wrong.text
    lost = await resident.form(HOURS, f"{HOURS}/entries", {"act": "steal", "entry": n.ENTRY})
    assert lost.status_code == 404


async def test_money_stays_and_a_wrong_line_is_cancelled_with_a_reason(world, resident):
    world.say(
        get_project=n.project(n.act("add_money"), mine=True),
        list_money=w.page_of(n.money(subject=SCRIPT), n.money(id=w.NEWS, cancelled=True)),
    )
    page = (await resident.get(MONEY)).text
    assert SCRIPT not in page and page.count("记错了，冲销") == 1 and "已冲销" in page
    world.say(cancel_money=Invalid(errors=[FieldError("reason", "请写明理由")]))
    fields = {"line": n.LINE, "reason": "记重了"}
    wrong = await resident.form(MONEY, f"{MONEY}/cancellation?cursor=second", fields)
    assert 'id="fault-reason"' in wrong.text and 'value="记重了"' in wrong.text
    assert world.rpc.last("list_money").kwargs["cursor"] == "second", "where the line stands"
    assert "/cancellation?cursor=third" in (await resident.get(f"{MONEY}?cursor=third")).text
    fields = {"kind": "spending", "amount": "a lot", "subject": "螺丝", "on_date": "2026-03-01"}
    wrong = await resident.form(MONEY, MONEY, fields)
    assert 'id="fault-amount"' in wrong.text and 'value="a lot"' in wrong.text
    await resident.form(MONEY, MONEY, {**fields, "amount": "86.40"})
    got = world.rpc.last("add_money").kwargs
    assert (got["kind"], got["amount"], got["subject"]) == ("spending", "86.40", "螺丝")


async def test_the_account_is_everybodys_to_read_and_the_leads_to_keep(world, resident):
    page = (await resident.get(MONEY)).text
    assert "内外胎十二副" in page and "记一笔" not in page and "冲销</summary>" not in page


async def test_my_hours_are_a_page_to_print(world, resident):
    mine = {
        "id": n.ENTRY, "post_id": n.POST, "community_id": w.CID, "title": SCRIPT, "hours": "2.50",
        "on_date": "2026-03-01", "note": "", "confirmed_at": w.at(days=1),
    }  # fmt: skip
    world.say(list_my_hours=w.page_of(mine, total=n.HOURS))
    page = (await resident.get("/me/hours")).text
    assert "12.5</p>" in page and "data-print-page" in page and SCRIPT not in page


async def test_a_post_leads_to_the_project_that_it_is(world, resident):
    world.say(list_modules=works("project"), get_post=w.post(module="services"))
    assert f'href="{PROJECT}"' in (await resident.get(n.HERE)).text
    world.say(get_project=rules.ProjectNotFound(), get_post=w.post(module="services", mine=True))
    assert f"{PROJECT}/application" in (await resident.get(n.HERE)).text


# -- the party garden ------------------------------------------------------------------------------


def report(**changes):
    return {
        "person": n.person(badge_shown=True), "kind": "in_service", "offers": SCRIPT,
        "mine": False, "checked_in_at": w.at(days=2), **changes,
    }  # fmt: skip


STUDY = {"post_id": n.POST, "title": "本月学习", "created_at": w.at(days=5), "until": None,
         "number": 20, "mine": None}  # fmt: skip
GARDEN = f"/c/{w.CID}/party"


async def test_the_garden_shows_who_reported_and_what_is_studied(world, resident):
    world.say(
        list_modules=works("party"),
        list_party_check_ins=w.page_of(report(), number=None, mine=None),
        list_studies=w.page_of(STUDY),
    )
    page = (await resident.get(GARDEN)).text
    assert "在职党员" in page and "20 人学过" in page and SCRIPT not in page
    assert 'method="post"' not in page, "a neighbour reports nothing"
    world.say(list_modules=works("aid"))
    assert (await resident.get(GARDEN)).status_code == 404


async def test_a_member_reports_shows_the_flag_and_takes_it_back(world):
    world.say(
        list_modules=works("party"),
        get_me=w.me(badges=[{"key": "party_member", "shown": False}]),
    )
    member = world.browser(Role.RESIDENT, Role.PARTY_MEMBER)
    page = (await member.get(GARDEN)).text
    assert "到社区报到" in page and "亮出党员身份" in page
    await member.form(GARDEN, GARDEN, {"kind": "resident", "offers": "夜巡"})
    assert world.rpc.last("check_in_party").kwargs == {
        "cid": w.CID, "kind": "resident", "offers": "夜巡",
    }  # fmt: skip
    done = await member.form(GARDEN, f"{GARDEN}/badge", {"shown": "1"})
    assert world.rpc.last("set_party_badge").kwargs == {"shown": True}
    assert done.headers["location"] == GARDEN
    mine = {"kind": "resident", "offers": "夜巡", "checked_in_at": w.at()}
    world.say(list_party_check_ins=w.page_of(number=2, mine=mine))
    assert "已在这里报到" in (await member.get(GARDEN)).text
    await member.form(GARDEN, GARDEN, {"act": "leave"})
    assert world.rpc.last("leave_party").kwargs == {"cid": w.CID}


async def test_an_item_is_studied_by_members_alone(world, resident):
    world.say(
        list_modules=works("party"),
        get_post=w.post(module="party", extra={"kind": "study"}),
        get_study_progress=w.page_of(number=None, mine=None),
    )
    assert "我学完了</button>" not in (await resident.get(n.HERE)).text
    member = world.browser(Role.RESIDENT, Role.PARTY_MEMBER)
    await member.form(n.HERE, f"{n.HERE}/study", {"note": "先做必反馈"})
    assert world.rpc.last("complete_study").kwargs == {"id": n.POST, "note": "先做必反馈"}
    mine = {"post_id": n.POST, "note": SCRIPT, "at": w.at()}
    world.say(get_study_progress=w.page_of(number=10, mine=mine))
    page = (await member.get(n.HERE)).text
    assert "您已学习" in page and "10 人学过" in page and SCRIPT not in page


# -- accounts --------------------------------------------------------------------------------------


async def test_an_account_is_read_line_by_line_reckoned_again_and_asked_about(world, resident):
    world.say(
        list_ledger_lines=w.page_of(
            n.ledger_line(1, subject=SCRIPT, cancelled=True),
            n.ledger_line(2, amount="-30000.00", cancels=1),
        )
    )
    page = (await resident.get(f"{LEDGER}?section=income")).text
    assert world.rpc.last("list_ledger_lines").kwargs["section"] == "income"
    assert "1,000.00 + 30,000.00 − 8,120.50 = <b>22,879.50</b>" in page and SCRIPT not in page
    assert "冲销第 1 笔" in page and f"{n.HERE}/questions?line=1" in page
    assert "export?format=csv" in page and 'method="post"' not in page
    watching = (await world.browser(Role.OBSERVER).get(LEDGER)).text
    assert "questions?line" not in watching


async def test_the_keeper_corrects_in_the_open_and_the_supervisor_signs(world, resident):
    world.say(get_ledger=n.ledger(may_correct=True, may_check=True))
    fields = {"number": "1", "reason": "少写一个零", "section": "income", "subject": "承包款",
              "amount": "300000", "on_date": "2026-01-12", "party": "", "note": ""}  # fmt: skip
    await resident.form(LEDGER, f"{LEDGER}/corrections", fields)
    got = world.rpc.last("correct_ledger_line").kwargs
    assert got["number"] == 1 and got["line"]["amount"] == "300000" and "party" not in got["line"]
    await resident.form(LEDGER, f"{LEDGER}/corrections", {**fields, "subject": ""})
    assert "line" not in world.rpc.last("correct_ledger_line").kwargs, "cancelled, and no more"
    wrong = await resident.form(LEDGER, f"{LEDGER}/corrections", {**fields, "amount": "much"})
    assert 'id="fault-line_amount"' in wrong.text and 'value="much"' in wrong.text
    again = f"{LEDGER}/corrections?section=income&cursor=second"
    assert (await resident.form(LEDGER, again, {**fields, "amount": "much"})).status_code == 422
    assert world.rpc.last("list_ledger_lines").kwargs["cursor"] == "second"
    assert (
        "?section=income&amp;cursor=x"
        in (await resident.get(f"{LEDGER}?section=income&cursor=x")).text
    )
    lost = await resident.form(LEDGER, f"{LEDGER}/corrections", {**fields, "number": "x"})
    assert 'role="alert"' in lost.text, "what has no field of its own is told on top"
    await resident.form(LEDGER, f"{LEDGER}/check", {"note": "相符"})
    assert world.rpc.last("check_ledger").kwargs == {"id": n.POST, "note": "相符"}


async def test_lines_are_pasted_and_a_fault_names_its_line(world):
    world.say(
        get_me=w.me("committee_staff"),
        get_ledger=n.ledger(state="draft", may_write=True, may_publish=True, published_at=None),
        list_ledger_lines=w.page_of(n.ledger_line(attachments=[w.photo()])),
    )
    staff = world.browser(Role.COMMITTEE_STAFF)
    page = (await staff.get(DRAFT)).text
    assert "收入\t2026-01-12\t鱼塘承包款\t30000.00\t承包户</textarea>" in page and "公开" in page
    pasted = "收入\t2026/1/12\t鱼塘承包款\t30,000.00\n\n支出，2026-02-02，修水渠，8120.5，施工队\n"
    done = await staff.form(DRAFT, f"{DRAFT}/lines", {"lines": pasted})
    assert done.headers["location"] == DRAFT
    first, second = world.rpc.last("put_ledger_lines").kwargs["lines"]
    assert (first["amount"], second["section"], second["party"]) == (
        "30000.00",
        "spending",
        "施工队",
    )
    assert first["attachments"] == [w.PHOTO] and second["attachments"] == []
    mended = "收入\t2026-01-12\t鱼塘承包款\t31000"
    await staff.form(DRAFT, f"{DRAFT}/lines", {"lines": mended})
    (line,) = world.rpc.last("put_ledger_lines").kwargs["lines"]
    assert line["attachments"] == [w.PHOTO], "a sum was mended: its receipt stays"
    wrong = await staff.form(DRAFT, f"{DRAFT}/lines", {"lines": f"{SCRIPT}\n收入，1，2，3"})
    assert "第 1 行" in wrong.text and SCRIPT not in wrong.text
    world.say(put_ledger_lines=Invalid(errors=[FieldError("lines.1.amount", "金额应大于 0")]))
    wrong = await staff.form(DRAFT, f"{DRAFT}/lines", {"lines": pasted})
    assert "第 3 行：金额应大于 0" in wrong.text, "the empty line counts, too"
    await staff.form(DRAFT, f"{DRAFT}/publication")
    assert world.rpc.last("publish_ledger").kwargs == {"id": n.POST}


async def test_receipts_are_put_to_a_line_and_the_others_stay(world):
    other = n.ledger_line(2, subject="路灯", attachments=[w.photo(w.NEWS)])
    world.say(
        get_me=w.me("committee_staff"),
        get_ledger=n.ledger(state="draft", may_write=True, published_at=None),
        list_ledger_lines=w.page_of(n.ledger_line(1), other),
    )
    staff = world.browser(Role.COMMITTEE_STAFF)
    fields = {"number": "1", "attachments[]": [w.PHOTO]}
    done = await staff.form(DRAFT, f"{DRAFT}/receipts", fields)
    assert done.headers["location"] == DRAFT
    first, second = world.rpc.last("put_ledger_lines").kwargs["lines"]
    assert (first["attachments"], second["attachments"]) == ([w.PHOTO], [w.NEWS])
    wrong = await staff.form(DRAFT, f"{DRAFT}/receipts", {**fields, "number": "9"})
    assert wrong.status_code == 422 and 'id="fault-number"' in wrong.text
    assert f'name="attachments[]" value="{w.PHOTO}"' in wrong.text


async def test_an_account_begins_with_its_period(world):
    world.say(
        get_me=w.me("committee_staff"),
        list_modules=works("ledger", may_post=True),
        get_post=w.post(mine=True, title="一季度公开"),
        get_ledger=ledger_rules.LedgerNotFound(),
    )
    staff = world.browser(Role.COMMITTEE_STAFF)
    page = (await staff.get(DRAFT)).text
    assert 'value="一季度公开"' in page and 'name="lines"' not in page
    fields = {"kind": "collective", "title": "一季度", "starts_on": "", "opening": "0"}
    wrong = await staff.form(DRAFT, f"{DRAFT}/head", {**fields, "ends_on": "2026-03-31"})
    assert 'id="fault-starts_on"' in wrong.text and 'value="2026-03-31"' in wrong.text
    world.say(list_modules=works("ledger", may_post=False))
    resident = world.browser(Role.RESIDENT)
    assert (await resident.get(DRAFT)).status_code == 403, "a post of mine, but of no office"
    world.say(list_modules=works("ledger", may_post=True), get_post=w.post(mine=False))
    assert (await staff.get(DRAFT)).status_code == 403
    world.say(get_ledger=n.ledger())
    assert (await staff.get(DRAFT)).headers["location"] == LEDGER


async def test_the_desk_has_drafts_and_what_was_published(world):
    def answer(call):
        draft = call.kwargs.get("state") == "draft"
        return w.page_of(n.ledger(state="draft", title="记了一半") if draft else n.ledger())

    world.say(
        get_me=w.me("committee_staff"),
        list_modules=works("ledger", may_post=True),
        list_ledgers=answer,
    )
    page = (await world.browser(Role.COMMITTEE_STAFF).get("/console/ledgers")).text
    assert f'href="{DRAFT}"' in page and f'href="{LEDGER}"' in page and "记了一半" in page
    assert (await world.browser(Role.RESIDENT).get("/console/ledgers")).status_code == 403


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("income\t2026.1.5\ta\t¥1,200.50", ("income", "2026-01-05", "1200.50")),
        ("负债,2026年12月31日,欠款,5000元", ("liability", "2026-12-31", "5000")),
        ("资产\tsoon\t船\tx", ("asset", "soon", "x")),
    ],
)
def test_a_line_is_read_as_people_write_it(row, line):
    (read,) = ledger_lines.read(row).lines
    assert (read["section"], read["on_date"], read["amount"]) == line


@pytest.mark.parametrize(
    ("row", "amount", "party", "note"),
    [
        ("收入,2026-01-12,承包款,30,000.00,承包户", "30000.00", "承包户", ""),
        ("收入，2026-01-12，承包款，¥1,234,567，承包户，一季度", "1234567", "承包户", "一季度"),
        (
            "支出，2026-03-05，电费，300，101室，一季度，含滞纳金",
            "300",
            "101室",
            "一季度，含滞纳金",
        ),
        ("支出\t2026-03-05\t电费\t300\t\t一季度\t含滞纳金\t", "300", "", "一季度，含滞纳金"),
    ],
)
def test_commas_within_a_sum_or_a_note_lose_nothing(row, amount, party, note):
    (read,) = ledger_lines.read(row).lines
    assert (read["amount"], read["party"], read["note"]) == (amount, party, note)


@pytest.mark.parametrize("row", ["收入\t2026-01-01", "别的\t2026-01-01\t事\t1", "，，，"])
def test_a_line_that_is_none_is_named(row):
    found = ledger_lines.read(f"\n{row}")
    assert found.lines == [] and list(found.faults) == [2]


@pytest.mark.parametrize(
    ("said", "shown"),
    [("2.50", "2.5"), ("12.00", "12"), ("0.00", "0"), (SCRIPT, SCRIPT), ("1e9", "1e9")],
)
def test_hours_are_said_without_zeros_at_their_end(said, shown):
    assert words_neighbours.brief(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"), [("-30000.00", "-30,000.00"), ("0.5", "0.50"), ("1E400000", "1E400000")]
)
def test_an_amount_is_grouped_by_thousands(said, shown):
    assert words_neighbours.grouped(said) == shown


def test_days_with_the_same_hours_are_said_together():
    slots = [{"weekday": day, "from": "09:00", "to": "11:00"} for day in (1, 3)]
    found = words_neighbours.spans([*slots, {"weekday": 2, "from": "18:00", "to": "20:00"}])
    assert found == [(["周一", "周三"], "09:00", "11:00"), (["周二"], "18:00", "20:00")]
