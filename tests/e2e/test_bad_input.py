"""Whatever is sent, the answer is a problem that says what is wrong, and nothing is stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.client import Client
from deploy.demo import newcomer, pictures
from deploy.demo.people import CODE
from services.contracts import demo
from services.contracts.operations import HTTP
from services.contracts.operations.base import Operation
from tests.support.http_asks import JSON, UNKNOWN, assert_one_of, assert_problem, filled, send
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("nothing_is_stored")]

ISSUES = f"/communities/{demo.SHANGYUAN}/issues"
POSTS = f"/communities/{demo.SHANGYUAN}/posts"
GOOD = {"title": "楼道堆物", "body": "三楼堆满纸箱"}


# -- the shape of what is sent ----------------------------------------------------------------

MALFORMED = {
    "not JSON": b"{title: x}",
    "cut off": b'{"title": "x"',
    "not UTF-8": '{"title": "标题"}'.encode("gb18030"),
    "two documents": b'{"a": 1}{"b": 2}',
    "NaN": b'{"title": NaN, "body": "x"}',
    "nothing but blanks": b"   ",
}
WRONG_SHAPE: dict[str, Any] = {
    "a list": [GOOD],
    "a text": "title",
    "null": None,
    "no title": {"body": "x"},
    "title is a number": {"title": 3, "body": "x"},
    "title is a list": {"title": ["x"], "body": "x"},
    "title is empty": {"title": "  ", "body": "x"},
    "title too long": {"title": "长" * 201, "body": "x"},
    "body too long": {"title": "x", "body": "长" * 20_001},
    "attachments is a text": {**GOOD, "attachments": "a"},
    "too many attachments": {**GOOD, "attachments": [UNKNOWN] * 50},
    "unknown attachment": {**GOOD, "attachments": [UNKNOWN]},
    "place beyond the poles": {**GOOD, "location": {"lng": 0, "lat": 91}},
    "half a place": {**GOOD, "location": {"lng": 121.4}},
    "hide_name is a text": {**GOOD, "hide_name": "vielleicht"},
    "NUL": {"title": "x\x00y", "body": "x"},
    "half a surrogate": {"title": "x\ud800y", "body": "x"},
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json(granny_sun: Client, body: bytes) -> None:
    answer = send(granny_sun, "POST", ISSUES, content=body, headers=JSON)
    assert_problem(answer, 400, "request.malformed")


@pytest.mark.parametrize("body", WRONG_SHAPE.values(), ids=WRONG_SHAPE.keys())
def test_wrong_shape_names_the_field(granny_sun: Client, body: Any) -> None:
    answer = send(granny_sun, "POST", ISSUES, content=json.dumps(body), headers=JSON)
    told = assert_one_of(answer, 400, 422)
    if answer.status_code == 422:
        assert told["errors"]
        assert all(error["field"] and error["message"] for error in told["errors"])


def test_values_that_were_sent_are_not_repeated(api: Client) -> None:
    body = {"phone": "x" * 300, "code": {"a": "geheim-4711"}}
    answer = send(api, "POST", "/auth/tokens", json=body)
    assert_problem(answer, 422, "request.invalid")
    assert "geheim" not in answer.text
    assert "x" * 60 not in answer.text


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("text/plain", 415, "request.unsupported_media"),
        ("application/x-www-form-urlencoded", 415, "request.unsupported_media"),
        ("application/json; charset=gbk", 415, "request.unsupported_media"),
        ("", 415, "request.unsupported_media"),
    ],
)
def test_other_content_types(granny_sun: Client, content_type: str, status: int, code: str) -> None:
    headers = {"content-type": content_type}
    answer = send(granny_sun, "POST", ISSUES, content=json.dumps(GOOD), headers=headers)
    assert_problem(answer, status, code)


def test_huge_body(granny_sun: Client) -> None:
    huge = json.dumps({"title": "x", "body": "长" * 3_000_000})
    answer = send(granny_sun, "POST", ISSUES, content=huge, headers=JSON)
    assert_problem(answer, 413, "request.too_large")


def test_huge_body_that_hides_its_length(granny_sun: Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"title": "x", "body": "'
        for _ in range(64):
            yield b"x" * 65_536

    answer = send(granny_sun, "POST", ISSUES, content=chunks(), headers=JSON)
    assert_problem(answer, 413, "request.too_large")


def test_body_as_deep_as_a_well(granny_sun: Client) -> None:
    deep = b'{"title": "x", "body": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    answer = send(granny_sun, "POST", ISSUES, content=deep, headers=JSON)
    assert_one_of(answer, 400, 422)


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("empty.jpg", b"", 415),
        ("page.jpg", b"<html><script>alert(1)</script>", 415),
        ("broken.jpg", pictures.occupied()[:2_000], 422),
        ("large.jpg", b"\xff\xd8\xff\xe0" + bytes(11_000_000), 413),
        ("plan.pdf", b"%PDF-1.7\n" + bytes(100), 403),
    ],
)
def test_files_that_are_not_what_they_seem(
    granny_sun: Client, name: str, data: bytes, status: int
) -> None:
    answer = send(granny_sun, "POST", "/uploads", files={"file": (name, data, "image/jpeg")})
    assert_problem(answer, status)


def test_upload_without_a_file(granny_sun: Client) -> None:
    answer = send(granny_sun, "POST", "/uploads", content=b"{}", headers=JSON)
    assert_problem(answer, 415, "request.unsupported_media")


# -- what is not there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"/issues/{UNKNOWN}",
        f"/posts/{UNKNOWN}",
        f"/posts/{UNKNOWN}/comments",
        f"/communities/{UNKNOWN}/issues",
        f"/communities/{UNKNOWN}/posts",
        "/work-orders/SQT-000000-2026-000001",
        f"/uploads/{UNKNOWN}",
        "/qr/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "/qr/%00",
        "/issues/..%2f..%2fetc",
        "/issues/%ff%fe",
        "/nothing/here",
    ],
)
def test_unknown_ids(granny_sun: Client, path: str) -> None:
    answer = send(granny_sun, "GET", path)
    assert_problem(answer, 404)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "!!", "e30", "%00", "A" * 600])
@pytest.mark.parametrize("path", [ISSUES, POSTS, "/me/notifications", "/work-orders"])
def test_bad_cursors(granny_sun: Client, path: str, cursor: str) -> None:
    answer = send(granny_sun, "GET", path, params={"cursor": cursor})
    assert_one_of(answer, 400, 422)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1e9", "٣"])
def test_bad_limits(granny_sun: Client, limit: str) -> None:
    answer = send(granny_sun, "GET", ISSUES, params={"limit": limit})
    assert_problem(answer, 422, "request.invalid")


def test_wrong_method_says_which_are_right(granny_sun: Client) -> None:
    answer = send(granny_sun, "DELETE", ISSUES)
    assert_problem(answer, 405, "request.method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


# -- joining ----------------------------------------------------------------------------------


def asked(person: newcomer.Newcomer, token: str, **changed: Any) -> dict[str, Any]:
    """A request to join that is right but for what is changed."""
    return {
        "qr_token": token,
        "building": "1号楼",
        "unit": "1单元",
        "room": "101",
        "relation": "tenant",
        "real_name": person.real_name,
        "id_number": person.id_number,
        "consents": ["real_name"],
        **changed,
    }


@pytest.fixture(scope="module")
def stranger(api: Client) -> Client:
    """Somebody new, logged in, who belongs nowhere yet."""
    return api.login(newcomer.make().phone, CODE)


@pytest.fixture(scope="module")
def open_qr(platform: Platform) -> str:
    codes = platform.demo["qr"]
    return str(next(qr["token"] for qr in codes if qr["community_id"] == demo.SHANGYUAN))


@pytest.fixture(scope="module")
def revoked_qr(secretary: Client, open_qr: str) -> str:
    """A code that the committee has made and withdrawn."""
    estate = secretary.resolve_qr(open_qr).estate.id
    path = f"/communities/{demo.SHANGYUAN}/qr"
    token = str(secretary.send("POST", path, json={"estate": estate}).json()["token"])
    secretary.send("DELETE", f"/qr/{token}")
    return token


def wrong_check_digit(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"id_number": "wrong check digit"}, 422, "identity.id_number_invalid"),
        ({"id_number": "310199199913011234"}, 422, "identity.id_number_invalid"),
        ({"id_number": "12"}, 422, "identity.id_number_invalid"),
        ({"real_name": "x" * 51}, 422, "request.invalid"),
        ({"building": "99号楼"}, 422, "identity.building_unknown"),
        ({"unit": "9单元"}, 422, "identity.unit_unknown"),
        ({"relation": "king"}, 422, "request.invalid"),
        ({"qr_token": "A" * 38}, 404, "identity.qr_unknown"),
        ({"qr_token": ""}, 422, "request.invalid"),
        ({"consents": "all"}, 422, "request.invalid"),
    ],
)
def test_requests_to_join_that_cannot_be_right(
    stranger: Client, open_qr: str, changed: dict[str, Any], status: int, code: str
) -> None:
    person = newcomer.make()
    if changed.get("id_number") == "wrong check digit":
        changed = {"id_number": wrong_check_digit(person.id_number)}
    answer = send(stranger, "POST", "/memberships", json=asked(person, open_qr, **changed))
    assert_problem(answer, status, code)
    assert person.id_number not in answer.text
    assert person.real_name not in answer.text


def test_revoked_qr_lets_nobody_in(api: Client, stranger: Client, revoked_qr: str) -> None:
    assert_problem(send(api, "GET", f"/qr/{revoked_qr}"), 404, "identity.qr_revoked")
    answer = send(stranger, "POST", "/memberships", json=asked(newcomer.make(), revoked_qr))
    assert_problem(answer, 404, "identity.qr_revoked")


def test_stranger_may_not_write(stranger: Client) -> None:
    for path, body in ((ISSUES, GOOD), (POSTS, {**GOOD, "module": "neighbours"})):
        answer = send(stranger, "POST", path, json=body)
        assert_one_of(answer, 403, 404)


# -- every operation, with rubbish --------------------------------------------------------------

RUBBISH: tuple[Any, ...] = (
    [],
    {},
    {"title": {"$ne": None}, "body": ["x"], "id": 1, "score": "5", "category": "' OR 1=1 --"},
    {"limit": -1, "cid": "../..", "decision": None, "phone": 138, "code": [], "reason": 2**70},
)
CALLS = [row for row in HTTP if row.method != "GET" and not row.multipart]


@pytest.mark.parametrize("row", CALLS, ids=lambda row: row.id)
def test_rubbish_is_never_our_fault(api: Client, row: Operation) -> None:
    person = api.login("13800000004", CODE)  # for each anew: one of the calls logs out
    for body in RUBBISH:
        answer = send(person, row.method, filled(row), json=body)
        assert answer.status_code < 500 or answer.status_code == 501, (body, answer.text)
        if answer.status_code >= 400:
            assert_problem(answer, answer.status_code)
