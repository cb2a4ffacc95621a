"""The pages as an app on a phone: what is installed, what its worker keeps and must not."""

import json
import re

import pytest

from services.contracts.actor import Role
from tests.gateway.test_web_assets import world  # noqa: F401 - a world with files

pytestmark = pytest.mark.gateway


async def test_the_manifest_names_pictures_that_are_there(world):  # noqa: F811
    browser = world.browser(Role.RESIDENT)
    told = await browser.get("/manifest.webmanifest")
    assert told.headers["content-type"].startswith("application/manifest+json")
    manifest = told.json()
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        picture = await browser.get(icon["src"])
        assert picture.status_code == 200 and picture.headers["content-type"] == "image/png"
    for short in manifest["shortcuts"]:
        assert (await browser.get(short["url"])).status_code in (200, 303)


async def test_the_worker_keeps_nobodys_page_and_files_alone(world):  # noqa: F811
    told = await world.browser(Role.RESIDENT).get("/sw.js")
    assert told.headers["content-type"].startswith("text/javascript")
    assert told.headers["cache-control"] == "no-cache"
    kept = json.loads(re.search(r"const KEPT = (\[.*?\]);", told.text)[1])
    assert kept[0] == "/offline" and all(name.startswith("/assets/") for name in kept[1:])
    for address in kept:
        assert (await world.browser(login=False).get(address)).status_code == 200


async def test_the_page_without_a_net_says_who_nobody_is(world):  # noqa: F811
    page = await world.browser(login=False).get("/offline")
    assert "data-who" not in page.text and "data-live" not in page.text
    assert "data-drafts" in page.text


async def test_workers_may_come_from_here_alone(world):  # noqa: F811
    page = await world.browser(Role.RESIDENT).get("/")
    assert "worker-src 'self'" in page.headers["content-security-policy"]
