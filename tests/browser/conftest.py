"""A real browser before the session's running system; what it sees is kept as pictures."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from deploy.client import Client
from deploy.debian import chromium
from deploy.demo.people import CODE
from deploy.local.layout import ROOT
from tests.browser.places import Known
from tests.support.platform import Platform

PICTURES = ROOT / "var" / "test-report" / "pictures"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
"""The script that looks for what shuts people out (axe-core, from npm by the lock file)."""
GRAVE = ("serious", "critical")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
OPTIONS = [
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 20_000  # every wait of the browser has this limit, in ms


@dataclass
class Visitor:
    """Somebody with a phone (or at a desk); remembers whatever was wrong."""

    name: str
    url: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    seen: int = 0

    def watch(self) -> None:
        """Note errors on the console, requests to other hosts and answers that are faults."""
        self.page.on("console", lambda m: m.type == "error" and self._said(m.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("response", self._answered)

    def _said(self, text: str) -> None:
        if "Failed to load resource" not in text:  # the answer itself is noted below
            self.faults.append(f"console: {text}")

    def _asked(self, address: str) -> None:
        if not address.startswith((f"{self.url}/", "data:", "blob:")):
            self.faults.append(f"another host: {address}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} {response.url}")

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.url + path)

    def log_in(self, phone: str) -> None:
        """From the login page on, with the demo's code."""
        self.page.fill("[name=phone]", phone)
        self.page.get_by_role("button", name="获取验证码").click()
        self.page.fill("[name=code]", CODE)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda address: "/login" not in address)

    def picture(self, what: str) -> None:
        """Keep what is on the screen, and see that nothing sticks out at the side."""
        self.seen += 1
        self.page.screenshot(path=PICTURES / f"{self.name}-{self.seen:02}-{what}.png")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        size = self.page.viewport_size
        if size and wide > size["width"]:
            self.faults.append(f"{what}: {wide} px wide")


@pytest.fixture(scope="session")
def site(platform: Platform) -> Platform:
    """The running system with the files that pages load."""
    assets = ROOT / "var" / "assets"
    assert (assets / "htmx.min.js").is_file(), "web assets are missing: run `make up` once"
    with suppress(FileExistsError):
        (platform.layout.var / "assets").symlink_to(assets)
    PICTURES.mkdir(parents=True, exist_ok=True)
    return platform


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a head."""
    program = chromium()
    assert program, "Chromium is missing: `make test` installs it"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield running
        running.close()


def visit(
    site: Platform, browser: Browser, name: str, size: dict[str, int], **options: object
) -> Visitor:
    """A visitor with a browser of her own."""
    chosen = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
    context = browser.new_context(viewport=size, **chosen)
    context.set_default_timeout(SECONDS)
    made = Visitor(name, site.url, context, context.new_page())
    made.watch()
    return made


def grave(visitor: Visitor, rules: str = "") -> list[str]:
    """What axe finds that keeps people out, each with where it is; of all rules, or these."""
    if not rules:
        visitor.page.evaluate(AXE.read_text())
    found = visitor.page.evaluate(
        f"axe.run(document, {{resultTypes: ['violations'], iframes: false{rules}}})"
        ".then((r) => JSON.stringify(r.violations.map((v) =>"
        " [v.impact, v.id, v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' '"
        " + (n.any[0]?.message ?? ''))])))"
    )
    return [
        f"{rule}: {'; '.join(where)}"
        for impact, rule, where in json.loads(found)
        if impact in GRAVE
    ]


@pytest.fixture(scope="module")
def known(site: Platform) -> Iterator[Known]:
    """What the running system answers to whoever asks, for the tests of one file."""
    with Client(site.url) as api:
        clients: dict[str, Client] = {}

        def login(phone: str) -> Client:
            if phone not in clients:
                clients[phone] = api.login(phone, CODE)
            return clients[phone]

        yield Known(login, site.demo)


@pytest.fixture
def visitor(site: Platform, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors; at the end none of them may have met a fault."""
    visitors: list[Visitor] = []

    def make(name: str, *, size: dict[str, int] = PHONE, **options: object) -> Visitor:
        visitors.append(visit(site, browser, name, size, **options))
        return visitors[-1]

    yield make
    for one in visitors:
        one.context.close()
    assert {one.name: one.faults for one in visitors if one.faults} == {}


@pytest.fixture
def photo(tmp_path: Path) -> Callable[[str], Path]:
    """Draws a photo as phones take them: a lawn with boxes on it."""

    def draw(colour: str) -> Path:
        image = Image.new("RGB", (3000, 2000), "#cfe4f5")
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 900, 3000, 2000), fill="#8fb573")
        for left in range(500, 2400, 420):
            pen.rectangle((left, 1100, left + 340, 1450), fill=colour, outline="#443", width=8)
        grain = Image.effect_noise(image.size, 40).convert("RGB")  # as every lens has: megabytes
        path = tmp_path / f"{colour.strip('#')}.jpg"
        Image.blend(image, grain, 0.25).save(path, quality=95)
        return path

    return draw
