"""Assisted mode: who is named a helper, how it is agreed, and how it ends. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import Invalid
from services.contracts.operations import identity as op
from services.identity.domain import assistance as rules
from services.identity.domain import names
from services.identity.handlers import assistance, consents
from services.identity.repository import PersonNotFound
from tests.support.assisted import (
    AGREED,
    PHONE,
    logged_in,
    name_helper,
    resident,
    token,
    without_phone,
)
from tests.support.identity_world import HOME, NOW, OTHER, World

pytestmark = pytest.mark.db

MASKED = "139****2222"


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


def listed(world: World, who: Actor, **page) -> list[op.Assistance]:
    cmd = op.ListAssistances(**page)
    return world.do(assistance.list_assistances, world.vault, cmd, who, read=True).items


def end(world: World, who: Actor, assistance_id: str) -> None:
    cmd = op.EndAssistance(id=assistance_id)
    world.do(assistance.end_assistance, cmd, who, world.now)


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
