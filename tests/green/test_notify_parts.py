"""The parts of an inbox, and what can be done with a piece of news from there. Needs: db."""

import pytest

from services.contracts import events as e
from services.contracts.ids import new_id
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db


@pytest.fixture
def notify(emptied) -> Inboxes:
    return Inboxes(emptied("notify"))


def test_the_inbox_has_three_parts_and_says_how_much_of_each_is_unread(notify):
    notify.community()
    notify.on_duty("wang")
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.CommentPublished, post_author_id="wang", author_id="lu"))
    parts = {part: notify.items("wang", about=part) for part in ("mine", "followed", "duty")}
    assert [item.kind for item in parts["duty"]] == ["issue_reported"]
    assert [item.kind for item in parts["mine"]] == ["comment"]
    assert parts["followed"] == []
    counts = notify.page("wang", counts=True, about="duty").counts
    assert counts and counts.model_dump() == {
        "mine": 1, "followed": 0, "duty": 1, "on_duty": True,
    }  # fmt: skip
    notify.read("wang", ids=[parts["mine"][0].id])
    counts = notify.page("wang", counts=True).counts
    assert counts and (counts.mine, counts.duty) == (0, 1)
    assert notify.page("wang").counts is None
    stranger = notify.page(new_id(), counts=True).counts
    assert stranger and not any(stranger.model_dump().values())


def test_the_pages_of_a_part_join_although_other_news_stands_between(notify):
    for n in range(3):
        notify.tell(say(e.IssueEscalated, work_order_no=str(n)))
        notify.tell(say(e.CommentPublished, comment_id=str(n), author_id="lu"))
    first = notify.page("sun", about="mine", limit=4)
    second = notify.page("sun", about="mine", limit=4, cursor=first.next_cursor)
    found = [item.id for page in (first, second) for item in page.items]
    assert found == [item.id for item in notify.items("sun") if item.about == "mine"]
    assert second.next_cursor is None


def test_an_item_says_by_what_it_can_be_muted_and_whether_its_thread_is_followed(notify):
    notify.community(sun="孙奶奶")
    notify.tell(say(e.PostPublished, author_id="sun", module="nearby"))
    notify.tell(say(e.CommentPublished, author_id="lu", post_author_id="sun"))
    (item,) = notify.items("sun")
    assert item.may_mute and item.thread
    assert item.thread.model_dump() == {"id": "post", "follows": True, "muted": False}
    notify.mute("sun", "post")
    notify.unfollow("sun", "post")
    (item,) = notify.items("sun")
    assert item.thread and item.thread.model_dump() == {
        "id": "post", "follows": False, "muted": True,
    }  # fmt: skip
