"""A secretary looks at her statistics, by day and by night, and takes the month to the town."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.charts import wait_until_painted
from tests.browser.conftest import DESK, Visitor
from tests.browser.places import SECRETARY, Known
from tests.browser.places.house import an_issue

pytestmark = pytest.mark.browser


def tables_of(page: Page) -> list[list[str]]:
    """The rows of the report's tables, as they stand on the screen."""
    rows = page.locator("#report tr").all()
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows]


def test_a_secretary_takes_the_month_report_to_the_town(
    known: Known, visitor: Callable[..., Visitor]
) -> None:
    an_issue(known)  # of this month
    one = visitor("secretary", size=DESK)
    one.open("/console/figures?days=365")
    one.log_in(SECRETARY)
    wait_until_painted(one.page, "chart-kinds", "chart-months", "chart-sources", "chart-response")
    one.picture("charts")
    one.page.emulate_media(color_scheme="dark")
    wait_until_painted(one.page, "chart-kinds", "chart-response")
    one.picture("charts-by-night")
    one.page.emulate_media(color_scheme="light")
    chart = one.page.locator("#t-kinds")
    chart.locator("summary", has_text="看数字").click()
    expect(chart.locator("table")).to_be_visible()
    chart.locator("summary", has_text="怎么算的").click()
    expect(chart).to_contain_text("截至")

    one.page.get_by_role("link", name="一页通").click()
    expect(one.page.locator("h1")).to_have_text("一页通")
    expect(one.page.locator("#offices")).to_contain_text("石书记")
    one.picture("one-page")
    one.page.get_by_role("link", name="月报", exact=True).click()
    month = one.page.locator("select[name=month] option").first.inner_text()
    one.page.locator("select[name=month]").select_option(month)
    one.page.get_by_role("button", name="看这个月").click()
    expect(one.page.locator("#report h2").first).to_have_text(re.compile("社区月报"))
    on_screen = tables_of(one.page)
    one.picture("month")

    with one.page.expect_download() as saved:
        one.page.get_by_role("link", name="存成 DOCX").click()
    document = Document(str(saved.value.path()))
    told = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert told == on_screen
    with one.page.expect_download() as saved:
        one.page.get_by_role("link", name="存成 XLSX").click()
    assert saved.value.suggested_filename.endswith("社区月报.xlsx")
    book = load_workbook(BytesIO(saved.value.path().read_bytes()))  # it has no ending
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert [[str(cell) for cell in row] for row in rows] == on_screen

    one.page.get_by_role("link", name="看图表").click()
    wait_until_painted(one.page, "chart-kinds")
    figures = dict(
        zip(
            one.page.locator("#t-kinds tbody th").all_text_contents(),
            one.page.locator("#t-kinds tbody td").all_text_contents(),
            strict=True,
        )
    )
    assert sum(map(int, figures.values())) >= 1
    assert all([kind, number] in on_screen for kind, number in figures.items())
    one.page.emulate_media(media="print")
    expect(one.page.locator(".desk-nav")).to_be_hidden()
    assert one.faults == []
