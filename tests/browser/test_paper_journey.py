"""Two people at the paper desk: out, back, one spoiled, three without a line, one of them refused;
the urn is read by both, they differ, they read it again, and the result comes."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import expect

from tests.browser.conftest import DESK, Visitor, grave
from tests.browser.places import CLERK, SECRETARY, Known
from tests.browser.places.polls import announced
from tests.browser.vote_moments import SECONDS, close_now, state_is
from tests.support.platform import Platform

pytestmark = pytest.mark.browser
RULES = {"notice_days": 0, "objection_days": 0, "quorum": {"kind": "none"}}


@pytest.fixture(scope="module")
def poll(known: Known) -> str:
    """A vote that is going on."""
    made = announced(known, "楼道里装扶手", lasts=timedelta(days=3), **RULES)
    state_is(known, made, "open")
    return made


@pytest.fixture
def doors(known: Known, poll: str) -> Iterator[tuple[str, str]]:
    """Doors behind which one alone may vote: what is typed at the desk, and her code."""
    path = f"/polls/{poll}/roll/entries"
    entries = known.get(CLERK, path, names="false", limit="500")["items"]
    behind: dict[tuple[str, str], list[str]] = {}
    for one in entries:
        behind.setdefault((one["building"], one["place"]), []).append(one["subject_id"])
    alone = [(f"{of} {room}", codes[0]) for (of, room), codes in behind.items() if len(codes) == 1]
    return iter(alone)


class Counter:
    """Somebody at the counter, who uses the keyboard alone."""

    def __init__(self, who: Visitor, poll: str) -> None:
        self.who, self.page, self.poll = who, who.page, poll

    def find(self, typed: str) -> None:
        """Type, and Enter."""
        self.page.fill("#q", typed)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".voter")).to_have_count(1)

    def do(self, typed: str, said: str) -> str:
        """Type, Enter, Enter; the number that the page says then."""
        self.find(typed)
        expect(self.page.locator(".voter .huge")).to_be_focused()
        self.page.keyboard.press("Enter")
        did = self.page.locator(".did").first
        expect(did).to_contain_text(said)
        expect(self.page.locator("#q")).to_be_focused()
        return did.locator(".slip-no").inner_text()

    def note(self, typed: str, button: str) -> None:
        """The same while there is no line: it is written down."""
        self.find(typed)
        self.page.get_by_role("button", name=button).click()
        expect(self.page.locator(".did")).to_contain_text("已记下")


def counted(one: Visitor, poll: str, numbers: dict[str, Any], photo: Path | None = None) -> None:
    """Fill the sheet and send it."""
    one.page.get_by_role("button", name="全选").click()
    for name, number in numbers.items():
        one.page.fill(f"[name={name}]", str(number))
    if photo is not None:
        one.page.set_input_files("[data-photos]", photo)
        expect(one.page.locator(".upload li.kept")).to_have_count(1)
    one.picture("sheet")
    one.page.locator(".sticky-do button").click()
    one.page.wait_for_url(f"**/console/paper/{poll}/tallies")


def test_two_people_at_the_paper_desk(
    site: Platform,
    known: Known,
    poll: str,
    doors: Iterator[tuple[str, str]],
    visitor: Callable[..., Visitor],
    photo: Callable[[str], Path],
) -> None:
    clerk, secretary = visitor("paper-clerk"), visitor("paper-secretary", size=DESK)
    clerk.open("/login")
    clerk.log_in(CLERK)
    clerk.page.evaluate("navigator.serviceWorker.ready")
    clerk.open(f"/console/paper/{poll}")
    clerk.page.wait_for_function("navigator.serviceWorker.controller")
    expect(clerk.page.locator("[data-line]")).to_contain_text("断网也能办")
    at = Counter(clerk, poll)
    first, second, third, fourth, fifth = (next(doors) for _ in range(5))

    # out, and back by the number on the slip
    slip = at.do(first[0], "已发出")
    clerk.picture("handed-out")
    at.do(slip, "已收回")

    # one is spoiled, and another handed out for it
    spoiled = at.do(second[0], "已发出")
    at.find(spoiled)
    clerk.page.locator("summary", has_text="作废").click()
    clerk.page.get_by_role("button", name="作废：票写坏了").click()
    expect(clerk.page.locator(".did").first).to_contain_text("已作废")
    again = at.do(second[0], "已发出")
    assert again != spoiled

    # a slip is read off a photo: this browser knows no codes by itself
    code = io.BytesIO()
    segno.make(f"shequ:paper:{poll}:{again}").save(code, kind="png", scale=8)
    clerk.page.get_by_role("button", name="扫回执").click()
    file = {"name": "slip.png", "mimeType": "image/png", "buffer": code.getvalue()}
    clerk.page.set_input_files("#scan input[type=file]", file)
    expect(clerk.page.locator(".voter .slip-no")).to_have_text(again)
    clerk.page.locator(".voter .huge").click()
    expect(clerk.page.locator(".did")).to_contain_text("已收回")

    # the line is down: three are done all the same, even after the page was opened anew
    clerk.context.set_offline(True)
    at.note(third[0], "发票")
    at.note(third[0], "收票：核对回执，勾销")
    clerk.page.reload()
    expect(clerk.page.locator("[data-line]")).to_contain_text("没有网")
    at.note(fourth[0], "发票")
    expect(clerk.page.locator("[data-waits] [data-count]")).to_have_text("3")
    clerk.picture("without-line")

    # meanwhile the other one hands out a paper for the same door
    secretary.open(f"/console/paper/{poll}")
    secretary.log_in(SECRETARY)
    other = Counter(secretary, poll)
    other.do(other_slip := other.do(fourth[0], "已发出"), "已收回")
    assert other_slip
    other.do(fifth[0], "已发出")

    # the line is back: two are taken, one is refused, and what to do is said
    clerk.context.set_offline(False)
    said = clerk.page.locator("[data-refused] [data-said]")
    expect(said).to_contain_text("已经投票，或已领取纸质票", timeout=SECONDS * 1000)
    expect(clerk.page.locator("[data-refused]")).to_contain_text("不投进票箱")
    expect(clerk.page.locator("[data-numbers] li")).to_have_count(1)
    expect(clerk.page.locator("[data-waits]")).to_be_hidden()
    clerk.faults.clear()  # the browser said on the console that there was no net
    assert grave(clerk) == []
    clerk.picture("conflict")
    clerk.page.get_by_role("button", name="处理好了，划掉").click()
    expect(clerk.page.locator("[data-refused]")).to_be_hidden()
    clerk.page.get_by_role("button", name="已写上").click()
    told = known.get(CLERK, f"/polls/{poll}/paper-desk")
    assert (told["issued"], told["returned"], told["spoiled"], told["out"]) == (6, 4, 1, 1)

    close_now(site, known, poll, then="closed")
    sums = {"issued": 6, "returned": 4, "spoiled": 1, "unreturned": 1}
    right = {**sums, "for": 3, "against": 1, "abstain": 0, "invalid": 0}

    secretary.open(f"/console/paper/{poll}/tallies")
    secretary.page.get_by_role("link", name="录入一张计票单").click()
    counted(secretary, poll, {**right, "for": 2, "against": 2}, photo("#8899aa"))
    expect(secretary.page.locator("#list")).to_contain_text("请另一人用自己的账号录入")

    clerk.open(f"/console/paper/{poll}/tallies")
    clerk.page.get_by_role("link", name="照着计票单录入").click()
    assert clerk.page.input_value("[name=for]") == ""
    counted(clerk, poll, right)
    expect(clerk.page.locator("#list")).to_contain_text("两人录入的不一致：同意、反对")
    clerk.picture("differ")

    # both go through the urn again
    clerk.page.get_by_role("link", name="重新清点后录入").click()
    counted(clerk, poll, right)
    secretary.page.reload()
    secretary.page.get_by_role("link", name="照着计票单录入").click()
    counted(secretary, poll, right)
    expect(secretary.page.locator("#s-1")).to_contain_text("两人一致")
    secretary.picture("agreed")
    state_is(known, poll, "published")

    # logging out takes with it what the device kept
    clerk.open("/me")
    clerk.page.locator("form[action='/logout'] button").click()
    clerk.page.wait_for_url("**/login*")
    assert clerk.page.evaluate("Object.keys(localStorage).filter((k) => k.includes('paper'))") == []
    names = clerk.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    assert "shequ-paper" not in names
