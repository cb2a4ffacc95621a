"""Who keeps away from somebody does not hear of what she says. Needs: db, broker."""

import pytest

from services.contracts import events as e
from services.feed.service import FeedService
from services.feed.settings import Settings as FeedSettings
from services.notify.service import NotifyService
from services.notify.settings import Settings
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import LU, SUN, WANG
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import say
from tests.support.waiting import until

pytestmark = pytest.mark.db


@pytest.fixture
def notify(emptied) -> Inboxes:
    notify = Inboxes(emptied("notify"))
    notify.community(sun="孙奶奶", lu="老陆", ma="马阿姨", li="小李")
    return notify


def away(notify: Inboxes, person: str, named: str = "", hidden: str = "") -> None:
    """From now on she keeps away from these, and from nobody else."""
    notify.know(
        say(e.DistancesChanged, person_id=person, named=named.split(), hidden=hidden.split())
    )


def comment(notify: Inboxes, who: str, **more: object) -> None:
    notify.tell(say(e.CommentPublished, author_id=who, **more))


def test_neither_author_nor_follower_nor_whom_it_answers_hears_whom_she_keeps_away_from(notify):
    notify.tell(say(e.PostPublished, title="借梯子"))
    notify.follow("ma", "post")
    comment(notify, "li")
    for person in ("sun", "ma", "li"):
        away(notify, person, named="lu")
        notify.read(person, all=True)
    comment(notify, "lu", reply_to_author_id="li", mentions=["ma"])
    assert [notify.page(person).unread for person in ("sun", "ma", "li")] == [0, 0, 0]
    comment(notify, "lu", official=True)
    assert [notify.page(person).unread for person in ("sun", "ma", "li")] == [1, 1, 1]
    away(notify, "ma")
    comment(notify, "lu")
    assert [notify.page(person).unread for person in ("sun", "ma", "li")] == [1, 2, 1]
    assert notify.drift() == []


def test_whom_she_muted_with_her_name_may_hide_it_and_is_heard_as_before(notify):
    """Sun hides on her own post: that Ma muted Sun must not tell Ma who hides there."""
    notify.tell(say(e.PostPublished, title="噪音", hide_name=True))
    comment(notify, "ma")
    away(notify, "ma", named="sun")
    comment(notify, "sun")
    assert notify.titles("ma") == ["邻居评论了「噪音」"]
    away(notify, "ma", hidden="sun")
    comment(notify, "sun")
    assert len(notify.titles("ma")) == 1, "as the one who hides there she is not heard"
    notify.tell(say(e.PostPublished, title="借梯子", post_id="other", author_id="li"))
    notify.follow("ma", "other")
    comment(notify, "sun", post_id="other", post_author_id="li")
    assert len(notify.titles("ma")) == 2, "with her name she is somebody else"


def test_before_it_is_known_whether_she_hides_on_her_post_her_words_are_told(notify):
    """The comment overtakes the post: only the post says which face speaks there."""
    comment(notify, "ma")
    away(notify, "ma", named="sun")
    comment(notify, "sun")
    assert len(notify.titles("ma")) == 1
    notify.tell(say(e.PostPublished, title="噪音", hide_name=True))
    comment(notify, "sun")
    assert notify.titles("ma") == ["邻居评论了「噪音」"] * 2


def test_of_distances_nothing_stays_when_either_leaves_for_good(notify):
    away(notify, "sun", named="lu ma")
    away(notify, "li", named="sun", hidden="sun")
    notify.know(say(e.PersonDeleted, person_id="sun"))
    assert notify.scalar("SELECT count(*) FROM distances") == 0
    away(notify, "li", named="sun ma")
    away(notify, "sun", named="lu")
    assert notify.scalar("SELECT string_agg(other_id, ' ') FROM distances") == "ma"


@pytest.mark.broker
def test_a_mute_in_feed_is_known_to_notify_when_the_next_comment_comes(start, db, amqp_url):
    feed, units = db("feed"), db("notify")
    for service, settings, own in (
        (FeedService, FeedSettings, feed),
        (NotifyService, Settings, units),
    ):
        start(service, settings, own.engine.url.render_as_string(hide_password=False), amqp_url)
    notify, street = Inboxes(units), WatchedStreet(feed)
    post = street.post(who=SUN)["id"]
    street.keep_from("lu")
    until(lambda: notify.scalar("SELECT count(*) FROM distances") == 1, what="the distance")
    street.comment(post, LU, body="说几句")
    street.comment(post, WANG, body="谢谢")
    until(lambda: notify.page("sun").unread == 1, what="the second comment")
    speakers = (
        "SELECT string_agg(n.actor_id, ' ') FROM inbox i JOIN notices n ON n.id = i.notice_id "
        "WHERE i.person_id = 'sun'"
    )
    assert notify.scalar(speakers) == "wang"
