"""Asking the gateway in ways that the client would not, and judging its problems."""

from typing import Any

import httpx

from deploy.client import Client
from services.contracts.operations.base import Operation

UNKNOWN = "01900000-0000-7000-8000-000000000000"
JSON = {"content-type": "application/json"}


def send(person: Client, method: str, path: str, **options: Any) -> httpx.Response:
    """The raw answer to whatever is sent in somebody's name."""
    headers = options.pop("headers", {})
    if person.session and "Authorization" not in headers:
        headers = {"Authorization": f"Bearer {person.session.tokens.access_token}", **headers}
    return person.http.request(method, f"/api/v1{path}", headers=headers, **options)


def assert_problem(answer: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
    """The answer is problem+json as the contract says (with this code, if one is named)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["code"] == code or (not code and "." in told["code"]), told
    assert told["type"] == f"/problems/{told['code']}"
    assert told["title"]
    assert told["detail"]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    return told


def assert_one_of(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The answer is a problem with one of these statuses."""
    assert answer.status_code in statuses, answer.text
    return assert_problem(answer, answer.status_code)


def filled(row: Operation, value: str = UNKNOWN) -> str:
    """An operation's path with an id that names nothing in every place."""
    words = row.path.replace("{format}", "png").replace("{cid}", value).split("/")
    return "/".join(value if "{" in word and ":" not in word else word for word in words)
