"""A plain EventSource of a browser: every piece of news once, whatever happens to the gateway."""

from collections.abc import Callable
from typing import Any

import pytest

from deploy.client import Client
from deploy.demo.people import CODE, PHONES, STAFF
from services.contracts import demo
from tests.browser.conftest import Visitor
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.browser
LISTEN = """() => {
    window.news = []; window.opened = 0; window.named = [];
    const source = new EventSource("/api/v1/me/stream");
    source.onopen = () => { window.opened += 1; };
    source.addEventListener("notification", event => {
        window.news.push(event.lastEventId);
        window.named.push(JSON.parse(event.data).id);
    });
}"""


def test_nothing_is_lost_and_nothing_comes_twice_over_a_restart(
    site: Platform, visitor: Callable[..., Visitor]
) -> None:
    with Client(site.url, patience=60) as api:
        reporter, staff = (api.login(PHONES[name], CODE) for name in ("老陆", STAFF))
        before = {item.id for item in reporter.all_news()}

        def answered(number: int) -> str:
            """A problem that is answered: its reporter is told."""
            issue = reporter.report_issue(
                demo.SHANGYUAN, f"楼道灯不亮 {number}", "三楼", key=f"event-source-{number}"
            ).id
            staff.triage(issue, "consult", key=f"event-source-triage-{number}")
            staff.answer(issue, "今天下午去换。")
            return issue

        def told() -> list[str]:
            found: list[str] = listener.page.evaluate("window.news")
            return found

        def new() -> set[str]:
            return {item.id for item in reporter.all_news()} - before

        def all_told() -> bool:
            known: set[Any] = new()
            return bool(known) and set(told()) >= known

        listener = visitor("event-source")
        listener.expected = {502, 503}
        listener.open("/login")
        listener.log_in(PHONES["老陆"])
        listener.page.evaluate(LISTEN)
        until(lambda: listener.page.evaluate("window.opened") == 1, what="the stream")

        for number in range(3):
            answered(number)
        until(all_told, what="the first news", limit=30)
        heard = len(told())

        answered(3)
        site.stop("gateway")  # what its outbox holds now is told while nobody listens
        first = told()
        site.start_again("gateway")
        answered(4)
        until(lambda: listener.page.evaluate("window.opened") == 2, what="it again", limit=30)
        answered(5)
        until(all_told, what="all the news", limit=40)

        assert len(told()) > heard >= 3
        rest = told()[len(first) :]
        for part in (first, rest):
            assert len(part) == len(set(part)), "something came twice"
        # the browser names the last word that it heard; what was made later and had come before
        # it is told once more, under its id: rather that than lost
        assert all(one > first[-1] for one in set(first) & set(rest))
        heard_so_far = told()
        assert heard_so_far == listener.page.evaluate("window.named")[: len(heard_so_far)]
        until(lambda: set(told()) == new(), what="what is in the inbox, and no more", limit=30)
