"""A problem from the photo to the stars: what is known, the promise, the answer, the judgement."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.places import SECRETARY, Known

pytestmark = pytest.mark.browser

RESIDENT = "13800000022"
TITLE = "2号楼前的路灯又不亮了"


def test_a_problem_is_reported_after_a_look_at_what_is_known_answered_and_rated(
    known: Known, visitor: Callable[..., Visitor], photo: Callable[[str], Path]
) -> None:
    here = {"latitude": 31.4308, "longitude": 121.4207, "accuracy": 12}
    me = visitor("issues", geolocation=here, permissions=["geolocation"])
    me.open("/report")
    me.log_in(RESIDENT)
    me.open("/report")

    # the photo first, then the words: what reads alike shows itself
    me.page.set_input_files("[data-photos]", photo("#8a8a33"))
    expect(me.page.locator("li.kept img")).to_be_visible()
    me.page.fill("[name=title]", TITLE)
    me.page.fill("[name=location]", "台阶旁边")
    drawer = me.page.locator("#alike")
    expect(drawer).to_contain_text("2号楼前的路灯不亮")
    me.picture("drawer")
    me.page.get_by_role("button", name="我就在这里").click()
    expect(me.page.locator(".locate [role=status]")).to_contain_text("12 米")

    # what cannot wait is stopped with a number to call
    me.page.locator(".stops summary").click()
    me.page.check("[name=stop][value=fire]")
    expect(me.page.locator(".instead.fire")).to_be_visible()
    me.picture("stopper")
    me.page.check("[name=stop][value='']")
    expect(me.page.locator(".instead.fire")).to_be_hidden()

    # mine is another one: it is sent, and promised
    me.page.get_by_role("button", name="交给居委会").click()
    me.page.wait_for_url("**/issues/**new=1")
    issue = me.page.url.split("/issues/")[1].partition("?")[0]
    expect(me.page.locator(".clock")).to_contain_text("首次回应")
    expect(me.page.locator("#judgement")).to_contain_text("办出结果以后")
    expect(me.page.locator("article .photos img")).to_have_count(1)
    expect(me.page.locator("article")).to_contain_text("东经 121.4207")
    me.picture("promise")

    # the committee answers; it shows itself here, and is rated
    known.post(SECRETARY, f"/issues/{issue}/triage", category="dispose")
    known.post(
        SECRETARY, f"/issues/{issue}/answers", outcome="fixed", body="灯泡换好了，今晚亮起来。"
    )
    me.open(f"/issues/{issue}")
    expect(me.page.locator("article .answer")).to_contain_text("灯泡换好了")
    me.page.locator(".stars label").first.click()
    me.page.get_by_role("button", name="提交评价").click()
    expect(me.page.locator("#judgement")).to_contain_text("非常满意")
    me.picture("rated")


def test_what_is_known_is_shown_between_without_a_script(
    visitor: Callable[..., Visitor],
) -> None:
    me = visitor("issues-no-script", java_script_enabled=False)
    me.open("/report")
    me.log_in("13800000034")
    me.open("/report")
    me.page.fill("[name=title]", "地下车库入口又积水了")
    me.page.get_by_role("button", name="交给居委会").click()
    row = me.page.locator(".like li", has_text="地下车库入口一下雨就积水")
    expect(row).to_be_visible()
    me.picture("alike")
    me.page.get_by_role("button", name="回去再改改").click()
    expect(me.page.locator("[name=title]")).to_have_value("地下车库入口又积水了")
    me.page.get_by_role("button", name="交给居委会").click()
    expect(me.page.get_by_role("button", name="都不是，继续上报")).to_be_visible()
    row.get_by_role("button", name="我也遇到了").click()
    expect(me.page.locator("#joined")).to_contain_text("收回")
    me.picture("joined")
