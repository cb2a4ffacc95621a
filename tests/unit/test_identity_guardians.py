"""Below 14: who is a child, who can be its guardian, and when the account ends."""

from datetime import date

import pytest

from services.contracts.actor import Role
from services.identity.domain import guardians, roles
from services.identity.domain.guardians import GuardianUnknown, NotAChild, ends_on
from services.identity.domain.id_number import IdNumber
from services.identity.domain.membership import GuardianNeeded, require_age
from services.identity.domain.roles import HeldRole
from tests.support.identity_world import NOW

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("birth", [date(2012, 11, 23), date(2012, 11, 24), date(2020, 2, 29)])
def test_everybody_is_either_a_child_or_joins_alone(birth):
    number = IdNumber(text="x", birth=birth, sex="female")
    refused = []
    for rule, error in ((guardians.require_child, NotAChild), (require_age, GuardianNeeded)):
        try:
            rule(number, TODAY)
        except error:
            refused.append(error)
    assert refused == [NotAChild if birth == date(2012, 11, 23) else GuardianNeeded]


@pytest.mark.parametrize(
    ("birth", "end"),
    [
        (date(2017, 6, 1), date(2031, 7, 1)),
        (date(2017, 6, 30), date(2031, 7, 1)),
        (date(2017, 12, 31), date(2032, 1, 1)),
        (date(2016, 2, 29), date(2030, 3, 1)),
    ],
)
def test_the_end_is_after_the_14th_birthday_and_names_no_day_of_it(birth, end):
    assert ends_on(birth) == end


@pytest.mark.parametrize("year", [None, 2008, 2010])
def test_at_home_a_guardian_is_grown_up_for_certain(year):
    with pytest.raises(GuardianNeeded):
        guardians.require_known_adult(year, TODAY)


def test_at_the_desk_only_who_cannot_be_grown_up_is_refused():
    guardians.require_known_adult(2007, TODAY)
    for year in (None, 2008, 1950):
        guardians.require_possible_adult(year, TODAY)
    with pytest.raises(GuardianUnknown):
        guardians.require_possible_adult(2009, TODAY)


def test_a_child_stands_as_a_child_only_where_it_is_a_member():
    held = [HeldRole(Role.RESIDENT, "d.t.home", None)]
    standing = [roles.standing(at, held, "d.t.home", NOW, is_child=True) for at in (True, False)]
    assert standing == ["child", "ended"]
