"""Documents for people to keep: as DOCX and PDF, with every Chinese sign in them."""

import io
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from docx import Document as read_document
from PIL import Image
from zxingcpp import read_barcodes

from gateway.documents import page, word
from gateway.posters.fonts import FontMissing, Fonts
from services.contracts.errors import NotFound
from services.contracts.operations.documents import Document, DocumentBlock
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import FakeRpc
from tests.support.pdfs import drawn, faults, lines_of, text_of

LONG = "三号楼至五号楼的楼道灯换成感应灯，" * 40
PLAN: dict[str, Any] = {
    "title": "尚园 2026 年方案/修订: 一",
    "lines": ["尚园居民区 · 一小区一方案 · 第 1 版 · 征求意见", "数据截至 2026年3月2日 12:00"],
    "blocks": [
        {"kind": "heading", "text": "事项、预算与进度"},
        {
            "kind": "table",
            "columns": ["序号", "事项", "预算与来源", "状态"],
            "shares": [6, 40, 34, 20],
            "rows": [
                [str(n), f"更换楼道灯骨直门 {n}", "12,500.50 元（维修资金）", "未开始"]
                for n in range(1, 61)
            ],
        },
        {"kind": "heading", "level": 2, "text": "1. 更换楼道灯"},
        {"kind": "text", "text": LONG},
        {"kind": "remark", "text": "孙奶奶 · 全文 <b>&amp; {nb} =1+1 \x0b😀"},
    ],
}


def file_name(response: httpx.Response) -> str:
    """The name under which a browser keeps the file."""
    return unquote(response.headers["content-disposition"].partition("filename*=UTF-8''")[2])


@pytest.fixture(autouse=True)
def plan(rpc: FakeRpc) -> None:
    rpc.answers["export_plan"] = PLAN


async def test_a_word_file_has_headings_tables_and_every_text(resident: httpx.AsyncClient) -> None:
    response = await resident.get("/plans/p1/document.docx")
    assert response.status_code == 200
    assert response.headers["content-type"].endswith("wordprocessingml.document")
    assert response.headers["cache-control"] == "private, no-store"
    assert file_name(response) == "尚园 2026 年方案 修订  一.docx"
    file = read_document(io.BytesIO(response.content))
    said = [(p.style.name if p.style else "", p.text) for p in file.paragraphs]
    assert said[0] == ("Title", PLAN["title"])
    assert ("Heading 1", "事项、预算与进度") in said and ("Heading 2", "1. 更换楼道灯") in said
    assert ("Normal", LONG) in said
    (table,) = file.tables
    assert [cell.text for cell in table.rows[1].cells] == PLAN["blocks"][1]["rows"][0]
    assert len(table.rows) == 61
    assert "{nb} =1+1 😀" in said[-1][1], "what XML cannot hold is left out, the rest is a text"


async def test_a_pdf_can_be_searched_for_each_chinese_word(resident: httpx.AsyncClient) -> None:
    response = await resident.get("/plans/p1/document.pdf")
    assert response.headers["content-type"] == "application/pdf"
    text = text_of(response.content)
    for words in ("尚园2026年方案", "数据截至2026年3月2日12:00", "12,500.50元（维修资金）"):
        assert words in text
    assert all(f"骨直门{n}" in text for n in range(1, 61)), "a row is missing"
    assert text.count("感应灯") == 40, "a long text is whole"
    assert text.count("预算与来源") > 1, "the head of a table stands on each of its pages"
    assert "<b>&amp;{nb}=1+1" in text, "what neighbours wrote is neither markup nor a field"
    assert faults(response.content) == ["no glyph in: 孙奶奶 · 全文 <b>&amp; {nb} =1+1 □"]


def test_a_code_can_be_read_from_either_file() -> None:
    url = "https://shequ.example/verify?poll=0190&certificate=" + "ab" * 32
    lines = [DocumentBlock(kind="text", text="灯") for _ in range(33)]
    blocks = [*lines, DocumentBlock(kind="code", text=url)]
    document = Document(title="证书", lines=[], blocks=blocks)
    seen = [read_barcodes(picture) for picture in drawn(page.made(document, Fonts.find("")))]
    assert len(seen) == 2
    assert [code.text for codes in seen for code in codes] == [url], "whole, on one page"
    file = read_document(io.BytesIO(word.made(document)))
    (picture,) = file.inline_shapes
    embedded = picture._inline.graphic.graphicData.pic.blipFill.blip.embed
    image = Image.open(io.BytesIO(file.part.related_parts[embedded].blob))
    assert [code.text for code in read_barcodes(image)] == [url]


BALLOT = Document(
    title="选票",
    lines=[],
    paged=False,
    blocks=[
        DocumentBlock(kind="code", text="https://shequ.example/p", lines=["票号 0001-7K", "回执"]),
        DocumentBlock(kind="cut"),
        DocumentBlock(kind="ticks", columns=["同意", "反对", "弃权"]),
        DocumentBlock(kind="blanks", columns=["楼栋", "签名"], rows=[["三号楼", ""]]),
        DocumentBlock(kind="break"),
        DocumentBlock(kind="text", text=f"{'楼' * 45}。" * 9),
    ],
)


def test_a_ballot_has_boxes_and_lines_to_write_on_and_no_page_number() -> None:
    fonts = Fonts.find("")
    ballot = page.made(BALLOT, fonts)
    text = text_of(ballot)
    boxes = ("同意", "反对", "弃权")
    for said in ("票号0001-7K", "回执", "沿虚线裁开", *boxes, "楼栋：三号楼", "签名："):
        assert said in text
    assert "第1页" not in text, "a number would say whose ballot it is"
    numbered = BALLOT.model_copy(update={"paged": True})
    assert "第2页" in text_of(page.made(numbered, fonts))
    texts = [p.text for p in read_document(io.BytesIO(word.made(BALLOT))).paragraphs]
    assert "□ 同意　　□ 反对　　□ 弃权" in texts and "楼栋：三号楼　　签名：________" in texts


def test_no_line_begins_with_a_stop() -> None:
    ballot = page.made(BALLOT, Fonts.find(""))
    lines = [line.strip() for line in lines_of(ballot) if "楼楼" in line]
    assert len(lines) > 5 and "".join(lines) == f"{'楼' * 45}。" * 9
    assert not [line for line in lines if line.startswith("。")]


async def test_what_the_service_refuses_is_a_problem_and_no_file(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    rpc.answers["export_plan"] = NotFound()
    assert_problem(await resident.get("/plans/p1/document.pdf"), 404, NotFound.code)
    rpc.answers["export_plan"] = PLAN
    response = await resident.get("/plans/p1/document.exe")
    assert response.status_code in (404, 422)
    assert response.headers["content-type"] == "application/problem+json"


def test_without_a_chinese_font_no_pdf_is_made_and_a_word_file_is() -> None:
    document = Document(title="方案", lines=[], blocks=[DocumentBlock(kind="text", text="灯")])
    with pytest.raises(FontMissing):
        page.made(document, Fonts.find("/nowhere.ttf"))
    assert word.made(document).startswith(b"PK")
