"""Logging in by WeChat against a local WeChat, and binding accounts. Needs: db."""

import socket
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from structlog.testing import capture_logs

from services.contracts.errors import Unavailable
from services.contracts.operations import identity as op
from services.identity.domain.login import CodeWrong
from services.identity.domain.totp import TotpRequired
from services.identity.handlers import login, me, totp, wechat
from services.identity.handlers.wechat import WechatBound, WechatTaken, WechatTicketInvalid
from services.identity.wechat import Wechat, WechatCodeWrong, WechatOff
from tests.support.fake_http import Asked, fake_http
from tests.support.identity_world import World, actor

pytestmark = pytest.mark.db
PHONE, OTHER_PHONE = "13800000001", "13800000002"


@pytest.fixture
def tencent():
    """WeChat: the code ``of-x`` is person x's, each good once."""
    used: set[str] = set()

    def answer(asked: Asked):
        query = {k: v[0] for k, v in parse_qs(urlsplit(asked.path).query).items()}
        if (query.get("appid"), query.get("secret")) != ("wx1", "s3cret"):
            return 200, {"errcode": 40125, "errmsg": "invalid appsecret"}
        if query.get("grant_type") != "authorization_code":
            return 200, {"errcode": 40002, "errmsg": "invalid grant_type"}
        code = query.get("code", "")
        if code in used:
            return 200, {"errcode": 40163, "errmsg": "code been used"}
        if not code.startswith("of-"):
            return 200, {"errcode": 40029, "errmsg": "invalid code"}
        used.add(code)
        who = code.split("-")[1]
        return 200, {"access_token": "t", "openid": f"openid-{who}", "unionid": f"union-{who}"}

    with fake_http() as fake:
        fake.answer = answer
        yield fake


def app(fake) -> Wechat:
    return Wechat("wx1", "s3cret", fake.url)


def enter(world: World, fake, code: str, **more) -> op.WechatLogin:
    cmd = op.LoginByWechat(code=code, **more)
    return world.do(wechat.login_by_wechat, cmd, world.vault, app(fake), world.desk)


def bind(world: World, ticket: str, phone: str = PHONE) -> op.Tokens:
    return world.log_in(phone, "246810", demo=True, wechat_ticket=ticket)


def test_an_unknown_account_gets_a_ticket_that_binds_it_at_the_next_log_in(world, tencent):
    first = enter(world, tencent, "of-sun-1")
    assert first.tokens is None and first.ticket
    person = bind(world, first.ticket).person
    second = enter(world, tencent, "of-sun-2")
    assert second.ticket is None and second.tokens.person == person
    mine = world.do(me.get_me, actor(person.id), world.now, read=True)
    assert mine.wechat_bound


def test_a_ticket_works_once_and_for_ten_minutes(world, tencent):
    ticket = enter(world, tencent, "of-sun-1").ticket
    bind(world, ticket)
    late = enter(world, tencent, "of-lu-1").ticket
    world.later(minutes=10)
    for spent in (ticket, late, "made-up"):
        with pytest.raises(WechatTicketInvalid):
            bind(world, spent, OTHER_PHONE)
    assert len(world.rows("SELECT id FROM persons")) == 1, "the refused log-in registered nobody"
    world.do(login.sweep, world.clock)
    world.later(seconds=1)
    world.do(login.sweep, world.clock)
    assert not world.rows("SELECT ticket_hash FROM wechat_tickets")


def test_one_wechat_account_is_one_person(world, tencent):
    tickets = [enter(world, tencent, f"of-sun-{n}").ticket for n in range(3)]
    bind(world, tickets[0])
    with pytest.raises(WechatTaken):
        bind(world, tickets[1], OTHER_PHONE)
    bind(world, tickets[2])
    assert len(world.rows("SELECT person_id FROM wechat_bindings")) == 1


def test_a_person_with_one_account_binds_no_second(world, tencent):
    bind(world, enter(world, tencent, "of-sun-1").ticket)
    other = enter(world, tencent, "of-lu-1").ticket
    with pytest.raises(WechatBound):
        bind(world, other)


def test_a_ticket_without_the_phones_code_binds_nothing(world, tencent):
    ticket = enter(world, tencent, "of-sun-1").ticket
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, "000000", wechat_ticket=ticket)
    assert not world.rows("SELECT person_id FROM wechat_bindings")


def test_after_unbinding_the_account_is_unknown_again(world, tencent):
    person = bind(world, enter(world, tencent, "of-sun-1").ticket).person
    for _ in range(2):
        world.do(wechat.unbind_wechat, actor(person.id))
    assert enter(world, tencent, "of-sun-2").ticket


def test_the_second_factor_is_asked_for_here_too(world, tencent):
    person = bind(world, enter(world, tencent, "of-sun-1").ticket).person
    who = actor(person.id)
    secret = world.do(totp.enrol_totp, world.vault, who, world.clock).secret
    now = int(world.clock.timestamp())
    digits = pyotp.TOTP(secret).at(now)
    cmd = op.ConfirmTotp(code=digits)
    world.do(totp.confirm_totp, cmd, world.vault, who, world.clock)
    with pytest.raises(TotpRequired):
        enter(world, tencent, "of-sun-2")
    fresh = pyotp.TOTP(secret).at(now + 30)
    assert enter(world, tencent, "of-sun-3", totp=fresh).tokens.person == person


def test_the_openid_does_not_lie_open_in_the_database(world, tencent):
    bind(world, enter(world, tencent, "of-sun-1").ticket)
    enter(world, tencent, "of-lu-1")
    tables = ("wechat_bindings", "wechat_tickets", "persons", "kit_outbox")
    dump = "".join(str(tuple(r)) for t in tables for r in world.rows(f"SELECT * FROM {t}"))
    assert "openid-" not in dump


@pytest.mark.parametrize("code", ["nonsense", "of-sun-1"])
def test_a_code_that_wechat_refuses_is_a_401(world, tencent, code):
    enter(world, tencent, "of-sun-1")
    with pytest.raises(WechatCodeWrong):
        enter(world, tencent, code)


def test_where_there_is_no_app_it_is_said_plainly(world):
    with pytest.raises(WechatOff) as caught:
        world.do(
            wechat.login_by_wechat,
            op.LoginByWechat(code="x"),
            world.vault,
            Wechat(),
            world.desk,
        )
    assert (caught.value.status, caught.value.code) == (404, "identity.wechat_off")


@pytest.mark.parametrize(
    "answer", [(500, {}), (200, b"<html>"), (200, []), (200, {"errcode": -1}), (200, {"openid": 7})]
)
def test_a_wechat_that_is_away_or_talks_nonsense_is_a_503(world, tencent, answer):
    tencent.answer = lambda _: answer
    with pytest.raises(Unavailable):
        enter(world, tencent, "of-sun-1")
    assert not world.rows("SELECT ticket_hash FROM wechat_tickets")


def test_wechat_is_asked_before_the_database_and_not_waited_for_long(world):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call, never answers
        slow = Wechat("wx1", "s", f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
        cmd = op.LoginByWechat(code="x")

        def ask():
            with pytest.raises(Unavailable):
                world.do(wechat.login_by_wechat, cmd, world.vault, slow, world.desk)

        assert world.statements(ask) == []


def test_the_secret_is_in_no_log_line(world, tencent):
    tencent.answer = lambda _: (500, {})
    with capture_logs() as lines, pytest.raises(Unavailable):
        enter(world, tencent, "of-sun-1")
    assert [line["event"] for line in lines] == ["wechat away"]
    assert "s3cret" not in str(lines) + repr(app(tencent))
