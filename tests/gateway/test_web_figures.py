"""A community's statistics: charts, files and the month report say the same, of nobody by name."""

import csv
import io
import re
from datetime import date

import pytest
from docx import Document
from openpyxl import load_workbook

from gateway.web import statistics
from gateway.web.pages.console.secretary import calendar
from services.contracts.actor import Role
from services.contracts.errors import Unavailable
from services.grid_bridge.repository_hot_topics import HotTopicsNotPublished
from tests.gateway import web_desk, web_votes
from tests.gateway import web_figures as f
from tests.gateway import web_world as w
from tests.gateway.web_pieces import page_of

pytestmark = pytest.mark.gateway

SECRETARY = Role.SECRETARY


@pytest.fixture
def world(world):
    """A world in which the visitor is the community's secretary."""
    world.say(**f.answers(), get_me=w.me("secretary"))
    return world


def rows_of(html: str, chart: str) -> dict[str, list[str]]:
    """The table of a chart: the numbers of each row by its label."""
    table = html.partition(f'id="chart-{chart}"')[2].partition("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table)
    return {label: re.findall(r'data-n="(.*?)"', cells) for label, cells in rows}


async def test_every_chart_stands_on_a_table_and_says_how_it_is_counted(world):
    html = (await world.browser(SECRETARY).get("/console/figures")).text
    assert "echarts" in html and html.count("data-chart=") == 9
    assert rows_of(html, "kinds")["8+X 难题"] == ["14"]
    assert rows_of(html, "kinds")["还没受理"] == ["2"]
    assert rows_of(html, "sources")["来电"] == ["5"] and rows_of(html, "sources")["来访"] == ["0"]
    assert rows_of(html, "scores")["5 分"] == ["17"]
    assert rows_of(html, "slots") == {"毁绿占绿": ["11"], "群租": ["3"]}
    assert rows_of(html, "standing")["处置"] == ["5", "1"]
    assert rows_of(html, "posts")["居委会按时回应"] == ["17"]
    assert rows_of(html, "months")["2026-02"] == ["2", "5", "1", "9", "14"]
    assert rows_of(html, "months")["2026-03"] == ["0", "0", "0", "0", "0"]
    assert rows_of(html, "polls")["电动自行车不进楼"] == ["1560", "226"]
    for key in ("kinds", "sources", "buildings", "polls"):
        card = html.partition(f'id="t-{key}"')[2].partition("</section>")[0]
        assert "怎么算的" in card and "2026年3月2日 周一 12:00" in card


async def test_a_building_of_few_is_told_with_others_or_not_at_all(world):
    html = (await world.browser(SECRETARY).get("/console/figures")).text
    assert rows_of(html, "buildings") == {
        "3号楼": ["12"], "其余 4 栋合计": ["14"], "没有楼栋": ["5"],
    }  # fmt: skip
    world.say(issue_breakdown=f.breakdown(buildings=[], other_buildings=None, few=1))
    html = (await world.browser(SECRETARY).get("/console/figures")).text
    assert rows_of(html, "buildings")["其余 1 栋合计"] == [""]
    assert "合计也少于 10 件，不显示" in html


async def test_who_takes_part_is_a_figure_with_both_its_numbers(world):
    html = (await world.browser(SECRETARY).get("/console/figures")).text
    for title, said, above, below in (
        ("绑定覆盖率", "77.5%", 310, 400), ("党员亮身份率", "75.0%", 30, 40),
        ("表决参与率", "14.5%", 226, 1560),
    ):  # fmt: skip
        card = html.partition(f"<h3>{title}</h3>")[2].partition("</section>")[0]
        assert said in card and f"<dd>{above}</dd>" in card and f"<dd>{below}</dd>" in card


def days_of(asked: dict[str, str]) -> int:
    """How many days were asked for, both ends included."""
    return (date.fromisoformat(asked["to"]) - date.fromisoformat(asked["from"])).days + 1


async def test_days_and_months_can_be_chosen_and_nonsense_is_the_usual(world):
    browser = world.browser(SECRETARY)
    await browser.get("/console/figures?days=90")
    ninety = world.rpc.asked("issue_breakdown")[-1]
    await browser.get("/console/figures?month=2025-02")
    month = world.rpc.asked("issue_breakdown")[-1]
    assert (month["from"], month["to"]) == ("2025-02-01", "2025-02-28")
    for nonsense in ("month=2025-13", "month=9999-01", "days=7", "month=2025-2"):
        await browser.get(f"/console/figures?{nonsense}")
        usual = world.rpc.asked("issue_breakdown")[-1]
        assert days_of(usual) == 30, nonsense
    assert days_of(ninety) == 90


async def test_what_cannot_be_had_is_left_out_and_said(world):
    away = Unavailable()
    world.say(issue_counts=away, list_polls=away, identity_figures=away)
    html = (await world.browser(SECRETARY).get("/console/figures")).text
    assert "有的内容暂时取不到" in html and html.count("data-chart=") == 7
    assert "绑定覆盖率" not in html


async def test_how_promises_were_kept_is_a_line_over_six_months(world):
    html = (await world.browser(SECRETARY).get("/console/figures/response")).text
    assert len(world.rpc.asked("community_kpis")) == 6
    assert 'data-chart="line"' in html and len(rows_of(html, "response")) == 6
    assert rows_of(html, "response")[f.THIS_MONTH] == ["93.3"] * 4


async def test_files_hold_the_numbers_of_the_page(world):
    browser = world.browser(SECRETARY)
    page = await browser.get("/console/figures.csv?days=30")
    assert page.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))
    said = {(row[0], row[1]): row[2] for row in rows}
    assert said["是哪一类", "8+X 难题"] == "14"
    assert said["每月上报的问题", "2026-02 · 8+X 难题"] == "14"
    assert said["指标", "绑定覆盖率"] == "77.5%"
    assert ["310", "400"] in [row[3:5] for row in rows]
    book = load_workbook(io.BytesIO((await browser.get("/console/figures.xlsx")).content))
    assert book.sheetnames[0] == "指标" and len(book.sheetnames) == 11
    kinds = {row[0]: row[1] for row in book["是哪一类"].iter_rows(values_only=True)}
    assert kinds["8+X 难题"] == 14, "a number that can be summed"


async def test_titles_of_neighbours_stay_text_in_the_workbook(world):
    world.say(list_polls=page_of(web_votes.poll(title="=HYPERLINK(1)")))
    browser = world.browser(SECRETARY)
    book = load_workbook(io.BytesIO((await browser.get("/console/figures.xlsx")).content))
    cell = book["表决有多少人参加"]["A2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


# -- the month ------------------------------------------------------------------------------------


def told_of(document) -> dict[str, list[list[str]]]:
    """The tables of a DOCX by their first column's name and their length."""
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


async def test_the_month_report_says_the_same_on_screen_as_docx_and_as_xlsx(world):
    browser = world.browser(SECRETARY)
    html = (await browser.get("/console/secretary/month?month=2026-02")).text
    article = html.partition('id="report"')[2].partition("</article>")[0]
    on_screen = [
        [re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", article)
    ]
    made = await browser.get("/console/secretary/month.docx?month=2026-02")
    document = Document(io.BytesIO(made.content))
    in_docx = [row for table in told_of(document) for row in table]
    assert in_docx == on_screen and len(in_docx) > 30
    book = await browser.get("/console/secretary/month.xlsx?month=2026-02")
    sheets = load_workbook(io.BytesIO(book.content))
    in_xlsx = [
        ["" if cell is None else str(cell) for cell in row]
        for sheet in sheets
        for row in sheet.iter_rows(values_only=True)
    ]
    assert in_xlsx == on_screen
    assert "尚园居民区2026年2月社区月报" in article
    assert document.core_properties.title == "尚园居民区2026年2月社区月报"
    assert "filename*=UTF-8''%E5%B0%9A" in made.headers["content-disposition"]


async def test_its_numbers_are_those_of_the_statistics(world):
    browser = world.browser(SECRETARY)
    report = (await browser.get("/console/secretary/month?month=2026-02")).text
    figures = (await browser.get("/console/figures?month=2026-02")).text
    for key, title in (
        ("kinds", "是哪一类"), ("sources", "从哪里来"), ("buildings", "住在哪一栋的人反映的"),
    ):  # fmt: skip
        part = report.partition(f"<h3>{title}</h3>")[2].partition("</table>")[0]
        told = dict(re.findall(r'<th scope="row">(.*?)</th><td[^>]*>(.*?)</td>', part))
        assert told == {label: numbers[0] for label, numbers in rows_of(figures, key).items()}
    asked = [one["from"] for one in world.rpc.asked("issue_breakdown")]
    assert len(set(asked)) == 1


async def test_broken_promises_are_told_in_words_and_numbers(world):
    html = (await world.browser(SECRETARY).get("/console/secretary/month")).text
    assert "共 8 项" in html  # two of thirty, four times
    plain = html.replace(' class="keep"', "")
    assert "<td>30</td><td>28</td><td>2</td><td>93.3%</td>" in plain


async def test_nobody_is_named_in_it(world):
    world.say(list_issues=page_of({k: v for k, v in w.issue().items() if k != "timeline"}))
    html = (await world.browser(SECRETARY).get("/console/secretary/month")).text
    article = html.partition('id="report"')[2].partition("</article>")[0]
    for word in ("孙奶奶", "石书记", "居委小王", "商铺占用绿化带", "502"):
        assert word not in article
    assert "不含居民的姓名、电话、住址和原话" in article


async def test_a_month_without_anything_says_so(world):
    empty = f.breakdown(
        total=0, by_month=[], by_slot=[], by_source=[], buildings=[], few=0, nowhere=0,
        other_buildings=0, by_category=[{"category": None, "count": 0}],
        by_score=[{"score": n, "count": 0} for n in range(1, 6)],
    )  # fmt: skip
    world.say(
        issue_breakdown=empty, list_polls=page_of(), community_hot_topics=HotTopicsNotPublished(),
        list_emergencies=page_of(), get_post_response=Unavailable(),
    )  # fmt: skip
    html = (await world.browser(SECRETARY).get("/console/secretary/month")).text
    for said in ("本月没有上报的问题", "本月没有收到评价", "本月没有表决", "本月还没有发布热点",
                 "本月没有发过应急通知"):  # fmt: skip
        assert said in html, said


async def test_it_is_read_in_english_too(world):
    page = await world.browser(SECRETARY).get("/console/secretary/month", accept_language="en")
    article = page.text.partition('id="report"')[2].partition("</article>")[0]
    assert "Promises" in article and "Proportion" not in article
    assert "承诺兑现" not in article


# -- the one page ---------------------------------------------------------------------------------


async def test_the_secretary_sees_at_once_what_is_promised_held_and_coming(world):
    world.say(list_emergencies=page_of())
    html = (await world.browser(SECRETARY).get("/console/secretary")).text
    offices = html.partition('id="offices"')[2].partition("</section>")[0]
    assert offices.index("社区书记") < offices.index("石书记") and "居委小王" in offices
    assert 'class="chip late"' in offices  # ends in ten days
    assert "居委小王，由石书记代办" in offices
    votes = html.partition('id="votes"')[2].partition("</section>")[0]
    assert "投票截止" in votes and "公示意见截止" in votes and "电动自行车不进楼" in votes
    promises = html.partition('id="promises"')[2].partition("</section>")[0]
    assert promises.count('<td class="n late-words">2</td>') == 4
    assert "商铺占用绿化带" in promises
    assert "谁捡到一把钥匙" in html and "路灯不亮" in html
    assert "正在应急" not in html


async def test_what_is_away_is_missing_alone(world):
    away = Unavailable()
    world.say(list_roles=away, list_polls=away, community_kpis=away)
    page = await world.browser(SECRETARY).get("/console/secretary")
    assert page.status_code == 200 and page.text.count("这一部分现在问不到") == 3


def test_a_calendar_has_each_day_once_the_next_first():
    open_ = web_votes.poll(closes_at="2026-03-09T10:00:00+08:00")
    ahead = web_votes.poll(
        "announced", opens_at="2026-03-05T08:00:00+08:00", closes_at="2026-03-09T20:00:00+08:00"
    )
    void = web_votes.poll("void")
    notice = f.publicity(object_until="2026-03-05T18:00:00+08:00")
    days = calendar([open_, ahead, void], [notice])
    assert [(day, [one["what"] for one in of]) for day, of in days] == [
        ("2026-03-05", ["opens", "notice"]),
        ("2026-03-09", ["closes", "closes"]),
    ]


async def test_neighbours_and_observers_have_no_business_there(world):
    for path in (*f.STAFF, *(one for one in f.ELSEWHERE if one.startswith("/console"))):
        for role in (Role.RESIDENT, Role.OBSERVER):
            assert (await world.browser(role).get(path)).status_code == 403, path
        out = await world.browser(login=False).get(path)
        assert out.headers["location"].startswith("/login?next=/console/")


# -- lists as files, and the rules -----------------------------------------------------------------


async def test_lists_of_the_desk_are_files_too(world):
    world.say(
        list_work_orders=page_of(web_desk.order(overdue=True), web_desk.order(community_id="other"))
    )
    browser = world.browser(SECRETARY)
    page = (await browser.get("/console/orders")).text
    assert "/console/orders.xlsx?c=" in page
    made = await browser.get("/console/orders.csv?state=dispatched&late=1")
    rows = list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))
    assert [row["工单号"] for row in rows] == ["310113001001-20260305-0001"]
    assert (rows[0]["是否超时"], rows[0]["小类"], rows[0]["状态"]) == (
        "是",
        "毁绿占绿",
        "已派到部门",
    )
    asked = world.rpc.asked("list_work_orders")[-1]
    assert (asked["state"], asked["overdue"]) == ("dispatched", True)
    book = load_workbook(io.BytesIO((await browser.get("/console/unanswered.xlsx")).content))
    head, first = list(book.worksheets[0].iter_rows(values_only=True))
    assert dict(zip(head, first, strict=True))["标题"] == "谁捡到一把钥匙"
    assert dict(zip(head, first, strict=True))["超时报到"] == "居委会"


async def test_a_file_goes_as_far_as_the_list_and_says_when_there_is_more(world):
    pages = iter([page_of(web_desk.waiting_post(), cursor="more"), page_of()])
    world.say(list_unanswered_posts=lambda _asked: next(pages))
    browser = world.browser(SECRETARY)
    made = await browser.get("/console/unanswered.csv")
    assert len(list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))) == 2
    endless = page_of(*[web_desk.waiting_post()] * 100, cursor="more")
    world.say(list_unanswered_posts=endless)
    made = await browser.get("/console/unanswered.csv")
    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
    assert len(rows) == 2_002 and rows[-1][0].startswith("还有更多")


async def test_the_rules_are_shown_and_the_one_switch_is_the_committees(world):
    browser = world.browser(SECRETARY)
    html = (await browser.get("/console/rules")).text
    assert "2 个工作日" in html and "本区定的" in html and "国庆节" in html
    assert "给看原话" in html and "毁绿占绿" in html
    world.say(put_open311_publication={"words": False})
    done = await browser.form("/console/rules", "/console/rules", {"c": w.CID, "words": "no"})
    assert done.headers["location"] == f"/console/rules?c={w.CID}&done=1"
    assert world.rpc.asked("put_open311_publication") == [{"cid": w.CID, "words": False}]


def test_a_month_ends_with_the_day_that_it_has_come_to():
    today = date(2026, 3, 2)
    assert statistics.month_of("2024-02", today) == (date(2024, 2, 1), date(2024, 2, 29))
    assert statistics.month_of("2025-12", today) == (date(2025, 12, 1), date(2025, 12, 31))
    assert statistics.month_of("2026-03", today) == (date(2026, 3, 1), today)
    for text in ("", "2026-04", "2026-3", "x", "2026-00", "0000-01"):
        assert statistics.month_of(text, today) is None
