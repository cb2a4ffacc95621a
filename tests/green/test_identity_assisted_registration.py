"""Staff register somebody on her behalf, and act for her. Needs: db."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.identity.domain.attempts import Locked
from services.identity.domain.id_number import IdNumberInvalid
from services.identity.domain.login import CodeNotRight, CodeWrong
from services.identity.domain.membership import GuardianNeeded
from services.identity.domain.names import PhoneInvalid, RealNameInvalid
from services.identity.domain.recovery import PhoneTaken, SecondPersonNeeded
from services.identity.domain.tenure import RelationImpossible
from services.identity.handlers import assistance, consents, desk, joining, registration
from services.identity.handlers.claims import IdTaken
from services.identity.repository import CommunityNotFound
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    HOME,
    OTHER,
    World,
    first_and_second,
    made_up_id,
)

pytestmark = pytest.mark.db

PHONE, DEMO_CODE = "13911112222", "246810"
HERS = made_up_id(date(1938, 3, 8), 4)
TABLES = ("persons", "real_names", "memberships", "assistances", "consents", "kit_outbox")


@pytest.fixture
def wang(world) -> Actor:
    return world.staff()


def command(**over) -> op.AssistRegistration:
    usual = {
        "cid": C_HOME,
        "display_name": "周阿婆",
        "real_name": "周桂英",
        "id_number": HERS,
        "estate": "样例苑",
        "building": "1号楼",
        "unit": "1单元",
        "room": "101",
        "relation": "owner",
        "consent_means": "witnessed",
        "consent_note": "上门当面同意，邻居老陆在场",
    }
    return op.AssistRegistration.model_validate({**usual, **over})


def register(world: World, who: Actor, *, demo: bool = True, **over) -> op.Assisted:
    args = (world.vault, command(**over), who, world.clock, world.now)
    return world.do(registration.assist_registration, *args, demo=demo)


def decide(world: World, made: op.Assisted, by: Actor, decision: str = "approve") -> str:
    cmd = op.DecideMembership(id=made.membership_id, decision=decision, reason="核对过")
    return world.do(desk.decide_membership, cmd, by, world.now).status


def counts(world: World) -> list[int]:
    return [world.rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


def test_she_is_a_member_at_once_because_the_committee_vouches(world, wang):
    made = register(world, wang)
    assert made.status == "active"
    row = world.membership(made.membership_id)
    assert (row.status, row.finding, row.decided_by, row.requested_by) == (
        "active",
        "not_on_register",
        wang.person_id,
        wang.person_id,
    )
    (account,) = world.rows("SELECT * FROM persons WHERE id = :id", id=made.person.id)
    assert (account.phone_index, account.phone_sealed, account.made_by, account.display_name) == (
        None,
        None,
        wang.person_id,
        "周阿婆",
    )
    assert world.events("person.registered.v1") == [{"person_id": made.person.id}]
    (decided,) = world.events("membership.decided.v1")
    assert (decided["status"], decided["by"]) == ("active", "committee")
    (card,) = world.events("member.card_changed.v1")
    assert (card["standing"], card["building_label"]) == ("active", "样例苑 1号楼")


def test_whom_the_register_knows_is_tied_to_it(world, wang):
    entry = world.register("周桂英", "101", unit_id="u-1", birth_year=1938)
    row = world.membership(register(world, wang).membership_id)
    assert (row.finding, row.register_id) == ("match", entry)


def test_the_one_who_registered_her_helps_her(world, wang):
    made = register(world, wang)
    page = world.do(assistance.list_assistances, world.vault, op.ListAssistances(), wang, read=True)
    (helping,) = page.items
    assert (helping.id, helping.kind, helping.subject.id, helping.helper.id) == (
        made.assistance_id,
        "staff",
        made.person.id,
        wang.person_id,
    )
    assert (helping.consent_means, helping.recorded_by.id) == ("witnessed", wang.person_id)


def test_every_consent_is_in_the_ledger_with_who_wrote_it_down(world, wang):
    made = register(world, wang)
    subject = Actor(made.person.id, "s", (), 2**31)
    cmd = op.ListMyConsents()
    ledger = world.do(consents.list_my_consents, cmd, subject, "zh", read=True).items
    assert {c.purpose for c in ledger} == {"real_name", "address", "rules", "assistance"}
    assert {c.given_by.id for c in ledger} == {wang.person_id}


def test_with_a_phone_she_logs_in_herself_later(world, wang):
    made = register(world, wang, phone="139 1111 2222", phone_code=DEMO_CODE)
    code = world.sent_code("13911112222")
    assert world.log_in("13911112222", code).person.id == made.person.id


def test_with_a_phone_a_second_of_the_staff_lets_her_in(world, wang):
    """Or a member of the staff makes a voter of a second phone of her own."""
    world.register("周桂英", "101", unit_id="u-1", birth_year=1938)
    made = register(world, wang, phone=PHONE, phone_code=DEMO_CODE)
    row = world.membership(made.membership_id)
    assert (made.status, row.status, row.decided_by) == ("pending", "pending", None)
    (asked,) = world.events("membership.requested.v1")
    assert asked["membership_id"] == made.membership_id
    assert not world.events("membership.decided.v1")
    for decision in ("approve", "refuse"):
        with pytest.raises(SecondPersonNeeded):
            decide(world, made, wang, decision)
    assert decide(world, made, world.staff()) == "active"


def test_her_phone_is_in_her_hands(world, wang):
    code = world.sent_code(PHONE)
    before = counts(world)
    for tried in (None, f"{(int(code) + 1) % 1_000_000:06d}", DEMO_CODE):
        with pytest.raises(CodeNotRight) as caught:
            register(world, wang, demo=False, phone=PHONE, phone_code=tried)
        assert [e.field for e in caught.value.errors] == ["phone_code"]
    with pytest.raises(CodeNotRight):
        register(world, wang, demo=False, phone="13911113333", phone_code=code)
    assert counts(world) == before
    assert register(world, wang, demo=False, phone=PHONE, phone_code=code).status == "pending"
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, code)


def test_what_is_sensitive_is_sealed_and_stands_in_no_event(world, wang):
    register(world, wang, phone="13911112222", phone_code=DEMO_CODE)
    everything = "".join(
        str(world.rows(f"SELECT t::text FROM {table} t"))
        for table in ("persons", "real_names", "assistances", "consents", "kit_outbox")
    )
    for secret in (HERS, "周桂英", "13911112222"):
        assert secret not in everything


# -- refusals leave nothing behind -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "error", "field"),
    [
        (
            {"id_number": HERS[:-1] + ("1" if HERS[-1] != "1" else "2")},
            IdNumberInvalid,
            "id_number",
        ),
        ({"id_number": made_up_id(date(2020, 1, 1))}, GuardianNeeded, "id_number"),
        ({"real_name": "7"}, RealNameInvalid, "real_name"),
        ({"phone": "12"}, PhoneInvalid, "phone"),
        ({"estate": "隔壁苑"}, registration.EstateUnknown, "estate"),
        ({"building": "9号楼"}, joining.BuildingUnknown, "building"),
        ({"unit": "9单元"}, joining.UnitUnknown, "unit"),
        ({"relation": "villager"}, RelationImpossible, "relation"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_bad_input_names_its_field(world, wang, over, error, field):
    before = counts(world)
    with pytest.raises(error) as caught:
        register(world, wang, **over)
    assert [e.field for e in caught.value.errors] == [field]
    assert counts(world) == before


def test_a_phone_with_an_account_is_not_hers(world, wang):
    world.person("13911112222")
    before = counts(world)
    with pytest.raises(PhoneTaken):
        register(world, wang, phone="13911112222", phone_code=DEMO_CODE)
    assert counts(world) == before
    assert world.rows("SELECT failures FROM attempt_locks")[0].failures == 1


def test_whether_a_phone_has_an_account_shows_only_to_whoever_holds_it(world, wang):
    world.person(PHONE)
    for phone in (PHONE, "13911113333"):
        with pytest.raises(CodeNotRight):
            register(world, wang, demo=False, phone=phone, phone_code="000000")


def test_whoever_tries_out_phones_is_stopped_and_a_bad_number_asks_nobody(world, wang):
    world.person(PHONE)
    wrong_id = HERS[:-1] + ("1" if HERS[-1] != "1" else "2")
    for attempt in range(registration.LIMIT.failures):
        with pytest.raises(IdNumberInvalid):
            register(world, wang, phone=PHONE, phone_code=DEMO_CODE, id_number=wrong_id)
        last = attempt == registration.LIMIT.failures - 1
        with pytest.raises(Locked if last else PhoneTaken):
            register(world, wang, phone=PHONE, phone_code=DEMO_CODE)


def test_one_person_has_one_account(world, wang):
    granny = world.person()
    world.join(granny, real_name="周桂英", id_number=HERS)
    before = counts(world)
    with pytest.raises(IdTaken):
        register(world, wang)
    assert counts(world) == before
    assert world.rows("SELECT failures FROM attempt_locks")[0].failures == 1


def test_two_desks_at_once_make_one_account(world, wang):
    other = world.staff()

    def first(uow):
        args = (world.vault, command(), wang, world.clock, world.now)
        return registration.assist_registration(uow, *args, demo=True)

    made, second = first_and_second(world, first, lambda: register(world, other, room="102"))
    with pytest.raises(IdTaken):
        second.result(10)
    assert [r.person_id for r in world.rows("SELECT person_id FROM real_names")] == [made.person.id]
    assert [r.id for r in world.rows("SELECT id FROM persons WHERE made_by IS NOT NULL")] == [
        made.person.id
    ]


def test_whoever_tries_out_numbers_is_stopped(world, wang):
    register(world, wang)
    for attempt in range(registration.LIMIT.failures):
        with pytest.raises(Locked if attempt == registration.LIMIT.failures - 1 else IdTaken):
            register(world, wang, real_name="别人")
    with pytest.raises(Locked):
        register(world, wang, id_number=made_up_id(sequence=8))
    world.later(hours=1)
    assert register(world, wang, id_number=made_up_id(sequence=8), room="9").status == "active"


OUTSIDERS: dict[str, Callable[[World], Actor]] = {
    "next door": lambda w: w.staff(OTHER),
    "town": lambda w: w.person("", (Role.TOWN_ADMIN, "d.t")),
    "resident": lambda w: w.person("", (Role.VOLUNTEER, HOME)),
}


@pytest.mark.parametrize("who", OUTSIDERS)
def test_only_the_communitys_own_committee_registers(world, who):
    outsider = OUTSIDERS[who](world)
    before = counts(world)
    with pytest.raises(Forbidden):
        register(world, outsider)
    assert counts(world) == before
    with pytest.raises(CommunityNotFound):
        register(world, world.staff(), cid="nowhere")


def test_a_village_registers_its_villagers(world):
    staff = world.staff(OTHER)
    over = {"cid": C_OTHER, "estate": "e-2", "building": "b-9", "unit": None, "relation": "away"}
    row = world.membership(register(world, staff, **over).membership_id)
    assert (row.residence, row.relation) == ("away", "away")


def test_help_in_office_has_no_end_of_its_own(world, wang):
    register(world, wang)
    assert world.do(assistance.expire_assistances, world.now + timedelta(days=3650)) == 0
