"""Whom posts and comments name, and who does not want to hear. Needs: db."""

import pytest

from services.contracts.operations.feed import keeping_away as ops
from services.feed.handlers import keeping_away
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import LU, SUN, WANG

pytestmark = pytest.mark.db


@pytest.fixture
def street(emptied) -> WatchedStreet:
    street = WatchedStreet(emptied("feed"))
    for person, facts in {
        "twin1": {"display_name": "小张"},
        "twin2": {"display_name": "小张"},
        "gone": {"display_name": "老钱", "standing": "ended"},
        "child": {"display_name": "豆豆", "standing": "child"},
    }.items():
        street.card(person, **facts)
    return street


def published(street, kind: str) -> list[str]:
    return [body["mentions"] for name, body in street.emitted() if name == kind][-1]


def keep_away(street, who, other, kind) -> None:
    cmd = ops.SetDistance(person_id=other.person_id, kind=kind)
    street.run(keeping_away.set_distance, cmd, who, street.now)


def test_names_in_title_and_body_are_neighbours_of_this_community_only(street):
    street.post(who=SUN, title="@老陆 借梯子", body="@小张 @老钱 @豆豆 @孙奶奶 @没有的人")
    assert published(street, "post.published.v1") == ["lu"], "no twin, nobody gone, no child, no me"
    post = street.post(who=SUN)["id"]
    assert published(street, "post.published.v1") == []
    street.comment(post, LU, "谢谢@孙奶奶！")
    assert published(street, "comment.published.v1") == ["sun"]
    street.post(who=LU, body="@孙奶奶", hide_name=True)
    assert published(street, "post.published.v1") == ["sun"], "whose name notify hides"


def test_whoever_keeps_away_is_not_called_and_everybody_hears_an_office(street):
    keep_away(street, SUN, LU, "mute")
    post = street.post(who=LU, body="@孙奶奶 在吗")["id"]
    assert published(street, "post.published.v1") == []
    street.comment(post, SUN, "@老陆 听不到")
    assert published(street, "comment.published.v1") == ["lu"], "a mute goes one way"
    keep_away(street, LU, SUN, "block")
    other = street.post(who=WANG)["id"]
    street.comment(other, LU, "@孙奶奶 ")
    assert published(street, "comment.published.v1") == []
    street.comment(other, WANG, "@孙奶奶 @老陆 请来居委会")
    assert published(street, "comment.published.v1") == ["sun", "lu"]


def test_a_text_without_marks_costs_no_question(street):
    post = street.post(who=SUN)["id"]
    plain = street.statements(lambda: street.comment(post, LU, "好的，谢谢"))
    marked = street.statements(lambda: street.comment(post, LU, "好的，谢谢@孙奶奶@老陆@小张"))
    assert len(marked) - len(plain) == 2, "one for the names, one for who keeps away"
