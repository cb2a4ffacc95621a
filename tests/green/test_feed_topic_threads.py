"""A post is told what became of the question that came from it. Needs: db."""

import pytest

from services.contracts import events as e
from services.contracts.ids import new_id
from services.feed import topic_threads
from tests.support.feed_street import CID, LU, PATH, SUN, Street
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def tell(street: Street, event: e.Event, event_id: str | None = None) -> None:
    street.run(topic_threads.tell_topic_story, event, event_id or new_id(), street.now)


def of_topic(kind, post_id, **facts):
    where = {"community_id": CID, "path": PATH, "from_post_id": post_id}
    return say(kind, **where, **facts)


def test_from_the_question_to_the_covenant_the_post_tells_it_once_and_in_order(street):
    post = street.post(who=SUN)
    raised = of_topic(e.TopicRaised, post["id"])
    once = new_id()
    for _ in range(2):
        tell(street, raised, once)
    street.later(minutes=1)
    tell(street, of_topic(e.TopicAdvanced, post["id"], was="raised", state="screened"))
    street.later(minutes=1)
    tell(street, of_topic(e.TopicAdvanced, post["id"], was="publicity", state="adopted"))
    street.later(minutes=1)
    tell(street, of_topic(e.CovenantAdopted, post["id"], title="停车公约"))
    told = street.comments(post["id"], LU)["items"]
    assert [(one["step"], one["official"]) for one in told] == [
        ("topic_raised", False),
        ("topic_screened", True),
        ("topic_adopted", True),
        ("covenant_adopted", True),
    ]
    assert told[1]["author"]["display_name"] == "居委会"
    assert street.get(post["id"])["comment_count"] == 4


def test_a_topic_from_no_post_and_a_post_that_is_gone_are_no_trouble(street):
    street.post(who=SUN)
    tell(street, of_topic(e.TopicRaised, None))
    tell(street, of_topic(e.TopicRaised, "gone"))
    assert "post.changed.v1" not in street.types()
