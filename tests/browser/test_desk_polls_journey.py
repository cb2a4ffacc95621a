"""A vote by its desk: from an accepted proposal to the opened poll, and from the close to the
result that its supervisor signed. Two moments are set, as nobody waits a week for a test.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from services.contracts import demo
from tests.browser.conftest import DESK, Visitor
from tests.browser.places import GRANNY_SUN, HOME, SECRETARY, Known
from tests.browser.places.polls import accepted
from tests.browser.vote_moments import SECONDS, close_now, open_now
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.browser
SUPERVISOR = "13800000031"
TITLE = "楼道里不堆杂物"


def prepare(desk: Visitor) -> str:
    """A page a step, from the list of what is to be done; the id of the poll that was announced."""
    page = desk.page
    page.get_by_role("link", name=TITLE).click()
    page.fill("[name=a0_text]", "楼道是大家的，不堆杂物。")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("未核实").first).to_be_visible()
    page.get_by_label("居民会议").check()
    desk.picture("rules")
    page.get_by_role("button", name="下一步").click()
    # nearly everybody who was asked is away: of two thousand one is enough
    page.get_by_text("自己定比例").click()
    page.fill("[name=rule_set_share_present]", "1/2000")
    page.fill("[name=try_roll]", "1560")
    page.fill("[name=try_for]", "1")
    page.get_by_role("button", name="算一算").click()
    expect(page.locator("#try [role=status]")).to_contain_text("通过")
    desk.picture("terms")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("[name=opens_at]")).not_to_have_value("")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="存成新的一稿").click()
    expect(page.get_by_role("status")).to_contain_text("存好了")
    desk.picture("kept")
    page.get_by_label("文本、规则、时间都看过了").check()
    page.get_by_role("button", name="公示", exact=True).click()
    expect(page.get_by_role("heading", name="办这次表决")).to_be_visible()
    return page.url.rpartition("/")[2]


def test_a_vote_is_prepared_opened_counted_and_signed(
    site: Platform, known: Known, visitor: Callable[..., Visitor]
) -> None:
    accepted(known, TITLE, ("supervision",))
    desk = visitor("vote-desk", size=DESK)
    desk.open("/console/polls")
    desk.log_in(SECRETARY)
    poll = prepare(desk)

    open_now(site, known, poll)
    known.post(GRANNY_SUN, f"/polls/{poll}/ballots", choice="for")
    until(
        lambda: known.get(SECRETARY, f"/polls/{poll}")["turnout"]["online"] == 1,
        what="the turnout, which is told once a second",
        limit=SECONDS,
    )
    desk.open(f"/console/polls/{poll}")
    roll = known.get(SECRETARY, f"/polls/{poll}")["turnout"]["roll"]  # others may have joined
    expect(desk.page.locator("#turnout")).to_contain_text(f"1 / {roll}")
    assert desk.page.locator("#result").count() == 0
    desk.picture("open")
    desk.open(f"/console/polls/{poll}/roll?place=101")
    expect(desk.page.locator("#lookup li").first).to_be_visible()
    expect(desk.page.get_by_role("button", name="更正名册")).to_have_attribute(
        "aria-disabled", "true"
    )

    close_now(site, known, poll)
    desk.open(f"/console/polls/{poll}")
    expect(desk.page.locator("#result")).to_contain_text("通过了")
    expect(desk.page.locator("#result")).to_contain_text("同意 1，反对 0，弃权 0")
    with desk.page.expect_download() as whole:
        desk.page.get_by_role("link", name="下载整次表决（JSON）").click()
    assert whole.value.suggested_filename == f"poll-{poll}.json"
    expect(desk.page.locator("#export .progress")).to_contain_text("下载好了")
    assert desk.page.get_by_text("监督委员会确认结果").count() == 0
    desk.picture("result")

    person = demo.PERSON_BY_PHONE[SUPERVISOR]
    known.post(SECRETARY, "/roles", person_id=person, role="supervisor", scope=HOME)
    other = visitor("vote-supervisor")
    other.open(f"/console/polls/{poll}")
    other.log_in(SUPERVISOR)
    other.page.get_by_text("监督委员会确认结果").click()
    other.page.locator("[name=decision][value=sign]").check()
    other.page.fill("[name=note]", "名册、票数、算式都核对过。")
    other.picture("sign")
    other.page.get_by_role("button", name="签下").click()
    expect(other.page.locator("#result")).to_contain_text("已确认")
    other.picture("signed")
