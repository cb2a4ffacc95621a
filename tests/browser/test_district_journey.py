"""A district analyst goes from a figure down to a community, and is stopped."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, Visitor
from tests.browser.places.district import ANALYST

pytestmark = pytest.mark.browser


def test_an_analyst_goes_down_from_a_figure_and_is_stopped_at_ten(
    visitor: Callable[..., Visitor],
) -> None:
    one = visitor("analyst", size=DESK)
    one.open("/district?days=365")
    one.log_in(ANALYST)
    kpi = one.page.locator(".kpi").first
    kpi.locator("summary").click()
    expect(kpi).to_contain_text("算法")
    expect(kpi).to_contain_text("截至")
    one.page.wait_for_function("!document.querySelector('.later')")
    one.picture("figures")

    one.page.get_by_role("link", name="月浦样例镇").click()
    expect(one.page.locator("h1")).to_have_text("月浦样例镇")
    one.page.get_by_role("link", name="尚园居民区").click()
    expect(one.page.locator("h1")).to_have_text("尚园居民区")
    expect(one.page.locator("#main")).to_contain_text("再往下就到具体的人和事了")
    expect(one.page.locator("#main")).to_contain_text("少于 10 件，不显示")
    one.picture("stopped")
    one.page.get_by_role("link", name="每个指标怎么算").click()
    with one.page.expect_download() as saved:
        one.page.get_by_role("link", name="数据字典 CSV").click()
    assert saved.value.suggested_filename.endswith(".csv")
