"""Logging in, staying logged in, and being asked to log in."""

import asyncio
from http.cookies import SimpleCookie

import httpx
import pytest

from gateway.auth import ACCESS_COOKIE
from gateway.web.session import LANGUAGE_COOKIE, REFRESH_COOKIE, VISIT_COOKIE
from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import web_world as w
from tests.gateway.web_browser import Browser, World

pytestmark = pytest.mark.gateway


def set_cookies(response: httpx.Response) -> SimpleCookie:
    jar = SimpleCookie()
    for line in response.headers.get_list("set-cookie"):
        jar.load(line)
    return jar


def with_refresh(world: World, *, access: bool = False, **token: object) -> Browser:
    browser = world.browser(Role.RESIDENT, login=access, **token)
    browser.client.cookies.set(REFRESH_COOKIE, "refresh-1")
    return browser


async def log_in(world: World, browser: Browser, **fields: str) -> httpx.Response:
    world.say(create_token=w.renewing(world.verifier, Role.RESIDENT))
    data = {"phone": "13800000001", "code": "246810", "step": "login", "next": "/me", **fields}
    return await browser.form("/login", "/login", data)


# -- in and out ------------------------------------------------------------------------------------


async def test_the_code_is_asked_for_and_sent_with_the_phone(world):
    browser = world.browser(login=False)
    page = await browser.form("/login", "/login", {"phone": "138 0000 0001", "step": "code"})
    assert page.status_code == 200
    assert 'name="code"' in page.text and 'value="138 0000 0001"' in page.text
    assert world.rpc.last("request_code").kwargs == {"phone": "13800000001"}


async def test_logging_in_keeps_tokens_where_no_script_reads_them(world):
    response = await log_in(world, world.browser(login=False))
    assert (response.status_code, response.headers["location"]) == (303, "/me")
    cookies = set_cookies(response)
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        assert cookies[name]["httponly"] and cookies[name]["samesite"] == "lax", name
        assert cookies[name]["path"] == "/" and not cookies[name]["domain"]
        assert not cookies[name]["secure"]
    assert int(cookies[ACCESS_COOKIE]["max-age"]) == w.TOKENS["expires_in"]


async def test_over_https_cookies_are_sent_over_https_alone(make_app, rpc, verifier):
    world = World(make_app(public_url="https://shequ.example"), rpc, verifier)
    world.say(**w.answers())
    response = await log_in(world, world.browser(login=False))
    assert all(morsel["secure"] for morsel in set_cookies(response).values())
    assert "max-age=31536000" in response.headers["strict-transport-security"]
    await world.close()


async def test_a_wrong_code_is_told_beside_its_field(world):
    world.say(create_token=errors.Unauthenticated())
    page = await world.browser(login=False).form(
        "/login", "/login", {"phone": "13800000001", "code": "1", "step": "login"}
    )
    assert page.status_code == 401
    assert 'id="fault-code"' in page.text and 'value="13800000001"' in page.text
    assert ACCESS_COOKIE not in set_cookies(page)


@pytest.mark.parametrize(
    "target",
    ["//evil.example/", "https://evil.example", "/\\evil.example", "/\t/evil", "x", "/ok\r\nX: 1"],
)
async def test_after_logging_in_nobody_is_sent_elsewhere(world, target):
    response = await log_in(world, world.browser(login=False), next=target)
    assert response.headers["location"] == "/"


async def test_logging_out_ends_the_session_everywhere(world):
    browser = with_refresh(world, access=True)
    response = await browser.form("/me", "/logout")
    assert response.headers["location"] == "/login"
    cookies = set_cookies(response)
    assert cookies[ACCESS_COOKIE]["max-age"] == cookies[REFRESH_COOKIE]["max-age"] == "0"
    assert world.rpc.last("revoke_token").options["token"]
    assert "session-1" in world.verifier.dead


async def test_logging_out_works_while_identity_is_away(world):
    world.say(revoke_token=errors.Unavailable())
    response = await world.browser(Role.RESIDENT).form("/me", "/logout")
    assert set_cookies(response)[ACCESS_COOKIE]["max-age"] == "0"


# -- being asked to log in -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/login"),
        ("/me", "/login?next=/me"),
        (f"/posts/{w.POST}?reply_to=1", f"/login?next=/posts/{w.POST}%3Freply_to%3D1"),
    ],
)
async def test_pages_ask_to_log_in_and_come_back(world, path, target):
    response = await world.browser(login=False).get(path)
    assert (response.status_code, response.headers["location"]) == (303, target)
    assert world.rpc.calls == []


async def test_a_piece_of_a_page_sends_the_whole_page_to_log_in(world):
    response = await world.browser(login=False).get("/me/bell", hx_request="true")
    assert response.status_code == 401
    assert response.headers["hx-redirect"] == "/login?next=/me/bell"


async def test_a_forged_token_is_nobody(world):
    browser = world.browser(login=False)
    browser.client.cookies.set(ACCESS_COOKIE, "forged")
    response = await browser.get("/me")
    assert response.headers["location"].startswith("/login")
    assert set_cookies(response)[ACCESS_COOKIE]["max-age"] == "0"


# -- tokens that run out ---------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-1, 5])
async def test_a_token_that_has_run_out_or_will_soon_is_renewed_on_the_way(world, seconds):
    world.say(refresh_token=w.renewing(world.verifier, Role.RESIDENT))
    browser = with_refresh(world, access=True, seconds=seconds)
    page = await browser.get("/me")
    assert page.status_code == 200
    cookies = set_cookies(page)
    assert cookies[REFRESH_COOKIE].value == "fresh-refresh"
    assert cookies[ACCESS_COOKIE].value == world.rpc.last("get_me").options["token"]


async def test_a_token_that_counts_is_left_alone(world):
    await with_refresh(world, access=True).get("/me")
    assert all(asked.method != "refresh_token" for asked in world.rpc.calls)


def hold_refresh(world: World) -> tuple[asyncio.Event, asyncio.Event]:
    """Identity is asked for fresh tokens (the first event) and answers when the second is set."""
    asked, gate = asyncio.Event(), asyncio.Event()

    async def answer(call):
        asked.set()
        await gate.wait()
        return w.renewing(world.verifier, Role.RESIDENT)(call)

    world.rpc.answers["refresh_token"] = answer
    return asked, gate


async def test_pages_that_come_together_renew_once(world):
    """A refresh token that came twice would end the session for thief and owner alike."""
    asked, gate = hold_refresh(world)
    browsers = [with_refresh(world) for _ in range(5)]
    pages = [asyncio.create_task(b.get("/me")) for b in browsers]
    await asyncio.wait_for(asked.wait(), 5)
    gate.set()
    assert {page.status_code for page in await asyncio.gather(*pages)} == {200}
    late = await with_refresh(world).get("/me")  # its cookies were sent before the answer came
    assert late.status_code == 200
    assert sum(asked.method == "refresh_token" for asked in world.rpc.calls) == 1


async def test_a_visitor_who_left_does_not_spend_the_token_for_nothing(world):
    asked, gate = hold_refresh(world)
    left = asyncio.create_task(with_refresh(world).get("/me"))
    await asyncio.wait_for(asked.wait(), 5)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    gate.set()
    assert (await with_refresh(world).get("/me")).status_code == 200
    assert sum(asked.method == "refresh_token" for asked in world.rpc.calls) == 1


async def test_a_session_that_is_over_is_forgotten(world):
    world.say(refresh_token=errors.Unauthenticated())
    response = await with_refresh(world).get("/me")
    assert response.headers["location"] == "/login?next=/me"
    assert set_cookies(response)[REFRESH_COOKIE]["max-age"] == "0"


async def test_a_session_is_kept_while_identity_is_away(world):
    world.say(refresh_token=errors.Unavailable())
    page = await with_refresh(world).get("/me")
    assert page.status_code == 503 and page.headers["retry-after"]
    assert REFRESH_COOKIE not in set_cookies(page)
    world.say(refresh_token=w.renewing(world.verifier, Role.RESIDENT))
    assert (await with_refresh(world).get("/me")).status_code == 200


# -- language --------------------------------------------------------------------------------------


async def test_pages_speak_the_language_of_the_browser(world):
    page = await world.browser(Role.RESIDENT).get("/me", accept_language="en-GB,zh;q=0.5")
    assert '<html lang="en">' in page.text and "Log out" in page.text
    assert page.headers["content-language"] == "en"
    assert world.rpc.last("get_me").options["language"] == "en"


async def test_a_language_chosen_by_hand_wins(world):
    browser = world.browser(Role.RESIDENT)
    answer = await browser.form("/me", "/language", {"language": "en", "next": "/me"})
    assert answer.headers["location"] == "/me"
    assert set_cookies(answer)[LANGUAGE_COOKIE].value == "en"
    page = await browser.get("/me", accept_language="zh-CN")
    assert '<html lang="en">' in page.text


async def test_a_language_that_is_not_there_is_not_chosen(world):
    answer = await world.browser(Role.RESIDENT).form("/me", "/language", {"language": "xx"})
    assert LANGUAGE_COOKIE not in set_cookies(answer)


async def test_the_random_value_of_forms_is_set_once(world):
    browser = world.browser(Role.RESIDENT)
    first, second = await browser.get("/me"), await browser.get("/me")
    assert VISIT_COOKIE in set_cookies(first)
    assert VISIT_COOKIE not in set_cookies(second)
