"""The OpenAPI document: whole, valid, and the one that clients have.

After a change that is meant::

    python -m gateway.openapi > tests/contracts/openapi.json
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.app import _operation_routes, create_app
from gateway.examples import value
from gateway.openapi import build, plainly_named
from gateway.protocol import URL_BYTES
from gateway.settings import Settings
from services.contracts.operations import BY_ID, HTTP

SNAPSHOT = Path(__file__).with_name("openapi.json")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = create_app(Settings(env="test", storage_url="memory://uploads"))
    built: dict[str, Any] = json.loads(json.dumps(build(app)))
    return built


Faults = Callable[[dict[str, Any], Any], list[str]]


@pytest.fixture(scope="module")
def faults(document: dict[str, Any]) -> Faults:
    """What is wrong with a value by a schema of the document; the document is read once."""
    home = "urn:shequtong"
    text = json.dumps({"components": document["components"]})
    whole = json.loads(text.replace('"#/components', f'"{home}#/components'))
    registry = jsonschema_rs.Registry([(home, whole)])

    def find(schema: dict[str, Any], value: Any) -> list[str]:
        moved = json.loads(json.dumps(schema).replace('"#/components', f'"{home}#/components'))
        validator = jsonschema_rs.validator_for(moved, registry=registry)
        return [error.message for error in validator.iter_errors(value)]

    return find


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


def test_what_the_client_has_already_and_pieces_of_files_are_answers_of_the_document(
    document: dict[str, Any],
) -> None:
    entries = operations(document)
    for row in HTTP:
        entry, stored = entries[row.id], row.id in ("getUpload", "getUploadThumbnail")
        answers = set(entry["responses"])
        names = {one["$ref"].rpartition("/")[2] for one in entry["parameters"] if "$ref" in one}
        assert ("304" in answers) == ("IfNoneMatch" in names) == (row.cacheable or stored), row.id
        assert ("SeenBefore" in names) == row.cacheable, row.id
        assert ({"206", "416"} <= answers) == ({"Range", "IfRange"} <= names) == stored, row.id


def test_every_right_read_fits_into_an_address(document: dict[str, Any]) -> None:
    """A character is twelve bytes at most (``%F0%9F%8C%B3``); ids and cursors are ASCII."""
    for name, entry in operations(document).items():
        if entry["method"] != "get":
            continue
        assert ("414" in entry["responses"]) == any("name" in one for one in entry["parameters"])
        length = len(entry["path"])
        for one in (one for one in entry["parameters"] if "name" in one):
            kinds = one["schema"].get("anyOf", [one["schema"]])
            texts = [kind for kind in kinds if kind.get("type") == "string" and "enum" not in kind]
            longest = max((kind.get("maxLength", 64) for kind in texts), default=40)
            words = not (one["name"] == "cursor" or any("pattern" in kind for kind in texts))
            length += len(one["name"]) + 2 + longest * (12 if words and texts else 1)
        assert length < URL_BYTES, name


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_body_has_an_example_that_its_command_takes(
    document: dict[str, Any], faults: Faults
) -> None:
    entries = operations(document)
    for route in _operation_routes():
        if not route.shape.body:
            continue
        row = route.operation
        content = entries[row.id]["requestBody"]["content"]["application/json"]
        assert faults(content["schema"], content["example"]) == [], row.id
        in_path = {
            entry.name: value(entry.name, entry.field) for entry in route.shape.path.values()
        }
        route.shape.check({**content["example"], **in_path})


def test_every_answer_has_an_example_that_fits(document: dict[str, Any], faults: Faults) -> None:
    shown = document["components"]["examples"]
    checked: set[str] = set()
    for key, entry in operations(document).items():
        success = entry["responses"][str(BY_ID[key].status)]
        for kind, content in success.get("content", {}).items():
            if kind != "application/json":
                continue
            reference = content.get("examples", {}).get("whole", {}).get("$ref", "")
            name = reference.rpartition("/")[2]
            example = shown[name]["value"] if name else content["example"]
            if name in checked:
                continue
            checked.add(name)
            assert faults(content["schema"], example) == [], key
    assert len(checked) > 150


def test_links_lead_to_operations_by_fields_that_answers_have(document: dict[str, Any]) -> None:
    entries = operations(document)
    followed: set[str] = set()
    for key, entry in entries.items():
        example = document["components"]["examples"]
        for link in entry["responses"][str(BY_ID[key].status)].get("links", {}).values():
            target = entries[link["operationId"]]
            ((name, pointer),) = link["parameters"].items()
            assert f"{{{name}}}" in target["path"], (key, link)
            reference = entry["responses"][str(BY_ID[key].status)]["content"]["application/json"]
            found = example[reference["schema"]["$ref"].rpartition("/")[2]]["value"]
            for step in pointer.removeprefix("$response.body#/").split("/"):
                found = found[int(step)] if step.isdigit() else found[step]
            assert found, (key, link)
            followed.add(link["operationId"])
    assert len(followed) > 200


def test_every_problem_is_documented_as_one(document: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for response in document["components"]["responses"].values():
        assert response["content"]["application/problem+json"]["schema"] == problem


async def test_document_is_served(document: dict[str, Any]) -> None:
    app = create_app(Settings(env="test", storage_url="memory://uploads"))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        response = await client.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response.json() == document
    assert response.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("ReportIssue/properties/location", "南门"),
        ("RecordIntake/properties/location", "南门"),
        ("TriageIssue/properties/standard_code", "03004"),
        ("ConcludeJointConsultation/properties/standard_code", "03004"),
        ("SlotDraft/properties/code", "03004"),
        ("OpenJointConsultation/properties/departments/items", "绿化市容"),
    ],
)
def test_a_bare_text_that_stands_for_a_thing_is_in_the_document(
    faults: Faults, where: str, text: str
) -> None:
    schema = {"$ref": f"#/components/schemas/{where}"}

    assert faults(schema, text) == []
    assert faults(schema, "字" * 300) != [], "and how long it may be"
