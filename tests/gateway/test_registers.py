"""The door for a register of persons: what is taken, what identity is given, what comes back."""

import base64
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from gateway.registers import MAX_BYTES
from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from tests.gateway.asking import CID, assert_problem
from tests.gateway.fakes import FakeRpc, FakeVerifier

PATH = f"/communities/{CID}/register:import"
CSV = "楼栋,室号,姓名,出生年份,身份\n1号楼,402,孙桂芳,1949,业主\n".encode()
REPORT = {"import_id": "i-1", "imported": True, "total": 1, "rows": []}


@pytest.fixture
async def staff(app: FastAPI, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient]):
    async with client_for(app, verifier.token(Role.COMMITTEE_STAFF)) as client:
        yield client


async def send(
    client: httpx.AsyncClient, data: bytes = CSV, name: str = "名册.csv", query: str = ""
) -> httpx.Response:
    return await client.post(PATH + query, files={"file": (name, data, "text/csv")})


async def test_the_file_goes_to_identity_and_its_report_comes_back(staff, rpc: FakeRpc):
    rpc.answers["import_register_file"] = REPORT

    response = await send(staff, query="?dry_run=true&mode=replace")

    assert response.status_code == 200
    assert response.json() == REPORT
    asked = rpc.last("import_register_file")
    assert (asked.service, asked.kwargs["cid"]) == ("identity", CID)
    assert (asked.kwargs["dry_run"], asked.kwargs["mode"]) == (True, "replace")
    assert asked.kwargs["filename"] == "名册.csv"
    assert base64.b64decode(asked.kwargs["content"]) == CSV
    assert asked.options["timeout"] == 30.0


async def test_without_a_query_it_is_added_for_good(staff, rpc: FakeRpc):
    await send(staff)
    assert {"dry_run", "mode"}.isdisjoint(rpc.last("import_register_file").kwargs)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("名册.xlsx", b"PK\x03\x04 whatever"),
        ("NAMES.XLSX", b"PK\x03\x04 whatever"),
        ("锁.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("旧.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("名册.csv", "楼栋".encode("gb18030")),
        ("名册.csv", "楼栋".encode("utf-16")),
        ("名" * 300 + ".csv", CSV),
    ],
)
async def test_what_looks_like_a_table_is_left_to_identity(staff, rpc: FakeRpc, name, data):
    response = await send(staff, data, name)
    assert response.status_code == 200, response.text
    assert len(rpc.last("import_register_file").kwargs["filename"]) <= 200


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("名册.pdf", b"%PDF-1.7"),
        ("名册", CSV),
        ("名册.csv.exe", CSV),
        ("名册.xlsx", CSV),
        ("名册.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ],
)
async def test_other_files_are_an_unsupported_type(staff, rpc: FakeRpc, name, data):
    assert_problem(await send(staff, data, name), 415, "request.unsupported_media")
    assert rpc.calls == []


async def test_a_file_of_more_than_ten_megabytes_is_too_large(staff, rpc: FakeRpc):
    assert_problem(await send(staff, b"x" * (MAX_BYTES + 1)), 413, "request.too_large")
    assert_problem(await send(staff, b"x" * 50_000_000), 413, "request.too_large")
    assert rpc.calls == []


@pytest.mark.parametrize("query", ["?dry_run=perhaps", "?mode=merge"])
async def test_a_wrong_query_is_refused(staff, rpc: FakeRpc, query):
    assert_problem(await send(staff, query=query), 422, "request.invalid")
    assert rpc.calls == []


async def test_no_file_an_empty_one_and_json_are_refused(staff, rpc: FakeRpc):
    assert_problem(await send(staff, b""), 422, "request.invalid")
    assert_problem(await staff.post(PATH, files={"x": (None, "y")}), 422, "request.invalid")
    assert_problem(await staff.post(PATH, json={}), 415, "request.unsupported_media")
    assert rpc.calls == []


async def test_only_a_committee_comes_this_far(
    app: FastAPI, rpc: FakeRpc, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient]
):
    for roles, status, code in (
        ((), 403, "auth.forbidden"),
        ((Role.RESIDENT,), 403, "auth.forbidden"),
        ((Role.DISTRICT_ADMIN,), 403, "auth.forbidden"),
        ((Role.COMMITTEE_STAFF, Role.OBSERVER), 403, "auth.observer_read_only"),
    ):
        async with client_for(app, verifier.token(*roles)) as client:
            assert_problem(await send(client), status, code)
    async with client_for(app) as client:
        assert_problem(await send(client), 401, "auth.token_required")
    assert rpc.calls == []


async def test_what_identity_refuses_is_passed_on(staff, rpc: FakeRpc):
    rpc.answers["import_register_file"] = Forbidden()
    assert_problem(await send(staff), 403, "auth.forbidden")
