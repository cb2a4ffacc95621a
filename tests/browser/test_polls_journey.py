"""A vote walked through: cast, changed with the receipt, checked by anybody, counted; and all of it
without a script."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor, grave
from tests.browser.places import GRANNY_SUN, OLD_LU, Known
from tests.browser.places.polls import announced
from tests.browser.vote_moments import SECONDS, close_now
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.browser
RULES = {
    "notice_days": 0,
    "objection_days": 0,
    "change_of_vote": True,
    "quorum": {"kind": "none"},
}


@pytest.fixture(scope="module")
def poll(known: Known) -> str:
    """A vote that is going on, for which both of them stand on the roll."""
    made = announced(known, "车棚夜里不锁门", lasts=timedelta(days=3), **RULES)
    for phone in (GRANNY_SUN, OLD_LU):
        until(
            lambda phone=phone: known.get(phone, f"/polls/{made}")["why_not"] is None,
            what="voting",
            limit=SECONDS,
        )
    return made


def shuts_nobody_out(one: Visitor) -> None:
    """These pages have no address of their own, so they are looked at here."""
    if one.name != "voter-without-script":
        assert grave(one) == []


def choose(one: Visitor, choice: str) -> str:
    """From the choice to the receipt."""
    one.page.get_by_role("button", name=choice, exact=True).click()
    expect(one.page.locator(".chosen")).to_have_text(choice)
    one.picture("once-more")
    shuts_nobody_out(one)
    one.page.get_by_role("button", name="投出这一票").click()
    code = one.page.locator(".receipt-code")
    expect(code).to_be_visible()
    shuts_nobody_out(one)
    assert "receipt" not in one.page.url
    return code.inner_text()


def test_a_vote_is_cast_changed_checked_and_counted(
    site: Platform, known: Known, poll: str, visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    sun, lu = visitor("voter"), visitor("voter-without-script", java_script_enabled=False)

    sun.open(f"/polls/{poll}")
    sun.log_in(GRANNY_SUN)
    sun.picture("poll")
    sun.page.get_by_role("link", name="去投票").click()
    sun.picture("choose")
    first = choose(sun, "反对")
    sun.page.get_by_role("button", name="记在这部手机里").click()
    with sun.page.expect_download() as saved:
        sun.page.get_by_role("button", name="存成文件").click()
    saved.value.save_as(tmp_path / "receipt.pdf")
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF")
    with sun.page.expect_download() as drawn:
        sun.page.get_by_role("button", name="存成图片").click()
    assert drawn.value.suggested_filename.endswith(".png")
    sun.picture("receipt")

    # the receipt is in the phone, at her wish: a changed vote needs it
    sun.open(f"/polls/{poll}")
    sun.page.get_by_role("link", name="凭回执改票").click()
    expect(sun.page.locator("[name=receipt]")).to_have_value(first)
    second = choose(sun, "同意")
    assert second != first

    # the same without a script: every step is a page
    lu.open(f"/polls/{poll}/vote")
    lu.log_in(OLD_LU)
    hers = choose(lu, "同意")
    lu.picture("receipt")
    lu.open("/verify")
    lu.page.fill("[name=code]", hers.lower().replace("-", ""))
    lu.page.get_by_role("button", name="查一查").click()
    expect(lu.page.locator("#found")).to_contain_text("您的选票在账本里")
    expect(lu.page.locator("#steps")).to_contain_text("截止时签名")
    lu.picture("verified")
    lu.open(f"/polls/{poll}/vote")
    expect(lu.page.locator("[name=receipt]")).to_have_value("")
    lu.page.fill("[name=receipt]", first)
    lu.expected = {404}
    lu.page.get_by_role("button", name="反对", exact=True).click()
    lu.page.get_by_role("button", name="投出这一票").click()
    expect(lu.page.locator("#fault-receipt")).to_contain_text("不是您这一票的有效回执")

    close_now(site, known, poll)

    # anybody, with the code behind the `#` as a scanned receipt has it
    stranger = visitor("anybody")
    stranger.open(f"/verify#{second}")
    expect(stranger.page.locator("#found")).to_contain_text("您的选票在账本里")
    expect(stranger.page.locator("#steps")).to_contain_text("这个树根签过名")
    assert second not in stranger.page.url
    shuts_nobody_out(stranger)
    stranger.picture("verified")
    stranger.page.fill("[name=code]", first)
    stranger.page.get_by_role("button", name="查一查").click()
    expect(stranger.page.locator("#found")).to_contain_text("这张选票已被替换")
    stranger.page.fill("[name=code]", first[:-1] + ("A" if first[-1] != "A" else "B"))
    stranger.expected = {422}
    stranger.page.get_by_role("button", name="查一查").click()
    expect(stranger.page.locator("#fault-code")).to_be_visible()

    # and the whole vote again, by the program that is given out for it
    program, export = tmp_path / "verify.py", tmp_path / "poll.json"
    stranger.open(f"/polls/{poll}/bulletin")
    with stranger.page.expect_download() as whole:
        stranger.page.get_by_role("link", name="下载整次表决（JSON）").click()
    whole.value.save_as(export)
    stranger.open("/verify#recount")
    stranger.page.locator("#recount > summary").click()
    with stranger.page.expect_download() as given:
        stranger.page.get_by_role("link", name="shequtong_verify.py").click()
    given.value.save_as(program)
    counted = subprocess.run(
        [sys.executable, str(program), str(export)], capture_output=True, text=True, check=False
    )
    assert counted.returncode == 0, counted.stdout + counted.stderr

    sun.open(f"/polls/{poll}/result")
    expect(sun.page.locator(".verdict")).to_contain_text("同意 2，反对 0，弃权 0")
    expect(sun.page.locator("#arithmetic .tick.no")).to_have_count(0)
    sun.picture("result")
    lu.open(f"/polls/{poll}/result")
    expect(lu.page.locator(".verdict")).to_contain_text("通过了")
