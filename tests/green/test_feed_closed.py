"""A post that is over, or whose module is off, is read and not added to. Needs: db."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.contracts.errors import ShequError
from services.contracts.operations import feed
from services.contracts.operations.feed import sign_ups as ops
from services.feed.domain import posts, speaking
from services.feed.domain.aid import AidClosed
from services.feed.domain.sign_ups import SignUpClosed
from services.feed.handlers import sign_ups
from tests.support.feed_aid import CHEN, AidStreet
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import CID, LU, PATH, SUN, WANG

pytestmark = pytest.mark.db
OURS = """{"name": "聚会", "name_en": "Gatherings", "works": ["sign_up", "aid", "idle"],
    "fields": [{"key": "kind", "kind": "choice", "name": "类型", "name_en": "Kind", "lines": false,
        "choices": [{"key": "offer", "name": "我能帮", "name_en": "Offer"}]}]}"""


class ClosedStreet(AidStreet, WatchedStreet):
    """A street in which modules are switched off, and posts come to their end."""

    def sign(self, use: Callable[..., Any], cmd: Any, who: Any) -> Any:
        return self.run(use, cmd, who, self.now)

    def change(self, statement: str) -> None:
        with self.units() as uow:
            uow.session.execute(text(statement), {"now": self.now})
            uow.commit()


@pytest.fixture
def street(db) -> ClosedStreet:
    street = ClosedStreet(db("feed"))
    street.module("gatherings", OURS)
    return street


def switched_off(street: ClosedStreet) -> None:
    street.change("UPDATE feed_modules SET switched_on = false")


def given_up(street: ClosedStreet) -> None:
    street.change("DELETE FROM feed_modules")


def not_listed(street: ClosedStreet) -> None:
    street.community(CID, PATH, "urban", ["announcements"])


def over(street: ClosedStreet) -> None:
    street.change("UPDATE feed_posts SET expires_at = :now")


def put(post: str, **terms: Any) -> ops.PutSignUpEvent:
    return ops.PutSignUpEvent(id=post, unit="person", **terms)


@pytest.mark.parametrize(
    ("module", "closes", "why"),
    [
        ("gatherings", switched_off, speaking.ModuleOff),
        ("gatherings", given_up, speaking.ModuleOff),
        ("mutual_aid", not_listed, speaking.ModuleOff),
        ("gatherings", over, posts.PostOver),
        ("mutual_aid", over, posts.PostOver),
    ],
)
def test_nobody_adds_to_a_post_that_is_closed_and_everybody_reads_it(street, module, closes, why):
    post = street.post(SUN, module=module, extra={"kind": "offer"})["id"]
    comment = street.comment(post, LU)["id"]
    asked = street.ask(post, LU)
    closes(street)
    tries: dict[str, Callable[[], Any]] = {
        "comment": lambda: street.comment(post, LU),
        "like": lambda: street.like(post, LU),
        "like_comment": lambda: street.like_comment(comment, SUN),
        "handshake": lambda: street.ask(post, CHEN),
        "agree": lambda: street.step(asked, "agree", SUN),
        "edit": lambda: street.update(post, SUN, body="改过"),
        "open": lambda: street.open(post, SUN, to=True),
    }
    before = len(street.types())
    refused = {}
    for name, attempt in tries.items():
        with pytest.raises(ShequError) as error:
            attempt()
        refused[name] = type(error.value)
    expected = dict.fromkeys(tries, why)
    if closes is given_up:
        expected["comment"] = speaking.MayNotComment
    if closes is over:
        expected["handshake"] = AidClosed
    assert refused == expected
    assert len(street.types()) == before
    assert street.get(post, LU)["comment_count"] == 1
    assert len(street.comments(post, LU)["items"]) == 1
    assert street.step(asked, "cancel", LU)["state"] == "cancelled"
    street.delete_comment(comment, LU)
    street.delete(post, SUN)


@pytest.mark.parametrize(
    ("closes", "why"),
    [(switched_off, speaking.ModuleOff), (given_up, speaking.ModuleOff), (over, SignUpClosed)],
)
def test_nobody_signs_up_where_a_post_is_closed_and_who_has_a_place_may_give_it_up(
    street, closes, why
):
    post = street.post(SUN, module="gatherings")["id"]
    street.sign(sign_ups.put_event, put(post), SUN)
    street.sign(sign_ups.sign_up, ops.PutSignUp(id=post), LU)
    closes(street)
    with pytest.raises(why):
        street.sign(sign_ups.sign_up, ops.PutSignUp(id=post), CHEN)
    with pytest.raises(ShequError):
        street.sign(sign_ups.put_event, put(post, capacity=9), SUN)
    seen = street.sign(sign_ups.get_event, feed.OfPost(id=post), CHEN)
    assert (seen.may_sign_up, seen.why_not) == (False, SignUpClosed.code)
    assert street.sign(sign_ups.cancel, feed.OfPost(id=post), LU).mine is None
    if closes is not given_up:
        assert street.sign(sign_ups.put_event, put(post, closed=True), SUN).closed


def test_a_moderator_still_decides_about_what_is_closed(street):
    post = street.post(SUN, module="gatherings")["id"]
    switched_off(street)
    street.decide(street.report(post, LU).id, "take_down")
    assert street.get(post, WANG)["state"] == "taken_down"


def test_an_author_who_says_a_new_end_goes_on_writing(street):
    post = street.post(SUN, expires_at=street.now + timedelta(hours=1))["id"]
    street.later(hours=2)
    with pytest.raises(posts.PostOver):
        street.update(post, SUN, body="改过")
    assert street.update(post, SUN, body="改过", never_expires=True)["body"] == "改过"
    assert street.comment(post, LU)["state"] == "shown"
