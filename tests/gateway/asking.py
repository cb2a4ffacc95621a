"""A usual request, and what every refusal must look like."""

from typing import Any

import httpx

CID = "01900000-0000-7000-8000-00000000000c"
POSTS = f"/communities/{CID}/posts"
POST = {"module": "nearby", "title": "路灯", "body": "不亮了"}


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The response is a whole problem document; return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(problem)
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem
