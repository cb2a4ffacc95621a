"""Phones that are lost: two of the staff move the account, a day later. Needs: db."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.identity.domain.login import CodeNotRight, SessionEnded
from services.identity.domain.messages import Kind
from services.identity.domain.recovery import (
    HoldsOffice,
    NobodyToWarn,
    NotAResident,
    NotIndependent,
    OwnRecovery,
    PhoneTaken,
    RecoveryNotFound,
    RecoveryOver,
    RecoveryRunning,
    SamePhone,
    SecondPersonNeeded,
)
from services.identity.handlers import access, deletion, me, phones, recoveries, sessions
from services.identity.models import GrantRow, PersonRow, WechatBinding
from tests.support.identity_world import C_HOME, HOME, OTHER, World, actor
from tests.support.phones import NEW, OLD, THIRD, factor, phone_of, told

pytestmark = pytest.mark.db


@pytest.fixture
def world(shared_db) -> World:
    return Settled(shared_db("identity"))


class Settled(World):
    """The staff have been in office for a while, by nobody's grant here."""

    def staff(self, path: str = HOME, *, granted_by=None, days: int = 30):
        who = super().staff(path)
        with self.units() as uow:
            uow.session.execute(
                update(GrantRow)
                .where(GrantRow.person_id == who.person_id)
                .values(
                    granted_at=self.now - timedelta(days=days),
                    granted_by=granted_by and granted_by.person_id,
                )
            )
            uow.commit()
        return who


def resident(world: World, phone: str = OLD, **over):
    """Somebody who lives in the home community."""
    who = world.person(phone)
    usual = {"real_name": "孙桂芳", "room": "402"}
    world.register(over.get("real_name", "孙桂芳"), over.get("room", "402"), unit_id="u-1")
    assert world.join(who, **{**usual, **over}).status == "active"
    return who


def opened(
    world: World, who, by, phone: str = NEW, code: str = "246810", *, demo: bool = True
) -> op.Recovery:
    cmd = op.OpenRecovery(
        cid=C_HOME, person_id=who.person_id, new_phone=phone, new_code=code, reason="手机丢了"
    )
    args = (cmd, world.vault, by, world.clock, world.now)
    return world.do(recoveries.open_recovery, *args, demo=demo)


def confirmed(world: World, recovery: op.Recovery, by) -> op.Recovery:
    cmd = op.ConfirmRecovery(id=recovery.id)
    args = (world.vault, by, world.clock, world.now)
    return world.do(recoveries.confirm_recovery, cmd, *args)


def cancel(world: World, recovery: op.Recovery, by) -> None:
    world.do(recoveries.cancel_recovery, op.CancelRecovery(id=recovery.id), by, world.now)


def finish(world: World) -> int:
    return world.do(recoveries.finish_recoveries, world.vault, world.clock, world.now)


def state(world: World, recovery: op.Recovery) -> str:
    (row,) = world.rows("SELECT state FROM phone_recoveries WHERE id = :id", id=recovery.id)
    return row.state


def test_two_staff_members_and_a_day_move_the_account(world):
    who, first, second = resident(world), world.staff(), world.staff()
    tokens = world.log_in(OLD, "246810", demo=True)
    factor(world, who)
    with world.units() as uow:
        binding = WechatBinding(openid_index="x", person_id=who.person_id, bound_at=world.now)
        uow.session.add(binding)
        uow.commit()
    recovery = opened(world, who, first)
    assert (recovery.state, recovery.effective_at) == ("opened", None)
    assert (recovery.old_phone, recovery.new_phone) == ("138****0001", "139****0002")
    recovery = confirmed(world, recovery, second)
    assert (recovery.state, recovery.confirmed_by.id) == ("waiting", second.person_id)
    assert told(world, Kind.RECOVERY_WAITING) == [(f"+86{OLD}", ("24", "0002"))]
    world.later(hours=23, minutes=59)
    assert finish(world) == 0 and phone_of(world, who) == f"+86{OLD}"
    world.later(minutes=1)
    assert [finish(world), finish(world)] == [1, 0]
    assert state(world, recovery) == "done" and phone_of(world, who) == f"+86{NEW}"
    assert told(world, Kind.RECOVERY_DONE) == [(f"+86{OLD}", ("0002",))]
    assert [e["person_id"] for e in world.events("session.revoked.v1")] == [who.person_id]
    with pytest.raises(SessionEnded):
        cmd = op.RefreshToken(refresh_token=tokens.refresh_token)
        world.do(sessions.refresh_token, cmd, world.desk)
    assert not world.rows("SELECT person_id FROM wechat_bindings")
    assert not world.rows("SELECT person_id FROM totp_factors")
    assert world.log_in(NEW, "246810", demo=True).person.id == who.person_id


def test_nobody_confirms_what_she_opened_nor_her_own(world):
    who, first = resident(world), world.staff()
    recovery = opened(world, who, first)
    with pytest.raises(SecondPersonNeeded):
        confirmed(world, recovery, first)
    also_staff = actor(who.person_id, (Role.COMMITTEE_STAFF, HOME))
    with pytest.raises(OwnRecovery):
        confirmed(world, recovery, also_staff)
    with pytest.raises(OwnRecovery):
        opened(world, who, also_staff)
    assert state(world, recovery) == "opened"


def test_a_second_account_of_ones_own_making_is_no_second_person(world):
    """A secretary gives the office to another account of hers; whichever of them opens it."""
    who, secretary, other = resident(world), world.staff(), world.staff()
    puppet = world.staff(granted_by=secretary)
    recovery = opened(world, who, secretary)
    with pytest.raises(NotIndependent):
        confirmed(world, recovery, puppet)
    cancel(world, recovery, who)
    recovery = opened(world, who, puppet)
    with pytest.raises(NotIndependent):
        confirmed(world, recovery, secretary)
    assert state(world, recovery) == "opened" and told(world, Kind.RECOVERY_WAITING) == []
    assert confirmed(world, recovery, other).state == "waiting"


@pytest.mark.parametrize(("opener", "second"), [(30, 6), (6, 30)])
def test_an_office_of_yesterday_vouches_for_nobody(world, opener, second):
    who, first, new = resident(world), world.staff(days=opener), world.staff(days=second)
    recovery = opened(world, who, first)
    with pytest.raises(NotIndependent):
        confirmed(world, recovery, new)
    world.later(days=1)
    recovery = opened(world, who, first) if state(world, recovery) == "expired" else recovery
    assert confirmed(world, recovery, new).state == "waiting"


def test_whoever_has_left_office_since_has_opened_nothing_that_counts(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = opened(world, who, first)
    with world.units() as uow:
        gone = update(GrantRow).where(GrantRow.person_id == first.person_id)
        uow.session.execute(gone.values(revoked_at=world.now))
        uow.commit()
    with pytest.raises(NotIndependent):
        confirmed(world, recovery, second)


def test_an_account_that_cannot_be_warned_is_not_recovered(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = opened(world, who, first)
    with world.units() as uow:
        bare = update(PersonRow).where(PersonRow.id == who.person_id)
        uow.session.execute(bare.values(phone_sealed=None, phone_index=None))
        uow.commit()
    with pytest.raises(NobodyToWarn):
        confirmed(world, recovery, second)
    cancel(world, recovery, first)
    with pytest.raises(NobodyToWarn):
        opened(world, who, first)


def test_the_new_phone_is_in_the_persons_hands(world):
    who, first = resident(world), world.staff()
    code = world.sent_code(NEW)
    for tried in (f"{(int(code) + 1) % 1_000_000:06d}", "246810"):
        with pytest.raises(CodeNotRight) as caught:
            opened(world, who, first, code=tried, demo=False)
        assert [e.field for e in caught.value.errors] == ["new_code"]
    with pytest.raises(CodeNotRight):
        opened(world, who, first, THIRD, code=code, demo=False)
    recovery = opened(world, who, first, code=code, demo=False)
    cancel(world, recovery, first)
    with pytest.raises(CodeNotRight):
        opened(world, who, first, code=code, demo=False)


def test_whose_a_number_is_shows_only_to_whoever_holds_it(world):
    who, first = resident(world), world.staff()
    world.person(THIRD, (Role.VOLUNTEER, HOME))
    for phone in (THIRD, NEW, OLD):
        with pytest.raises(CodeNotRight):
            opened(world, who, first, phone, demo=False)
    opened(world, who, first)
    for phone in (THIRD, NEW, OLD):
        with pytest.raises(RecoveryRunning):
            opened(world, who, first, phone)


def test_a_deleted_account_leaves_who_moved_it_and_no_number(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = confirmed(world, opened(world, who, first), second)
    args = (world.vault, op.DeleteMe(code="246810"), who, world.clock, world.now)
    world.do(deletion.delete_me, *args, demo=True)
    (row,) = world.rows("SELECT * FROM phone_recoveries")
    assert (row.state, row.new_phone_sealed, row.new_phone_index) == ("cancelled", None, None)
    assert (row.opened_by, row.confirmed_by) == (first.person_id, second.person_id)
    (seen,) = listed(world, first).items
    assert (seen.id, seen.old_phone, seen.new_phone) == (recovery.id, "—", "—")
    world.later(hours=25)
    assert finish(world) == 0


def test_the_staff_of_another_community_see_and_do_nothing(world):
    who, first, stranger = resident(world), world.staff(), world.staff(OTHER)
    recovery = opened(world, who, first)
    with pytest.raises(Forbidden):
        opened(world, who, stranger)
    for act in (confirmed, cancel):
        with pytest.raises(RecoveryNotFound):
            act(world, recovery, stranger)
    with pytest.raises(Forbidden):
        listed(world, stranger)
    with pytest.raises(RecoveryNotFound):
        cancel(world, recovery, world.person())


def test_only_who_lives_here_is_recovered_here(world):
    with pytest.raises(NotAResident):
        opened(world, world.person(OLD), world.staff())
    with pytest.raises(NotAResident):
        opened(world, actor("nobody"), world.staff())


def test_one_recovery_at_a_time_and_each_step_once(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = opened(world, who, first)
    with pytest.raises(RecoveryRunning):
        opened(world, who, second, THIRD)
    confirmed(world, recovery, second)
    with pytest.raises(RecoveryOver):
        confirmed(world, recovery, world.staff())
    cancel(world, recovery, first)
    with pytest.raises(RecoveryOver):
        cancel(world, recovery, first)
    assert opened(world, who, second, THIRD).state == "opened"


def test_the_owner_sees_it_on_her_page_and_stops_it(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = opened(world, who, first)
    seen = world.do(me.get_me, who, world.now, read=True).recovery
    assert (seen.id, seen.effective_at) == (recovery.id, None)
    recovery = confirmed(world, recovery, second)
    seen = world.do(me.get_me, who, world.now, read=True).recovery
    assert seen.effective_at == recovery.effective_at
    cancel(world, recovery, who)
    assert world.do(me.get_me, who, world.now, read=True).recovery is None
    world.later(hours=25)
    assert finish(world) == 0 and phone_of(world, who) == f"+86{OLD}"


def test_what_nobody_confirms_expires_after_seven_days(world):
    who, first = resident(world), world.staff()
    recovery = opened(world, who, first)
    world.later(days=6, hours=23)
    assert finish(world) == 0
    world.later(hours=1)
    assert finish(world) == 1 and state(world, recovery) == "expired"
    assert phone_of(world, who) == f"+86{OLD}"
    with pytest.raises(RecoveryOver):
        confirmed(world, recovery, world.staff())


def test_a_neighbours_number_is_refused_at_once_and_later(world):
    who, first, second = resident(world), world.staff(), world.staff()
    world.person(THIRD, (Role.VOLUNTEER, HOME))
    with pytest.raises(PhoneTaken):
        opened(world, who, first, THIRD)
    with pytest.raises(SamePhone):
        opened(world, who, first, OLD)
    recovery = confirmed(world, opened(world, who, first), second)
    world.person(NEW, (Role.VOLUNTEER, HOME))
    world.later(hours=24)
    assert [finish(world), finish(world)] == [1, 0]
    assert state(world, recovery) == "cancelled" and phone_of(world, who) == f"+86{OLD}"
    assert told(world, Kind.RECOVERY_DONE) == []


def test_an_account_without_name_home_or_office_gives_the_number_up(world):
    who, first, second = resident(world), world.staff(), world.staff()
    confirmed(world, opened(world, who, first), second)
    stray = world.log_in(NEW, "246810", demo=True).person
    world.later(hours=24)
    assert finish(world) == 1
    assert phone_of(world, who) == f"+86{NEW}"
    assert phone_of(world, actor(stray.id)) is None
    assert world.events("person.deleted.v1") == [{"person_id": stray.id}]
    assert [e["person_id"] for e in world.events("session.revoked.v1")] == [stray.id]


@pytest.mark.parametrize("path", [HOME, OTHER, "d"])
def test_nobody_who_holds_an_office_is_recovered(world, path):
    """Two of a committee must not come into an office of the town's or the district's."""
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = confirmed(world, opened(world, who, first), second)
    world.grant(who, Role.OBSERVER, path)
    world.later(hours=24)
    assert [finish(world), finish(world)] == [1, 0]
    assert state(world, recovery) == "cancelled" and phone_of(world, who) == f"+86{OLD}"
    with pytest.raises(HoldsOffice):
        opened(world, who, first)


def test_an_office_given_while_it_is_open_stops_the_second_person(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = opened(world, who, first)
    world.grant(who, Role.DISTRICT_ADMIN, "d")
    with pytest.raises(HoldsOffice):
        confirmed(world, recovery, second)
    assert state(world, recovery) == "opened" and told(world, Kind.RECOVERY_WAITING) == []


def test_a_lost_second_factor_is_recovered_on_the_same_number(world):
    who, first, second = resident(world), world.staff(), world.staff()
    factor(world, who)
    confirmed(world, opened(world, who, first, OLD), second)
    world.later(hours=24)
    assert finish(world) == 1
    assert phone_of(world, who) == f"+86{OLD}"
    assert not world.rows("SELECT person_id FROM totp_factors")
    with pytest.raises(SamePhone):
        opened(world, who, first, OLD)


def test_whoever_moves_the_account_herself_stops_what_the_staff_began(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = confirmed(world, opened(world, who, first), second)
    cmd = op.ChangePhone(code="246810", new_phone=THIRD, new_code="246810")
    args = (world.vault, who, world.clock, world.now)
    world.do(phones.change_phone, cmd, *args, demo=True)
    assert state(world, recovery) == "cancelled"
    world.later(hours=25)
    assert finish(world) == 0 and phone_of(world, who) == f"+86{THIRD}"


def listed(world: World, by, **page):
    cmd = op.ListRecoveries(cid=C_HOME, **page)
    return world.do(recoveries.list_recoveries, cmd, world.vault, by, world.now)


def test_staff_see_masked_numbers_and_each_look_is_written_down(world):
    who, first, second = resident(world), world.staff(), world.staff()
    recovery = opened(world, who, first)
    cancel(world, recovery, who)
    newer = opened(world, who, first, THIRD)
    page = listed(world, second, limit=1)
    assert [item.id for item in page.items] == [newer.id]
    rest = listed(world, second, cursor=page.next_cursor)
    assert [item.id for item in rest.items] == [recovery.id] and rest.next_cursor is None
    shown = page.model_dump_json() + rest.model_dump_json()
    assert not [number for number in (OLD, NEW, THIRD) if number in shown]
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True)
    looks = [(e.actor.id, e.purpose) for e in log.items]
    assert looks.count((second.person_id, recoveries.PURPOSE)) == 2
    assert looks.count((first.person_id, recoveries.PURPOSE)) == 2


def test_no_number_lies_open_in_the_database(world):
    who, first, second = resident(world), world.staff(), world.staff()
    confirmed(world, opened(world, who, first), second)
    world.later(hours=24)
    finish(world)
    tables = ("phone_recoveries", "persons", "sms_messages", "kit_outbox", "access_log")
    dump = "".join(str(tuple(r)) for t in tables for r in world.rows(f"SELECT * FROM {t}"))
    assert not [number for number in (OLD, NEW) if number in dump]
