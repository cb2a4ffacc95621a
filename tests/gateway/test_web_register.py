"""The register at the desk: looked through, a file brought, looked at, mended and confirmed."""

import base64
import io
from typing import get_args

import pytest
from openpyxl import load_workbook

from gateway.web import words_desk_people
from services.contracts.actor import Role
from services.contracts.operations.identity import registers
from services.identity.domain import register as rules
from services.identity.domain.drafts import DraftMovedOn
from tests.gateway import web_desk_people as p
from tests.gateway import web_world as w
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway

LIST, IMPORT = "/console/register", "/console/register/import"
DRAFT = f"{IMPORT}/{p.DRAFT}"
CSV = "楼栋,室号,姓名,出生年份,身份\n1号楼,402,孙桂芳,1949,业主\n".encode()


@pytest.fixture
def staff(world):
    world.say(get_me=w.me("committee_staff"), get_community_profile=p.profile())
    return world.browser(Role.COMMITTEE_STAFF)


# -- looking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "asked"),
    [
        ("yes", {"account": True, "ended": False}),
        ("no", {"account": False, "ended": False}),
        ("ended", {"ended": True}),
        ("", {"ended": False}),
    ],
)
async def test_the_register_is_asked_for_by_what_one_looks_for(world, staff, account, asked):
    await staff.get(f"{LIST}?q=502&building=b-3&account={account}")
    sent = world.rpc.last("list_register").kwargs
    assert {key: sent.get(key) for key in ("q", "building")} == {"q": "502", "building": "b-3"}
    assert {key: sent[key] for key in asked} == asked


async def test_an_entry_is_masked_and_says_whether_it_has_an_account(world, staff):
    tied = p.entry(id=p.OTHER_ENTRY, name="陆**", has_account=True, person_id=p.MEMBER)
    world.say(list_register=w.page_of(p.entry(), tied))
    html = (await staff.get(LIST)).text
    assert "张*" in html and "没有账号" in html and "1988 年生" in html
    assert f'href="/console/members/{p.MEMBER}' in html
    assert "名册共 812 人、301 户" in html


async def test_an_empty_register_leads_to_the_import(world, staff):
    world.say(list_register=w.page_of())
    html = (await staff.get(LIST)).text
    assert "没有找到登记" in html and f'href="{IMPORT}' in html


async def test_a_full_name_is_shown_once_for_a_purpose(world, staff):
    shown = {"id": p.ENTRY, "name": "张建国", "address": "宝月尚园 3号楼 502"}
    world.say(reveal_register_entry=shown)
    page = await staff.form(LIST, f"{LIST}/{p.ENTRY}/reveal", {"purpose": "上门核对"})
    assert page.status_code == 200 and "张建国" in page.text and "上门核对" in page.text
    assert world.rpc.asked("reveal_register_entry") == [{"id": p.ENTRY, "purpose": "上门核对"}]


async def test_without_a_purpose_nothing_is_shown_and_the_fault_is_with_the_entry(world, staff):
    found = f"{LIST}?q=502&cursor=next"
    reveal = f"{LIST}/{p.ENTRY}/reveal?cursor=next&q=502"
    assert reveal.partition("?")[0] + "?q=502&amp;cursor=next" in (await staff.get(found)).text
    page = await staff.form(found, reveal, {"purpose": " ", "id": p.ENTRY})
    assert world.rpc.last("list_register").kwargs["cursor"] == "next", "where she is listed"
    assert page.status_code == 422 and 'class="fault"' in page.text
    assert not world.rpc.asked("reveal_register_entry")


# -- bringing a file -------------------------------------------------------------------------------


async def bring(staff, name: str, data: bytes, **fields):
    shown = await staff.get(IMPORT)
    return await staff.client.post(
        IMPORT,
        data={"csrf": token_in(shown.text), "c": w.CID, **fields},
        files={"file": (name, data)},
        headers=ORIGIN,
    )


async def test_a_file_is_handed_on_and_its_page_opened(world, staff):
    world.say(bring_register_file=p.draft_head(state="brought"))
    page = await bring(staff, "名册.csv", CSV, mode="replace")
    assert page.headers["location"] == f"{DRAFT}?c={w.CID}"
    asked = world.rpc.last("bring_register_file").kwargs
    assert (asked["cid"], asked["mode"], asked["filename"]) == (w.CID, "replace", "名册.csv")
    assert base64.b64decode(asked["content"]) == CSV


@pytest.mark.parametrize(
    ("name", "data", "status", "said"),
    [
        ("名册.csv", b"", 422, "请先选择文件"),
        ("名册.pdf", b"%PDF-1.7", 415, 'role="alert"'),
        ("名册.xlsx", b"not a zip", 415, 'role="alert"'),
    ],
)
async def test_what_is_no_file_of_ours_is_told_on_the_page(world, staff, name, data, status, said):
    page = await bring(staff, name, data)
    assert page.status_code == status and said in page.text
    assert not world.rpc.asked("bring_register_file")


async def test_the_template_has_the_columns_that_are_read_all_as_text(staff):
    assert {key: heading for key, (heading, _) in words_desk_people.COLUMNS.items()} == {
        key: heading for key, heading in rules.HEADINGS.items() if key != "birth_date"
    }
    csv = (await staff.get(f"{LIST}/template.csv")).content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO((await staff.get(f"{LIST}/template.xlsx")).content))
    (page,) = book.worksheets
    headings = [cell.value for cell in page[1]]
    assert csv.strip().split(",") == headings
    number = page.column_dimensions["ABCDEFGHI"[headings.index("证件号码")]]
    assert number.number_format == "@"


# -- looking at it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["brought", "confirmed"])
async def test_while_it_is_read_or_imported_the_page_asks_again(world, staff, state):
    world.say(get_register_draft=p.draft(state=state, report=None, ended=[], actions=[]))
    html = (await staff.get(DRAFT)).text
    assert 'hx-trigger="every 2s"' in html and 'http-equiv="refresh"' in html
    assert "<progress" in html and "确认导入" not in html


async def test_what_it_would_change_is_shown_before_anything_is_confirmed(world, staff):
    html = (await staff.get(DRAFT)).text
    shown = (
        "将新登记",
        "将更新",
        "将结束登记的人",
        "张*",
        "其中 1 人有账号",
        "直接通过",
        "确认导入",
    )
    assert [words for words in shown if words not in html] == []
    assert "every 2s" not in html


async def test_it_is_confirmed_once_and_dropped(world, staff):
    world.say(confirm_register_draft=p.draft_head(state="confirmed"), drop_register_draft={})
    page = await staff.form(DRAFT, f"{DRAFT}/confirm", {"c": w.CID})
    assert page.headers["location"] == f"{DRAFT}?c={w.CID}"
    assert world.rpc.last("confirm_register_draft").options["idempotency_key"]
    page = await staff.form(DRAFT, f"{DRAFT}/drop", {"c": w.CID})
    assert page.headers["location"] == f"{IMPORT}?c={w.CID}"
    world.say(confirm_register_draft=DraftMovedOn())
    page = await staff.form(DRAFT, f"{DRAFT}/confirm", {"c": w.CID})
    assert page.status_code == 409 and DraftMovedOn.zh in page.text


async def test_lines_at_fault_are_told_by_line_and_column_and_downloaded(world, staff):
    wrong = p.row(row=90, outcome="error", field="出生年份", message="请填写四位数的年份")
    found = p.draft(state="faulty", report=p.report(wrong, errors=1), actions=["faults", "drop"])
    world.say(get_register_draft=found)
    html = (await staff.get(DRAFT)).text
    assert "90" in html and "出生年份" in html and "请填写四位数的年份" in html
    assert "确认导入" not in html
    sheet = {"title": "名册里要改的行", "columns": ["姓名", "要改什么"], "rows": [["=周", "改"]]}
    world.say(get_register_draft_faults=sheet)
    file = await staff.get(f"{DRAFT}/faults.csv")
    assert "attachment" in file.headers["content-disposition"]
    assert "'=周,改" in file.content.decode("utf-8-sig")
    assert (await staff.get(f"{DRAFT}/faults.xlsx")).content.startswith(b"PK")


async def test_a_file_that_is_no_register_says_why(world, staff):
    fault = {
        "code": "identity.columns_wrong", "zh": "表头有误", "en": "The heading row is not right",
        "fields": [{"field": "标题", "message": "没有这一列，请对照模板"}],
    }  # fmt: skip
    world.say(get_register_draft=p.draft(state="refused", report=None, fault=fault, actions=[]))
    html = (await staff.get(DRAFT)).text
    assert "表头有误" in html and "没有这一列，请对照模板" in html and "上传改好的文件" in html


async def test_the_imported_one_leads_to_the_register(world, staff):
    done = p.draft(state="done", ended=[], actions=[])
    world.say(get_register_draft=done)
    html = (await staff.get(DRAFT)).text
    assert "看名册" in html and "确认导入" not in html and "放弃这份文件" not in html


def test_every_state_of_a_file_has_its_word():
    assert set(get_args(registers.DraftState)) == set(words_desk_people.DRAFT)
