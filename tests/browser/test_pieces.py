"""What the script adds: pieces of pages that change by themselves, also when something is wrong.

The gateway runs in a thread of this process, before stand-ins of the services, so that each answer
can be made to fail.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from deploy.local.layout import ROOT
from deploy.local.system import accepts_connections, wait_until
from gateway.app import create_app
from gateway.auth import ACCESS_COOKIE
from gateway.settings import Settings
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from tests.browser.conftest import PHONE, SECONDS
from tests.gateway import web_world as w
from tests.gateway.fakes import FakeRpc, FakeVerifier
from tests.gateway.web_browser import World

pytestmark = pytest.mark.browser
POST = f"/posts/{w.POST}"


class Stage:
    """Pages before stand-ins, and a browser that looks at them."""

    def __init__(self, world: World, url: str, page: Page, loop: asyncio.AbstractEventLoop) -> None:
        self.world, self.url, self.page, self._loop = world, url, page, loop
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def say(self, **answers: Any) -> None:
        """From now on the services answer so."""
        self.world.say(**answers)

    def miss_something(self) -> None:
        """The link to the broker was interrupted: every stream looks into the inbox."""
        self._loop.call_soon_threadsafe(self.world.app.state.gate.hub.on_attached)

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.url + path)


@pytest.fixture
def stage(browser: Browser, tmp_path: Path) -> Iterator[Stage]:
    """A resident's phone before the pages."""
    (tmp_path / "secret").write_bytes(b"x" * 40)
    (tmp_path / "assets").symlink_to(ROOT / "var" / "assets")
    settings = Settings(
        env="test",
        demo=True,
        var=tmp_path,
        storage_url=f"file://{tmp_path}/uploads",
        upload_secret_file=tmp_path / "secret",
        jwks_file=tmp_path / "jwks.json",
    )
    rpc, verifier = FakeRpc(), FakeVerifier()
    world = World(create_app(settings, rpc=rpc, verifier=verifier), rpc, verifier)
    world.say(**w.answers())
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        config = uvicorn.Config(
            world.app, log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        server, loop = uvicorn.Server(config), asyncio.new_event_loop()
        serving = server.serve(sockets=[listener])
        thread = threading.Thread(target=loop.run_until_complete, args=(serving,), daemon=True)
        thread.start()
        wait_until(lambda: accepts_connections(port), limit=20, what="gateway")
        url = f"http://127.0.0.1:{port}"
        context = browser.new_context(viewport=PHONE, locale="zh-CN")
        context.set_default_timeout(SECONDS)
        context.add_cookies(
            [{"name": ACCESS_COOKIE, "value": verifier.token(Role.RESIDENT), "url": url}]
        )
        shown = Stage(world, url, context.new_page(), loop)
        try:
            yield shown
        finally:
            context.close()
            loop.call_soon_threadsafe(world.app.state.gate.hub.drain)
            server.should_exit = True
            thread.join(timeout=20)
            loop.close()
    assert shown.faults == []


def test_a_like_changes_its_button_alone(stage: Stage) -> None:
    stage.open(POST)
    stage.page.evaluate("document.body.dataset.same = 'yes'")
    button = stage.page.locator(".likes button")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("4")
    expect(stage.page.locator("body")).to_have_attribute("data-same", "yes")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_service_that_is_away_is_said_in_the_place_of_the_page(stage: Stage) -> None:
    stage.open(POST)
    stage.say(like=errors.Unavailable())
    stage.page.locator(".likes button").click()
    expect(stage.page.get_by_role("heading", name="这项服务正在维护").first).to_be_visible()
    assert stage.page.locator("body > header").count() == 1


def test_a_comment_appears_on_its_thread_and_a_fault_beside_its_field(stage: Stage) -> None:
    stage.open(POST)
    stage.say(create_comment=errors.Invalid(errors=[FieldError("body", "请文明发言")]))
    stage.page.fill("#say [name=body]", "脏话")
    stage.page.get_by_role("button", name="发表").click()
    expect(stage.page.locator("#thread .fault")).to_have_text("请文明发言")
    expect(stage.page.locator("#say [name=body]")).to_have_value("脏话")
    stage.say(
        create_comment=w.comment(id=w.NEWS),
        list_comments=w.page_of(w.comment(), w.comment(id=w.NEWS, body="好的")),
    )
    stage.page.fill("#say [name=body]", "好的")
    stage.page.get_by_role("button", name="发表").click()
    expect(stage.page.locator("#talk > li")).to_have_count(2)
    expect(stage.page.locator("#say [name=body]")).to_have_value("")


def test_more_of_a_list_joins_it(stage: Stage) -> None:
    stage.say(list_posts=w.page_of(w.post(), cursor="next"))
    stage.open(f"/c/{w.CID}/m/nearby")
    stage.say(list_posts=w.page_of(w.post(id=w.NEWS, title="第二页")))
    stage.page.get_by_role("link", name="看更多").click()
    expect(stage.page.locator("#list > article")).to_have_count(2)
    expect(stage.page.locator("#list")).to_contain_text("第二页")
    expect(stage.page.get_by_role("link", name="看更多")).to_have_count(0)
    assert stage.world.rpc.last("list_posts").kwargs["cursor"] == "next"


def test_a_session_that_ended_leads_to_the_login_and_back(stage: Stage) -> None:
    stage.open(POST)
    stage.world.verifier.dead.add("session-1")
    stage.page.locator(".likes button").click()
    stage.page.wait_for_url("**/login?next=**")
    assert stage.page.url.endswith(f"/login?next={POST}")


def test_photos_are_made_small_before_they_travel(
    stage: Stage, photo: Callable[[str], Path]
) -> None:
    stage.open(f"/c/{w.CID}/report")
    large = photo("#b5482f")
    assert large.stat().st_size > 700_000
    with stage.page.expect_request("**/photos") as sent:
        stage.page.set_input_files("[data-photos]", large)
    expect(stage.page.locator("li.kept")).to_have_count(1)
    travelled = int(sent.value.all_headers()["content-length"])
    assert travelled < large.stat().st_size / 2
    stage.page.locator("[data-drop]").click()
    expect(stage.page.locator("li.kept")).to_have_count(0)


def test_what_is_no_photo_is_told_and_can_be_put_away(stage: Stage, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jpg"
    wrong.write_bytes(b"not a photo at all")
    stage.open(f"/c/{w.CID}/report")
    stage.page.set_input_files("[data-photos]", wrong)
    expect(stage.page.locator("li.refused")).to_contain_text("不支持的内容类型")
    stage.page.locator("li.refused [data-drop]").click()
    expect(stage.page.locator("li.refused")).to_have_count(0)


def test_what_was_written_survives_a_lost_connection(stage: Stage) -> None:
    form = f"/c/{w.CID}/report"
    stage.open(form)
    stage.page.fill("[name=title]", "写了很久")
    stage.page.context.set_offline(True)
    stage.page.get_by_role("button", name="交给居委会").click()
    # the worker's page for when there is no net, or the browser's own where there is no worker yet
    expect(stage.page.locator("[name=title]")).to_have_count(0)
    stage.page.context.set_offline(False)
    stage.open(form)
    expect(stage.page.locator("[name=title]")).to_have_value("写了很久")
    stage.page.get_by_role("button", name="交给居委会").click()
    stage.page.wait_for_url("**/issues/**")
    stage.open(form)
    expect(stage.page.locator("[name=title]")).to_have_value("")


def test_the_advice_comes_by_itself(stage: Stage) -> None:
    stage.page.context.add_cookies(
        [
            {
                "name": ACCESS_COOKIE,
                "value": stage.world.verifier.token(Role.COMMITTEE_STAFF, session="desk"),
                "url": stage.url,
            }
        ]
    )
    stage.open(f"/console/issues/{w.ISSUE}")
    expect(stage.page.locator("#advice")).to_contain_text("系统正在分析")
    stage.say(get_issue=w.issue(suggestion=w.SUGGESTION))
    expect(stage.page.get_by_role("button", name="确认：8+X 难题 · 毁绿占绿")).to_be_visible()


def test_news_shows_itself_and_the_page_it_speaks_of_moves_on(stage: Stage) -> None:
    hub = stage.world.app.state.gate.hub
    stage.open(f"/issues/{w.ISSUE}")
    wait_until(lambda: hub.count == 1, limit=20, what="live stream")
    stage.say(
        get_issue=w.issue(status="closed", outcome="grid_closed", promise=None),
        list_notifications=w.inbox(w.news(id=later(1)), unread=3),
    )
    stage.miss_something()
    expect(stage.page.locator("article .chip").first).to_have_text("已办结")
    expect(stage.page.locator("[data-bell]").first).to_have_text("3")
    expect(stage.page.locator(".toast")).to_have_count(0)
    stage.say(list_notifications=w.inbox(w.news(id=later(2), link="/elsewhere"), unread=4))
    stage.miss_something()
    expect(stage.page.locator(".toast")).to_have_attribute("href", "/elsewhere")
    expect(stage.page.locator(".toast")).to_have_text(w.news()["title"])


def later(number: int) -> str:
    """An id newer than whatever the page has heard."""
    return f"7fffffff-ffff-7000-8000-{number:012}"
