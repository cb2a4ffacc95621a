"""A committee worker before lunch: three problems by the keyboard alone; one on site by phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Visitor
from tests.browser.places import CLERK, HOME, Known

pytestmark = pytest.mark.browser

RESIDENT, OFFICER = "13800000015", "13800000011"
ISSUES = f"/communities/{HOME}/issues"
MARK = "东区巡查"
QUESTIONS = (
    "居住证到期了怎么续签，要带什么材料",
    "社区食堂的老年卡在哪里办，几点开门",
    "孩子上小学报名要准备哪些证明材料",
)


@pytest.fixture
def reported(known: Known) -> list[str]:
    """Three questions of a resident's, by the API."""
    return [
        known.post(RESIDENT, ISSUES, title=f"{MARK}：{text}", body=text)["id"] for text in QUESTIONS
    ]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_three_problems_are_worked_off_without_a_mouse(
    visitor: Callable[..., Visitor], reported: list[str]
) -> None:
    staff = visitor("desk-keys", size=DESK)
    staff.open(f"/console/issues?q={MARK}")
    staff.log_in(CLERK)
    page = staff.page
    for left in range(len(reported), 0, -1):
        expect(page.locator("a[data-row]")).to_have_count(left)
        if left == len(reported):
            staff.picture("queue")
        press(page, "j", "Enter")
        page.wait_for_url("**/console/issues/*?c=*")
        expect(page.locator("[data-key='1']")).to_be_visible()
        if left == len(reported):
            staff.picture("advice")
        kinds = page.locator(".guesses button").evaluate_all("all => all.map(e => e.value)")
        press(page, kinds_key(kinds))
        expect(page.locator("article .chip").first).to_have_text("已受理")
        press(page, "a")
        expect(page.locator("#f-body")).to_be_focused()
        page.keyboard.type("您好，请带身份证到居委会一楼窗口办理，周一到周五都可以。")
        press(page, "Escape", "s")
        expect(page.locator("article .chip").first).to_have_text("已答复")
        if left == len(reported):
            staff.picture("answered")
        staff.open(f"/console/issues?q={MARK}")
    expect(page.locator(".empty")).to_be_visible()
    staff.open(f"/console/issues?q={MARK}&state=answered")
    expect(page.locator("a[data-row]")).to_have_count(len(reported))
    press(page, "j", "x")
    expect(page.locator("tr:has(:focus) input[type=checkbox]")).to_be_checked()


def kinds_key(kinds: list[str]) -> str:
    """The number of the kind that it is: a question, or a proposal, is answered."""
    wanted = [n for n, kind in enumerate(kinds, 1) if kind in ("consult", "advise")]
    assert wanted, f"no question among {kinds}"
    return str(wanted[0])


def test_one_is_looked_at_on_site_by_phone_with_its_camera(
    known: Known, visitor: Callable[..., Visitor], photo: Callable[[str], Path]
) -> None:
    made = known.post(
        RESIDENT, ISSUES, title=f"{MARK}：6号楼门厅堆了纸箱", body="门厅堆满纸箱，轮椅过不去"
    )
    known.post(CLERK, f"/issues/{made['id']}/triage", category="dispose")
    staff = visitor("desk-on-site")
    staff.open(f"/console/issues?q={MARK}")
    staff.log_in(CLERK)
    page = staff.page
    page.get_by_role("link", name=re.compile("6号楼门厅")).click()
    expect(page.locator("#step")).to_have_attribute("open", "")
    page.check("#step [name=step][value=check]")
    page.fill("#step [name=note]", "到现场看，纸箱已经搬走，门厅能过轮椅。")
    page.set_input_files("#step [data-photos]", photo("#5a7d4a"))
    expect(page.locator("#step li.kept img")).to_be_visible()
    page.check("#step [name=outcome][value=solved]")
    staff.picture("step")
    page.get_by_role("button", name="记下这一步").click()
    expect(page.locator("article .chip").first).to_have_text("已解决")
    expect(page.locator(".way img")).not_to_have_count(0)
    staff.picture("solved")


@pytest.mark.parametrize("script", [True, False])
def test_a_guide_goes_into_the_answer(
    known: Known, visitor: Callable[..., Visitor], script: bool
) -> None:
    made = known.post(
        RESIDENT, ISSUES, title=f"{MARK}：路边摊几点收", body="晚上路边摊太吵，几点收摊"
    )
    known.post(CLERK, f"/issues/{made['id']}/triage", category="consult")
    known.post(
        OFFICER, "/districts/demo/answer-guides", department="城管执法部门",
        title=f"路边摊几点收 {script}", body="夜间设摊到十点为止，十点后请拨打热线。",
        category="consult",
    )  # fmt: skip
    staff = visitor(f"desk-guide-{script}", java_script_enabled=script)
    staff.open(f"/console/issues/{made['id']}")
    staff.log_in(CLERK)
    page = staff.page
    if script:
        page.fill("#f-body", "您好。")
    else:
        page.get_by_role("link", name="看部门写的答复样例").click()
    page.get_by_role("link", name=f"用这一篇：路边摊几点收 {script}").click()
    begun = re.compile("十点为止") if not script else re.compile("您好。\n\n夜间设摊")
    expect(page.locator("#f-body")).to_have_value(begun)
    page.get_by_role("button", name="发布答复").click()
    expect(page.locator("article .chip").first).to_have_text("已答复")
