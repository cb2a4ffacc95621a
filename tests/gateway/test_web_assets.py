"""Files that pages load: of the right type, kept for ever under their hash, and no others."""

import gzip
import re

import pytest

from gateway.web.assets import FOR_EVER
from services.contracts.actor import Role
from tests.gateway.web_browser import World
from tests.gateway.web_world import answers

pytestmark = pytest.mark.gateway


@pytest.fixture
async def world(make_app, rpc, verifier, tmp_path):
    folder = tmp_path / "var" / "assets"
    (folder / "licenses").mkdir(parents=True)
    (folder / "htmx.min.js").write_text("var htmx = 1;")
    (folder / "weui.min.css").write_text(".weui-btn{}")
    (folder / "licenses" / "htmx.txt").write_text("BSD")
    (folder / "manifest.json").write_text("{}")
    (tmp_path / "var" / "secret.txt").write_text("secret")
    world = World(make_app(var=tmp_path / "var"), rpc, verifier)
    world.say(**answers())
    yield world
    await world.close()


async def test_what_a_page_names_is_there_and_kept_for_ever(world):
    browser = world.browser(Role.RESIDENT)
    html = (await browser.get("/")).text
    found = re.findall(r'(?:href|src)="(/assets/[^"]+)"', html)
    assert len(found) == 6
    for address in found:
        file = await browser.get(address)
        assert file.status_code == 200, address
        assert "?v=" in address and file.headers["cache-control"] == FOR_EVER
        assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("htmx.min.js", "text/javascript; charset=utf-8"),
        ("weui.min.css", "text/css; charset=utf-8"),
        ("shequ.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("licenses/htmx.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_files_have_their_types(world, name, kind):
    file = await world.browser(login=False).get(f"/assets/{name}")
    assert file.headers["content-type"] == kind
    assert file.headers["cache-control"] == "no-cache"


async def test_an_old_name_of_a_file_is_not_kept(world):
    file = await world.browser(login=False).get("/assets/htmx.min.js?v=000000000000")
    assert file.status_code == 200 and file.headers["cache-control"] == "no-cache"


async def test_a_file_that_is_known_already_is_not_sent_again(world):
    browser = world.browser(login=False)
    first = await browser.get("/assets/shequ.css")
    again = await browser.get("/assets/shequ.css", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


async def test_files_travel_small(world):
    client = world.browser(login=False).client
    async with client.stream("GET", "/assets/shequ.css", headers={"accept-encoding": "gzip"}) as r:
        raw = b"".join([piece async for piece in r.aiter_raw()])
        assert r.headers["content-encoding"] == "gzip"
    plain = await client.get("/assets/shequ.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "/etc/passwd.txt", "no.css",
     "manifest.json", "a%00.css", "x" * 300 + ".css", "licenses", ""],
)  # fmt: skip
async def test_nothing_else_is_given_out(world, name):
    file = await world.browser(login=False).get(f"/assets/{name}")
    assert file.status_code == 404
    assert "secret" not in file.text


async def test_the_script_stays_small(world):
    """60 KB of script on residents' pages, htmx among it; ours may have a fifth."""
    file = await world.browser(login=False).get("/assets/shequ.js")
    assert len(gzip.compress(file.content)) < 12_000
