"""Assisted mode: who may act for whom, how it is agreed, and how it ends. Needs: db."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Invalid, ObserverReadOnly
from services.contracts.operations import identity as op
from services.identity.domain import assistance as rules
from services.identity.domain import names
from services.identity.domain.login import SessionEnded
from services.identity.handlers import access, assistance, consents, me, places, roles, sessions
from services.identity.models import SessionRow
from services.identity.repository import PersonNotFound
from services.kit.tokens import TokenVerifier
from tests.support.identity_world import C_HOME, HOME, NOW, OTHER, World, actor, made_up_id

pytestmark = pytest.mark.db

PHONE = "13911112222"
MASKED = "139****2222"


@pytest.fixture(scope="module")
def units(make_module_database):
    from services.kit.db import make_engine
    from services.kit.uow import UnitOfWorkFactory

    engine = make_engine(make_module_database("identity"), pool=10)
    yield UnitOfWorkFactory(engine, "identity")
    engine.dispose()


@pytest.fixture
def world(units) -> World:
    return World(units)


def logged_in(world: World, who: Actor) -> Actor:
    """The same person with a session that the tables know."""
    session_id = f"s-{who.person_id}"
    with world.units() as uow:
        uow.session.execute(
            insert(SessionRow).values(
                id=session_id,
                person_id=who.person_id,
                created_at=world.clock,
                expires_at=world.clock + timedelta(days=30),
            )
        )
        uow.commit()
    return Actor(who.person_id, session_id, who.grants, who.expires_at)


@pytest.fixture
def sun(world) -> Actor:
    """A resident, in 402 by the register."""
    world.register("孙桂芳", "402")
    person = world.person("13900000001")
    assert world.join(person).status == "active"
    return person


@pytest.fixture
def daughter(world) -> Actor:
    """Somebody from elsewhere with an account."""
    return logged_in(world, world.person(PHONE))


def name_helper(world: World, who: Actor, phone: str = PHONE, **more) -> op.Assistance:
    cmd = op.NameHelper(**{"phone": phone, "relationship": "女儿", **more})
    return world.do(assistance.name_helper, world.vault, cmd, who, world.now)


def listed(world: World, who: Actor, **page) -> list[op.Assistance]:
    cmd = op.ListAssistances(**page)
    return world.do(assistance.list_assistances, world.vault, cmd, who, read=True).items


def end(world: World, who: Actor, assistance_id: str) -> None:
    cmd = op.EndAssistance(id=assistance_id)
    world.do(assistance.end_assistance, cmd, who, world.now)


def token(world: World, who: Actor, assistance_id: str) -> op.AssistedToken:
    cmd = op.CreateAssistedToken(assistance_id=assistance_id)
    desk = sessions.Desk(world.issuer, world.clock, world.now)
    return world.do(assistance.create_assisted_token, cmd, desk, who)


@pytest.fixture
def read(world, tmp_path):
    """Turns an assisted token into the actor that every service sees."""
    import json

    from joserfc.jwk import KeySet

    keys = world.issuer._keys
    assert isinstance(keys, KeySet)
    (tmp_path / "jwks.json").write_text(json.dumps(keys.as_dict(private=False)))
    verifier = TokenVerifier(tmp_path / "jwks.json")
    return lambda made: verifier.verify(made.access_token)


# -- naming ----------------------------------------------------------------------------------------


def test_naming_a_phone_tells_nothing_about_it(world, sun, daughter):
    known = name_helper(world, sun)
    unknown = name_helper(world, sun, "13933334444")
    assert (known.helper, unknown.helper) == (None, None)
    assert (known.phone, unknown.phone) == (MASKED, "139****4444")
    differ = {"id", "phone"}
    assert known.model_dump(exclude=differ) == unknown.model_dump(exclude=differ)
    assert [a.helper for a in listed(world, sun)] == [None, None]


def test_the_helper_sees_whom_she_may_help_and_not_the_number(world, sun, daughter):
    made = name_helper(world, sun)
    (seen,) = listed(world, daughter)
    assert (seen.id, seen.subject.id, seen.phone, seen.relationship) == (
        made.id,
        sun.person_id,
        None,
        "女儿",
    )
    assert listed(world, world.person()) == []


def test_a_phone_without_an_account_may_help_once_it_has_one(world, sun):
    made = name_helper(world, sun)
    newcomer = logged_in(world, world.person(PHONE))
    assert token(world, newcomer, made.id).acted_by.id == newcomer.person_id


def test_whoever_has_acted_is_known_by_name(world, sun, daughter):
    made = name_helper(world, sun)
    token(world, daughter, made.id)
    assert listed(world, sun)[0].helper.id == daughter.person_id


def test_naming_is_consent_and_stands_in_the_ledger(world, sun):
    name_helper(world, sun)
    ledger = world.do(consents.list_my_consents, op.ListMyConsents(), sun, "zh", read=True).items
    given = [c for c in ledger if c.purpose == "assistance"]
    assert [(c.given_by.id, c.withdrawn_at) for c in given] == [(sun.person_id, None)]
    assert "不能替我投票" in given[0].text


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"phone": "0"}, names.PhoneInvalid),
        ({"phone": "13900000001"}, rules.OwnHelper),
        ({"expires_at": NOW}, Invalid),
    ],
)
def test_what_cannot_be_a_helper_is_refused(world, sun, over, error):
    with pytest.raises(error) as caught:
        name_helper(world, sun, **over)
    assert [e.field for e in caught.value.errors] == [next(iter(over))]
    assert listed(world, sun) == []


def test_a_phone_is_named_once_and_ten_are_enough(world, sun):
    name_helper(world, sun)
    with pytest.raises(rules.AlreadyHelper):
        name_helper(world, sun)
    for number in range(1, rules.MOST_HELPERS):
        name_helper(world, sun, f"1380000{number:04d}")
    with pytest.raises(rules.TooManyHelpers):
        name_helper(world, sun, "13877778888")
    assert len(listed(world, sun)) == rules.MOST_HELPERS


def test_lists_are_newest_first_and_paged(world, sun):
    made = [name_helper(world, sun, f"1380000{number:04d}").id for number in range(3)]
    first = world.do(
        assistance.list_assistances, world.vault, op.ListAssistances(limit=2), sun, read=True
    )
    second = listed(world, sun, limit=2, cursor=first.next_cursor)
    assert [a.id for a in (*first.items, *second)] == made[::-1]


def test_phones_are_sealed_and_forgotten_when_it_is_over(world, sun):
    made = name_helper(world, sun)
    (row,) = world.rows("SELECT phone_sealed, phone_index FROM assistances")
    assert PHONE not in row.phone_sealed + row.phone_index
    end(world, sun, made.id)
    (row,) = world.rows("SELECT phone_sealed, phone_index FROM assistances")
    assert tuple(row) == (None, None)
    assert PHONE not in str(world.rows("SELECT body FROM kit_outbox"))


# -- staff record it -------------------------------------------------------------------------------


@pytest.fixture
def phoneless(world) -> Actor:
    """A resident whose account has no phone."""
    world.register("周阿婆", "101")
    person = world.person()
    world.join(person, real_name="周阿婆", room="101", id_number=made_up_id(sequence=6))
    with world.units() as uow:
        uow.session.connection().exec_driver_sql(
            "UPDATE persons SET phone_index = NULL, phone_sealed = NULL WHERE id = %s",
            (person.person_id,),
        )
        uow.commit()
    return person


AGREED = {"consent_means": "spoken", "consent_note": "上门当面同意，邻居在场"}


def test_staff_record_a_relative_for_somebody_who_cannot_log_in(world, phoneless, daughter):
    staff = world.staff()
    made = name_helper(world, staff, person_id=phoneless.person_id, **AGREED)
    assert (made.kind, made.recorded_by.id, made.consent_means) == (
        "relative",
        staff.person_id,
        "spoken",
    )
    assert (made.helper, made.phone) == (None, MASKED)
    (given,) = world.rows("SELECT * FROM consents WHERE purpose = 'assistance'")
    assert (given.person_id, given.given_by) == (phoneless.person_id, staff.person_id)
    assert token(world, daughter, made.id).person.id == phoneless.person_id


def test_staff_say_how_the_person_agreed(world, phoneless):
    with pytest.raises(Invalid) as caught:
        name_helper(world, world.staff(), person_id=phoneless.person_id)
    assert [e.field for e in caught.value.errors] == ["consent_means", "consent_note"]


def test_whoever_can_log_in_names_her_helpers_herself(world, sun):
    with pytest.raises(rules.PersonLogsIn):
        name_helper(world, world.staff(), person_id=sun.person_id, **AGREED)


@pytest.mark.parametrize("who", ["neighbour", "next door", "town", "nobody's"])
def test_nobody_else_records_it(world, phoneless, sun, who):
    recorder = {
        "neighbour": sun,
        "next door": world.staff(OTHER),
        "town": world.person("", (Role.TOWN_ADMIN, "d.t")),
        "nobody's": world.staff(),
    }[who]
    subject = "nobody" if who == "nobody's" else phoneless.person_id
    with pytest.raises(PersonNotFound):
        name_helper(world, recorder, person_id=subject, **AGREED)


def test_staff_who_name_themselves_help_in_office(world, phoneless):
    staff = world.person("13955556666", (Role.COMMITTEE_STAFF, HOME))
    made = name_helper(world, staff, "13955556666", person_id=phoneless.person_id, **AGREED)
    assert (made.kind, made.helper.id, made.phone) == ("staff", staff.person_id, None)
    with pytest.raises(rules.AlreadyHelper):
        name_helper(world, staff, "13955556666", person_id=phoneless.person_id, **AGREED)


# -- the token -------------------------------------------------------------------------------------


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
    with world.units() as uow:
        uow.session.connection().exec_driver_sql(
            "UPDATE persons SET phone_index = NULL, phone_sealed = NULL WHERE id = %s",
            (who.person_id,),
        )
        uow.commit()
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


# -- how it ends -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["subject", "helper", "staff"])
def test_each_side_ends_it_and_the_gateways_are_told(world, sun, daughter, who):
    made = name_helper(world, sun)
    token(world, daughter, made.id)
    enders = {"subject": sun, "helper": daughter, "staff": world.staff()}
    end(world, enders[who], made.id)
    end(world, enders[who], made.id)
    assert world.events("assistance.ended.v1") == [
        {
            "assistance_id": made.id,
            "helper_id": daughter.person_id,
            "subject_id": sun.person_id,
        }
    ]
    with pytest.raises(rules.AssistanceOver):
        token(world, daughter, made.id)
    assert listed(world, sun)[0].ended_at == world.now


def test_nobody_else_ends_it(world, sun, daughter):
    made = name_helper(world, sun)
    for who in (world.person(), world.staff(OTHER), world.person("", (Role.TOWN_ADMIN, "d.t"))):
        with pytest.raises(rules.AssistanceNotFound):
            end(world, who, made.id)
    assert listed(world, sun)[0].ended_at is None


def test_the_last_help_takes_the_consent_with_it(world, sun):
    first, second = name_helper(world, sun), name_helper(world, sun, "13933334444")
    live = "SELECT count(*) FROM consents WHERE purpose = 'assistance' AND withdrawn_at IS NULL"
    end(world, sun, first.id)
    assert world.rows(live)[0][0] > 0
    end(world, sun, second.id)
    assert world.rows(live)[0][0] == 0
    assert [e["given"] for e in world.events("consent.changed.v1")][-1] is False


def test_taking_the_consent_back_ends_all_help(world, sun, daughter):
    made = name_helper(world, sun)
    name_helper(world, sun, "13933334444")
    token(world, daughter, made.id)
    (given, *_) = world.rows("SELECT id FROM consents WHERE purpose = 'assistance'")
    world.do(consents.withdraw_consent, op.WithdrawConsent(id=given.id), sun, world.now)
    assert all(a.ended_at for a in listed(world, sun))
    assert [e["assistance_id"] for e in world.events("assistance.ended.v1")] == [made.id]


def test_it_ends_by_itself_when_its_time_is_over(world, sun, daughter):
    made = name_helper(world, sun, expires_at=world.now + timedelta(days=60))
    token(world, daughter, made.id)
    world.later(days=59)
    assert world.do(assistance.expire_assistances, world.now) == 0
    world.later(days=1)
    with pytest.raises(rules.AssistanceOver):  # before the timer has come by
        token(world, logged_in(world, world.person()) and daughter, made.id)
    assert world.do(assistance.expire_assistances, world.now) == 1
    assert world.do(assistance.expire_assistances, world.now) == 0
    assert [e["assistance_id"] for e in world.events("assistance.ended.v1")] == [made.id]


def test_what_nobody_takes_up_is_over_in_thirty_days(world, sun, daughter):
    made = name_helper(world, sun)
    world.later(days=30)
    with pytest.raises(rules.AssistanceOver):
        token(world, daughter, made.id)
    assert world.do(assistance.expire_assistances, world.now) == 1
    assert world.events("assistance.ended.v1") == [], "there was no helper to be told of"
    assert listed(world, daughter) == []
    assert name_helper(world, sun).id != made.id, "she may be named anew"
