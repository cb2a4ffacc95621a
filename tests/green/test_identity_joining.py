"""Joining by QR, register and committee, on a real database. Needs: db."""

import re
from datetime import date

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.identity.domain import consents
from services.identity.domain.id_number import IdNumberInvalid
from services.identity.domain.membership import AlreadyDecided, GuardianNeeded, ReasonNeeded
from services.identity.domain.names import RealNameInvalid
from services.identity.handlers import access, cards, desk, joining, me
from services.identity.handlers.claims import IdentityDiffers, IdTaken
from services.identity.handlers.joining import AlreadyMember, BuildingUnknown, UnitUnknown
from services.identity.qr_tokens import QrUnknown
from services.kit.pages import BadCursor
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    HOME,
    OTHER,
    OTHER_ESTATE,
    World,
    first_and_second,
    made_up_id,
)

pytestmark = pytest.mark.db


def queue(world: World, staff, **over):
    cmd = op.ListMembershipRequests.model_validate({"cid": C_HOME, **over})
    return world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now)


def decide(world: World, who, membership_id: str, decision: str, reason: str | None = None):
    cmd = op.DecideMembership(id=membership_id, decision=decision, reason=reason)
    return world.do(desk.decide_membership, cmd, who, world.now)


def access_log(world: World, who) -> list[op.AccessLogEntry]:
    return world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items


# -- let in by the register --------------------------------------------------------------------


def test_whom_the_register_knows_is_let_in_at_once(world):
    entry = world.register("孙桂芳", "402室", unit_id="u-1", birth_year=1949)
    granny = world.person()
    state = world.join(granny, room="４０２")
    assert state.status == "active"
    assert world.membership(state.id).register_id == entry
    assert world.rows("SELECT person_id FROM register_persons")[0].person_id == granny.person_id
    (decided,) = world.events("membership.decided.v1")
    assert (decided["status"], decided["by"]) == ("active", "register")
    (card,) = world.events("member.card_changed.v1")
    assert (card["standing"], card["building_label"]) == ("active", "样例苑 1号楼")
    assert not world.events("membership.requested.v1")


@pytest.mark.parametrize(
    ("entry", "finding"),
    [
        (None, "not_on_register"),
        ({"name": "孙桂香"}, "not_on_register"),
        ({"room": "401"}, "not_on_register"),
        ({"building_id": "b-2"}, "not_on_register"),
        ({"unit_id": "u-2"}, "unit_differs"),
        ({"birth_year": 1950}, "birth_year_differs"),
    ],
)
def test_whom_it_does_not_know_waits_for_the_committee_with_the_reason(world, entry, finding):
    if entry is not None:
        world.register(**{"name": "孙桂芳", "room": "402", **entry})
    state = world.join(world.person())
    assert state.status == "pending"
    assert queue(world, world.staff()).items[0].finding == finding
    assert [e["membership_id"] for e in world.events("membership.requested.v1")] == [state.id]
    assert not world.events("member.card_changed.v1")


def test_an_entry_lets_in_one_account_only(world):
    world.register("孙桂芳", "402")
    assert world.join(world.person()).status == "active"
    second = world.join(world.person(), id_number=made_up_id(sequence=4))
    assert second.status == "pending"
    assert world.membership(second.id).finding == "linked_to_another"


def test_of_two_accounts_at_once_the_register_lets_in_one(world):
    world.register("孙桂芳", "402")
    one, two = world.person(), world.person()
    first, other = first_and_second(
        world,
        lambda uow: joining.request_membership(uow, world.vault, world.request(), one, world.now),
        lambda: world.join(two, id_number=made_up_id(sequence=4)),
    )
    assert (first.status, other.result(5).status) == ("active", "pending")


def test_estates_of_one_community_may_be_joined_by_several_rooms(world):
    granny = world.person()
    world.join(granny)
    world.join(granny, building="b-2", unit=None, room="101", relation="tenant")
    mine = world.do(me.get_me, granny, world.now, read=True)
    assert {(m.building.name, m.room, m.relation) for m in mine.memberships} == {
        ("1号楼", "402", "owner"),
        ("2号楼", "101", "tenant"),
    }


def test_consents_are_kept_once_each_with_their_words_and_unknown_ones_are_not(world):
    granny = world.person()
    asked = ["real_name", "grid", "real_name", "party_badge", "grid_platform"]
    state = world.join(granny, consents=asked)
    rows = world.rows("SELECT purpose, membership_id, notice, given_by FROM consents ORDER BY id")
    assert [tuple(r) for r in rows] == [
        (key, state.id, consents.PURPOSES[key].current.version, granny.person_id)
        for key in ("real_name", "grid_platform")
    ]


# -- one person, one account -------------------------------------------------------------------


def test_an_id_number_belongs_to_one_account(world):
    world.join(world.person())
    with pytest.raises(IdTaken):
        world.join(world.person(), room="101")


def test_of_two_claims_of_one_id_number_at_once_one_wins(world):
    one, two = world.person(), world.person()
    first, other = first_and_second(
        world,
        lambda uow: joining.request_membership(uow, world.vault, world.request(), one, world.now),
        lambda: world.join(two, room="101"),
    )
    assert first.status == "pending"
    assert isinstance(other.exception(5), IdTaken)
    assert len(world.rows("SELECT person_id FROM real_names")) == 1
    assert len(world.rows("SELECT id FROM memberships")) == 1


@pytest.mark.parametrize("over", [{"id_number": made_up_id(sequence=8)}, {"real_name": "孙桂香"}])
def test_an_account_belongs_to_one_person(world, over):
    granny = world.person()
    world.join(granny)
    with pytest.raises(IdentityDiffers):
        world.join(granny, room="101", **over)


@pytest.mark.parametrize("room", ["402", "402 室", "0402"])
def test_an_address_is_joined_once(world, room):
    granny = world.person()
    world.join(granny)
    with pytest.raises(AlreadyMember):
        world.join(granny, room=room)


def test_a_refused_claim_sets_the_id_number_free_and_is_forgotten(world):
    thief, granny, staff = world.person(), world.person(), world.staff()
    state = world.join(thief)
    with pytest.raises(IdTaken):
        world.join(granny)
    decide(world, staff, state.id, "refuse", "本人未申请")
    assert not world.rows("SELECT person_id FROM real_names")
    assert world.join(granny).status == "pending"
    assert queue(world, staff, status="refused").items[0].real_name == "—"


def test_a_refused_second_address_keeps_the_name_of_the_first(world):
    granny, staff = world.person(), world.staff()
    world.join(granny)
    second = world.join(granny, room="101")
    decide(world, staff, second.id, "refuse", "不住此处")
    assert len(world.rows("SELECT person_id FROM real_names")) == 1


# -- what is refused at the door -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"id_number": "310113199003071235"}, IdNumberInvalid),
        ({"id_number": made_up_id(date(1949, 10, 1))[:-1] + "?"}, IdNumberInvalid),
        ({"real_name": "7"}, RealNameInvalid),
        ({"building": "9号楼"}, BuildingUnknown),
        ({"building": "b-9"}, BuildingUnknown),
        ({"building": "u-1"}, BuildingUnknown),
        ({"unit": "3单元"}, UnitUnknown),
        ({"building": "2号楼"}, UnitUnknown),
        ({"qr_token": "A" * 38}, QrUnknown),
        ({"id_number": made_up_id(date(2013, 1, 1))}, GuardianNeeded),
    ],
)
def test_a_wrong_request_is_refused_and_leaves_nothing(world, over, error):
    with pytest.raises(error):
        world.join(world.person(), **over)
    for table in ("real_names", "memberships", "consents", "kit_outbox"):
        assert not world.rows(f"SELECT 1 FROM {table}"), table


def test_the_age_is_reckoned_by_the_day_in_china(world):
    born = date(2012, 11, 24)
    world.now = world.now.replace(hour=15, minute=59)  # 23:59 on the day before in China
    with pytest.raises(GuardianNeeded):
        world.join(world.person(), id_number=made_up_id(born))
    world.later(minutes=1)
    assert world.join(world.person(), id_number=made_up_id(born)).status == "pending"


def test_a_code_of_another_estate_leads_to_its_own_community(world):
    there = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    state = world.join(world.person(), relation="villager", **there)
    assert world.membership(state.id).community_id == C_OTHER


# -- the committee's desk --------------------------------------------------------------------------


def test_the_committee_sees_masked_data_and_the_person_sees_who_looked(world):
    granny, staff = world.person("13812341234"), world.staff()
    world.join(granny)
    (item,) = queue(world, staff).items
    assert item.real_name == "孙**"
    assert item.id_number == "3" + "*" * 16 + made_up_id()[-1]
    assert item.phone == "138****1234"
    assert (item.building.name, item.room) == ("1号楼", "402")
    (entry,) = access_log(world, granny)
    assert (entry.actor.id, entry.actor_role) == (staff.person_id, "committee_staff")
    assert entry.purpose == "审核入住申请" and entry.community.id == C_HOME


def test_nothing_seen_is_nothing_written(world):
    granny, staff = world.person(), world.staff()
    world.join(granny)
    assert queue(world, staff, status="refused").items == []
    assert access_log(world, granny) == []


def test_the_queue_goes_on_page_by_page_the_longest_waiting_first(world):
    staff, waiting = world.staff(), []
    for number in range(5):
        state = world.join(
            world.person(), room=str(100 + number), id_number=made_up_id(sequence=number * 2)
        )
        waiting.append(state.id)
        world.later(minutes=number % 2)
    first = queue(world, staff, limit=2)
    second = queue(world, staff, limit=2, cursor=first.next_cursor)
    third = queue(world, staff, limit=2, cursor=second.next_cursor)
    seen = [i.id for page in (first, second, third) for i in page.items]
    assert sorted(seen) == sorted(waiting) and seen[-1] == waiting[-1]
    assert third.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WyIyMDI2LTEwLTEwIiwiYiJd"])
def test_a_tampered_cursor_is_a_bad_request(world, cursor):
    with pytest.raises(BadCursor):
        queue(world, world.staff(), cursor=cursor)


def test_a_foreign_committee_neither_sees_nor_decides(world):
    state = world.join(world.person())
    stranger = world.staff(OTHER)
    with pytest.raises(Forbidden):
        queue(world, stranger)
    for membership_id in (state.id, "no-such"):
        with pytest.raises(desk.MembershipNotFound):
            decide(world, stranger, membership_id, "approve")


def test_an_admin_of_the_district_reads_no_personal_data(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    with pytest.raises(Forbidden):
        queue(world, admin)


def test_an_approved_person_is_a_member_and_the_others_are_told(world):
    granny, staff = world.person(), world.staff()
    state = decide(world, staff, world.join(granny).id, "approve")
    assert state.status == "active"
    (decided,) = world.events("membership.decided.v1")
    assert (decided["status"], decided["by"]) == ("active", "committee")
    (card,) = world.events("member.card_changed.v1")
    assert (card["person_id"], card["standing"]) == (granny.person_id, "active")
    cmd = op.GetMemberCard(person_id=granny.person_id, community_id=C_HOME)
    assert world.do(cards.get_member_card, cmd, world.now).model_dump() == card


def test_a_refused_person_reads_why_and_may_ask_again(world):
    granny, staff = world.person(), world.staff()
    state = world.join(granny)
    with pytest.raises(ReasonNeeded):
        decide(world, staff, state.id, "refuse")
    decide(world, staff, state.id, "refuse", "请先到居委会登记")
    (mine,) = world.do(me.get_me, granny, world.now, read=True).memberships
    assert (mine.status, mine.reason) == ("refused", "请先到居委会登记")
    assert not world.events("member.card_changed.v1")
    assert world.join(granny).status == "pending"


def test_a_request_is_decided_once(world):
    staff, colleague = world.staff(), world.staff()
    state = world.join(world.person())
    cmd = op.DecideMembership(id=state.id, decision="approve")
    _, other = first_and_second(
        world,
        lambda uow: desk.decide_membership(uow, cmd, staff, world.now),
        lambda: decide(world, colleague, state.id, "refuse", "x"),
    )
    assert isinstance(other.exception(5), AlreadyDecided)
    assert world.membership(state.id).status == "active"
    assert len(world.events("membership.decided.v1")) == 1


def test_the_desk_knows_how_many_wait_without_looking_at_anybody(world):
    granny, staff = world.person(), world.staff()
    cmd = op.CountMembershipRequests(cid=C_HOME)
    assert world.do(desk.count_membership_requests, cmd, staff).pending == 0
    state = world.join(granny)
    assert world.do(desk.count_membership_requests, cmd, staff).pending == 1
    decide(world, staff, state.id, "approve")
    assert world.do(desk.count_membership_requests, cmd, staff).pending == 0
    assert access_log(world, granny) == []
    with pytest.raises(Forbidden):
        world.do(desk.count_membership_requests, cmd, world.staff(OTHER))


def test_nobody_lets_herself_in(world):
    staff = world.staff()
    with pytest.raises(desk.OwnRequest):
        decide(world, staff, world.join(staff).id, "approve")


# -- personal data -----------------------------------------------------------------------------


def test_no_personal_data_in_events_nor_open_in_the_tables(world):
    world.register("孙桂芳", "402")
    granny, staff = world.person("13812341234"), world.staff()
    world.join(granny)
    world.join(granny, building="2号楼", unit=None, room="1807")
    world.join(world.person(), room="1901", id_number=made_up_id(sequence=6), real_name="周伟")
    queue(world, staff)
    events = "".join(str(tuple(r)) for r in world.rows("SELECT * FROM kit_outbox"))
    for secret in ("孙桂芳", "周伟", made_up_id(), "13812341234", "402", "1807", "1901"):
        assert not re.search(rf"(?<!\w){secret}(?!\w)", events)  # ids may hold any three digits
    tables = ("persons", "real_names", "register_persons", "memberships", "access_log")
    dump = "".join(str(tuple(r)) for t in tables for r in world.rows(f"SELECT * FROM {t}"))
    for secret in ("孙桂芳", "周伟", made_up_id(), "13812341234"):
        assert secret not in dump
    assert HOME in events
