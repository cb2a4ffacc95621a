"""The permission matrix at the gateway: every operation for every role, and for nobody."""

import re
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from services.contracts.actor import Role
from services.contracts.operations import HTTP
from services.contracts.operations.base import Operation
from tests.gateway.fakes import FakeRpc, FakeVerifier

ROLES: tuple[Role | None, ...] = (None, *Role)


def expected(operation: Operation, role: Role | None) -> str:
    """What the table means, in its own words: the code of a refusal, or empty."""
    if not operation.who.login:
        return ""
    if role is None:
        return "auth.token_required"
    changes_something = operation.method in ("POST", "PUT", "PATCH", "DELETE")
    if role is Role.OBSERVER and changes_something and not operation.own:
        return "auth.observer_read_only"
    if operation.who.roles and role not in operation.who.roles:
        return "auth.forbidden"
    return ""


@pytest.mark.parametrize("operation", HTTP, ids=lambda operation: operation.id)
async def test_matrix(
    operation: Operation,
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    """Refusals come before anything is read: the body here is not even JSON."""
    path = re.sub(r"{\w+}", "!", operation.path)  # names nothing, so what is allowed ends in 4xx
    async with client_for(app) as client:
        for role in ROLES:
            headers = {}
            if role is not None:
                headers["Authorization"] = f"Bearer {verifier.token(role)}"
            response = await client.request(
                operation.method,
                path,
                content=b"{" if operation.write else None,
                headers={**headers, "Last-Event-ID": "!"},
            )
            code = response.json().get("code", "") if response.status_code >= 400 else ""
            refusal = expected(operation, role)
            if refusal:
                assert (response.status_code, code) == (
                    401 if role is None else 403,
                    refusal,
                ), f"{operation.id} by {role}"
            elif operation.id.startswith("getUpload"):
                assert response.status_code in (401, 404)  # files: see test_uploads
            elif operation.id == "gridUpload":
                assert response.status_code == 401  # the platform's own key: see test_grid_uploads
            else:
                usual = (operation.status, 400, 404, 415, 422, 501)
                assert response.status_code in usual, operation.id


async def test_observers_never_write_unless_it_is_their_own(
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    """An observer who holds every other role as well is still one who only watches."""
    writes = [row for row in HTTP if row.write and not row.own and row.who.login]
    async with client_for(app, verifier.token(*Role)) as client:
        for operation in writes:
            path = re.sub(r"{\w+}", "x1", operation.path)
            response = await client.request(operation.method, path, json={})
            assert response.json()["code"] == "auth.observer_read_only", operation.id
    assert rpc.calls == []
    assert len(writes) > 40


async def test_a_helper_is_refused_whatever_is_not_marked_as_assisted(
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    """Whatever roles a token for somebody else carried: votes above all, and nobody is asked."""
    rows = [row for row in HTTP if row.who.login and not row.assisted]
    assert {row.id for row in rows} >= {"castBallot", "secondTopic", "createPost", "updateMe"}
    token = verifier.token(*(role for role in Role if role is not Role.OBSERVER), acted_by="h")
    async with client_for(app, token) as client:
        for operation in rows:
            path = re.sub(r"{\w+}", "x1", operation.path)
            response = await client.request(operation.method, path, content=b"{")
            refusal = (response.status_code, response.json()["code"])
            assert refusal == (403, "auth.not_on_behalf"), operation.id
    assert rpc.calls == []
