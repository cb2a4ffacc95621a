"""The secretary builds a row of houses, prints a poster that a newcomer's phone opens, and gives an
office for two weeks."""

import io
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Visitor
from tests.browser.places import SECRETARY, Known
from tests.browser.places.desk_house import an_estate

pytestmark = pytest.mark.browser

NEWCOMERS = {71: "13900000071", 81: "13900000081"}
"""By the first building of the row."""
HERE = {"latitude": 31.395, "longitude": 121.36}


def describe(page: Page, first: int) -> None:
    """Three buildings of two units, looked at before they are made."""
    shape = {"first": first, "last": first + 2, "units": 2, "floors": 6, "rooms": 2}
    for name, number in shape.items():
        page.fill(f"#f-build-{name}", str(number))
    page.get_by_role("button", name="先看会建出什么").click()
    expect(page.locator("#plan .tally").nth(2)).to_contain_text("72")
    expect(page.locator("#f-build-last")).to_have_value(str(first + 2))


@pytest.mark.parametrize(("first", "script"), [(71, True), (81, False)])
def test_buildings_are_made_by_the_row_and_a_poster_brings_a_newcomer_to_one(
    known: Known, visitor: Callable[..., Visitor], first: int, script: bool
) -> None:
    desk = visitor(f"house-{script}", java_script_enabled=script)
    page, estate = desk.page, an_estate(known)
    desk.open(f"/console/places/{estate}/buildings")
    desk.log_in(SECRETARY)
    describe(page, first)
    desk.picture("plan")
    page.get_by_role("button", name="就这样建").click()
    page.wait_for_url(f"**/console/places/{estate}")
    building = f"{first + 1}号楼"
    expect(page.get_by_role("link", name=building)).to_be_visible()

    desk.open("/console/posters")
    form = page.locator("form:has(#f-place)")
    if form.is_hidden():
        page.locator("summary", has_text="做一张新海报").click()
    page.select_option("#f-place", label=building)
    page.get_by_role("button", name="做好它").click()
    made = page.locator(".code", has=page.get_by_role("status"))
    expect(made.locator("h2")).to_contain_text(building)
    desk.picture("poster")
    sheet = made.locator("img.poster").get_attribute("src")
    assert sheet is not None
    drawn = desk.context.request.get(desk.url + sheet)
    assert drawn.status == 200
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn.body())).convert("RGB"))
    large = desk.context.request.get(
        desk.url + str(made.get_by_role("link", name="打印 A3").get_attribute("href"))
    )
    assert large.body().startswith(b"%PDF-")

    newcomer = visitor(f"newcomer-{script}", java_script_enabled=script)
    newcomer.open(urlsplit(code.text).path)
    newcomer.log_in(NEWCOMERS[first])
    offered = newcomer.page.locator("select[name=building] option", has_text="号楼")
    expect(offered).not_to_have_count(0)
    assert {building in text for text in offered.all_inner_texts()} == {True}
    newcomer.picture("joins")


def test_an_office_is_given_for_two_weeks_and_a_place_is_put_on_the_map(
    known: Known, visitor: Callable[..., Visitor]
) -> None:
    desk = visitor("house-office", size=DESK, geolocation=HERE, permissions=["geolocation"])
    page = desk.page
    desk.open("/console/offices/new")
    desk.log_in(SECRETARY)
    page.locator("label", has_text="已在任职").first.click()
    page.select_option("#f-give-role", label="志愿者")
    page.locator(".pills label", has_text="两周").click()
    page.fill("#f-give-reason", "夏令时巡逻，先做两周")
    desk.picture("giving")
    page.locator("form.card").get_by_role("button", name="授予").click()
    row = page.locator(".offices > li", has_text="夏令时巡逻")
    expect(row).to_contain_text("志愿者")
    expect(row).to_contain_text("还有 14 天")
    desk.picture("given")
    row.locator("summary").click()
    row.get_by_role("button", name="确定收回").click()
    expect(row).to_have_count(0)
    page.get_by_role("link", name="过去的").click()
    expect(page.locator(".offices > li", has_text="夏令时巡逻").first).to_contain_text("收回")

    desk.open(f"/console/places/{an_estate(known)}")
    page.locator("summary", has_text="标在地图上的位置").click()
    page.get_by_role("button", name="用我现在站的地方").click()
    expect(page.locator("#f-point-lat")).to_have_value("31.395000")
    page.get_by_role("button", name="记下位置").click()
    expect(page.locator("#main")).to_contain_text("31.395, 121.36")
    desk.picture("on-the-map")
