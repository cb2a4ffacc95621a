"""Where a member lives, how long a membership runs, and what ends with it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.actor import COMMITTEE, Role
from services.identity.domain.membership import ReasonNeeded, Status
from services.identity.domain.roles import GRANTED_BY, HeldRole
from services.identity.domain.tenure import (
    ENDS_WITH_TIE,
    RELATIONS,
    ExpiryImpossible,
    MembershipOver,
    NotDecidedYet,
    RelationImpossible,
    ResidenceImpossible,
    ends_with_tie,
    require_endable,
    require_expiry,
    require_extendable,
    residence,
)

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 25, tzinfo=UTC)
LATER = NOW + timedelta(days=365)


@pytest.mark.parametrize("kind", RELATIONS)
def test_without_a_word_about_it_who_is_away_is_away_and_everybody_else_lives_there(kind):
    found = {relation: residence(kind, relation, None) for relation in RELATIONS[kind]}
    assert {relation for relation, where in found.items() if where == "away"} <= {"away"}
    assert found.get("away", "away") == "away"


def test_a_villager_and_an_owner_may_live_elsewhere_and_stay_members():
    assert residence("village", "villager", "away") == "away"
    assert residence("urban", "owner", "away") == "away"
    assert residence("urban", "family", "away") == "away"


@pytest.mark.parametrize(
    ("kind", "relation", "given"),
    [
        ("village", "away", "local"),
        ("village", "migrant", "away"),
        ("urban", "tenant", "away"),
        ("urban", "operator", "away"),
    ],
)
def test_a_residence_that_contradicts_the_relation_is_refused(kind, relation, given):
    with pytest.raises(ResidenceImpossible) as refused:
        residence(kind, relation, given)
    assert [e.field for e in refused.value.errors] == ["residence"]


@pytest.mark.parametrize(
    ("kind", "relation"),
    [("urban", "villager"), ("urban", "away")],
)
def test_nobody_is_what_such_a_community_does_not_have(kind, relation):
    with pytest.raises(RelationImpossible):
        residence(kind, relation, None)


@pytest.mark.parametrize("relation", ["tenant", "operator", "migrant"])
def test_who_is_there_for_a_time_may_have_an_end_that_lies_ahead(relation):
    require_expiry(relation, LATER, NOW)
    require_expiry(relation, None, NOW)
    for at in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(ExpiryImpossible):
            require_expiry(relation, at, NOW)


@pytest.mark.parametrize("relation", ["owner", "family", "villager", "away"])
def test_nobody_else_has_an_end(relation):
    require_expiry(relation, None, NOW)
    with pytest.raises(ExpiryImpossible):
        require_expiry(relation, LATER, NOW)
    with pytest.raises(ExpiryImpossible):
        require_extendable(Status.ACTIVE, relation, None, NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.PENDING, NotDecidedYet),
        (Status.REFUSED, MembershipOver),
        (Status.ENDED, MembershipOver),
    ],
)
def test_only_what_runs_is_extended(status, error):
    require_extendable(Status.ACTIVE, "tenant", LATER, NOW)
    with pytest.raises(error):
        require_extendable(status, "tenant", LATER, NOW)


ENDABLE = {
    (Status.ACTIVE, True): None,
    (Status.PENDING, True): None,
    (Status.REFUSED, True): MembershipOver,
    (Status.ENDED, True): MembershipOver,
    (Status.ACTIVE, False): None,
    (Status.PENDING, False): NotDecidedYet,
    (Status.REFUSED, False): MembershipOver,
    (Status.ENDED, False): MembershipOver,
}


@pytest.mark.parametrize(("status", "own"), ENDABLE)
def test_who_may_end_what(status, own):
    error = ENDABLE[status, own]
    if error is None:
        require_endable(status, own=own, reason="搬走")
    else:
        with pytest.raises(error):
            require_endable(status, own=own, reason="搬走")


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_the_committee_says_why_and_the_person_need_not(reason):
    require_endable(Status.ACTIVE, own=True, reason=reason)
    with pytest.raises(ReasonNeeded):
        require_endable(Status.ACTIVE, own=False, reason=reason)


def test_roles_of_the_place_end_with_the_last_tie_and_offices_and_the_branch_s_word_do_not():
    ending = {role for role in GRANTED_BY if ends_with_tie(HeldRole(role, "d.t.a"), "d.t.a")}
    assert ending == ENDS_WITH_TIE
    assert not ending & (COMMITTEE | {Role.PARTY_MEMBER, Role.PROPERTY_MANAGER, Role.OBSERVER})


@pytest.mark.parametrize(
    ("path", "ends"), [("d.t.a", True), ("d.t.a.e1", True), ("d.t.ab", False), ("d.t.b", False)]
)
def test_they_end_at_that_community_and_below_alone(path, ends):
    assert ends_with_tie(HeldRole(Role.VOLUNTEER, path), "d.t.a") is ends
