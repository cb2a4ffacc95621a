"""Phones that change hands by the codes of both. Needs: db."""

import pytest

from services.contracts.operations import identity as op
from services.identity.domain.login import CodeNotRight, SessionEnded
from services.identity.domain.messages import Kind
from services.identity.domain.names import PhoneInvalid
from services.identity.domain.recovery import PhoneTaken, SamePhone
from services.identity.handlers import phones, sessions
from tests.support.identity_world import World, actor, first_and_second
from tests.support.phones import NEW, OLD, THIRD, phone_of, told

pytestmark = pytest.mark.db


def change(world: World, who, code: str | None, new_code: str | None, new_phone: str = NEW):
    cmd = op.ChangePhone(code=code or "000000", new_phone=new_phone, new_code=new_code or "000000")
    return world.do(phones.change_phone, cmd, world.vault, who, world.clock, world.now, demo=False)


def test_with_the_codes_of_both_phones_the_account_moves(world):
    tokens = world.log_in(OLD, world.sent_code(OLD))
    elsewhere = world.log_in(OLD, "246810", demo=True)
    (mine, _) = world.rows("SELECT id FROM sessions ORDER BY created_at, id")
    who = actor(tokens.person.id, session_id=mine.id)
    codes = world.sent_code(OLD), world.sent_code(NEW)
    change(world, who, *codes)
    assert phone_of(world, who) == f"+86{NEW}"
    assert told(world, Kind.PHONE_CHANGED) == [(f"+86{OLD}", ("0002",))]
    assert len(world.events("session.revoked.v1")) == 1, "the others end"
    with pytest.raises(SessionEnded):
        for session in (tokens, elsewhere):
            cmd = op.RefreshToken(refresh_token=session.refresh_token)
            world.do(sessions.refresh_token, cmd, world.desk)
    world.later(seconds=61)
    assert world.log_in(NEW, world.sent_code(NEW)).person == tokens.person
    assert world.log_in(OLD, world.sent_code(OLD)).person != tokens.person


@pytest.mark.parametrize(("wrong", "field"), [(0, "code"), (1, "new_code")])
def test_a_wrong_code_is_named_by_its_field_and_leaves_the_other_one_good(world, wrong, field):
    who = world.person(OLD)
    codes = [world.sent_code(OLD), world.sent_code(NEW)]
    tried = [*codes]
    tried[wrong] = f"{(int(codes[wrong]) + 1) % 1_000_000:06d}"
    with pytest.raises(CodeNotRight) as caught:
        change(world, who, *tried)
    assert [e.field for e in caught.value.errors] == [field]
    assert phone_of(world, who) == f"+86{OLD}"
    change(world, who, *codes)


def test_somebody_elses_number_is_refused_without_telling_whose(world):
    who, other = world.person(OLD), world.person(NEW)
    with pytest.raises(CodeNotRight):
        change(world, who, world.sent_code(OLD), None)
    world.later(seconds=61)
    with pytest.raises(PhoneTaken) as caught:
        change(world, who, world.sent_code(OLD), world.sent_code(NEW))
    assert other.person_id not in str(caught.value.to_wire())
    assert phone_of(world, who) == f"+86{OLD}"


def test_the_same_number_or_none_is_refused(world):
    who = world.person(OLD)
    with pytest.raises(SamePhone):
        change(world, who, "1", "1", "138 0000 0001")
    with pytest.raises(PhoneInvalid) as caught:
        change(world, who, "1", "1", "12")
    assert [e.field for e in caught.value.errors] == ["new_phone"]


def test_two_who_move_to_one_number_at_once_do_not_both_get_it(world):
    one, other = world.person(OLD), world.person(THIRD)
    cmd = op.ChangePhone(code="246810", new_phone=NEW, new_code="246810")
    args = (world.clock, world.now)
    _, late = first_and_second(
        world,
        lambda uow: phones.change_phone(uow, cmd, world.vault, one, *args, demo=True),
        lambda: world.do(phones.change_phone, cmd, world.vault, other, *args, demo=True),
    )
    assert isinstance(late.exception(5), PhoneTaken)
    assert (phone_of(world, one), phone_of(world, other)) == (f"+86{NEW}", f"+86{THIRD}")
