"""The second factor on the pages: asked for at the door, enrolled and given up on my page."""

import re

import pytest
import segno

from gateway.auth import ACCESS_COOKIE
from gateway.web.session import REFRESH_COOKIE
from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import web_world as w
from tests.gateway.test_web_session import set_cookies
from tests.gateway.web_reader import Reader

pytestmark = pytest.mark.gateway

CODE = {"phone": "13800000001", "code": "246810", "step": "login", "next": "/c/x"}


class TotpRequired(errors.Unauthenticated):
    code = "identity.totp_required"
    zh, en = "请输入动态验证码", "Please enter the code of your authenticator"


class TotpWrong(errors.Unauthenticated):
    code = "identity.totp_wrong"
    zh, en = "动态验证码或恢复码不正确", "The code is wrong"


class TotpInvalid(errors.Invalid):
    code = "identity.totp_invalid"
    zh, en = TotpWrong.zh, TotpWrong.en


class Locked(errors.RateLimited):
    code = "identity.locked"
    zh, en = "已暂时锁定，请 15 分钟后再试", "Please try again in 15 minutes"


# -- at the door -------------------------------------------------------------------------------


async def test_the_door_asks_for_the_factor_and_keeps_phone_and_code(world):
    world.say(create_token=TotpRequired())
    page = await world.browser(login=False).form("/login", "/login", CODE)
    assert page.status_code == 200
    assert 'name="totp"' in page.text and 'id="fault-' not in page.text
    assert 'value="13800000001"' in page.text and 'value="246810"' in page.text
    assert 'name="next" value="/c/x"' in page.text
    assert ACCESS_COOKIE not in set_cookies(page)


async def test_with_the_factor_the_visitor_goes_on_to_where_she_was_going(world):
    world.say(create_token=w.renewing(world.verifier, Role.RESIDENT))
    browser = world.browser(login=False)
    response = await browser.form("/login", "/login", {**CODE, "totp": " 123456 "})
    assert (response.status_code, response.headers["location"]) == (303, "/c/x")
    assert world.rpc.last("create_token").kwargs == {
        "phone": "13800000001",
        "code": "246810",
        "totp": "123456",
    }


async def test_a_wrong_factor_is_told_beside_its_field(world):
    world.say(create_token=TotpWrong())
    page = await world.browser(login=False).form("/login", "/login", {**CODE, "totp": "1"})
    assert page.status_code == 401
    assert 'id="fault-totp"' in page.text and 'id="fault-code"' not in page.text
    assert TotpWrong.zh in page.text


async def test_too_many_wrong_ones_are_told_in_plain_words(world):
    world.say(create_token=Locked(retry_after=900))
    page = await world.browser(login=False).form("/login", "/login", {**CODE, "totp": "1"})
    assert page.status_code == 429
    assert "请 15 分钟后再试" in page.text and 'name="totp"' in page.text


async def test_whose_office_waits_is_shown_where_to_enrol(world):
    def answer(asked):
        tokens = w.renewing(world.verifier, Role.RESIDENT)(asked)
        return {**tokens, "totp_needed": True}

    world.say(create_token=answer)
    response = await world.browser(login=False).form("/login", "/login", CODE)
    assert response.headers["location"] == "/me#totp"


# -- on my page --------------------------------------------------------------------------------


async def test_my_page_offers_it_and_says_when_the_office_asks_for_it(world):
    browser = world.browser(Role.RESIDENT)
    page = await browser.get("/me")
    assert 'action="/me/totp"' in page.text and "岗位要求" not in page.text
    world.say(get_me=w.me("secretary", totp={"enrolled": False, "required": True}))
    assert "开启后岗位权限才会生效" in (await browser.get("/me")).text
    world.say(get_me=w.me("secretary", totp={"enrolled": True, "required": True}))
    page = await browser.get("/me")
    assert 'action="/me/totp/remove"' in page.text and 'action="/me/totp"' not in page.text


async def test_the_secret_is_shown_as_text_and_as_a_code_drawn_here(world):
    page = await world.browser(Role.RESIDENT).form("/me", "/me/totp")
    assert page.status_code == 200
    assert "GEZD GNBV GY3T QOJQ" in page.text
    drawn = segno.make(w.OTPAUTH, error="m", micro=False)
    size = drawn.symbol_size(border=3)[0]
    assert f'viewBox="0 0 {size} {size}"' in page.text
    assert not re.search(r"<(img|svg|path)[^>]*(style|href|src)=\"?(http|//)", page.text)
    assert page.headers["cache-control"] == "no-store"


async def test_wrong_digits_are_told_and_the_secret_stays(world):
    world.say(confirm_totp=TotpInvalid(errors=[errors.FieldError("code", TotpInvalid.zh)]))
    fields = {"code": "000000", "address": w.OTPAUTH}
    page = await world.browser(Role.RESIDENT).form("/me", "/me/totp/confirm", fields)
    assert page.status_code == 422
    assert 'id="fault-code"' in page.text and "GEZD GNBV GY3T QOJQ" in page.text


async def test_recovery_codes_are_shown_once_and_the_office_comes_at_once(world):
    world.say(refresh_token=w.renewing(world.verifier, Role.SECRETARY))
    browser = world.browser(Role.RESIDENT)
    browser.client.cookies.set(REFRESH_COOKIE, "refresh-1")
    fields = {"code": "123456", "address": w.OTPAUTH}
    page = await browser.form("/me", "/me/totp/confirm", fields)
    assert page.status_code == 200
    assert page.text.count("K7QD-XW3M-APT6-RZ") == 10
    assert set_cookies(page)[REFRESH_COOKIE].value == "fresh-refresh"
    assert "K7QD" not in (await browser.get("/me")).text


async def test_codes_are_shown_even_when_fresh_tokens_cannot_be_had(world):
    world.say(refresh_token=errors.Unavailable())
    browser = world.browser(Role.RESIDENT)
    browser.client.cookies.set(REFRESH_COOKIE, "refresh-1")
    fields = {"code": "123456", "address": w.OTPAUTH}
    page = await browser.form("/me", "/me/totp/confirm", fields)
    assert page.status_code == 200 and "K7QD-XW3M-APT6-RZ00" in page.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/me/totp", {}), ("/me/totp/confirm", {"code": "123456", "address": w.OTPAUTH})],
)
async def test_what_is_shown_needs_no_script_and_every_field_has_its_label(world, path, fields):
    page = await world.browser(Role.RESIDENT).form("/me", path, fields)
    read = Reader(page.text)
    assert page.status_code == 200
    assert read.inline == [] and read.unnamed == []
    assert all(address.startswith(("/", "#")) for address in read.addresses)


@pytest.mark.parametrize(
    "address", ["", "https://evil.example/?secret=A", "otpauth://totp/x", "otpauth://x" + "y" * 600]
)
async def test_an_address_that_is_none_draws_nothing(world, address):
    world.say(confirm_totp=TotpInvalid())
    fields = {"code": "1", "address": address}
    page = await world.browser(Role.RESIDENT).form("/me", "/me/totp/confirm", fields)
    assert page.status_code == 400 and "qr-code" not in page.text


async def test_giving_it_up_needs_a_right_code(world):
    browser = world.browser(Role.RESIDENT)
    response = await browser.form("/me", "/me/totp/remove", {"code": "123456"})
    assert response.headers["location"] == "/me"
    assert world.rpc.last("remove_totp").kwargs == {"code": "123456"}
    world.say(
        remove_totp=TotpInvalid(errors=[errors.FieldError("code", TotpInvalid.zh)]),
        get_me=w.me(totp={"enrolled": True, "required": False}),
    )
    page = await browser.form("/me", "/me/totp/remove", {"code": "1"})
    assert page.status_code == 422 and 'id="fault-code"' in page.text


# -- a phone that is being moved ---------------------------------------------------------------


async def test_a_recovery_under_way_is_told_and_can_be_stopped(world):
    world.say(get_me=w.me(recovery={"id": w.REQUEST, "effective_at": w.at(hours=-20)}))
    browser = world.browser(Role.RESIDENT)
    page = await browser.get("/me")
    assert "有人在为您更换手机号" in page.text and f'value="{w.REQUEST}"' in page.text
    response = await browser.form("/me", "/me/recovery/stop", {"id": w.REQUEST})
    assert response.headers["location"] == "/me"
    assert world.rpc.last("cancel_recovery").kwargs == {"id": w.REQUEST}
