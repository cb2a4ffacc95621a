"""A log-in that overlaps what ends the sessions of its person. Needs: db."""

import base64
import json

import pyotp
import pytest
from sqlalchemy import insert, update

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity.domain.login import CodeNotRight, CodeWrong, SessionEnded
from services.identity.domain.totp import TotpRequired
from services.identity.handlers import deletion, login, phones, recoveries, sessions, totp, wechat
from services.identity.models import PersonRow, PhoneRecovery, SessionRow, WechatBinding
from services.kit.uow import UnitOfWork
from tests.support.identity_world import C_HOME, HOME, World, actor, first_and_second

pytestmark = pytest.mark.db
PHONE, NEW = "13800000001", "13900000002"
CODE = "246810"


class Wechat:
    """A WeChat that knows everybody as one."""

    def openid(self, _code: str) -> str:
        return "openid-sun"


def grants(tokens: op.Tokens) -> list[list[str]]:
    body = tokens.access_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["g"]


def log_in(world: World, uow: UnitOfWork) -> op.Tokens:
    cmd = op.CreateToken(phone=PHONE, code=CODE)
    return login.create_token(uow, cmd, world.vault, world.desk, demo=True)


def refresh(world: World, tokens: op.Tokens) -> op.Tokens:
    cmd = op.RefreshToken(refresh_token=tokens.refresh_token)
    return world.do(sessions.refresh_token, cmd, world.desk)


def enrolling(world: World, who) -> op.ConfirmTotp:
    secret = world.do(totp.enrol_totp, world.vault, who, world.clock).secret
    return op.ConfirmTotp(code=pyotp.TOTP(secret).at(int(world.clock.timestamp())))


def moved(world: World, who, uow: UnitOfWork) -> None:
    cmd = op.ChangePhone(code=CODE, new_phone=NEW, new_code=CODE)
    phones.change_phone(uow, cmd, world.vault, who, world.clock, world.now, demo=True)


def deleted(world: World, who, uow: UnitOfWork) -> None:
    cmd = op.DeleteMe(code=CODE)
    deletion.delete_me(uow, world.vault, cmd, who, world.clock, world.now, demo=True)


def due(world: World, who, uow: UnitOfWork) -> None:
    uow.session.execute(
        insert(PhoneRecovery).values(
            id="r-1",
            state="waiting",
            person_id=who.person_id,
            community_id=C_HOME,
            new_phone_sealed=world.vault.seal(f"+86{NEW}", purpose="recovery.phone", owner="r-1"),
            new_phone_index=world.vault.index("phone", f"+86{NEW}"),
            reason="手机丢了",
            opened_by="a",
            confirmed_by="b",
            opened_at=world.now,
            effective_at=world.now,
        )
    )


def recovered(world: World, who, uow: UnitOfWork) -> None:
    due(world, who, uow)
    assert recoveries.finish_recoveries(uow, world.vault, world.clock, world.now) == 1


def finish(world: World) -> int:
    return world.do(recoveries.finish_recoveries, world.vault, world.clock, world.now)


def bound(world: World, who) -> None:
    with world.units() as uow:
        index = world.vault.index("wechat.openid", "openid-sun")
        uow.session.add(
            WechatBinding(openid_index=index, person_id=who.person_id, bound_at=world.now)
        )
        uow.commit()


def by_wechat(world: World) -> op.WechatLogin:
    cmd = op.LoginByWechat(code="c")
    return world.do(wechat.login_by_wechat, cmd, world.vault, Wechat(), world.desk)


ENDINGS = pytest.mark.parametrize("ending", [moved, deleted, recovered])


@ENDINGS
def test_a_log_in_with_the_old_phone_that_comes_second_is_refused(world, ending):
    who = world.person(PHONE)
    _, late = first_and_second(
        world,
        lambda uow: ending(world, who, uow),
        lambda: world.do(lambda uow: log_in(world, uow)),
    )
    assert isinstance(late.exception(5), CodeWrong)
    assert not world.rows("SELECT id FROM sessions")


@ENDINGS
def test_a_log_in_that_comes_first_is_ended_with_the_others(world, ending):
    who = world.person(PHONE)
    tokens, late = first_and_second(
        world,
        lambda uow: log_in(world, uow),
        lambda: world.do(lambda uow: ending(world, who, uow)),
    )
    assert late.exception(5) is None
    with pytest.raises(SessionEnded):
        refresh(world, tokens)


@pytest.mark.parametrize("ending", [deleted, recovered])
def test_a_log_in_by_wechat_that_comes_second_gets_a_ticket_and_no_session(world, ending):
    who = world.person(PHONE)
    bound(world, who)
    _, late = first_and_second(world, lambda uow: ending(world, who, uow), lambda: by_wechat(world))
    answer = late.result(5)
    assert answer.tokens is None and answer.ticket
    assert not world.rows("SELECT id FROM sessions")


def test_a_log_in_that_was_there_before_the_factor_ends_when_it_is_confirmed(world):
    world.staff_totp = True
    who = world.person(PHONE, (Role.SECRETARY, HOME))
    cmd = enrolling(world, who)
    thiefs, late = first_and_second(
        world,
        lambda uow: log_in(world, uow),
        lambda: world.do(totp.confirm_totp, cmd, world.vault, who, world.clock),
    )
    assert late.exception(5) is None
    with pytest.raises(SessionEnded):
        refresh(world, thiefs)


def test_a_log_in_that_waits_for_the_factors_confirmation_is_asked_for_it(world):
    who = world.person(PHONE, (Role.SECRETARY, HOME))
    cmd = enrolling(world, who)
    _, late = first_and_second(
        world,
        lambda uow: totp.confirm_totp(uow, cmd, world.vault, who, world.clock),
        lambda: world.do(lambda uow: log_in(world, uow)),
    )
    assert isinstance(late.exception(5), TotpRequired)


def test_an_office_is_in_the_tokens_of_those_sessions_alone_that_showed_the_factor(world):
    world.staff_totp = True
    world.person(PHONE, (Role.SECRETARY, HOME))
    mine, other = (world.do(lambda uow: log_in(world, uow)) for _ in range(2))
    one, two = world.rows("SELECT id, person_id FROM sessions ORDER BY id")
    who = actor(one.person_id, session_id=one.id)
    world.do(totp.confirm_totp, enrolling(world, who), world.vault, who, world.clock)
    with world.units() as uow:  # as if the other one had been overlooked
        uow.session.execute(
            update(SessionRow).where(SessionRow.id == two.id).values(revoked_at=None)
        )
        uow.commit()
    offices = [["secretary", HOME] in grants(refresh(world, t)) for t in (mine, other)]
    assert sorted(offices) == [False, True]


def test_whose_account_moved_meanwhile_does_not_delete_it_with_the_old_phones_code(world):
    who = world.person(PHONE)
    _, late = first_and_second(
        world,
        lambda uow: uow.session.execute(
            update(PersonRow).where(PersonRow.id == who.person_id).values(phone_index="another")
        ),
        lambda: world.do(lambda uow: deleted(world, who, uow)),
    )
    assert isinstance(late.exception(5), CodeNotRight)


@pytest.mark.parametrize("ending", [moved, deleted])
def test_a_recovery_that_falls_due_while_its_person_moves_or_leaves_moves_nothing(world, ending):
    who = world.person(PHONE)
    world.do(lambda uow: due(world, who, uow))
    _, late = first_and_second(world, lambda uow: ending(world, who, uow), lambda: finish(world))
    assert late.result(5) == 0
    (row,) = world.rows("SELECT state, ended_by FROM phone_recoveries")
    assert (row.state, row.ended_by) == ("cancelled", who.person_id)
