"""A question walked through: raised, seconded, argued over by two, objected to, answered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from tests.browser.conftest import Visitor
from tests.browser.places import GRANNY_SUN, HOME, OLD_LU, SECRETARY, Known
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.browser
SECONDS = 60.0
TITLE = "南门口装一个休息长廊"


def frozen_text(site: Platform, known: Known, topic: str) -> None:
    """What the committee does from the discussion to the notice, through the API."""
    engine = create_engine(site.database_url("votes"))
    with engine.begin() as votes:  # nobody waits a week for a test
        votes.execute(
            text("UPDATE topics SET deadline_at = now() WHERE id = :topic"), {"topic": topic}
        )
    engine.dispose()
    desk = f"/topics/{topic}"
    known.post(SECRETARY, f"{desk}/advance", to="actionable", title=TITLE, body="造一个长廊")
    known.post(SECRETARY, f"{desk}/screening", stage="proposal", decision="accept")
    known.post(SECRETARY, f"{desk}/advance", to="proposal", reason="符合政策，同意")
    opens = datetime.now(UTC) + timedelta(days=20)
    known.put(
        SECRETARY,
        f"{desk}/proposal",
        articles=["南门口造一个休息长廊，费用从公共收益中支出。"],
        rule_set="article_2017",
        opens_at=opens.isoformat(),
        closes_at=(opens + timedelta(days=7)).isoformat(),
    )
    known.post(SECRETARY, f"{desk}/advance", to="notice")


def test_a_question_is_raised_seconded_argued_objected_to_and_answered(
    site: Platform, known: Known, visitor: Callable[..., Visitor]
) -> None:
    sun, lu = visitor("topic-sun"), visitor("topic-lu", java_script_enabled=False)
    for one, phone in ((sun, GRANNY_SUN), (lu, OLD_LU)):
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
    known.post(SECRETARY, f"/topics/{topic}/screening", stage="intake", decision="accept")
    known.post(SECRETARY, f"/topics/{topic}/advance", to="discussion")
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

    # the text is frozen: one objects now, and gets a reasoned answer
    frozen_text(site, known, topic)
    lu.open(f"/topics/{topic}/discussion")
    lu.page.get_by_role("link", name="去提异议").click()
    lu.page.get_by_role("radio", name="文本内容").check()
    lu.page.get_by_label("有什么不妥").fill("没有写明不占消防通道。")
    lu.page.get_by_role("button", name="提出异议").click()
    expect(lu.page.get_by_text("答复以前不会开始表决")).to_be_visible()
    objection = lu.page.url.rpartition("/")[2]
    known.post(
        SECRETARY,
        f"/objections/{objection}/answers",
        body="长廊建在绿化带内侧，已请消防部门看过，不占通道。",
    )
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
