"""The demo's charity sale, as its neighbours find it. Needs: db."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts import demo
from services.contracts.demo import demo_id
from services.contracts.operations import feed
from services.contracts.operations.feed import sign_ups as ops
from services.feed import seed, seed_sign_ups
from services.feed.domain import sign_ups as rules
from services.feed.handlers import sign_ups
from tests.support.feed_fair import Fair
from tests.support.feed_street import Street, actor

pytestmark = pytest.mark.db
SALE = demo_id(11, 1)


def test_the_sale_is_planted_once_and_one_may_sign_up_for_it(db):
    street = Street(db("feed"))
    street.community(demo.SHANGYUAN, demo.PATH_SHANGYUAN + ".demo", "urban")
    street.card(demo.GRANNY_SUN, cid=demo.SHANGYUAN, path=demo.PATH_SHANGYUAN + ".demo")
    now = datetime.now(UTC)
    for expected in (True, False):
        with street.units() as uow:
            seed.seed(uow, now)
            assert seed_sign_ups.seed(uow, now) is expected
            uow.commit()
    assert street.emitted() == []
    fair = Fair(street)
    assert fair.broken() == {}
    granny = actor(demo.GRANNY_SUN)
    seen = street.run(sign_ups.get_event, feed.OfPost(id=SALE), granny, now, read_only=True)
    assert (seen.capacity, seen.taken, seen.parties, seen.may_sign_up) == (12, 7, 8, True)
    assert seen.why_not is None
    signed = street.run(sign_ups.sign_up, ops.PutSignUp(id=SALE, heads=2), granny, now)
    assert (signed.mine.state, signed.mine.stall) == ("in", 8)
    assert fair.broken() == {}


@pytest.mark.parametrize("day", range(1, 8))
def test_it_begins_on_a_saturday_for_which_one_can_still_sign_up(day):
    now = datetime(2026, 3, day, 23, 30, tzinfo=UTC)
    starts_at = seed_sign_ups.next_saturday(now)
    assert (starts_at.weekday(), starts_at.hour) == (5, 9)
    assert timedelta(hours=12) < starts_at - now < timedelta(days=8)


def test_the_families_could_have_signed_up_themselves():
    for family in seed_sign_ups.FAMILIES:
        ops.PutSignUp(id=SALE, heads=family.heads, note=family.note)
        assert set(family.code) <= set(rules.ALPHABET)
        assert len(family.code) == rules.CODE_LENGTH
    assert len({family.who for family in seed_sign_ups.FAMILIES}) == len(seed_sign_ups.FAMILIES)
