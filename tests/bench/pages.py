"""What a phone waits for: pages in a slow Chromium on a slow line, and home on the server."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from deploy.client import Client
from deploy.debian import chromium
from deploy.demo.people import CODE, PHONES, STAFF
from deploy.local.layout import ROOT
from gateway.auth import ACCESS_COOKIE
from services.contracts import demo
from tests.bench.report import Family, Say, median, percentile
from tests.support.platform import Platform, on_own_servers

HOME = demo.SHANGYUAN
ROUNDS = 5
HOMES = 200
SLOWER = 4
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
"""1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back: a phone at the edge of its cell."""
PAGES = {
    "home": "/",
    "a list of posts": f"/c/{HOME}/m/neighbours",
    "a post": "",  # found
    "composer": f"/c/{HOME}/m/neighbours/new",
    "report a problem": f"/c/{HOME}/report",
    "topics": f"/c/{HOME}/topics",
    "votes": f"/c/{HOME}/polls",
    "news": "/me/notifications",
}
PAINTS = """() => new Promise((done) => {
  let largest = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) largest = e.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(JSON.stringify({
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    largest,
    script: performance.getEntriesByType('resource')
      .filter((e) => e.initiatorType === 'script').reduce((sum, e) => sum + e.encodedBodySize, 0),
    html: performance.getEntriesByType('navigation')[0].decodedBodySize,
  })), 500);
})"""


def measure(folder: Path, say: Say) -> list[Family]:
    """The families of figures."""
    settings = {"SHEQU_RATE_LIMITS": "off", "SHEQU_LOG_LEVEL": "WARNING"}
    with on_own_servers(folder / "pages", **settings) as (platform, _):
        with suppress(FileExistsError):
            (platform.layout.var / "assets").symlink_to(ROOT / "var" / "assets")
        with Client(platform.url) as api:
            resident, staff = (api.login(PHONES[name], CODE) for name in ("孙奶奶", STAFF))
            post = next(iter(resident.posts(HOME))).id
            tokens = {
                "a resident": resident.session.tokens.access_token,
                "in office": staff.session.tokens.access_token,
            }
        families = [_homes(platform, tokens, say)]
        families.append(_paints(platform, tokens["a resident"], f"/posts/{post}", say))
    return families


def _homes(platform: Platform, tokens: dict[str, str], say: Say) -> Family:
    rows = []
    for who, token in tokens.items():
        took = []
        with httpx.Client(base_url=platform.url, cookies={ACCESS_COOKIE: token}) as browser:
            for number in range(HOMES + 20):
                began = time.perf_counter()
                assert browser.get("/").status_code == 200
                if number >= 20:  # the first ones warm
                    took.append(time.perf_counter() - began)
        rows.append((who, *(f"{percentile(took, share) * 1000:.0f}" for share in (0.5, 0.95))))
        say(f"home of {who}: p95 {rows[-1][2]} ms")
    return Family(
        "Pages: home on the server",
        f"`tests/bench/pages.py`: {HOMES} times home, one after the other, of the demo district: "
        "seven questions to five services in two rounds. What those in office read is never kept "
        "by the gateway.",
        ("who", "p50 ms", "p95 ms"),
        rows,
        "Asked for: p95 < 60 ms, nothing kept.",
    )


def _paints(platform: Platform, token: str, post: str, say: Say) -> Family:
    rows = []
    with _browser() as browser:
        for name, path in PAGES.items():
            seen = [_seen(browser, platform.url, path or post, token) for _ in range(ROUNDS)]
            first, largest = (median([one[key] for one in seen]) for key in ("first", "largest"))
            sizes = (f"{seen[0][key] / 1000:.1f}" for key in ("script", "html"))
            rows.append((name, f"{first / 1000:.2f}", f"{largest / 1000:.2f}", *sizes))
            say(f"{name}: first paint {rows[-1][1]} s, largest {rows[-1][2]} s")
    return Family(
        "Pages: what a slow phone waits for",
        f"`tests/bench/pages.py`: headless Chromium {browser.version}, processor {SLOWER} times "
        "slower, 1.6 Mbit/s with 150 ms there and back (DevTools protocol), nothing in its cache; "
        f"medians of {ROUNDS}. Browser and system share the machine's cores.",
        ("page", "first contentful paint s", "largest s", "script kB (gzip)", "HTML kB"),
        rows,
        "Asked for: 1.5 s, 2.5 s, 60 kB, 60 kB.",
    )


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


def _seen(browser: Browser, url: str, path: str, token: str) -> dict[str, float]:
    """A page as somebody sees it whose browser has nothing of ours yet."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", service_workers="block"
    )
    context.add_cookies([{"name": ACCESS_COOKIE, "value": token, "url": url}])
    page: Page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", LINE)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url + path, wait_until="load")
    seen: dict[str, float] = json.loads(page.evaluate(PAINTS))
    context.close()
    return seen
