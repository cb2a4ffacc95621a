"""In which office somebody looks at another's data."""

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.identity.domain import offices

HOME = "d.t.home"


@pytest.mark.parametrize(
    ("grants", "path", "office"),
    [
        ([(Role.SECRETARY, HOME), (Role.COMMITTEE_STAFF, HOME)], HOME, Role.SECRETARY),
        ([(Role.COMMITTEE_STAFF, HOME), (Role.DISTRICT_ADMIN, "d")], HOME, Role.COMMITTEE_STAFF),
        ([(Role.OBSERVER, "d.t"), (Role.SECRETARY, "d.t.other")], HOME, Role.OBSERVER),
        ([(Role.RESIDENT, HOME), (Role.TOWN_ADMIN, "d.t")], HOME, Role.TOWN_ADMIN),
        ([(Role.AUDITOR, "d")], None, Role.AUDITOR),
        ([(Role.RESIDENT, HOME), (Role.PARTY_MEMBER, HOME)], HOME, Role.RESIDENT),
        ([], HOME, Role.RESIDENT),
    ],
)
def test_the_nearest_office_looks_and_of_two_the_weightiest(grants, path, office):
    who = Actor("p", "s", tuple(Grant(*grant) for grant in grants), 0)
    assert offices.held(who, path) is office
