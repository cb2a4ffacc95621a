"""A word under an announcement, said aloud by somebody old; a post and an answer, no script."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.debian import chromium
from gateway.web.session import LOOK_COOKIE
from tests.browser.conftest import OPTIONS, PHONE, Visitor, visit
from tests.browser.places import GRANNY_SUN, OLD_LU, Known
from tests.support.platform import Platform

pytestmark = pytest.mark.browser

MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A microphone that hums, and a person who allows it."""


@pytest.fixture
def speaker(site: Platform, browser: Browser) -> Iterator[Visitor]:
    """Somebody old with a phone: large type, few big buttons, a microphone."""
    humming = browser.browser_type.launch(executable_path=chromium(), args=[*OPTIONS, *MICROPHONE])
    one = visit(site, humming, "old-person", PHONE)
    one.context.add_cookies([{"name": LOOK_COOKIE, "value": "large.simple", "url": site.url}])
    yield one
    humming.close()
    assert one.faults == []


def test_somebody_old_reads_an_announcement_likes_it_and_says_a_word_aloud(
    speaker: Visitor,
) -> None:
    page = speaker.page
    speaker.open("/")
    speaker.log_in(GRANNY_SUN)
    page.get_by_role("link", name="看通知").click()
    speaker.picture("list")
    page.locator("article h2 a").first.click()
    like = page.locator("article .likes button")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="说一段话").click()
    expect(page.locator("[data-voice] [role=status]")).to_contain_text("正在录音：1 秒")
    page.locator("[data-record]").click()
    expect(page.locator("[data-voice] audio")).to_be_visible()
    expect(page.locator("[data-record]")).to_be_hidden()
    page.fill("#say [name=body]", "我也去，带着孙子。")
    page.get_by_role("button", name="发表").click()

    mine = page.locator("#talk > li", has_text="我也去，带着孙子。")
    expect(mine.locator("audio")).to_be_visible()
    expect(page.locator("#say [name=body]")).to_have_value("")
    plays = mine.locator("audio").evaluate(
        "one => new Promise((done) => { one.onloadedmetadata = () => done(true);"
        " one.onerror = () => done(false); one.preload = 'auto'; one.load(); })"
    )
    assert plays
    speaker.picture("thread")


def test_a_post_with_a_photo_and_an_answer_to_a_comment_need_no_script(
    known: Known, visitor: Callable[..., Visitor], photo: Callable[[str], Path]
) -> None:
    me = visitor("posts-no-script", java_script_enabled=False)
    me.open("/")
    me.log_in(GRANNY_SUN)
    me.page.get_by_role("link", name="邻里交流").click()
    me.page.get_by_role("link", name="发帖").last.click()
    me.page.set_input_files("[name=photo]", photo("#a23b3b"))
    me.page.fill("[name=title]", "谁家的红灯笼这么好看")
    me.page.locator(".fold summary").click()
    me.page.fill("[name=tags]", "灯笼 过年")
    me.page.get_by_role("button", name="发布").click()
    expect(me.page.locator("article .photos img")).to_have_count(1)
    expect(me.page.locator("article")).to_contain_text("#过年")
    post = me.page.url.split("/posts/")[1].partition("?")[0]

    said = known.post(OLD_LU, f"/posts/{post}/comments", body="是我挂的！")
    me.open(f"/posts/{post}?comment={said['id']}")
    comment = me.page.locator("#talk > li", has_text="是我挂的！")
    comment.get_by_role("link", name="回复").click()
    me.page.fill("#say [name=body]", "真喜庆，谢谢您。")
    me.page.get_by_role("button", name="发表").click()
    expect(me.page.locator("#talk .replies li")).to_contain_text("真喜庆，谢谢您。")
    me.picture("answered")

    me.page.get_by_role("link", name="更多").click()
    me.page.get_by_text("删除这篇帖子").click()
    me.picture("more")
    me.page.get_by_role("button", name="确定删除").click()
    expect(me.page.locator("#list")).not_to_contain_text("谁家的红灯笼这么好看")
