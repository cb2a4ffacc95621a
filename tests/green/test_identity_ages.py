"""Whether somebody is a minor, and which building a card names. Needs: db."""

from datetime import UTC, date, datetime

import pytest

from services.contracts.events import MemberCardChanged
from services.contracts.operations import identity as op
from services.identity.crypto import BrokenSeal
from services.identity.handlers import ages, desk
from tests.support.identity_world import C_HOME, World, made_up_id, random_vault

pytestmark = pytest.mark.db
BIRTHDAY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # midnight of the 2nd in China


def member(world: World, birth: date):
    """Somebody born on this day who was let in."""
    who = world.person()
    state = world.join(who, id_number=made_up_id(birth))
    cmd = op.DecideMembership(id=state.id, decision="approve")
    world.do(desk.decide_membership, cmd, world.staff(), world.now)
    return who


def asked(world: World, of, by=None, at=BIRTHDAY) -> op.AskedCard:
    cmd = op.GetMemberCard(person_id=of.person_id, community_id=C_HOME)
    return world.do(ages.get_asked_card, world.vault, cmd, by or of, at)


@pytest.mark.parametrize(
    ("birth", "minor"),
    [
        (date(2008, 3, 2), False),
        (date(2008, 3, 3), True),
        (date(2010, 1, 1), True),
        (date(2007, 12, 31), False),
        (date(1949, 10, 1), False),
    ],
)
def test_somebody_is_grown_up_from_the_day_on_which_she_turns_18(world, birth, minor):
    assert asked(world, member(world, birth)).minor is minor


def test_the_day_is_the_one_in_china(world):
    young = member(world, date(2008, 3, 2))
    assert asked(world, young, at=datetime(2026, 3, 1, 15, 59, tzinfo=UTC)).minor is True


def test_nobody_is_told_of_anybody_else(world):
    young, other = member(world, date(2010, 1, 1)), world.person()
    assert asked(world, young, by=other).minor is None


def test_who_showed_no_number_is_of_unknown_age(world):
    assert asked(world, world.staff()).minor is None


def test_the_number_is_opened_in_the_year_that_decides_and_in_no_other(world):
    seventeen, eighteen = member(world, date(2009, 1, 1)), member(world, date(2008, 1, 1))
    stranger = random_vault()  # opens nothing
    cmd = op.GetMemberCard(person_id=seventeen.person_id, community_id=C_HOME)
    assert world.do(ages.get_asked_card, stranger, cmd, seventeen, BIRTHDAY).minor is True
    cmd = op.GetMemberCard(person_id=eighteen.person_id, community_id=C_HOME)
    with pytest.raises(BrokenSeal):
        world.do(ages.get_asked_card, stranger, cmd, eighteen, BIRTHDAY)


def test_no_event_and_no_copy_carries_an_age(world):
    member(world, date(2010, 1, 1))
    (told,) = world.events("member.card_changed.v1")
    assert "minor" not in told and "minor" not in op.MemberCard.model_fields
    assert "minor" not in MemberCardChanged.model_fields


def test_a_card_names_the_building_and_never_the_room(world):
    home = asked(world, member(world, date(1949, 10, 1))).home
    building = world.rows("SELECT path FROM territory WHERE id = 'b-1'")[0].path
    assert home == building
    (told,) = world.events("member.card_changed.v1")
    assert told["home"] == building
    assert asked(world, world.staff()).home == ""
