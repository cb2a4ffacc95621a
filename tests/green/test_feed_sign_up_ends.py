"""How sign-ups end: with the post, with time, with those who leave. Needs: db, broker."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.contracts.errors import NotFound
from services.contracts.operations.feed.moderation import DecideReport, ReportContent
from services.feed.domain import posts
from services.feed.domain import sign_ups as rules
from services.feed.handlers import decisions, reports, sign_up_ends
from services.feed.models import Post
from services.feed.service import FeedService
from services.feed.settings import Settings
from tests.green.test_feed_service import Bench, until
from tests.support.feed_fair import Fair, ended
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import (
    LU,
    NOON,
    PATH,
    SUN,
    WANG,
    Street,
)

pytestmark = [pytest.mark.db, pytest.mark.broker]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


@pytest.fixture
def fair(street) -> Fair:
    """Two stalls that may be shared, by the committee; it begins in a week."""
    return Fair(street, heads_each=4, shareable=True, starts_at=NOON + 7 * DAY)


@pytest.fixture
def three(fair):
    """Neighbours a, b, c."""
    return [fair.neighbour(name) for name in "abc"]


# -- the end


def test_a_deleted_post_ends_the_event_and_everybody_is_told(fair, three):
    for who in three:
        fair.sign(who)
    fair.street.delete(fair.post, WANG)
    assert fair.told()[-3:] == [(name, "cancelled", "called_off") for name in "abc"]
    assert fair.states() == {}
    with pytest.raises(NotFound):
        fair.sign(SUN)
    assert fair.broken() == {}


def test_a_post_that_was_taken_down_leaves_the_places_as_they_are(fair, three):
    for who in three:
        fair.sign(who)
    fair.street.run(sign_up_ends.end, fair.post, "taken_down", fair.street.now)
    assert fair.told()[-3:] == [
        ("a", "in", "called_off"),
        ("b", "in", "called_off"),
        ("c", "waiting", "called_off"),
    ]
    with pytest.raises(rules.SignUpClosed):
        fair.sign(SUN)
    assert fair.put(closed=False)["may_sign_up"] is True, "it came back and goes on"


def test_a_moderator_takes_the_post_down_and_those_who_signed_up_hear_of_it(street):
    post = street.post(who=SUN, module="services")["id"]
    fair = Fair(street, post=post, who=SUN, capacity=1, starts_at=NOON + DAY)
    fair.sign(LU)
    report = ReportContent(id=post, reason="卖保健品的")
    case = street.run(reports.report_post, report, LU, street.now)
    decision = DecideReport(id=case.id, decision="take_down", reason="借活动卖保健品")
    street.run(decisions.decide, decision, WANG, street.now)
    assert fair.told()[-1] == ("lu", "in", "called_off")
    assert fair.get(SUN)["closed"] is True
    with pytest.raises(posts.PostNotFound):
        fair.sign(fair.neighbour("a"))


@pytest.mark.parametrize("closed", [False, True])
def test_an_appeal_opens_again_what_the_takedown_had_closed(db, closed):
    street = WatchedStreet(db("feed"))
    post = street.post(who=SUN, module="services")["id"]
    fair = Fair(street, post=post, who=SUN, capacity=1, starts_at=NOON + DAY)
    fair.sign(LU)
    fair.put(closed=closed)
    case = street.report(post, LU).id
    street.later(minutes=5)
    street.decide(case)
    assert fair.get(SUN)["closed"] is True
    street.later(minutes=5)
    street.appeal(case)
    street.decide_appeal(case, "keep")
    assert fair.get(SUN)["closed"] is closed, "what the organiser closed stays closed"
    assert fair.states() == {"lu": "in"}


def test_a_post_that_expires_takes_nobody_and_who_waits_is_told(fair, three):
    for who in three:
        fair.sign(who)
    fair.street.update(fair.post, WANG, expires_at=NOON + DAY)
    end = lambda: fair.street.run(sign_up_ends.end_one_over, fair.street.now)  # noqa: E731
    assert end() == 0
    fair.street.later(days=1)
    assert fair.get(SUN)["why_not"] == "feed.sign_up_closed", "also before the timer has come"
    assert end() == 1
    assert fair.told()[-3:] == [
        ("a", "in", "called_off"),
        ("b", "in", "called_off"),
        ("c", "cancelled", "called_off"),
    ]
    assert fair.states() == {"a": "in", "b": "in"}
    assert end() == 0
    fair.cancel(three[0])
    assert fair.broken() == {}


def test_only_what_is_due_is_looked_at_and_no_time_is_never_due(street):
    timeless, soon, later = Fair(street), Fair(street), Fair(street, starts_at=NOON + 3 * DAY)
    street.update(soon.post, WANG, expires_at=NOON + 2 * DAY)
    assert due(street) == [(soon.post, NOON + 2 * DAY), (later.post, NOON + 4 * DAY)]
    street.update(soon.post, WANG, never_expires=True)
    later.put(starts_at=NOON + 3 * DAY, ends_at=NOON + 3 * DAY + HOUR)
    assert due(street) == [(later.post, NOON + 3 * DAY + HOUR)]
    later.put(closed=True, starts_at=NOON + 3 * DAY)
    assert due(street) == []
    later.put(starts_at=NOON + 3 * DAY)
    assert due(street) == [(later.post, NOON + 4 * DAY)]
    street.now = NOON + 4 * DAY
    assert street.run(sign_up_ends.end_one_over, street.now) == 1
    assert street.run(sign_up_ends.end_one_over, street.now) == 0
    assert due(street) == []
    assert [fair.get(SUN)["closed"] for fair in (timeless, soon, later)] == [False, False, True]
    assert later.broken() == {}


def due(street: Street) -> list[tuple[str, datetime]]:
    """What the timer will have to look at, and when."""
    with street.units() as uow:
        rows = uow.session.execute(
            text(
                "SELECT post_id, next_due_at FROM feed_sign_up_events "
                "WHERE next_due_at IS NOT NULL ORDER BY next_due_at"
            )
        )
        return [tuple(row) for row in rows]


def test_an_event_that_is_over_is_closed_in_silence(fair, three):
    for who in three:
        fair.sign(who)
    told = fair.told()
    fair.street.now = NOON + 8 * DAY
    assert fair.street.run(sign_up_ends.end_one_over, fair.street.now) == 1
    assert fair.get(SUN)["closed"] is True
    assert fair.told() == told
    assert fair.states() == {"a": "in", "b": "in", "c": "waiting"}, "it is history"


def test_a_post_that_a_moderator_has_not_seen_yet_takes_nobody(fair, three):
    fair.street.run(_set_state, fair.post, "waiting")
    with pytest.raises(posts.PostNotFound):
        fair.sign(three[0])
    assert fair.put(capacity=5)["capacity"] == 5, "its author prepares it"
    with pytest.raises(posts.PostNotFound):
        fair.sign(WANG)
    assert fair.get(WANG)["may_sign_up"] is False


def _set_state(uow, post, state):
    uow.session.get_one(Post, post).state = state


# -- those who leave


def test_who_leaves_the_community_frees_the_place(fair, three):
    a, _b, _c = three
    for who in three:
        fair.sign(who)
    fair.leave("a")
    assert fair.states() == {"b": "in", "c": "in"}
    assert fair.told()[-2:] == [("a", "cancelled", "left"), ("c", "in", "moved_up")]
    with pytest.raises(NotFound):
        fair.sign(a)
    fair.leave("a")
    assert fair.broken() == {}


def test_a_deleted_account_frees_places_everywhere_and_leaves_no_words(fair, three):
    other = Fair(fair.street, capacity=1)
    for event in (fair, other):
        event.sign(three[0], note="我家电话在门卫")
    fair.delete_account("a")
    assert (fair.states(), other.states()) == ({}, {})
    assert [line["note"] for line in fair.listed(state="cancelled")["items"]] == [""]
    assert fair.listed(state="cancelled")["items"][0]["person"]["display_name"] == "已注销用户"


def test_who_leaves_after_the_event_stays_in_its_history(fair, three):
    fair.sign(three[0])
    fair.street.now = NOON + 8 * DAY
    fair.leave("a")
    assert fair.states() == {"a": "in"}


def test_a_card_that_stays_frees_nothing(fair, three):
    fair.sign(three[0])
    fair.street.card("a", display_name="改名", standing="staff")
    assert fair.states() == {"a": "in"}


def test_who_leaves_is_heard_of_by_the_running_service(street, start, amqp_url, signer):
    fair = Fair(street)
    for name in "abc":
        fair.sign(fair.neighbour(name))
    url = street.units.engine.url.render_as_string(hide_password=False)
    container = start(FeedService, Settings, url, amqp_url)
    bench = Bench(street.units.engine, amqp_url, signer, container.config["KIT_SETTINGS"])
    try:
        bench.tell(ended("b"))
        until(lambda: fair.states() == {"a": "in", "c": "in"})
        me = {"token": signer.token("wang", [("committee_staff", PATH)])}
        sheet = bench.caller.call_as(me, "feed", "export_sign_ups", id=fair.post)["data"]
        assert [row[2] for row in sheet["rows"]] == ["a", "c"]
    finally:
        bench.caller.close()
