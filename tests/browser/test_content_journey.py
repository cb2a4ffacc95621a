"""A word too many: reported, taken down, appealed against, and decided by somebody else."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, Visitor
from tests.browser.places import CLERK, HOME, SECRETARY, Known

pytestmark = pytest.mark.browser

AUTHOR, NEIGHBOUR, HOST = "13800000021", "13800000022", "13800000023"
WORDS = "你家的狗天天叫，管不好就别养！"


def test_a_comment_is_reported_taken_down_and_shown_again_by_another_person(
    known: Known, visitor: Callable[..., Visitor]
) -> None:
    post = known.post(
        HOST,
        f"/communities/{HOME}/posts",
        module="neighbours",
        title="遛狗的邻居约个时间吧",
        body="早上六点半，花园东门。",
    )["id"]
    said = known.post(AUTHOR, f"/posts/{post}/comments", body=WORDS)["id"]

    reporter = visitor("content-reporter")
    reporter.open(f"/posts/{post}/comments/{said}")
    reporter.log_in(NEIGHBOUR)
    reporter.page.get_by_text("举报", exact=True).click()
    reporter.page.get_by_label("骂人、人身攻击").check()
    reporter.page.fill("[name=reason]", "说话太冲了")
    reporter.page.get_by_role("button", name="交给管理人员").click()
    expect(reporter.page.get_by_role("status")).to_contain_text("谢谢您")

    clerk = visitor("content-clerk", size=DESK)
    clerk.open("/console/moderation")
    clerk.log_in(CLERK)
    clerk.page.get_by_role("link", name="评论：遛狗的邻居约个时间吧").click()
    expect(clerk.page.locator(".thread .asked")).to_contain_text(WORDS)
    expect(clerk.page.locator("main")).not_to_contain_text("13800000022")
    clerk.picture("reported")
    clerk.page.keyboard.press("1")
    expect(clerk.page.locator("#decide")).to_have_count(0)
    expect(clerk.page.locator(".facts").first).to_contain_text("对人说话不客气")
    expect(clerk.page.locator("main")).to_contain_text("以前可以申诉")

    author = visitor("content-author")
    author.open("/me/cases")
    author.log_in(AUTHOR)
    mine = author.page.locator("section.card", has_text="遛狗的邻居约个时间吧")
    expect(mine).to_contain_text("对人说话不客气")
    mine.get_by_text("我要申诉").click()
    mine.locator("textarea").fill("我着急了，意思是请晚上看着点狗。")
    author.picture("appeal")
    mine.get_by_role("button", name="提交申诉").click()
    expect(author.page.locator("#list")).to_contain_text("申诉中")

    clerk.page.reload()
    expect(clerk.page.locator(".barred")).to_contain_text("另一位同事")
    secretary = visitor("content-secretary")
    secretary.open(clerk.page.url.removeprefix(clerk.url))
    secretary.log_in(SECRETARY)
    expect(secretary.page.locator("main")).to_contain_text("请晚上看着点狗")
    secretary.picture("again")
    secretary.page.locator("[name=choice][value='keep/restored']").click()
    expect(secretary.page.locator("main")).to_contain_text("已有最终结果")

    author.page.reload()
    expect(author.page.locator("#list")).to_contain_text("您说得有道理")
    reporter.open(f"/posts/{post}")
    expect(reporter.page.locator("#talk")).to_contain_text(WORDS)
