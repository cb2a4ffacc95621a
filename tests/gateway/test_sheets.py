"""Tables for people to keep: as JSON, as CSV, as a workbook; nothing in them is reckoned."""

import csv
import io
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook

from gateway import sheets
from gateway.app import create_app
from gateway.operations import OperationRoute
from services.contracts.errors import NotFound
from services.contracts.operations import HTTP
from services.contracts.operations.base import PERSON, Operation
from services.contracts.operations.feed import AsSheet, OfPost, Sheet
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import FakeRpc

COLUMNS = ["摊位", "姓名", "备注"]
ROWS = [
    ["0402", "孙奶奶", "一箱绘本,两袋\n“乐高”"],
    ["-12.50", '=HYPERLINK("http://a.example","点我")', "@SUM(A1)"],
    ["+86", "  =1+1", "＝1＋1"],
    ["#N/A", "𠮷野家👨‍👩‍👧", "\t=2"],
]
SHEET = {"title": "义卖 名单/第一场: 2026", "columns": COLUMNS, "rows": ROWS}


class ListThings(OfPost, AsSheet):
    """What somebody wants to keep."""


ROW = Operation(
    "listThings",
    "GET /posts/{id}/things",
    service="feed",
    who=PERSON,
    command=ListThings,
    result=Sheet,
    summary="Things",
)


@pytest.fixture(autouse=True)
def things(app: FastAPI, rpc: FakeRpc) -> None:
    app.router.routes.insert(0, OperationRoute(ROW, sheets.give))
    rpc.answers["list_things"] = SHEET


def file_name(response: httpx.Response) -> str:
    """The name under which a browser keeps the file."""
    return unquote(response.headers["content-disposition"].partition("filename*=UTF-8''")[2])


async def test_without_a_format_it_is_the_service_s_answer(resident: httpx.AsyncClient) -> None:
    for query in ({}, {"format": "json"}):
        response = await resident.get("/posts/p1/things", params=query)
        assert response.headers["content-type"] == "application/json"
        assert response.json() == SHEET


async def test_csv_has_a_mark_of_its_encoding_a_name_and_all_that_was_told(
    resident: httpx.AsyncClient,
) -> None:
    response = await resident.get("/posts/p1/things", params={"format": "csv"})

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-store"
    assert file_name(response) == "义卖 名单 第一场  2026.csv"
    assert response.content.startswith(b"\xef\xbb\xbf")
    told = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert told[:2] == [COLUMNS, ROWS[0]]
    assert [[cell.removeprefix("'") for cell in row] for row in told] == [COLUMNS, *ROWS]


@pytest.mark.parametrize(
    "text", ["=1", "+a", "-a", "@a", "\t=", "\r=", "\n=", " =1", "　=1", "＝1"]
)
def test_what_a_spreadsheet_would_reckon_is_quoted(text: str) -> None:
    told = sheets.as_csv(Sheet(title="t", columns=["x"], rows=[[text]])).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(told, newline="")))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["-12.50", "+86", "0402", "1-2 楼", "a=b", "", "—"])
def test_numbers_and_words_are_not(text: str) -> None:
    told = sheets.as_csv(Sheet(title="t", columns=["x", "y"], rows=[[text, "z"]]))
    assert list(csv.reader(io.StringIO(told.decode("utf-8-sig"), newline="")))[1] == [text, "z"]


async def test_a_workbook_holds_texts_alone(resident: httpx.AsyncClient) -> None:
    response = await resident.get("/posts/p1/things", params={"format": "xlsx"})

    assert response.headers["content-type"] == sheets.MEDIA_TYPES["xlsx"]
    assert file_name(response).endswith(".xlsx")
    page: Any = load_workbook(io.BytesIO(response.content)).active
    assert [[cell.value for cell in row] for row in page.rows] == [COLUMNS, *ROWS]
    assert {cell.data_type for row in page.rows for cell in row} == {"s"}
    assert {cell.number_format for row in page.rows for cell in row} == {"@"}
    assert page.title == "义卖 名单 第一场  2026"


@pytest.mark.parametrize("title", ["", "///", "名" * 300, "a\x00b", "..", "'引号'"])
def test_any_title_makes_a_name(title: str) -> None:
    sheet = Sheet(title=title, columns=["x"], rows=[["\x0b坏\x00字"], ["字" * 40_000]])
    page: Any = load_workbook(io.BytesIO(sheets.as_xlsx(sheet))).active
    assert 1 <= len(page.title) <= 31
    assert page["A2"].value == "坏字"


async def test_another_format_is_refused_and_a_refusal_is_no_file(
    resident: httpx.AsyncClient, nobody: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    wrong = await resident.get("/posts/p1/things", params={"format": "pdf"})
    assert_problem(wrong, 422, "request.invalid")
    assert_problem(await nobody.get("/posts/p1/things?format=csv"), 401, "auth.token_required")
    rpc.answers["list_things"] = NotFound()
    assert_problem(await resident.get("/posts/p1/things?format=csv"), 404, "request.not_found")


def test_every_operation_that_answers_a_sheet_gives_it_as_a_file(make_settings: Any) -> None:
    routes = {
        route.operation.id: route.answer
        for route in create_app(make_settings(), rpc=FakeRpc()).router.routes
        if isinstance(route, OperationRoute)
    }
    for row in HTTP:
        takes_format = "format" in row.command.model_fields and row.result is Sheet
        assert (routes[row.id] is sheets.give) is (row.result is Sheet), row.id
        assert takes_format is (row.result is Sheet), row.id
