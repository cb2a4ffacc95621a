"""Signposts lead where the routes themselves would. Needs: nothing."""

import re

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from gateway.operations import PREFIX, OperationRoute
from gateway.signposts import Signposts
from services.contracts.operations import HTTP


@pytest.fixture(scope="module")
def routes() -> list[OperationRoute]:
    return [OperationRoute(row) for row in HTTP]


def scope(path: str, method: str) -> dict[str, object]:
    return {"type": "http", "path": path, "method": method, "headers": []}


@pytest.mark.parametrize("row", HTTP, ids=lambda row: row.id)
def test_each_operation_is_found_as_the_first_route_that_takes_it(routes, row):
    path = PREFIX + re.sub(r"\{[a-z_]+\}", "a1", row.path)
    wanted = next(r for r in routes if r.matches(scope(path, row.method))[0] is Match.FULL)
    match, found = Signposts(routes).matches(scope(path, row.method))
    assert (match, found["route"]) == (Match.FULL, wanted)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nowhere"),
        ("PUT", "/api/v1/openapi.json"),
        ("GET", "/me"),
        ("GET", "/api/v1"),
    ],
)
def test_what_is_no_operation_is_left_to_the_others(routes, method, path):
    assert Signposts(routes).matches(scope(path, method)) == (Match.NONE, {})


def test_the_app_asks_it_before_the_operations(app: FastAPI):
    kinds = [type(route) for route in app.router.routes]
    assert kinds.index(Signposts) < kinds.index(OperationRoute)
