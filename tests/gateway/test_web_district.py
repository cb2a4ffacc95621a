"""The observer's desk and the district's: who sees what, figures that can be checked, k = 10."""

import csv
import io
import re

import pytest

from gateway.web import words_district as words
from gateway.web.pages.district.figures import outline
from gateway.web.texts import Texts, texts
from services.contracts.actor import Role
from services.contracts.demo import SHANGYUAN, TOWN_LUODIAN, TOWN_YUEPU
from services.contracts.errors import Conflict, NotFound
from services.contracts.operations.grid_bridge import KpiReport, hot_topics, learning
from services.contracts.operations.notify import channels
from services.grid_bridge.domain import kpis
from tests.gateway import web_desk_house as h
from tests.gateway import web_district as d
from tests.gateway import web_world as w
from tests.gateway.web_poison import SCRIPT
from tests.gateway.web_reader import Reader, plain

pytestmark = pytest.mark.gateway

OBSERVER = (Role.OBSERVER, "demo.yuepu")
ANALYST = (Role.DISTRICT_ANALYST, "demo")
ADMIN = (Role.DISTRICT_ADMIN, "demo")
TOWN = (Role.TOWN_ADMIN, "demo.yuepu")
OPERATOR = (Role.GRID_OPERATOR, "demo")


@pytest.fixture
def district(world):
    world.say(**d.answers())
    KpiReport.model_validate(d.report(*d.BY_TOWN))
    return world


@pytest.mark.parametrize("path", [*d.WATCHERS, "/observe", "/observe/issues", "/observe/looks"])
async def test_an_observer_reads_and_finds_nothing_to_write_with(district, path):
    page = await district.browser(OBSERVER).get(path)
    plain(page, path)
    assert [f for f in Reader(page.text).forms if f.get("method") == "post"] == []
    assert page.text.count("<h1>") == 1 and "观察" in page.text


@pytest.mark.parametrize("path", [
    *d.WATCHERS, "/observe", "/observe/issues", "/district/consultations",
    f"/district/consultations/{d.TABLE}", "/district/operations",
])  # fmt: skip
async def test_every_page_stands_for_who_runs_the_district(district, path):
    plain(await district.browser(ADMIN).get(path), path)


@pytest.mark.parametrize("path", [
    "/observe", "/observe/issues", "/observe/brief", "/observe/looks", "/district",
    "/district/trends", "/district/topics", "/district/consultations", "/district/operations",
])  # fmt: skip
async def test_neighbours_have_no_business_there(district, path):
    assert (await district.browser(Role.RESIDENT).get(path)).status_code == 403
    out = await district.browser(login=False).get(path)
    assert out.headers["location"] == f"/login?next={path}"


async def test_each_office_sees_the_sections_that_are_its_own(district):
    def sections(html):
        return set(re.findall(r'href="(/(?:district|observe)[a-z/]*)"', html))

    admin = sections((await district.browser(ADMIN).get("/district/operations")).text)
    analyst = sections((await district.browser(ANALYST).get("/district/topics")).text)
    assert {"/district", "/district/operations"} <= admin
    assert "/district" in analyst and "/district/consultations" not in analyst
    assert "/district/operations" not in analyst
    operator = await district.browser(OPERATOR).get("/district")
    assert operator.headers["location"] == "/district/operations"
    page = (await district.browser(OPERATOR).get("/district/operations")).text
    assert "问题分类的模型" in page and "没人能处理的消息" not in page
    assert "没发出去的通知" not in page and "/district/places" not in page
    moved = await district.browser(ANALYST).get("/observe")
    assert moved.headers["location"] == "/district"


async def test_a_figure_says_how_it_is_reckoned_of_what_and_as_of_when(district):
    html = (await district.browser(ANALYST).get("/district")).text
    first = kpis.KPIS[0]
    kpi = html.partition(first.zh)[2].partition("</section>")[0]
    assert "93.3%" in kpi and first.formula_zh in kpi
    assert "<dd>28</dd>" in kpi and "<dd>30</dd>" in kpi and "2026年3月2日 周一 12:00" in kpi
    for one in kpis.KPIS:
        assert one.zh in html, one.key
    english = (await district.browser(ANALYST).get("/district", accept_language="en")).text
    assert first.formula_en in english
    assert district.rpc.asked("kpis")[0]["by"] == "town"


async def test_towns_are_compared_by_thousand_residents_the_most_first(district):
    html = (await district.browser(ANALYST).get("/district")).text
    table = html.rpartition("<tbody>")[2]
    assert table.index("罗店样例镇") < table.index("月浦样例镇")
    assert "21.0" in table and "75.0%" in table
    assert f'href="/district/towns/{TOWN_YUEPU}?days=30"' in html
    chart = html.partition('data-chart="bar"')[2]
    assert 'data-n="21.0"' in chart


async def test_the_way_down_stops_at_ten(district):
    browser = district.browser(ANALYST)
    town = (await browser.get(f"/district/towns/{TOWN_YUEPU}")).text
    assert f'/district/communities/{SHANGYUAN}?days=30"' in town
    assert "&lt; 10" in town and "少于 10 件，不显示" in town
    home = (await browser.get(f"/district/communities/{SHANGYUAN}")).text
    assert "少于 10 件，不显示" in home and "再往下就到具体的人和事了" in home
    assert "<tbody>" not in home and "月浦样例镇" in home
    assert district.rpc.asked("community_kpis")[0]["cid"] == SHANGYUAN


async def test_a_trend_is_six_months_one_call_each(district):
    html = (await district.browser(ANALYST).get("/district/trends")).text
    spans = district.rpc.asked("kpis")
    assert len(spans) == 6 and html.count('<tr><th scope="row">') == 6
    assert 'data-chart="line"' in html and 'data-n="93.3"' in html
    firsts = sorted(str(one.get("from") or one.get("from_")) for one in spans)
    assert len(set(firsts)) == 6 and all(one.endswith("-01") for one in firsts)


async def test_broken_promises_are_counted_and_found(district):
    html = (await district.browser(ANALYST).get("/district/promises")).text
    assert "3 件没兑现" in html and '<td class="n">2</td>' in html
    assert "overdue=1" not in html  # an analyst reads no single cases
    admin = (await district.browser(ADMIN).get("/district/promises")).text
    assert "/observe/issues?overdue=1" in admin


async def test_places_are_a_table_and_a_map_where_there_is_an_outline(district):
    browser = district.browser(ADMIN)
    html = (await browser.get("/district/places")).text
    assert "聚源居民区" in html and 'class="outline"' not in html
    ring = [[121.4, 31.3], [121.5, 31.3], [121.5, 31.4], [121.4, 31.4]]
    district.say(
        get_district_bounds={"did": "demo", "ring": ring, "crs": "WGS84", "source": "区划图<b>",
                             "set_at": d.at(days=-3)}
    )  # fmt: skip
    for page in ("9", "00", "9" * 5000):
        odd = await browser.get(f"/district/places?page={page}")
        assert odd.status_code == 200 and "聚源居民区" in odd.text
    html = (await browser.get("/district/places?q=尚园&page=9")).text
    assert "<polygon points=" in html and "区划图&lt;b&gt;" in html
    assert "尚园居民区" in html.partition("<tbody>")[2]
    assert "聚源居民区" not in html.partition("<tbody>")[2]


def test_an_outline_is_drawn_north_up_and_fits():
    points, high = outline([[121.4, 31.3], [121.5, 31.3], [121.5, 31.4]])
    corners = [tuple(map(float, one.split(","))) for one in points.split()]
    assert corners[0][0] == 4 and corners[1][0] == 356
    assert corners[2][1] == 4 < corners[0][1] <= high  # the northern corner lies on top
    assert outline([]) == ("", 0)
    assert outline([[1, 1], [1, 1], [1, 1]])[1] >= 8


async def test_the_table_goes_out_as_csv_with_its_dictionary(district):
    browser = district.browser(ANALYST)
    page = await browser.get("/district/figures.csv?by=community&days=30")
    assert page.headers["content-type"].startswith("text/csv")
    assert "attachment" in page.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))
    home, next_door = rows
    assert (home["place"], home["disposal_numerator"], home["disposal_denominator"]) == (
        "尚园居民区", "9", "12",
    )  # fmt: skip
    assert (home["disposal_value"], home["disposal_withheld"]) == ("0.7500", "0")
    assert (next_door["disposal_value"], next_door["disposal_withheld"]) == ("", "1")
    words_of = await browser.get("/district/dictionary.csv")
    known = {row[0]: row for row in csv.reader(io.StringIO(words_of.content.decode("utf-8-sig")))}
    columns = {re.sub(r"_(numerator|denominator|value|withheld|count|per_1000)$", "", one)
               for one in rows[0]}  # fmt: skip
    assert columns - known.keys() == {
        "place_id", "place", "kind", "from", "to", "as_of", "residents",
    }  # fmt: skip
    assert known["disposal"][2] == "处置 / 应处置"


async def test_problems_are_found_over_all_communities_and_the_address_keeps_the_filter(district):
    browser = district.browser(OBSERVER)
    page = await browser.get(
        f"/observe/issues?q=路灯&town={TOWN_YUEPU}&category=8x&overdue=1&state=all"
    )
    (wanted,) = district.rpc.asked("list_watched_issues")
    assert {k: wanted[k] for k in ("q", "town", "category", "overdue")} == {
        "q": "路灯", "town": TOWN_YUEPU, "category": "8x", "overdue": True,
    }  # fmt: skip
    assert wanted.get("open") is None
    assert 'value="路灯"' in page.text and "3号楼 孙姓居民" in page.text
    assert "把这个筛选存下来" in page.text
    await browser.get("/observe/issues?state=closed")
    assert district.rpc.asked("list_watched_issues")[1]["open"] is False
    district.say(list_watched_issues=w.page_of(d.watched(), cursor="next"))
    more = (await browser.get("/observe/issues?q=路灯")).text
    assert "cursor=next" in more and "q=%E8%B7%AF%E7%81%AF" in more


async def test_an_observer_keeps_filters_of_her_own_and_changes_nothing_else(district):
    district.say(list_kept_filters=h.kept(h.kept_filter(of="watched_issues", asked={"q": "灯"})))
    browser, path = district.browser(OBSERVER), "/observe/issues?overdue=1"
    read = Reader((await browser.get(path)).text)
    posting = [f["action"] for f in read.forms if f.get("method") == "post"]
    assert posting == ["?overdue=1", "?overdue=1"], "one to drop it, one to keep another"
    done = await browser.form(path, path, {"do": "keep", "name": "超期的"})
    assert done.headers["location"] == path
    asked = district.rpc.last("keep_filter").kwargs
    assert (asked["of"], asked["asked"]) == ("watched_issues", {"overdue": "1"})
    district.say(list_watched_issues=w.page_of())
    assert "没有这样的问题" in (await browser.get("/observe/issues")).text


async def test_an_observer_sees_what_of_her_looking_is_written_down(district):
    browser = district.browser(OBSERVER)
    now = (await browser.get("/observe")).text
    assert "您只看不写" in now and "/observe/looks" in now and "尚园居民区" in now
    looks = (await browser.get("/observe/looks")).text
    assert "帖子列表" in looks and "尚园居民区" in looks and "其他页面" in looks
    assert (await district.browser(ADMIN).get("/observe/looks")).status_code == 403


async def test_a_brief_is_of_the_highest_node_in_numbers_and_says_that_reading_is_noted(district):
    html = (await district.browser(OBSERVER).get("/observe/brief")).text
    assert district.rpc.asked("town_brief")[0]["tid"] == TOWN_YUEPU
    assert "没有姓名" in html and "会记下来" in html and "&lt; 10" in html
    assert f"level=community&amp;node={SHANGYUAN}&amp;week=2026-W09" in html
    assert "毁绿占绿" in html and 'href="/posts/p"' in html
    await district.browser(ADMIN).get("/observe/brief")
    assert district.rpc.asked("district_brief")[0]["did"] == "demo"
    district.say(town_brief=NotFound())
    html = (await district.browser(OBSERVER).get("/observe/brief?week=2020-W01")).text
    assert "还没有这一周的简报" in html
    district.say(town_brief_weeks=NotFound())
    gone = await district.browser(OBSERVER).get(f"/observe/brief?level=town&node={TOWN_LUODIAN}")
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/towns/t/briefs?week=2026-W09", "/observe/brief?level=town&node=t&week=2026-W09"),
        ("/districts/demo/briefs", "/observe/brief?level=district&node=demo"),
        ("/communities/c/hot-topics?month=2026-02",
         "/district/topics?level=community&node=c&month=2026-02"),
        ("/towns/t/hot-topics?month=%0d%0aX:1", "/district/topics?level=town&node=t"),
    ],
)  # fmt: skip
async def test_links_of_news_and_briefs_lead_to_their_pages(district, path, target):
    assert (await district.browser(OBSERVER).get(path)).headers["location"] == target


async def test_a_hot_topic_says_what_is_done_by_whom_and_what_it_did(district):
    listed = (await district.browser(ANALYST).get("/district/topics")).text
    assert "夜里施工噪声" in listed and "上升" in listed and "有人在办" in listed
    html = (await district.browser(ANALYST).get(f"/district/topics/{d.TOPIC}")).text
    assert "夏季噪声专项行动，城管中队" in html and "之后 12.5 人" in html
    assert "聚源居民区 · 少于 10 人" in html and "记上在做的事" not in html
    district.say(hot_topics=NotFound())
    assert (await district.browser(ANALYST).get("/district/topics")).status_code == 404


async def test_who_may_links_finishes_and_unlinks_what_is_done(district):
    admin, path = district.browser(ADMIN), f"/district/topics/{d.TOPIC}"
    district.say(
        add_hot_topic_action=d.action(), finish_hot_topic_action=d.action(),
        remove_hot_topic_action={},
    )  # fmt: skip
    said = {"do": "add", "kind": "project", "ref": "装隔声屏", "starts_at": "2026-03-05T14:05"}
    done = await admin.form(path, path, said)
    assert done.headers["location"] == path
    (made,) = district.rpc.asked("add_hot_topic_action")
    assert (made["kind"], made["ref"]) == ("project", "装隔声屏")
    assert str(made["starts_at"]).startswith("2026-03-05")
    await admin.form(path, path, {"do": "finish", "action": d.ACTION})
    assert district.rpc.asked("finish_hot_topic_action")[0]["id"] == d.ACTION
    kept = await admin.form(path, path, {"do": "remove", "action": d.ACTION, "reason": ""})
    assert kept.status_code == 422 and district.rpc.asked("remove_hot_topic_action") == []
    await admin.form(path, path, {"do": "remove", "action": d.ACTION, "reason": "记错"})
    assert district.rpc.asked("remove_hot_topic_action")[0]["reason"] == "记错"
    kept = await admin.form(path, path, {"do": "add", "kind": "项目", "ref": "隔声屏"})
    assert kept.status_code == 422 and 'value="隔声屏"' in kept.text
    refused = await district.browser(OBSERVER).form(path, path, said)
    assert refused.status_code == 403


async def test_operators_replay_letters_and_send_on_what_waits(district):
    admin = district.browser(ADMIN)
    shown = (await admin.get("/district/operations")).text
    assert "feed.steps" in shown and "读不懂" in shown and "短信" in shown
    district.say(
        replay_dead_letter={"id": "d-1", "queue": "feed.steps", "event_id": None,
                            "replayed_at": d.at()},
        send_on_deliveries={"count": 1},
    )  # fmt: skip
    back = await admin.form("/district/operations", "/district/operations/replay", {"id": "d-1"})
    assert back.headers["location"].startswith("/district/operations?sent=1")
    await admin.form("/district/operations", "/district/operations/send-on", {"id": "s-1"})
    assert district.rpc.asked("send_on_deliveries")[0]["ids"] == ["s-1"]
    district.say(replay_dead_letter=Conflict())
    kept = await admin.form("/district/operations", "/district/operations/replay", {"id": "d-1"})
    assert kept.status_code == 409 and "feed.steps" in kept.text
    operator = await district.browser(OPERATOR).form(
        "/district/operations", "/district/operations/replay", {"id": "d-1"}
    )
    assert operator.status_code == 403


async def test_consultations_are_all_or_those_where_one_sits(district):
    town = district.browser(TOWN)
    await town.get("/district/consultations?mine=1&state=open")
    (wanted,) = district.rpc.asked("list_my_joint_consultations")
    assert wanted["mine"] is True and wanted["state"] == "open"
    page = await town.get(f"/district/consultations/{d.TABLE}")
    assert page.status_code == 200 and 'method="post"' not in page.text
    assert (await district.browser(ANALYST).get("/district/consultations")).status_code == 403


async def test_markup_in_any_text_stays_text(district):
    district.say(
        list_communities=w.page_of(
            {**d.COMMUNITIES[0], "name": SCRIPT, "town_name": SCRIPT, "district_name": SCRIPT}
        ),
        district_standing=d.standing(items=[{**d.standing()["items"][0], "name": SCRIPT}]),
        list_watched_issues=w.page_of(d.watched(title=SCRIPT, building=SCRIPT, surname=SCRIPT)),
        get_hot_topic=d.topic(
            label=SCRIPT, words=[SCRIPT], actions=[d.action(ref=SCRIPT, note=SCRIPT)]
        ),
        town_brief=d.brief(name=SCRIPT),
    )
    browser = district.browser(OBSERVER)
    for path in ("/observe", "/observe/issues", "/observe/brief", f"/district/topics/{d.TOPIC}"):
        html = (await browser.get(path)).text
        assert "<script>alert" not in html and "&lt;script&gt;alert" in html, path
        assert Reader(html).inline == [], path


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (hot_topics.HotTopicLevel, words.LEVEL),
        (hot_topics.ActionKind, words.KIND),
        (hot_topics.HotTopicAction.model_fields["state"].annotation, words.STATE),
        (channels.SentChannel, words.CHANNEL),
        (learning.ModelState, words.MODEL),
        (kpis.Unit, words.UNIT),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert set(keys.__args__) == set(table)


def test_every_family_of_figures_has_its_word():
    assert {one.value for one in kpis.Family} == set(words.FAMILY)


@pytest.mark.parametrize(
    ("decimal", "unit", "zh", "en"),
    [
        ("0.9333", "share", "93.3%", "93.3%"),
        ("86.0000", "points", "86.0 分", "86.0 points"),
        ("18720.0000", "seconds", "5.2 小时", "5.2 h"),
        ("259200.0000", "seconds", "3.0 天", "3.0 d"),
        (None, "share", "没有应办的", "Nothing was due"),
    ],
)
def test_values_are_told_as_people_read_them(decimal, unit, zh, en):
    figure = {"withheld": False, "decimal": decimal}
    assert words.told(figure, unit, Texts()) == zh
    assert words.told(figure, unit, texts("en")) == en
