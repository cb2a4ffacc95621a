"""A question walked through: raised, seconded, screened at the desk, argued over by two, made an
item and a text by the desk, objected to, answered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from gateway.web.moments import CHINA
from tests.browser.conftest import DESK, Visitor
from tests.browser.places import GRANNY_SUN, HOME, OLD_LU, SECRETARY, Known
from tests.browser.vote_moments import SECONDS, talked_enough
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.browser
TITLE = "南门口装一个休息长廊"


def desk_takes_it_up(staff: Visitor, topic: str) -> None:
    """On the board, with one key each: accepted, then published."""
    page = staff.page
    staff.open("/console/topics")
    column = page.locator("#screen_question")
    expect(column).to_contain_text(TITLE)
    staff.picture("board")
    column.get_by_role("link", name=TITLE).click()
    page.wait_for_url(f"**/console/topics/{topic}")
    expect(page.locator("#screen")).to_be_visible()
    staff.picture("screening")
    page.keyboard.press("a")
    expect(page.get_by_text("办好了，居民在议题的过程里看得到")).to_be_visible()
    expect(page.get_by_role("button", name="发布，开始讨论")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("讨论期还没有满")).to_be_visible()


def desk_writes_the_text(site: Platform, staff: Visitor, topic: str) -> None:
    """From the discussion to the notice: the item, its screening, the study, the text."""
    talked_enough(site, topic)
    page, here = staff.page, f"/console/topics/{topic}"
    staff.open(here)
    page.fill("#f-to-actionable-title", TITLE)
    page.fill("#f-to-actionable-body", "物业在南门口造一个休息长廊，年底前完工，钱从公共收益来。")
    page.get_by_role("button", name="形成可操作议题").click()
    expect(page.locator("#screen")).to_contain_text("第二次筛选")
    page.keyboard.press("a")
    page.fill("#f-to-proposal-reason", "符合政策，同意")
    page.get_by_role("button", name="研究同意，转为提案").click()
    page.get_by_role("link", name="起草文本").click()

    opens = datetime.now(CHINA) + timedelta(days=20)
    page.fill("#a0-text", "南门口造一个休息长廊，费用从公共收益中支出。")
    page.check("[name=preset][value=article_2017]")
    page.fill("#f-p-opens_at", f"{opens:%Y-%m-%dT%H:%M}")
    page.fill("#f-p-closes_at", f"{opens + timedelta(days=7):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#preview")).to_contain_text("费用从公共收益中支出")
    staff.picture("preview")
    page.get_by_role("button", name="存成新的一稿").click()
    expect(page.get_by_text("存成了新的一稿").first).to_be_visible()
    page.get_by_role("link", name="去定稿并公示").click()
    expect(page.get_by_role("button", name="定稿并公示")).to_be_visible()
    staff.picture("ready")
    page.keyboard.press("a")
    expect(page.get_by_text("已经定稿公示，文本不能再改")).to_be_visible()


def test_a_question_is_raised_seconded_argued_objected_to_and_answered(
    site: Platform, known: Known, visitor: Callable[..., Visitor]
) -> None:
    sun, lu = visitor("topic-sun"), visitor("topic-lu", java_script_enabled=False)
    staff = visitor("topic-desk", size=DESK)
    for one, phone in ((sun, GRANNY_SUN), (lu, OLD_LU), (staff, SECRETARY)):
        one.open("/login")
        one.log_in(phone)

    # she raises it, guided
    sun.open(f"/c/{HOME}/m/hall")
    sun.page.get_by_role("link", name="议题").first.click()
    sun.page.get_by_role("link", name="提一个").first.click()
    expect(sun.page.get_by_text("什么样的问题容易走到表决")).to_be_visible()
    sun.page.get_by_label("想让大家定什么").fill(TITLE)
    sun.page.get_by_label("为什么要定").fill("买菜回来没有地方歇脚，想在南门口造一个长廊。")
    sun.picture("asking")
    sun.page.get_by_role("button", name="提出来").click()
    expect(sun.page.get_by_text("问题提出来了")).to_be_visible()
    topic = sun.page.url.partition("/topics/")[2].partition("?")[0]
    sun.picture("raised")

    # he seconds it, without a script
    lu.open(f"/topics/{topic}")
    lu.page.get_by_role("button", name="我也附议").click()
    expect(lu.page.get_by_role("button", name="收回附议")).to_be_visible()

    # the desk takes it up; both speak, each with a stance
    desk_takes_it_up(staff, topic)
    for one, stance, words in (
        (sun, "赞成", "歇脚的地方，老人最需要。"),
        (lu, "反对", "长廊挡消防车，先量一量路宽。"),
    ):
        one.open(f"/topics/{topic}/discussion")
        one.page.get_by_role("radio", name=stance).check()
        one.page.get_by_label("再讲讲理由").fill(words)
        one.page.get_by_role("button", name="发表意见").click()
        expect(one.page.get_by_text(words)).to_be_visible()
    expect(lu.page.locator("article.for")).to_contain_text("老人最需要")
    expect(lu.page.locator("article.against")).to_contain_text("先量一量")
    lu.picture("both-sides")

    # the desk sees both sides beside each other; the text is frozen, and one objects now
    staff.open(f"/console/topics/{topic}/discussion")
    expect(staff.page.locator("article.against")).to_contain_text("先量一量")
    staff.picture("sides")
    desk_writes_the_text(site, staff, topic)
    lu.open(f"/topics/{topic}/discussion")
    lu.page.get_by_role("link", name="去提异议").click()
    lu.page.get_by_role("radio", name="文本内容").check()
    lu.page.get_by_label("有什么不妥").fill("没有写明不占消防通道。")
    lu.page.get_by_role("button", name="提出异议").click()
    expect(lu.page.get_by_text("答复以前不会开始表决")).to_be_visible()
    objection = lu.page.url.rpartition("/")[2]
    staff.open(f"/console/topics/{topic}/objections")
    staff.page.fill(f"#n-{objection} textarea", "长廊建在绿化带内侧，已请消防部门看过，不占通道。")
    staff.picture("answering")
    staff.page.get_by_role("button", name="发布答复").click()
    expect(staff.page.get_by_text("没有等着答复的异议")).to_be_visible()
    lu.page.reload()
    lu.page.get_by_role("button", name="答复让我满意").click()
    expect(lu.page.get_by_text("提出人已满意").first).to_be_visible()
    lu.picture("satisfied")

    # and she reads all of it on the topic's page
    until(lambda: not known.get(GRANNY_SUN, f"/objections/{objection}")["owed"], what="an answer",
          limit=SECONDS)  # fmt: skip
    sun.open(f"/topics/{topic}")
    expect(sun.page.get_by_text("文本已经定稿，正在公示").first).to_be_visible()
    expect(sun.page.get_by_text("异议人表示满意")).to_be_visible()
    sun.picture("on-notice")
