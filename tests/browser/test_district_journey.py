"""A district analyst goes from a figure down to a community, and is stopped; an observer reads the
brief, keeps a filter, and sees that her looking is written down."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from services.contracts import demo
from tests.browser.conftest import DESK, Visitor
from tests.browser.places import OBSERVER, Known
from tests.browser.places.district import ANALYST
from tests.support.waiting import until

pytestmark = pytest.mark.browser
SECONDS = 150.0  # what an observer was answered is told once a minute


@pytest.mark.slow
def test_an_observer_reads_the_brief_and_sees_her_looking(
    known: Known, visitor: Callable[..., Visitor]
) -> None:
    one = visitor("observer-at-her-desk")
    one.open(f"/towns/{demo.TOWN_YUEPU}/briefs")  # where the news of it leads to
    one.log_in(OBSERVER)
    expect(one.page.locator("h1")).to_have_text("每周简报")
    expect(one.page.get_by_role("button", name="看这一周")).to_be_visible()
    one.picture("brief")

    one.page.get_by_role("navigation", name="观察").get_by_role("link", name="问题").click()
    one.page.locator("summary", has_text="筛选").first.click()
    one.page.locator("[name=overdue]").check(force=True)
    one.page.get_by_role("button", name="查找").click()
    assert "overdue=1" in one.page.url
    one.page.locator("summary", has_text="把这个筛选存下来").click()
    one.page.get_by_label("给它起个名字").fill("超期的")
    one.page.get_by_role("button", name="保存", exact=True).click()
    one.open("/observe/issues")
    one.page.get_by_role("link", name="超期的", exact=True).click()
    assert "overdue=1" in one.page.url
    expect(one.page.locator("[name=overdue]")).to_be_checked()
    one.picture("kept-filter")
    one.page.get_by_role("button", name="不再保存：超期的").click()
    expect(one.page.get_by_role("link", name="超期的", exact=True)).to_have_count(0)

    def written_down() -> bool:
        rows = known.get(OBSERVER, "/me/observer-reads", limit="100")["items"]
        return any(row["operation"] == "listWatchedIssues" for row in rows)

    until(written_down, what="that her looking is written down", limit=SECONDS)
    one.open("/observe/looks")
    expect(one.page.locator("#list")).to_contain_text("周报目录")
    expect(one.page.locator("#list")).to_contain_text("各社区的问题")
    assert one.page.locator("#main form[method=post]").count() == 0
    one.picture("looks")


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
    expect(one.page.locator(".later")).to_have_count(0)
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
