"""A drill: called from the desk, answered on a phone, a silent door ticked, ended."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, Visitor
from tests.browser.places import SECRETARY

pytestmark = pytest.mark.browser

RESIDENT = "13800000034"
TITLE = "燃气泄漏演练"


def of(count: str, kind: str, visitor: Visitor) -> None:
    """So many households of a kind stand in the headcount."""
    head = visitor.page.locator("#figures .head", has=visitor.page.get_by_text(kind, exact=True))
    expect(head.locator("dd")).to_have_text(count)


def test_a_drill_is_called_answered_counted_knocked_at_and_ended(
    visitor: Callable[..., Visitor],
) -> None:
    desk = visitor("drill-desk", size=DESK)
    desk.open("/console/emergencies")
    desk.log_in(SECRETARY)
    desk.open("/console/emergencies/new?drill=1")
    desk.page.fill("[name=title]", TITLE)
    desk.page.fill("[name=message]", "请开窗、关阀门，到楼下空地集合。")
    desk.page.get_by_role("button", name="看看会通知多少人").click()
    expect(desk.page.locator(".reach")).to_contain_text("人会收到")
    desk.picture("look")
    desk.page.get_by_role("button", name="开始演练").click()
    desk.page.wait_for_url(re.compile(r"/console/emergencies/[0-9a-f-]{36}$"))
    fire = desk.page.url.rpartition("/")[2]
    expect(desk.page.locator("#figures .head").first).to_be_visible()
    of("0", "平安", desk)

    # on the phone: home leads there, one tap says it, and the desk's figures move by themselves
    me = visitor("drill-phone", java_script_enabled=False)
    me.open("/login")
    me.log_in(RESIDENT)
    me.open("/")
    me.page.locator(".alarm", has_text=TITLE).get_by_role("link").click()
    me.picture("asked")
    me.page.get_by_role("button", name="我们平安").click()
    expect(me.page.locator(".answered")).to_contain_text("平安")
    me.picture("answered")
    of("1", "平安", desk)
    desk.picture("counted")

    # in front of a silent door, with the phone in the hand
    walk = visitor("drill-doors")
    walk.open(f"/console/emergencies/{fire}/doors")
    walk.log_in(SECRETARY)
    walk.open(f"/console/emergencies/{fire}/doors")
    door = walk.page.locator(".door").first
    where = door.locator("h2").inner_text()
    walk.picture("door")
    door.get_by_role("button", name="平安").click()
    expect(walk.page.locator(".door h2").first).not_to_have_text(where)
    of("2", "平安", desk)

    # the end is told, and the report kept
    desk.page.locator("details", has_text="结束演练").locator("summary").click()
    desk.page.locator("form[action$='/close'] textarea").fill("演练结束，谢谢大家。")
    desk.page.locator("form[action$='/close']").get_by_role("button").click()
    expect(desk.page.locator("main")).to_contain_text("已经解除")
    desk.open(f"/console/emergencies/{fire}/report")
    expect(desk.page.locator("main")).to_contain_text("上门找到")
    me.open(f"/emergencies/{fire}")
    expect(me.page.locator(".emergency")).to_contain_text("演练结束，谢谢大家。")
