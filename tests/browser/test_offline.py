"""A phone that loses its net: what was written stays, and is sent when it is back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from services.contracts import demo
from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

COMPOSER = f"/c/{demo.SHANGYUAN}/m/neighbours/new"
WORDS = "3号楼的猫找到了，谢谢大家"


def test_what_was_written_without_a_net_is_there_when_it_is_back(
    visitor: Callable[..., Visitor],
) -> None:
    me = visitor("offline")
    me.open("/login")
    me.log_in("13800000001")
    me.page.evaluate("navigator.serviceWorker.ready")
    me.open(COMPOSER)
    me.page.wait_for_function("navigator.serviceWorker.controller")
    me.page.fill("[name=title]", "猫找到了")
    me.page.fill("[name=body]", WORDS)
    me.context.set_offline(True)
    me.page.get_by_role("button", name="发布").click()
    expect(me.page.get_by_role("heading", name="现在连不上网")).to_be_visible()
    me.picture("without-net")
    draft = me.page.locator("[data-drafts] a")
    expect(draft).to_have_count(1)
    me.faults.clear()  # the browser says on the console that there was no net
    me.context.set_offline(False)
    me.open(COMPOSER)
    expect(me.page.locator("[name=body]")).to_have_value(WORDS)
    me.page.get_by_role("button", name="发布").click()
    expect(me.page.get_by_role("heading", name="猫找到了")).to_be_visible()
    me.open(COMPOSER)
    expect(me.page.locator("[name=body]")).to_have_value("")
