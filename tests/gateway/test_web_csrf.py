"""A form counts only when it comes from our page, in this browser, in this session."""

import re

import pytest

from gateway import web
from gateway.web.csrf import Guard
from gateway.web.session import VISIT_COOKIE
from services.contracts.actor import Role
from tests.gateway import web_world as w
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway

LIKE = f"/posts/{w.POST}/like"
PAGE = f"/posts/{w.POST}"


def asked(world) -> set[str]:
    """What services were asked, besides what the page itself needs."""
    return {call.method for call in world.rpc.calls}


async def test_a_form_of_our_page_counts(world):
    answer = await world.browser(Role.RESIDENT).form(PAGE, LIKE, {"liked": "1"})
    assert answer.status_code == 303
    assert world.rpc.last("like").kwargs == {"id": w.POST}


@pytest.mark.parametrize("page", [p for p in web.PAGES if p.method == "POST"], ids=lambda p: p.path)
async def test_no_form_counts_without_its_token(world, page):
    path = re.sub(r"{\w+}", w.POST, page.path)
    browser = world.browser(Role.RESIDENT, Role.COMMITTEE_STAFF)
    await browser.get("/me")
    world.rpc.calls.clear()
    for data in ({"x": "1"}, {"csrf": ""}, {"csrf": "x" * 32}, {"csrf": "中文"}):
        answer = await browser.client.post(path, data=data, headers=ORIGIN)
        assert answer.status_code == 403, data
        assert "页面已过期" in answer.text
    assert asked(world) <= {"count_unread", "advance_clock"}


async def test_the_token_of_another_session_does_not_count(world):
    mine, theirs = world.browser(Role.RESIDENT), world.browser(Role.RESIDENT, session="session-2")
    stolen = token_in((await theirs.get(PAGE)).text)
    await mine.get(PAGE)
    # even somebody who can plant cookies in my browser has no token for my session
    mine.client.cookies.set(VISIT_COOKIE, theirs.client.cookies[VISIT_COOKIE])
    answer = await mine.client.post(LIKE, data={"csrf": stolen, "liked": "1"}, headers=ORIGIN)
    assert answer.status_code == 403
    assert "like" not in asked(world)


async def test_the_token_of_another_browser_does_not_count(world):
    mine, other = world.browser(Role.RESIDENT), world.browser(Role.RESIDENT)
    other_token = token_in((await other.get(PAGE)).text)
    await mine.get(PAGE)
    answer = await mine.client.post(LIKE, data={"csrf": other_token}, headers=ORIGIN)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://gateway.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none", "origin": "http://gateway"},
    ],
    ids=str,
)
async def test_a_form_of_another_site_does_not_count(world, headers):
    browser = world.browser(Role.RESIDENT)
    token = token_in((await browser.get(PAGE)).text)
    answer = await browser.client.post(LIKE, data={"csrf": token, "liked": "1"}, headers=headers)
    assert answer.status_code == 403
    assert "like" not in asked(world)


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://gateway", "sec-fetch-site": "same-origin"}], ids=str
)
async def test_browsers_that_say_nothing_and_those_that_say_the_truth_count(world, headers):
    browser = world.browser(Role.RESIDENT)
    token = token_in((await browser.get(PAGE)).text)
    answer = await browser.client.post(LIKE, data={"csrf": token, "liked": "1"}, headers=headers)
    assert answer.status_code == 303


async def test_json_is_no_form(world):
    browser = world.browser(Role.RESIDENT)
    token = token_in((await browser.get(PAGE)).text)
    answer = await browser.client.post(LIKE, json={"csrf": token, "liked": "1"}, headers=ORIGIN)
    assert answer.status_code == 400


async def test_a_page_from_before_logging_in_is_too_old(world):
    browser = world.browser(login=False)
    token = token_in((await browser.get("/login")).text)
    browser.client.cookies.set("shequ_access", world.verifier.token(Role.RESIDENT))
    answer = await browser.client.post(LIKE, data={"csrf": token}, headers=ORIGIN)
    assert answer.status_code == 403


def test_processes_with_the_same_secret_know_each_others_tokens(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"x" * 40)
    token = Guard(secret).token("nonce", "session")
    Guard(secret).check(token, "nonce", "session")
    secret.write_bytes(b"y" * 40)
    assert Guard(secret).token("nonce", "session") != token
