"""A seat that becomes free, and two neighbours who help each other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.places import CLERK, GRANNY_SUN, HOME, OLD_LU, Known

pytestmark = pytest.mark.browser


def test_who_waits_gets_a_seat_and_is_checked_in_at_the_door(
    known: Known, visitor: Callable[..., Visitor]
) -> None:
    post = known.post(
        CLERK, f"/communities/{HOME}/posts", module="services", title="看一场老电影",
        body="活动室放《城南旧事》，带把椅子来。",
    )["id"]  # fmt: skip
    clerk = visitor("event-organiser", java_script_enabled=False)
    clerk.open(f"/posts/{post}")
    clerk.log_in(CLERK)
    clerk.page.get_by_role("link", name="请邻居报名").click()
    clerk.page.fill("[name=capacity]", "1")
    clerk.page.get_by_role("button", name="开始报名").click()
    expect(clerk.page.locator("#sign-up")).to_contain_text("还有 1 个名额，共 1 个")
    known.put(OLD_LU, f"/posts/{post}/sign-up")

    granny = visitor("event-granny")
    granny.open(f"/posts/{post}")
    granny.log_in(GRANNY_SUN)
    granny.page.get_by_role("button", name="排队候补").click()
    expect(granny.page.locator("#sign-up")).to_contain_text("您排在第 1 位")
    granny.picture("waiting")

    clerk.open(f"/posts/{post}/sign-up/terms")
    clerk.page.fill("[name=capacity]", "2")
    clerk.page.get_by_role("button", name="保存").click()
    granny.open(f"/posts/{post}")
    expect(granny.page.locator("#sign-up")).to_contain_text("您已报上名")
    granny.page.get_by_role("link", name="出示我的签到码").click()
    expect(granny.page.locator(".qr-frame svg")).to_be_visible()
    code = granny.page.locator(".receipt-code").inner_text()
    granny.picture("code")

    clerk.page.get_by_role("link", name="现场签到").click()
    clerk.page.fill("[name=code]", code.lower())
    clerk.page.get_by_role("button", name="签到", exact=True).click()
    expect(clerk.page.locator(".came")).to_contain_text("孙奶奶")
    clerk.picture("door")
    granny.open(f"/posts/{post}")
    expect(granny.page.locator("#sign-up")).to_contain_text("已签到，欢迎您")


def test_two_neighbours_ask_agree_help_and_thank(
    known: Known, visitor: Callable[..., Visitor]
) -> None:
    post = known.post(
        OLD_LU, f"/communities/{HOME}/posts", module="mutual_aid", title="会修收音机，拿来试试",
        body="老机器我都爱摆弄。", extra={"kind": "offer", "skill_kind": "repairs"},
    )["id"]  # fmt: skip
    granny = visitor("aid-granny")
    granny.open(f"/posts/{post}")
    granny.log_in(GRANNY_SUN)
    granny.page.locator("#aid textarea").fill("收音机不响了，您给看看？")
    granny.page.get_by_role("button", name="请您帮个忙").click()
    granny.page.wait_for_url("**/handshakes/*")
    expect(granny.page.locator("#next")).to_contain_text("这一步应由对方操作")
    granny.picture("asked")

    lu = visitor("aid-lu", java_script_enabled=False)
    lu.open(f"/posts/{post}")
    lu.log_in(OLD_LU)
    lu.page.locator("#aid a", has_text="孙奶奶").click()
    lu.page.locator("form", has_text="好，就这么定").locator("textarea").fill("下午三点我来拿。")
    lu.page.get_by_role("button", name="好，就这么定").click()
    expect(lu.page.locator(".talk")).to_contain_text("下午三点我来拿。")
    lu.page.get_by_role("button", name="做好了").click()
    lu.picture("done")

    granny.page.reload()
    granny.page.locator("form", has_text="想说的话").locator("textarea").fill("又响了，谢谢老陆！")
    granny.page.get_by_role("button", name="说声谢谢").click()
    expect(granny.page.locator("#next")).to_contain_text("这件事圆满了。")
    granny.picture("thanked")
    granny.open(f"/posts/{post}")
    expect(granny.page.get_by_label("邻居的感谢")).to_contain_text("又响了，谢谢老陆！")
