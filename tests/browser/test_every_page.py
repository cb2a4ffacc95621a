"""Every page of the house, as a phone and a table show it, by day and by night.

Of each: it answers, fits a phone of 390 px, is small, says nothing on the console, asks no other
host, and axe finds nothing serious. Its pictures lie in `var/test-report/pictures/pages`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from gateway.web import PAGES
from gateway.web.session import LOOK_COOKIE
from tests.browser.conftest import DESK, PHONE, PICTURES, Visitor, grave, visit
from tests.browser.places import Known, Place, places
from tests.support.platform import Platform

pytestmark = pytest.mark.browser

PAGE_BYTES = 60_000
BY_NIGHT = ", runOnly: ['color-contrast', 'link-in-text-block']"
"""What the colours alone decide; all else was looked at by day."""
NO_PAGE = frozenset(
    {
        "/me/bell", "/me/data/copy", "/sw.js", "/manifest.webmanifest",
        "/verify/shequtong_verify.py", "/console/moderation/next",
        "/console/issues/next", "/console/issues.csv", "/console/issues.xlsx",
        "/console/paper/{id}/list", "/polls/{id}/paper",
        "/posts/{id}/event.ics",
        "/district/figures.csv", "/district/dictionary.csv",
        "/console/figures.csv", "/console/figures.xlsx",
        "/console/secretary/month.docx", "/console/secretary/month.xlsx",
        "/console/orders.csv", "/console/orders.xlsx",
        "/console/register/template.csv", "/console/register/template.xlsx",
        "/console/register/import/{id}/faults.csv", "/console/register/import/{id}/faults.xlsx",
        "/console/unanswered.csv", "/console/unanswered.xlsx",
    }
)  # fmt: skip
"""Addresses of GET that show no page of their own: a piece, a file."""


@pytest.fixture(scope="module")
def visitor_of(site: Platform, browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    """Who has logged in once goes to all of her pages."""
    inside: dict[str, Visitor] = {}

    def of(phone: str) -> Visitor:
        if phone not in inside:
            inside[phone] = visit(site, browser, phone or "nobody", PHONE)
            if phone:
                inside[phone].open("/login")
                inside[phone].log_in(phone)
        return inside[phone]

    (PICTURES / "pages").mkdir(parents=True, exist_ok=True)
    yield of
    for one in inside.values():
        one.context.close()


def test_every_page_has_its_place() -> None:
    asked = {page.path for page in PAGES if page.method == "GET"} - NO_PAGE
    assert asked == {place.page for place in places()}


def cases() -> Iterator[Any]:
    """Of each page the first of its places; the others, which are states of it, on long runs."""
    seen: set[str] = set()
    for place in places():
        marks = [pytest.mark.slow] if place.page in seen else []
        seen.add(place.page)
        yield pytest.param(place, id=place.called, marks=marks)


@pytest.mark.parametrize("place", list(cases()))
def test_a_page_fits_is_small_and_shuts_nobody_out(
    place: Place, known: Known, visitor_of: Callable[[str], Visitor]
) -> None:
    visitor = visitor_of(place.who)
    page, name = visitor.page, str(PICTURES / "pages" / place.called)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    visitor.expected = {place.status}
    visitor.faults.clear()  # those of another page
    look = {"name": LOOK_COOKIE, "value": place.look, "url": visitor.url}
    visitor.context.add_cookies([look])
    answer = page.goto(visitor.url + place.address(known))
    assert answer is not None and answer.status == place.status
    html = answer.body()
    assert len(html) <= PAGE_BYTES, f"{len(html)} bytes"
    assert page.locator("h1").count() == 1
    expect(page.locator(".later")).to_have_count(0)
    faults = {"light": grave(visitor)}
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "sideways"
    page.screenshot(path=f"{name}-390.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    faults["dark"] = grave(visitor, BY_NIGHT)
    page.screenshot(path=f"{name}-390-dark.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    page.screenshot(path=f"{name}-1280.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK["width"], "sideways"
    assert faults == {"light": [], "dark": []}
    assert visitor.faults == []
