"""The OpenAPI document: whole, valid, and the one that clients have.

After a change that is meant::

    python -m gateway.openapi > tests/contracts/openapi.json
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from gateway.app import create_app
from gateway.openapi import build, plainly_named
from gateway.settings import Settings
from services.contracts.operations import HTTP

SNAPSHOT = Path(__file__).with_name("openapi.json")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = create_app(Settings(env="test", storage_url="memory://uploads"))
    built: dict[str, Any] = json.loads(json.dumps(build(app)))
    return built


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        entry["operationId"]: {**entry, "path": path, "method": method}
        for path, methods in document["paths"].items()
        for method, entry in methods.items()
    }


def test_snapshot(document: dict[str, Any]) -> None:
    kept = json.loads(SNAPSHOT.read_text())

    assert document == kept, "renew it: python -m gateway.openapi > tests/contracts/openapi.json"


def test_routes_of_the_table_and_of_the_document_are_the_same(document: dict[str, Any]) -> None:
    documented = {
        key: f"{entry['method'].upper()} {entry['path']}"
        for key, entry in operations(document).items()
    }

    assert documented == {row.id: row.http.replace(" ", " /api/v1", 1) for row in HTTP}


def test_every_reference_leads_somewhere_and_everything_is_used(document: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(child) for child in node.values()))
        if isinstance(node, list):
            return set().union(*(references(child) for child in node))
        return set()

    there = {
        f"#/components/{kind}/{name}"
        for kind, entries in document["components"].items()
        for name in entries
        if kind != "securitySchemes"
    }

    assert references(document) == there


def test_schemas_are_schemas(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_no_name_tells_of_our_modules(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def test_no_model_is_shown_in_the_place_of_another() -> None:
    path = "services__contracts__operations__votes__"
    schemas: dict[str, Any] = {f"{path}rolls__Line": {}, f"{path}results__Line": {}}
    with pytest.raises(ValueError, match="VotesLine"):
        plainly_named({"components": {"schemas": schemas}})


def test_each_operation_says_who_may_call_it_and_how_it_may_fail(
    document: dict[str, Any],
) -> None:
    entries = operations(document)
    for row in HTTP:
        entry = entries[row.id]
        answers = set(entry["responses"])
        assert entry["tags"] and entry["summary"] and entry["description"], row.id
        assert str(row.status) in answers, row.id
        assert "503" in answers and "429" in answers, row.id
        assert ("401" in answers) >= row.who.login, row.id
        assert ("501" in answers) == (not row.built), row.id
        assert entry["security"] == ([{"bearer": []}] if row.who.login else [{}, {"bearer": []}]), (
            row.id
        )
        assert entry.get("x-roles", []) == sorted(row.who.roles), row.id


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    seen = 0
    for key, entry in operations(document).items():
        content = entry.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "example" not in content:
            continue
        validator = Draft202012Validator(
            {**content["schema"], "components": document["components"]}
        )
        assert not list(validator.iter_errors(content["example"])), key
        seen += 1
    assert seen >= 8


def test_every_problem_is_documented_as_one(document: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for response in document["components"]["responses"].values():
        assert response["content"]["application/problem+json"]["schema"] == problem


async def test_document_is_served() -> None:
    app = create_app(Settings(env="test", storage_url="memory://uploads"))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        response = await client.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response.json() == json.loads(json.dumps(build(app)))
    assert response.json()["openapi"].startswith("3.1")
