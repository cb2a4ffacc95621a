"""A service is stopped: what needs it says 503, the rest goes on, what waited is done once."""

import time

import httpx
import pytest

from deploy.client import Client
from deploy.demo.people import CODE
from services.contracts import demo
from services.contracts.operations.feed import Comment
from tests.chaos.conftest import Shaken
from tests.support.http_asks import assert_problem, send
from tests.support.waiting import until

pytestmark = pytest.mark.chaos

TIMEOUT = 5.0  # seconds that the gateway waits for a service
POSTS = f"/communities/{demo.SHANGYUAN}/posts"


def assert_away(answer: httpx.Response) -> None:
    assert_problem(answer, 503)
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_without_feed_problems_are_reported_and_told_once_it_is_back(shaken: Shaken) -> None:
    platform = shaken.platform
    with Client(platform.url) as api:
        resident = api.login("13800000001", CODE)
        staff = api.login("13800000003", CODE)
        platform.stop("feed")
        began = time.monotonic()
        assert_away(send(resident, "GET", POSTS))
        assert time.monotonic() - began < TIMEOUT + 1

        receipt = resident.report_issue(demo.SHANGYUAN, "楼道堆物", "三楼拐角堆满纸箱。")
        until(lambda: staff.issue(receipt.id).suggestion, what="the suggestion")
        staff.triage(receipt.id, "8x", "S4")
        staff.answer(receipt.id, "已上门劝导，今晚清走。")
        assert resident.me().person.display_name == "孙奶奶"
        assert api.login("13800000002", CODE).name == "老陆"
        until(
            lambda: (
                {"issue_triaged", "issue_answered"}
                <= {news.kind for news in resident.news().items if receipt.id in news.link}
            ),
            what="the news of it",
        )

        platform.start_again("feed")
        until(
            lambda: (
                [line.step for line in thread(resident, receipt.post_id)] == ["triaged", "answered"]
            ),
            what="the story on the thread",
            limit=30,
        )
        assert sum(post.id == receipt.post_id for post in resident.posts(demo.SHANGYUAN)) == 1


def thread(person: Client, post_id: str) -> list[Comment]:
    """The comments; none while the thread is not there yet."""
    answer = send(person, "GET", f"/posts/{post_id}/comments")
    return person.comments(post_id) if answer.status_code == 200 else []


def test_without_identity_who_is_logged_in_goes_on(shaken: Shaken) -> None:
    platform = shaken.platform
    with Client(platform.url) as api:
        resident = api.login("13800000001", CODE)
        resident.posts(demo.SHANGYUAN)
        platform.stop("identity")
        post = send(
            resident,
            "POST",
            POSTS,
            json={"module": "neighbours", "title": "一起散步", "body": "今晚七点中心花园"},
        )
        assert post.status_code == 201, post.text
        began = time.monotonic()
        assert_away(send(api, "POST", "/auth/tokens", json={"phone": "13800000002", "code": CODE}))
        assert time.monotonic() - began < TIMEOUT + 1
        platform.start_again("identity")
        assert api.login("13800000002", CODE).name == "老陆"


@pytest.mark.slow
def test_without_notify_i_still_am_who_i_am(shaken: Shaken) -> None:
    platform = shaken.platform
    with Client(platform.url) as api:
        resident = api.login("13800000001", CODE)
        platform.stop("notify")
        assert resident.me().unread is None
        assert_away(send(resident, "GET", "/me/notifications"))
        platform.start_again("notify")
        assert resident.me().unread is not None


def test_order_waits_for_the_grid_platform(shaken: Shaken) -> None:
    platform = shaken.platform
    with Client(platform.url) as api:
        resident, staff = api.login("13800000001", CODE), api.login("13800000003", CODE)
        platform.stop("grid_platform")
        receipt = resident.report_issue(demo.SHANGYUAN, "毁绿占绿", "商铺占用绿化带。")
        staff.triage(receipt.id, "8x", "X3")
        order = staff.escalate(receipt.id, "有倒塌危险", urgent=True)
        assert staff.work_order(order.no).state == "reported"
        platform.start_again("grid_platform")
        until(
            lambda: staff.work_order(order.no).state != "reported",
            what="the platform's answer",
            limit=30,
        )
        steps = staff.work_order(order.no).steps
        assert [step.seq for step in steps] == list(range(1, len(steps) + 1))
