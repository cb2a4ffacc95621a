"""The pages walked through as people do: joining, reporting, the desk, the grid, the rating."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, SECONDS, Visitor
from tests.browser.places import OLD_LU, SECRETARY
from tests.support.platform import Platform

pytestmark = pytest.mark.browser

RESIDENT = "13800000014"
GRID_SECONDS = 60_000  # accept, verify, register, dispatch, dispose, check, close; a second each


def newcomer(site: Platform) -> dict[str, str]:
    """Somebody whom the register does not know; the last of them, others may take the first."""
    unknown = [person for person in site.demo["newcomers"] if not person["on_register"]]
    return unknown[-1]


def fill_in(page: Page, person: dict[str, str]) -> None:
    """The form of joining."""
    home = " ".join(part for part in (person["building"], person["unit"]) if part)
    page.select_option("[name=building]", label=home)
    page.fill("[name=room]", person["room"])
    page.check(f"[name=relation][value={person['relation']}]")
    page.fill("[name=real_name]", person["real_name"])
    page.fill("[name=id_number]", person["id_number"])
    for box in page.locator("[name='consents[]']").all():
        box.check()


def pick(page: Page, form: str, name: str, value: str) -> None:
    """Choose one of the pills of a form."""
    page.check(f"{form} [name={name}][value={value}]")


def status(page: Page, words: str, timeout: float = SECONDS) -> None:
    """The chip beside the title says so."""
    expect(page.locator("article .chip").first).to_have_text(words, timeout=timeout)


def test_a_newcomer_joins_and_a_problem_goes_all_the_way(
    site: Platform, visitor: Callable[..., Visitor], photo: Callable[[str], Path]
) -> None:
    person = newcomer(site)
    me, staff = visitor("resident"), visitor("desk")

    # scan the code on the notice board, log in on the way, say who I am
    me.open(f"/j/{person['qr_token']}")
    expect(me.page.get_by_role("heading", name=f"欢迎来到 {person['estate']}")).to_be_visible()
    me.picture("scanned")
    me.log_in(person["phone"])
    fill_in(me.page, person)
    me.picture("address-and-name")
    me.page.get_by_role("button", name="提交").click()
    expect(me.page.get_by_role("heading", name="居委会会核实")).to_be_visible()
    me.picture("asked")

    # the committee looks at the masked data and lets me in
    staff.open("/console")
    staff.log_in(SECRETARY)
    staff.picture("today")
    staff.page.get_by_role("link", name="入住待审").click()
    mine = staff.page.locator("section.card", has_text=person["room"]).filter(
        has_text=re.compile(re.escape(person["real_name"][0]))
    )
    expect(mine).to_have_count(1)
    assert person["id_number"] not in staff.page.content()
    assert person["real_name"] not in staff.page.content()
    staff.picture("request-to-join")
    mine.get_by_role("button", name="通过", exact=True).click()
    expect(mine).to_have_count(0)

    # home: the nine modules, and the news that I am in
    me.open("/")
    expect(me.page.locator(".weui-grid")).to_have_count(9)
    expect(me.page.locator("text=欢迎加入")).to_be_visible()
    me.picture("home")

    # report with a photo
    me.page.get_by_role("link", name="发现问题").click()
    expect(me.page.get_by_role("link", name="119")).to_have_attribute("href", "tel:119")
    me.page.set_input_files("[data-photos]", photo("#b5482f"))
    expect(me.page.locator("li.kept img")).to_be_visible()
    me.page.fill("[name=title]", "商铺占用绿化带")
    me.page.fill("[name=body]", "南门水果店把货架摆在绿化带上，草都压坏了。")
    me.page.fill("[name=location]", "南门入口左边")
    me.picture("report")
    me.page.get_by_role("button", name="交给居委会").click()
    me.page.wait_for_url("**/issues/**")
    issue = me.page.url.split("/issues/")[1].partition("?")[0]
    expect(me.page.locator(".clock")).to_contain_text("首次回应")
    status(me.page, "待受理")
    me.picture("promise")

    # the desk: the advice with its reasons, confirmed with one button
    staff.open(f"/console/issues/{issue}")
    confirm = staff.page.get_by_role("button", name=re.compile("^确认：8\\+X"))
    expect(confirm).to_be_visible()
    expect(staff.page.locator("#advice .chip").first).to_be_visible()
    staff.picture("advice")
    confirm.click()
    status(staff.page, "已受理")

    # self-governance is tried, and fails
    pick(staff.page, "#step", "step", "site_visit")
    staff.page.fill("#step [name=note]", "到现场看了，占了约六平方米绿地。")
    staff.page.set_input_files("#step [data-photos]", photo("#7a5b2e"))
    expect(staff.page.locator("#step li.kept")).to_have_count(1)
    staff.page.get_by_role("button", name="记下这一步").click()
    status(staff.page, "自治处置中")
    pick(staff.page, "#step", "step", "talk")
    staff.page.fill("#step [name=note]", "约谈店主，店主不愿意搬。")
    staff.page.fill("#step [name=with]", "水果店店主")
    pick(staff.page, "#step", "outcome", "failed")
    staff.picture("self-governance")
    staff.page.get_by_role("button", name="记下这一步").click()
    expect(staff.page.locator(".way")).to_contain_text("店主不愿意搬")

    # to the grid platform; from here on my page moves by itself
    staff.page.fill("#escalate [name=reason]", "自治两次未果，请依法处置。")
    staff.page.get_by_role("button", name="开网格工单").click()
    status(staff.page, "网格办理中")
    staff.picture("work-order")
    status(me.page, "已办结", timeout=GRID_SECONDS)
    story = me.page.locator(".way")
    for step in ("现场查看", "约谈", "转网格平台", "派遣", "处置完成", "结案"):
        expect(story).to_contain_text(step)
    expect(story.locator("img")).not_to_have_count(0)
    me.picture("closed")

    # I am told, and judge
    me.open("/")
    expect(me.page.locator("[data-bell]").first).to_be_visible()
    me.page.get_by_role("link", name="消息").click()
    me.picture("news")
    me.page.get_by_role("button", name="网格平台已办结").first.click()
    me.page.wait_for_url(f"**/issues/{issue}")
    me.page.locator(".stars label").first.click()  # drawn from five down to one
    me.page.fill("[name=comment]", "办得快，谢谢大家。")
    me.picture("stars")
    me.page.get_by_role("button", name="提交评价").click()
    expect(me.page.locator("#judgement")).to_contain_text("非常满意")
    expect(me.page.locator(".way")).to_contain_text("居民评价")
    me.picture("rated")

    # the neighbours read the whole story on its thread
    lu = visitor("neighbour")
    lu.open(f"/issues/{issue}/thread")
    lu.log_in(OLD_LU)
    expect(lu.page.locator("#talk")).to_contain_text("【现场查看】")
    lu.page.fill("#say [name=body]", "绿地回来了，真好！")
    lu.page.get_by_role("button", name="发表").click()
    expect(lu.page.locator("#talk li").last).to_contain_text("绿地回来了，真好！")
    expect(lu.page.locator("#talk li").last.locator(".flag")).to_be_visible()
    lu.picture("thread")


def test_everything_works_without_a_script(
    visitor: Callable[..., Visitor], photo: Callable[[str], Path]
) -> None:
    me = visitor("no-script", java_script_enabled=False)
    me.open("/")
    me.log_in(RESIDENT)
    me.page.get_by_role("link", name="身边事").click()
    me.page.get_by_role("link", name="发帖").last.click()
    me.page.set_input_files("[name=photo]", photo("#33608a"))
    me.page.get_by_role("button", name="加上", exact=True).click()
    expect(me.page.locator("li.kept")).to_have_count(1)
    me.page.fill("[name=title]", "楼下的猫又来了")
    me.page.fill("[name=body]", "谁家的？很亲人。")
    me.picture("compose")
    me.page.get_by_role("button", name="发布").click()
    expect(me.page.locator("article")).to_contain_text("楼下的猫又来了")
    expect(me.page.locator("article .photos img")).to_have_count(1)
    like = me.page.locator(".likes button")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    me.page.fill("#say [name=body]", "是三号楼的。")
    me.page.get_by_role("button", name="发表").click()
    expect(me.page.locator("#talk")).to_contain_text("是三号楼的。")
    me.picture("post")
    me.page.get_by_role("link", name="报问题").click()
    me.page.fill("[name=title]", "<script>alert(1)</script>路灯不亮")
    me.page.get_by_role("button", name="交给居委会").click()
    another = me.page.get_by_role("button", name="都不是，继续上报")
    if another.count():  # somebody has reported the like before
        another.click()
    expect(me.page.locator("article")).to_contain_text("<script>alert(1)</script>路灯不亮")
    me.picture("issue")
    me.page.get_by_role("link", name="我的").click()
    me.page.get_by_role("button", name="退出登录").click()
    me.page.wait_for_url("**/login")


def test_the_flag_stands_still_for_those_who_want_things_still(
    visitor: Callable[..., Visitor],
) -> None:
    for motion, animated in (("no-preference", "wave"), ("reduce", "none")):
        one = visitor(f"flag-{motion}", reduced_motion=motion)
        one.open("/")
        one.log_in(OLD_LU)
        one.page.get_by_role("link", name="我的").click()
        flag = one.page.locator(".flag").first
        expect(flag).to_be_visible()
        assert flag.evaluate("flag => getComputedStyle(flag).animationName") == animated
        one.picture("me")


SIZES = {"phone": None, "desk": DESK}
TOUCHED = ".weui-btn, .weui-tabbar__item, .hot, .weui-cell_access, .weui-grid, .input, .plain"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_can_be_touched(
    visitor: Callable[..., Visitor], size: str, scheme: str
) -> None:
    """Nothing sticks out at the side, nothing to be touched is lower than 44 px."""
    options = {"size": SIZES[size]} if SIZES[size] else {}
    one = visitor(f"{size}-{scheme}", color_scheme=scheme, **options)
    one.expected = {403, 404}
    one.open("/login")
    one.picture("login")
    one.open("/console")
    one.log_in(SECRETARY)
    home = one.page.url.partition("/console")[0]
    one.open("/")
    cid = one.page.get_by_role("link", name="发现问题").get_attribute("href").split("/")[2]
    paths = {
        "home": "/", "list": f"/c/{cid}/m/nearby", "notices": f"/c/{cid}/m/announcements",
        "compose": f"/c/{cid}/m/mutual_aid/new", "report": f"/c/{cid}/report",
        "issues": f"/c/{cid}/issues", "me": "/me", "news": "/me/notifications",
        "console": "/console", "console-issues": "/console/issues",
        "memberships": "/console/memberships?status=active", "nothing": "/nothing",
        "district": "/district",
    }  # fmt: skip
    for name, path in paths.items():
        one.open(path)
        assert one.page.url == home + path
        one.picture(name)
        low = one.page.locator(TOUCHED).evaluate_all(
            "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert low == [], name
    one.open(f"/c/{cid}/m/party")
    one.page.locator("article h2 a").first.click()
    one.picture("post")
