"""Assisted mode: the token that a helper acts with, and what she sees by it. Needs: db."""

import json

import pytest
from joserfc.jwk import KeySet

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import ObserverReadOnly
from services.contracts.operations import identity as op
from services.identity.domain import assistance as rules
from services.identity.domain.login import SessionEnded
from services.identity.handlers import access, me, places, roles, sessions
from services.kit.tokens import TokenVerifier
from tests.support.assisted import (
    AGREED,
    PHONE,
    logged_in,
    name_helper,
    resident,
    take_phone,
    token,
    without_phone,
)
from tests.support.identity_world import C_HOME, HOME, World, actor

pytestmark = pytest.mark.db


@pytest.fixture
def sun(world) -> Actor:
    return resident(world)


@pytest.fixture
def daughter(world) -> Actor:
    """Somebody from elsewhere with an account."""
    return logged_in(world, world.person(PHONE))


@pytest.fixture
def phoneless(world) -> Actor:
    return without_phone(world)


@pytest.fixture
def read(world, tmp_path):
    """Turns an assisted token into the actor that every service sees."""
    keys = world.issuer._keys
    assert isinstance(keys, KeySet)
    (tmp_path / "jwks.json").write_text(json.dumps(keys.as_dict(private=False)))
    verifier = TokenVerifier(tmp_path / "jwks.json")
    return lambda made: verifier.verify(made.access_token)


def test_the_token_is_hers_in_the_helpers_session_with_her_homes_alone(world, sun, daughter, read):
    world.do(
        roles.grant_role,
        op.GrantRole(person_id=sun.person_id, role=Role.VOLUNTEER, scope=HOME),
        world.person("", (Role.SECRETARY, HOME)),
        world.now,
    )
    made = token(world, daughter, name_helper(world, sun).id)
    assert (made.expires_in, made.person.id, made.acted_by.id) == (
        900,
        sun.person_id,
        daughter.person_id,
    )
    acting = read(made)
    assert (acting.person_id, acting.acted_by, acting.session_id) == (
        sun.person_id,
        daughter.person_id,
        daughter.session_id,
    )
    assert acting.grants == (Grant(Role.RESIDENT, HOME),), "homes, and no office"


def test_somebody_who_lives_nowhere_yet_can_be_helped_to_join(world, daughter, read):
    newcomer = world.person()
    acting = read(token(world, daughter, name_helper(world, newcomer).id))
    assert acting.grants == ()
    joined = world.join(acting)
    assert world.membership(joined.id).person_id == newcomer.person_id
    page = world.do(me.get_me, acting, world.now, read=True)
    assert [m.id for m in page.memberships] == [joined.id], "what she asked for, she sees"


def test_the_services_there_learn_the_helpers_name_but_she_has_no_standing(world, sun, daughter):
    token(world, daughter, name_helper(world, sun).id)
    (card,) = [
        c for c in world.events("member.card_changed.v1") if c["person_id"] == daughter.person_id
    ]
    assert (card["community_id"], card["standing"]) == (C_HOME, "ended")
    assert card["display_name"].startswith("人")


def test_only_who_was_named_gets_one(world, sun, daughter):
    made = name_helper(world, sun)
    stranger = logged_in(world, world.person())
    for who in (stranger, logged_in(world, sun)):
        with pytest.raises(rules.AssistanceNotFound):
            token(world, who, made.id)
    with pytest.raises(rules.AssistanceNotFound):
        token(world, daughter, "no-such")
    token(world, daughter, made.id)
    later_owner = logged_in(world, moved_phone(world, daughter))
    with pytest.raises(rules.AssistanceNotFound):
        token(world, later_owner, made.id)


def moved_phone(world: World, who: Actor) -> Actor:
    """Somebody new who was given the number that was ``who``'s."""
    take_phone(world, who)
    return world.person(PHONE)


def test_a_session_that_is_over_makes_no_tokens(world, sun, daughter):
    made = name_helper(world, sun)
    world.do(sessions.revoke_token, daughter, world.clock)
    with pytest.raises(SessionEnded):
        token(world, daughter, made.id)
    with pytest.raises(SessionEnded):
        token(world, actor(daughter.person_id, session_id="never"), made.id)


@pytest.mark.parametrize("which", ["helper", "subject"])
def test_who_only_watches_neither_helps_nor_is_spoken_for(world, sun, daughter, which):
    made = name_helper(world, sun)
    watcher = {"helper": daughter, "subject": sun}[which]
    world.do(
        roles.grant_role,
        op.GrantRole(person_id=watcher.person_id, role=Role.OBSERVER, scope="d.t"),
        world.person("", (Role.TOWN_ADMIN, "d.t")),
        world.now,
    )
    with pytest.raises(ObserverReadOnly):
        token(world, daughter, made.id)


# -- staff help in office --------------------------------------------------------------------------


@pytest.fixture
def wang(world) -> Actor:
    return logged_in(world, world.person("13955556666", (Role.COMMITTEE_STAFF, HOME)))


@pytest.fixture
def in_office(world, wang, phoneless) -> str:
    cmd = {"person_id": phoneless.person_id, **AGREED}
    return name_helper(world, wang, "13955556666", **cmd).id


def test_a_staff_helper_acts_in_her_own_community_only(world, wang, in_office, phoneless, read):
    with world.units() as uow:
        uow.session.connection().exec_driver_sql(
            "INSERT INTO memberships (id, person_id, community_id, estate_id, building_id, room, "
            "room_key, relation, status, finding, requested_at) VALUES ('m-2', %s, 'c-other', "
            "'e-2', 'b-9', '1', '1', 'owner', 'active', 'match', now())",
            (phoneless.person_id,),
        )
        uow.commit()
    acting = read(token(world, wang, in_office))
    assert acting.grants == (Grant(Role.RESIDENT, HOME),)
    page = world.do(me.get_me, acting, world.now, read=True)
    assert [m.community.id for m in page.memberships] == [C_HOME]
    mine = world.do(places.list_communities, op.ListCommunities(), acting, read=True)
    assert [c.id for c in mine.items] == [C_HOME]


def test_each_time_staff_act_for_somebody_is_written_down(world, wang, in_office, phoneless):
    token(world, wang, in_office)
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), phoneless, read=True).items
    assert [(e.actor.id, e.actor_role, e.purpose) for e in log] == [
        (wang.person_id, "committee_staff", "以您的名义代办")
    ]


def test_help_in_office_ends_with_the_office(world, wang, in_office):
    (grant,) = world.rows(
        "SELECT id FROM grants WHERE person_id = :p AND revoked_at IS NULL", p=wang.person_id
    )
    secretary = world.person("", (Role.SECRETARY, HOME))
    world.do(roles.revoke_role, op.RevokeRole(id=grant.id), secretary, world.now)
    with pytest.raises(rules.OfficeLeft):  # though the token of the session still names it
        token(world, wang, in_office)


def test_a_token_without_the_office_is_not_enough(world, wang, in_office):
    """As long as the second factor is missing, offices are left out of the token."""
    with pytest.raises(rules.OfficeLeft):
        token(world, Actor(wang.person_id, wang.session_id, (), 2**31), in_office)


def test_an_office_that_has_run_out_is_none(world, wang, in_office):
    with world.units() as uow:
        uow.session.connection().exec_driver_sql(
            "UPDATE grants SET expires_at = %s WHERE person_id = %s", (world.now, wang.person_id)
        )
        uow.commit()
    with pytest.raises(rules.OfficeLeft):
        token(world, wang, in_office)


# -- my page, as a helper sees it ------------------------------------------------------------------


def test_a_helper_sees_who_really_calls_and_nothing_sensitive(world, sun, daughter, read):
    secretary = world.person("", (Role.SECRETARY, HOME))
    cmd = op.GrantRole(person_id=sun.person_id, role=Role.PARTY_MEMBER, scope=HOME)
    world.do(roles.grant_role, cmd, secretary, world.now)
    acting = read(token(world, daughter, name_helper(world, sun).id))
    page = world.do(me.get_me, acting, world.now, read=True)
    assert (page.person.id, page.acted_by.id) == (sun.person_id, daughter.person_id)
    assert (page.roles, page.badges) == ([], [])
    assert [m.room for m in page.memberships] == ["402"]
    own = world.do(me.get_me, sun, world.now, read=True)
    assert own.acted_by is None and own.badges
