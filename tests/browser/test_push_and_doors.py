"""What a script adds to news and emergencies: pushes after a tap, ticks that wait for a net."""

import pytest
from playwright.sync_api import expect

from gateway.auth import ACCESS_COOKIE
from services.contracts.actor import Role
from tests.browser.conftest import PICTURES
from tests.browser.test_pieces import stage
from tests.gateway import web_news as n
from tests.gateway import web_world as w

__all__ = ["stage"]
pytestmark = pytest.mark.browser

SETTINGS = "/me/notifications/settings"
BROWSER = """
Notification.requestPermission = async () => "%s";
Object.defineProperty(navigator.serviceWorker, "ready", { value: Promise.resolve({
  pushManager: {
    subscribe: async (options) => {
      window.keyLength = options.applicationServerKey.length;
      const keys = { p256dh: "k", auth: "a" };
      return { toJSON: () => ({ endpoint: "https://push.example/1", keys }) };
    },
  },
}) });
"""
KEY = "B" + "A" * 86
"""65 bytes, as P-256 points are long."""


def test_a_push_is_asked_for_only_after_a_tap_and_registered_by_the_pages_own_form(stage):
    stage.page.add_init_script(BROWSER % "granted")
    stage.say(get_push_key={"public_key": KEY})
    stage.open(SETTINGS)
    assert stage.world.rpc.asked("put_push_subscription") == []
    assert stage.page.evaluate("window.keyLength") is None
    stage.page.fill("[name=label]", "奶奶的手机")
    stage.page.get_by_role("button", name="在这台设备上收推送").click()
    expect(stage.page.locator("#push [role=status]").first).to_contain_text("登记好了")
    said = {"endpoint": "https://push.example/1", "p256dh": "k", "auth": "a"}
    assert stage.world.rpc.asked("put_push_subscription") == [{**said, "label": "奶奶的手机"}]
    assert stage.faults == []


def test_a_digest_leads_to_what_it_tells(stage):
    stage.open(f"/digests/{n.DIGEST}")
    stage.page.screenshot(path=PICTURES / "digest.png", full_page=True)
    stage.page.get_by_role("button", name="老陆评论了「电梯」").click()
    stage.page.wait_for_url(f"**/posts/{n.THREAD}")
    assert stage.world.rpc.asked("mark_notifications_read") == [{"ids": [n.NEWS]}]


def test_whoever_says_no_is_told_how_to_change_her_mind(stage):
    stage.page.add_init_script(BROWSER % "denied")
    stage.open(SETTINGS)
    stage.page.get_by_role("button", name="在这台设备上收推送").click()
    expect(stage.page.locator("#push [role=status]")).to_contain_text("您拦下了这个网站的通知")
    assert stage.world.rpc.asked("put_push_subscription") == []


def test_what_was_found_without_a_net_is_kept_and_sent_once_when_there_is_one(stage):
    stage.say(get_me=w.me("committee_staff"))
    token = stage.world.verifier.token(Role.COMMITTEE_STAFF)
    cookie = {"name": ACCESS_COOKIE, "value": token, "url": stage.url}
    stage.page.context.add_cookies([cookie])
    stage.open(f"/console/emergencies/{n.FIRE}/doors")
    key = stage.page.locator("[data-tick] [name=once]").get_attribute("value")
    stage.page.context.set_offline(True)
    stage.page.get_by_role("button", name="平安").click()
    expect(stage.page.locator(".door.waiting")).to_contain_text("记在这部手机上")
    assert stage.world.rpc.asked("tick_doors") == []
    stage.page.context.set_offline(False)
    expect(stage.page.locator(".door.waiting")).to_have_count(0)
    (sent,) = stage.world.rpc.asked("tick_doors")
    (tick,) = sent["ticks"]
    assert tick["key"] == key and tick["state"] == "safe" and tick["at"]
    assert stage.page.evaluate("localStorage.length") == 0
