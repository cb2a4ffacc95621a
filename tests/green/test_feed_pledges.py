"""Pledges under the neighbours' eyes: deeds, keepers, witnesses, what was kept. Needs: db."""

from datetime import timedelta

import eventlet
import pytest
from sqlalchemy import text

from services.contracts.errors import Forbidden, Invalid, NotFound
from services.feed.domain import party as rules
from services.feed.domain.distances import KeptAway
from services.feed.domain.posts import PostNotFound
from tests.support.feed_garden import DAILY, TEN, Garden
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import (
    LU,
    OBSERVER,
    STRANGER,
    SUN,
    WANG,
    ZHAO,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db):
    street = WatchedStreet(db("feed"))
    street.card("ten", display_name="小田")
    return street


@pytest.fixture
def garden(street):
    return Garden(street)


def test_a_pledge_shows_what_was_done_what_is_missing_and_who_saw_it(street, garden):
    pledge = garden.post("pledge", slots=DAILY)
    photo = street.shelf.put("lu")
    street.later(days=1)
    deed = garden.record(pledge, attachments=[photo])
    garden.witness(deed, SUN, note="碰到他们了")
    street.later(minutes=1)
    garden.witness(deed, WANG, seen=False)
    street.later(days=3)
    found = garden.deeds(pledge)
    assert [(d.on_date, d.seen, d.not_seen, d.seen_by_me) for d in found.items] == [
        (garden.today - timedelta(3), 1, 1, True)
    ]
    assert found.items[0].attachments[0].id == photo
    promise = found.promise
    assert (promise.due, promise.kept, promise.share) == (3, 1, "0.33")
    assert promise.missed == [garden.today - timedelta(1), garden.today - timedelta(2)]
    said = garden.witnesses(deed)["items"]
    assert [(w["person"]["display_name"], w["seen"], w["note"]) for w in said] == [
        ("孙奶奶", True, "碰到他们了"),
        ("小王", False, ""),
    ]
    assert garden.witness(deed, SUN, seen=False)["not_seen"] == 2


def test_the_pledges_of_a_community_are_one_list_with_how_each_is_kept(street, garden):
    patrol = garden.post("pledge", slots=DAILY)
    street.later(days=1)
    deed = garden.record(patrol)
    garden.witness(deed, SUN)
    garden.witness(deed, WANG, seen=False)
    garden.name(patrol, "sun")
    street.later(days=2)
    lesson = garden.post("pledge")
    garden.post("study")
    first = garden.pledges(limit=1)
    assert [one.post_id for one in first.items] == [lesson]
    assert (first.items[0].promise.due, first.items[0].deeds, first.items[0].last_on) == (
        0,
        0,
        None,
    )
    (one,) = garden.pledges(limit=1, cursor=first.next_cursor).items
    assert (one.post_id, one.by.display_name, one.mine) == (patrol, "老陆", False)
    assert (one.deeds, one.seen, one.keepers) == (1, 1, 1)
    assert one.last_on == garden.today - timedelta(2)
    assert one.promise == garden.deeds(patrol).promise
    assert (one.promise.due, one.promise.kept) == (2, 1)
    assert [one.mine for one in garden.pledges(LU).items] == [True, True]


def test_a_pledge_that_is_gone_is_on_no_list_and_strangers_see_none(street, garden):
    pledge = garden.post("pledge", slots=DAILY)
    street.delete(pledge, LU)
    assert garden.pledges().items == []
    with pytest.raises(NotFound):
        garden.pledges(STRANGER)


def test_who_keeps_a_pledge_records_and_does_not_witness(street, garden):
    pledge = garden.post("pledge", slots=DAILY)
    with pytest.raises(rules.NotKeptByHer):
        garden.record(pledge, SUN)
    with pytest.raises(rules.NotKeptByHer):
        garden.name(pledge, "sun", SUN)
    assert garden.name(pledge, "sun") == ["sun"]
    assert garden.name(pledge, "lu") == ["sun"]
    deed = garden.record(pledge, SUN)
    assert deed["by"]["display_name"] == "孙奶奶"
    for who in (SUN, LU):
        with pytest.raises(rules.OwnDeed):
            garden.witness(deed, who)
    assert [garden.deeds(pledge, who).may_record for who in (LU, SUN, WANG)] == [True, True, False]
    with pytest.raises(rules.NotKeptByHer):
        garden.unname(pledge, "sun", WANG)
    assert garden.unname(pledge, "sun", SUN) == []
    with pytest.raises(rules.NotKeptByHer):
        garden.record(pledge, SUN)
    with pytest.raises(rules.OwnDeed):
        garden.witness(deed, SUN)


def test_who_is_blocked_neither_comments_on_a_deed_nor_names_who_blocked_her(street, garden):
    pledge = garden.post("pledge")
    garden.name(pledge, "ten")
    by_author, by_keeper = garden.record(pledge), garden.record(pledge, TEN)
    for blocker, deeds in ((LU, (by_author, by_keeper)), (TEN, (by_keeper,))):
        street.keep_from("sun", blocker, "block")
        for deed in deeds:
            with pytest.raises(KeptAway):
                garden.witness(deed, SUN, seen=False, note="你撒谎")
            assert garden.witness(deed, SUN, seen=False)["not_seen"] == 1, "all may look"
        street.come_near("sun", blocker)
    assert garden.witness(by_keeper, SUN, note="看到了")["seen"] == 1
    street.keep_from("lu", SUN, "block")
    with pytest.raises(KeptAway):
        garden.name(pledge, "sun")
    street.come_near("lu")
    both = garden.name(pledge, "sun")
    assert sorted(both) == ["sun", "ten"]
    street.keep_from("lu", SUN, "block")
    assert garden.name(pledge, "sun") == both, "she is named already, and may resign"


def test_keepers_are_neighbours_and_never_too_many_even_at_once(street, garden):
    pledge = garden.post("pledge")
    for person in ("zhao", "nobody"):
        with pytest.raises(rules.KeeperElsewhere):
            garden.name(pledge, person)
    people = [f"v{number}" for number in range(rules.MOST_KEEPERS + 5)]
    for person in people:
        street.card(person)

    def turn(person):
        try:
            garden.name(pledge, person)
        except rules.TooManyKeepers:
            return "full"
        return "named"

    assert list(eventlet.GreenPool(10).imap(turn, people)).count("named") == rules.MOST_KEEPERS
    assert len(garden.deeds(pledge).keepers) == rules.MOST_KEEPERS


def test_a_changed_schedule_does_not_mend_the_past(street, garden):
    pledge = garden.post("pledge", slots=DAILY)
    street.later(days=5)
    assert garden.deeds(pledge).promise.due == 4
    with street.units() as uow:  # as an edit keeps it
        uow.session.execute(
            text(
                "INSERT INTO feed_post_versions (post_id, version, title, body, extra, "
                "attachments, tags, written_by, written_at) SELECT id, 1, title, body, extra, "
                "attachments, tags, author_id, created_at FROM feed_posts WHERE id = :id"
            ),
            {"id": pledge},
        )
        uow.session.execute(
            text("UPDATE feed_posts SET extra = extra - 'slots', edited_at = :now WHERE id = :id"),
            {"id": pledge, "now": street.now},
        )
        uow.commit()
    street.later(days=5)
    assert garden.deeds(pledge).promise.due == 5


def test_deeds_are_of_pledges_by_name_and_of_days_that_can_be(street, garden):
    pledge = garden.post("pledge")
    for on in (garden.today + timedelta(1), garden.today - timedelta(1)):
        with pytest.raises(Invalid):
            garden.record(pledge, on=on)
    with pytest.raises(rules.PledgeNotFound):
        garden.record(garden.post("study"))
    with pytest.raises(rules.PledgeNotFound):
        garden.deeds(garden.post("study"))
    hidden = garden.post("pledge", hide_name=True)
    with pytest.raises(rules.PledgeNeedsName):
        garden.record(hidden)
    assert garden.deeds(hidden, LU).may_record is False
    street.later(days=10)
    with pytest.raises(rules.DeedTooLate):
        garden.record(pledge, on=garden.today - timedelta(8))
    with pytest.raises(Invalid):
        garden.record(pledge, attachments=["0191d7a0-0000-7000-8000-000000000000"])


def test_strangers_and_observers_take_no_part(street, garden):
    pledge = garden.post("pledge")
    deed = garden.record(pledge)
    for who in (STRANGER, ZHAO):
        for ask in (garden.witness, garden.witnesses):
            with pytest.raises(rules.DeedNotFound):
                ask(deed, who)
        with pytest.raises(PostNotFound):
            garden.deeds(pledge, who)
    with pytest.raises(Forbidden):
        garden.witness(deed, OBSERVER)
    assert len(garden.deeds(pledge, OBSERVER).items) == 1
    with pytest.raises(rules.DeedNotFound):
        garden.witness({"id": "0191d7a0-0000-7000-8000-000000000000"}, SUN)


def test_what_is_taken_down_is_left_alone(street, garden):
    pledge = garden.post("pledge")
    deed = garden.record(pledge)
    with street.units() as uow:
        uow.session.execute(text("UPDATE feed_posts SET state = 'taken_down'"))
        uow.commit()
    with pytest.raises(PostNotFound):
        garden.record(pledge)
    with pytest.raises(rules.DeedNotFound):
        garden.witness(deed, SUN)
    assert garden.deeds(pledge, LU).may_record is False
