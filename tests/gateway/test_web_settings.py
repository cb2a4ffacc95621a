"""How a district is set up: who may set what, what is refused stays in the form with its fault."""

import io
import re

import pytest
from openpyxl import Workbook

from gateway.web import platform_lists, words_settings
from gateway.web.pages.district.bounds import read_ring
from gateway.web.pages.district.calendar import read_days
from services.contracts.actor import Role
from services.contracts.errors import FieldError, Invalid
from services.contracts.events.grid import WorkOrderState
from services.contracts.operations.grid_bridge import clocks, hot_topics, learning, operators
from services.contracts.operations.grid_bridge.common import CoordinateSystem
from services.grid_bridge.domain.calendars import LimitsChangedMeanwhile
from services.grid_bridge.domain.catalogues import NoDraft
from services.grid_bridge.domain.learning import ModelTooWeak
from tests.gateway import web_district
from tests.gateway import web_settings as s
from tests.gateway.web_poison import SCRIPT, poisoned
from tests.gateway.web_reader import plain

pytestmark = pytest.mark.gateway

ADMIN = (Role.DISTRICT_ADMIN, "demo")
OPERATOR = (Role.GRID_OPERATOR, "demo")
TOWN = (Role.TOWN_ADMIN, "demo.yuepu")
HERS = {
    OPERATOR: {"/district/reconciliations", f"/district/reconciliations/{s.CHECK}",
               "/district/classifier"},
    TOWN: {"/district/hot-runs", f"/district/hot-runs/{s.RUN}"},
}  # fmt: skip


@pytest.fixture
def district(world):
    world.say(**web_district.answers())
    world.say(**s.answers())
    return world


@pytest.mark.parametrize("path", s.PAGES)
async def test_each_page_is_there_for_whose_operation_it_is(district, path):
    page = await district.browser(ADMIN).get(path)
    plain(page, path)
    assert page.text.count("<h1>") == 1
    for who, hers in HERS.items():
        assert (await district.browser(who).get(path)).status_code == (200 if path in hers else 403)
    for who in (Role.RESIDENT, Role.SECRETARY, (Role.OBSERVER, "demo.yuepu")):
        assert (await district.browser(who).get(path)).status_code == 403
    out = await district.browser(login=False).get(path)
    assert out.headers["location"].startswith("/login?next=/district/")


@pytest.mark.parametrize("path", s.PAGES)
async def test_markup_in_any_answer_stays_text(district, path):
    said = {name: one for name, one in district.rpc.answers.items() if isinstance(one, dict)}
    district.say(**{name: poisoned(name, one) for name, one in said.items()})
    page = await district.browser(ADMIN).get(path)
    assert page.status_code == 200 and SCRIPT not in page.text


async def test_it_is_read_in_english_too(district):
    for path in s.PAGES:
        page = await district.browser(ADMIN).get(path, accept_language="en")
        assert page.status_code == 200 and 'lang="en"' in page.text


# -- working days ---------------------------------------------------------------------------------


def test_a_day_is_a_line():
    text = "2026-10-01 休 国庆节\n\n2026-10-10 班 调休 补班\n2026-10-02 off\n"
    assert read_days(text) == (
        [
            {"day": "2026-10-01", "worked": False, "name": "国庆节"},
            {"day": "2026-10-10", "worked": True, "name": "调休 补班"},
            {"day": "2026-10-02", "worked": False, "name": ""},
        ],
        0,
    )
    for wrong in ("国庆节 2026-10-01", "2026-10-01", "2026-13-01 休", "2026-10-01 也许"):
        assert read_days(f"2026-10-02 休\n{wrong}")[1] == 2, wrong


async def test_a_year_is_entered_with_its_source(district):
    browser = district.browser(ADMIN)
    sent = {"did": "demo", "year": "2026", "days": "2026-10-01 休 国庆节",
            "source": "国办发明电〔2025〕7号", "complete": "1"}  # fmt: skip
    done = await browser.form("/district/calendar?year=2026", "/district/calendar", sent)
    assert done.headers["location"] == "/district/calendar?year=2026&done=1"
    (asked,) = district.rpc.asked("put_calendar_year")
    assert asked["days"][0]["name"] == "国庆节" and asked["complete"] is True


async def test_a_line_that_cannot_be_read_is_named_and_nothing_is_lost(district):
    browser = district.browser(ADMIN)
    sent = {"did": "demo", "year": "2026", "days": "2026-10-01 休\n十月二日 休", "source": "通知"}
    page = await browser.form("/district/calendar", "/district/calendar", sent)
    assert page.status_code == 422 and "第 2 行看不懂" in page.text
    assert "十月二日 休" in page.text and 'value="通知"' in page.text
    assert district.rpc.asked("put_calendar_year") == []
    district.say(put_calendar_year=Invalid(errors=[FieldError("days.0.day", "不在 2027 年内")]))
    sent["days"] = "2026-10-01 休"
    page = await browser.form("/district/calendar", "/district/calendar", sent)
    assert page.status_code == 422 and "不在 2027 年内" in page.text


# -- limits ---------------------------------------------------------------------------------------


async def test_limits_are_set_by_step_and_empty_ones_are_those_above(district):
    browser = district.browser(ADMIN)
    html = (await browser.get("/district/limits")).text
    assert 'name="days-post" value="2"' in html and 'name="days-consult" value=""' in html
    assert 'name="days-grid"' not in html and "第 3 版" in html
    sent = {"did": "demo", "version": "3", "days-post": "1", "warn-post": "50",
            "days-consult": "", "warn-grid": "80", "note": "快一点"}  # fmt: skip
    done = await browser.form("/district/limits", "/district/limits", sent)
    assert done.headers["location"] == "/district/limits?done=1"
    (asked,) = district.rpc.asked("put_limits")
    assert asked["version"] == 3 and asked["limits"] == [
        {"stage": "post", "days": 1, "warn_percent": 50},
        {"stage": "grid", "warn_percent": 80},
    ]


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "很快", "400"])
async def test_a_limit_that_is_no_number_of_days_is_refused(district, days):
    browser = district.browser(ADMIN)
    sent = {"did": "demo", "version": "3", "days-post": days}
    page = await browser.form("/district/limits", "/district/limits", sent)
    assert page.status_code == 422 and "fault-limits" in page.text
    assert f'name="days-post" value="{days}"' in page.text
    assert district.rpc.asked("put_limits") == []


async def test_whose_limits_changed_meanwhile_is_told(district):
    district.say(put_limits=LimitsChangedMeanwhile())
    browser = district.browser(ADMIN)
    sent = {"did": "demo", "version": "2", "days-post": "1"}
    page = await browser.form("/district/limits", "/district/limits", sent)
    assert page.status_code == 409 and 'class="note late"' in page.text


# -- outline --------------------------------------------------------------------------------------


def test_an_outline_is_lines_or_geojson():
    square = [[121.3, 31.3], [121.4, 31.3], [121.4, 31.4]]
    assert read_ring("121.3, 31.3\n121.4 31.3\n\n121.4，31.4") == square
    ring = [[*corner] for corner in square]
    for text in (
        f'{{"type": "Polygon", "coordinates": [{ring}]}}',
        f'{{"type": "MultiPolygon", "coordinates": [[{ring}]]}}',
        f'{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}',
        f'{{"type": "FeatureCollection", "features": [{{"type": "Feature", "geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        f"{ring}",
    ):
        assert read_ring(text) == square, text


@pytest.mark.parametrize(
    "text",
    ["", "这里", "121.3", "{}", "[]", '{"type": "Point", "coordinates": [1, 2]}', "[1, 2]",
     '{"type": "Polygon", "coordinates": []}', "[" * 5_000, '{"type": "Feature"}', "[[1, null]]"],
)  # fmt: skip
async def test_what_is_no_outline_is_refused_beside_its_field(district, text):
    browser = district.browser(ADMIN)
    sent = {"did": "demo", "ring": text, "source": "区划图", "crs": "GCJ02"}
    page = await browser.form("/district/bounds", "/district/bounds", sent)
    assert page.status_code == 422 and "看不懂：一行一个点" in page.text
    assert '<option value="GCJ02" selected>' in page.text
    assert district.rpc.asked("put_district_bounds") == []


async def test_an_outline_is_entered_and_taken_out(district):
    browser = district.browser(ADMIN)
    district.say(get_district_bounds={
        "did": "demo", "ring": [[121.3, 31.3], [121.4, 31.3], [121.4, 31.4], [121.3, 31.3]],
        "crs": "GCJ02", "source": "区划图", "set_at": "2026-03-01T00:00:00+00:00",
    })  # fmt: skip
    html = (await browser.get("/district/bounds")).text
    assert "<polygon" in html and "GCJ02（高德、腾讯）" in html
    sent = {"did": "demo", "ring": "1 2\n3 4\n5 7", "source": "图", "crs": "BD09"}
    done = await browser.form("/district/bounds", "/district/bounds", sent)
    assert done.status_code == 303
    (asked,) = district.rpc.asked("put_district_bounds")
    assert asked["ring"] == [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]] and asked["crs"] == "BD09"
    await browser.form("/district/bounds", "/district/bounds/remove", {"did": "demo"})
    assert district.rpc.asked("delete_district_bounds") == [{"did": "demo"}]


# -- keys -----------------------------------------------------------------------------------------


async def test_a_key_is_shown_once(district):
    browser = district.browser(ADMIN)
    made = await browser.form(
        "/district/open311", "/district/open311",
        {"did": "demo", "name": "市民热线", "per_minute": "10", "per_day": "500"},
    )  # fmt: skip
    assert made.status_code == 200 and "k7f2-secret-of-the-hotline" in made.text
    assert made.headers["cache-control"] == "no-store"
    assert "k7f2-secret" not in (await browser.get("/district/open311")).text
    (asked,) = district.rpc.asked("create_open311_key")
    assert (asked["per_minute"], asked["per_day"]) == (10, 500)


async def test_a_key_without_a_name_is_refused_and_one_that_is_lost_is_taken_back(district):
    browser = district.browser(ADMIN)
    page = await browser.form(
        "/district/open311", "/district/open311", {"did": "demo", "name": "", "per_minute": "很多"}
    )
    assert page.status_code == 422 and 'value="很多"' in page.text
    assert "f-key-name-fault" in page.text and "f-key-per_minute-fault" in page.text
    await browser.form(
        "/district/open311", "/district/open311/revoke", {"did": "demo", "id": s.KEY}
    )
    assert district.rpc.asked("revoke_open311_key") == [{"did": "demo", "id": s.KEY}]


# -- comparing with the platform ------------------------------------------------------------------

LIST = "工单号,状态,序号,期限\n310113001001-20260305-0001,处置中,4,2026-03-09 18:00\n"


def test_states_are_known_by_the_platforms_words_and_by_their_keys():
    assert set(words_settings.PLATFORM_STATES) == set(WorkOrderState.__args__)
    said = [word for words in words_settings.PLATFORM_STATES.values() for word in words]
    assert len(said) == len(set(said))
    assert platform_lists.STATES["处置中"] == platform_lists.STATES["disposing"] == "disposing"


def test_a_list_is_read_whatever_it_was_saved_as():
    book = Workbook()
    for row in (["状态", "备注", "工单号", "序号"], ["已结案", "", "A-1", 9.0], []):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert platform_lists.read(file.getvalue()) == [
        {"state": "已结案", "work_order_no": "A-1", "seq": "9"}
    ]
    rows = [{"work_order_no": s.ORDER, "state": "处置中", "seq": "4",
             "deadline": "2026-03-09 18:00"}]  # fmt: skip
    for data in (LIST.encode("utf-8-sig"), LIST.encode("gb18030")):
        assert platform_lists.read(data) == rows
    assert platform_lists.pasted(LIST.replace(",", "\t")) == rows
    assert platform_lists.order(rows[0], 2) == {
        "work_order_no": s.ORDER, "state": "disposing", "seq": 4,
        "deadline": "2026-03-09T18:00:00+08:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "清单是空的"),
        ("工单号,状态\nA-1,已结案", "没有这几列：序号"),
        ("工单号,状态,序号\nA-1,飞走了,1", "第 2 行的状态看不懂：飞走了"),
        ("工单号,状态,序号\nA-1,已结案,1\nA-2,已结案,很多", "第 3 行的序号不是数字"),
        ("工单号,状态,序号,期限\nA-1,已结案,1,明天", "第 2 行的期限看不懂"),
        ("工单号,状态,序号\n" + "A-1,已结案,1\n" * 2_001, "一次最多核对 2000 张"),
    ],
)
async def test_a_list_that_cannot_be_read_says_which_line(district, text, said):
    browser = district.browser(ADMIN)
    page = await browser.form(
        "/district/reconciliations", "/district/reconciliations", {"did": "demo", "orders": text}
    )
    assert page.status_code == 422 and said in page.text
    assert district.rpc.asked("start_reconciliation") == []


@pytest.mark.parametrize("data", [b"PK\x03\x04 no book", b"\xff\xfe\x00\x80\x81", b"a" * 2_100_000])
def test_a_file_that_is_no_list_is_refused(data):
    with pytest.raises(platform_lists.Unreadable):
        platform_lists.read(data)


async def test_a_comparison_leads_to_its_rows_and_their_repair(district):
    browser = district.browser(OPERATOR)
    begun = await browser.form(
        "/district/reconciliations", "/district/reconciliations",
        {"did": "demo", "orders": LIST, "exported_at": "2026-03-06T08:00"},
    )  # fmt: skip
    path = f"/district/reconciliations/{s.CHECK}"
    assert begun.headers["location"] == path
    (asked,) = district.rpc.asked("start_reconciliation")
    assert asked["orders"][0]["state"] == "disposing" and asked["exported_at"]
    html = (await browser.get(path)).text
    assert html.count('name="row[]"') == 1, "what somebody has to look at is not ticked"
    assert "我们少收了更新" in html and "要有人去核对" in html and "hx-trigger" not in html
    await browser.form(path, path, {"row[]": "1"})
    assert district.rpc.asked("repair_reconciliation") == [{"id": s.CHECK, "rows": [1]}]
    district.say(get_reconciliation=s.check(s.difference(status="asked")))
    html = (await browser.get(path)).text
    assert 'hx-trigger="every 5s"' in html and "再看一次" in html
    district.say(get_reconciliation=s.check())
    assert "每一张都对得上" in (await browser.get(path)).text


# -- the classifier and the hot ten ---------------------------------------------------------------


async def test_the_classifier_learns_beside_and_the_page_asks_again(district):
    browser = district.browser(OPERATOR)
    html = (await browser.get("/district/classifier")).text
    assert "现在学一次" in html and "用这个版本" not in html, "that is the district's to decide"
    await browser.form("/district/classifier", "/district/classifier")
    assert len(district.rpc.asked("request_refit")) == 1
    waiting = s.answers()["request_refit"]
    district.say(list_classifier_models=s.models(s.model(), refit=waiting))
    html = (await browser.get("/district/classifier")).text
    assert 'hx-trigger="every 5s"' in html and "现在学一次" not in html and "排队中" in html


async def test_a_weak_version_is_used_by_force_with_a_reason_alone(district):
    browser = district.browser(ADMIN)
    district.say(use_classifier_model=ModelTooWeak())
    page = await browser.form(
        "/district/classifier", f"/district/classifier/{s.LEARNED}", {"reason": "试试"}
    )
    assert page.status_code == 409 and 'value="试试"' in page.text and 'name="force"' in page.text
    district.say(use_classifier_model=s.model(state="in_use"))
    done = await browser.form(
        "/district/classifier",
        f"/district/classifier/{s.LEARNED}",
        {"reason": "试试", "force": "1"},
    )
    assert done.status_code == 303
    assert district.rpc.asked("use_classifier_model")[-1] == {
        "version": s.LEARNED, "reason": "试试", "force": True,
    }  # fmt: skip


async def test_a_month_is_reckoned_anew_with_a_reason(district):
    browser = district.browser(ADMIN)
    done = await browser.form(
        "/district/hot-runs", "/district/hot-runs",
        {"where": "district:demo", "month": "2026-02", "reason": "漏了"},
    )  # fmt: skip
    assert done.headers["location"] == f"/district/hot-runs/{s.RUN}"
    asked = district.rpc.asked("start_hot_topic_run")[-1]
    assert (asked["level"], asked["node"], asked["month"]) == ("district", "demo", "2026-02")
    html = (await browser.get(f"/district/hot-runs/{s.RUN}")).text
    assert 'hx-trigger="every 3s"' in html and "<progress" in html
    district.say(get_hot_topic_run=s.run(state="published", messages=800, without_vector=3))
    html = (await browser.get(f"/district/hot-runs/{s.RUN}")).text
    assert "hx-trigger" not in html and "level=district&amp;node=demo&amp;month=2026-02" in html
    page = await browser.form(
        "/district/hot-runs", "/district/hot-runs", {"where": "x", "reason": ""}
    )
    assert page.status_code == 422 and "f-run-reason-fault" in page.text


# -- the catalogue --------------------------------------------------------------------------------


async def test_the_catalogue_is_copied_changed_and_published_by_somebody_else(district):
    browser = district.browser(ADMIN)
    district.say(get_catalogue_draft=NoDraft())
    html = (await browser.get("/district/catalogue")).text
    assert "写下一版" in html and "毁绿占绿" in html
    assert (await browser.get("/district/catalogue/draft")).headers["location"]
    await browser.form("/district/catalogue", "/district/catalogue", {"did": "demo"})
    (asked,) = district.rpc.asked("draft_catalogue")
    assert "revision" not in asked and [one["key"] for one in asked["slots"]] == ["S1", "X3"]
    assert asked["slots"][1]["code"] == {
        "standard": "GB/T 47678.5-2026", "kind": "matter", "code": "06045", "name": "",
    }  # fmt: skip
    district.say(get_catalogue_draft=s.draft(mine=True))
    own = (await browser.get("/district/catalogue/draft")).text
    assert "要由另一位区管理员来发布" in own and "/district/catalogue/publish" not in own
    district.say(get_catalogue_draft=s.draft())
    await browser.form(
        "/district/catalogue/draft", "/district/catalogue/publish",
        {"did": "demo", "revision": "r-1"},
    )  # fmt: skip
    assert district.rpc.asked("publish_catalogue") == [{"did": "demo", "revision": "r-1"}]


def sent_of(html: str) -> dict[str, str]:
    """The fields of the slot's form as they stand there."""
    form = html.partition('action="/district/catalogue/draft/')[2].partition("</form>")[0]
    sent = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    sent |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n([^<]*)', form))
    return {name: value for name, value in sent.items() if name not in ("csrf", "once")}


async def test_a_slot_is_changed_within_the_whole_list(district):
    browser = district.browser(ADMIN)
    path = "/district/catalogue/draft/X3"
    sent = sent_of((await browser.get(path)).text)
    assert sent["limits_urgent_disposed"] == "3" and sent["meaning"] == "圈占公共绿地"
    done = await browser.form(path, path, {**sent, "limits_disposed": "5", "code_kind": "matter"})
    assert done.headers["location"] == "/district/catalogue/draft?done=1"
    (asked,) = district.rpc.asked("draft_catalogue")
    changed = asked["slots"][1]
    assert asked["revision"] == "r-1" and asked["note"] == "加了一类"
    assert changed["limits"]["disposed"] == 5 and changed["limits"]["urgent"]["disposed"] == 3
    assert asked["slots"][0]["name"] == "损坏承重结构" and len(asked["slots"]) == 2


async def test_what_is_wrong_with_a_slot_stands_beside_its_field(district):
    browser = district.browser(ADMIN)
    path = "/district/catalogue/draft/X3"
    sent = sent_of((await browser.get(path)).text)
    wrong = Invalid(
        errors=[FieldError("slots.1.code.code", "国标里没有"), FieldError("slots", "必须八个")]
    )
    district.say(draft_catalogue=wrong)
    page = await browser.form(path, path, {**sent, "code_code": "99999"})
    assert page.status_code == 422 and 'value="99999"' in page.text
    beside = page.text.partition('id="f-slot-code_code-fault"')[2].partition("</div>")[0]
    assert "国标里没有" in beside and "必须八个" in page.text
    page = await browser.form(path, path, {**sent, "limits_on_site": "早点"})
    assert page.status_code == 422 and "f-slot-limits_on_site-fault" in page.text


async def test_a_slot_is_added_and_taken_out(district):
    browser = district.browser(ADMIN)
    new = "/district/catalogue/draft/new"
    sent = sent_of((await browser.get("/district/catalogue/draft/X3")).text)
    assert (await browser.get(new)).status_code == 200
    await browser.form(new, new, {**sent, "key": "X9", "name": "新的"})
    assert [one["key"] for one in district.rpc.asked("draft_catalogue")[-1]["slots"]] == [
        "S1", "X3", "X9",
    ]  # fmt: skip
    path = "/district/catalogue/draft/X3"
    await browser.form(path, path, {"did": "demo", "revision": "r-1", "remove": "1"})
    assert [one["key"] for one in district.rpc.asked("draft_catalogue")[-1]["slots"]] == ["S1"]
    assert (await browser.get("/district/catalogue/draft/X77")).status_code == 404


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (clocks.LimitStage, words_settings.STAGE),
        (operators.DifferenceKind, words_settings.DIFFERENCE),
        (operators.Repair, words_settings.REPAIR),
        (operators.RepairStatus, words_settings.REPAIRED),
        (CoordinateSystem, words_settings.CRS),
        (clocks.LimitView.model_fields["set_by"].annotation, words_settings.SET_BY),
        (clocks.CalendarYear.model_fields["layer"].annotation, words_settings.LAYER),
        (learning.Refit.model_fields["state"].annotation, words_settings.REFIT),
        (hot_topics.HotTopicRun.model_fields["state"].annotation, words_settings.RUN),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert set(keys.__args__) == set(table)
