"""Open311 GeoReport v2 at the gateway: addresses, formats, forms, errors; the bridge is a stand-in.

The rules are those of the specification, of the official JSON Schemas and of the discovery
validator, written anew.
"""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from services.contracts.errors import NotFound, RateLimited, Unavailable
from services.contracts.operations.grid_bridge import open311 as ops
from services.kit.aio_rpc import Reply
from tests.gateway.fakes import FakeRpc
from tests.support.georeport import (
    problems_of_definition,
    problems_of_requests,
    problems_of_services,
)

HOME = "http://gateway/open311/v2"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
REQUEST = ops.Open311Request(
    service_request_id="0190-1",
    status="open",
    status_notes="居委会已受理",
    service_name="乱倒垃圾",
    service_code="X9",
    description="<script>&\x0b垃圾]]>",
    agency_responsible="尚园居民（村民）委员会",
    service_notice="",
    requested_datetime=NOON,
    updated_datetime=NOON,
    expected_datetime=None,
    address="月浦镇尚园",
    address_id="310113102001",
    lat=31.452,
    long=121.431,
    state="triaged",
    community="尚园",
    town="月浦镇",
    notes=[ops.Open311Note(datetime=NOON, description="已上报", type="reported")],
)
SERVICE = ops.Open311Service(
    service_code="X9",
    service_name="乱倒垃圾",
    description="偷倒",
    metadata=True,
    type="realtime",
    keywords="偷倒,渣土",
    group="市容环境",
)
DEFINITION = ops.Open311Definition(
    service_code="X9",
    attributes=[
        ops.Open311Attribute(
            variable=True,
            code="publish",
            datatype="singlevaluelist",
            required=False,
            datatype_description="",
            order=1,
            description="是否公开",
            values=[ops.Open311Value(key="yes", name="同意公开")],
        )
    ],
)
ANSWERS = {
    "list_open311_services": ops.Open311Services(items=[SERVICE]),
    "get_open311_service": DEFINITION,
    "list_open311_requests": ops.Open311Requests(items=[REQUEST]),
    "get_open311_request": ops.Open311Requests(items=[REQUEST]),
    "get_open311_token": ops.Open311Token(service_request_id="0190-1", token="0190-1"),
    "create_open311_request": ops.Open311Receipt(service_request_id="0190-1", service_notice="好"),
}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture(autouse=True)
def bridge(rpc: FakeRpc) -> FakeRpc:
    rpc.answers |= {name: Reply(said.model_dump_json().encode()) for name, said in ANSWERS.items()}
    return rpc


def xml(response: httpx.Response) -> ElementTree.Element:
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    return ElementTree.fromstring(response.content)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """The status and the description of the specification's list of errors."""
    if response.headers["content-type"] == "application/json":
        (error,) = response.json()
    else:
        root = xml(response)
        assert root.tag == "errors"
        error = {part.tag: part.text for part in root.find("error") or ()}
    assert error["code"] == str(response.status_code)
    return response.status_code, error["description"]


async def test_discovery_keeps_the_nineteen_rules(nobody: httpx.AsyncClient) -> None:
    address = f"{HOME}/discovery"
    spoken = await nobody.get(f"{address}.xml"), await nobody.get(f"{address}.json")
    root, said = xml(spoken[0]), spoken[1].json()
    assert spoken[1].headers["content-type"] == "application/json"
    assert root.tag == "discovery"
    for name in ("contact", "key_service", "changeset"):
        assert root.findtext(name) == said[name] != ""
    endpoints = root.findall("endpoints/endpoint")
    assert len(endpoints) == len(said["endpoints"]) == 1
    for element, endpoint in zip(endpoints, said["endpoints"], strict=True):
        assert element.findtext("specification") == endpoint["specification"]
        assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
        assert element.findtext("url") == endpoint["url"]
        assert endpoint["url"].endswith("/open311/v2")
        assert element.findtext("type") == endpoint["type"] == "test"
        changed = datetime.fromisoformat(endpoint["changeset"])
        assert changed.tzinfo is not None and changed < datetime.now(UTC)
        formats = [one.text for one in element.findall("formats/format")]
        assert formats == endpoint["formats"] == ["text/xml", "application/json"]
    assert datetime.fromisoformat(said["changeset"]) < datetime.now(UTC)


async def test_json_keeps_the_rules_of_the_schemas(nobody: httpx.AsyncClient) -> None:
    async def said(path: str) -> Any:
        response = await nobody.get(f"{HOME}/{path}")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        return response.json()

    assert problems_of_services(await said("services.json")) == []
    assert problems_of_definition(await said("services/X9.json")) == []
    listed = await said("requests.json")
    assert problems_of_requests(listed) == []
    assert listed == await said("requests/0190-1.json")
    assert "extended_attributes" not in listed[0] and "notes" not in listed[0]
    (extended,) = await said("requests.json?extensions=true")
    assert extended["extended_attributes"] == {
        "state": "triaged", "community": "尚园", "town": "月浦镇",
    }  # fmt: skip
    assert [note["type"] for note in extended["notes"]] == ["reported"]
    assert await said("tokens/0190-1.json") == [{"service_request_id": "0190-1", "token": "0190-1"}]


async def test_xml_says_the_same_and_holds_no_foreign_markup(nobody: httpx.AsyncClient) -> None:
    request = xml(await nobody.get(f"{HOME}/requests.xml")).find("request")
    assert request is not None
    assert request.findtext("description") == "<script>&\ufffd垃圾]]>"
    assert request.findtext("expected_datetime") == ""
    assert request.findtext("lat") == "31.452"
    assert datetime.fromisoformat(request.findtext("requested_datetime") or "") == NOON
    service = xml(await nobody.get(f"{HOME}/services.xml")).find("service")
    assert service is not None and service.findtext("metadata") == "true"
    definition = xml(await nobody.get(f"{HOME}/services/X9.xml"))
    assert definition.tag == "service_definition"
    assert definition.findtext("attributes/attribute/values/value/key") == "yes"
    assert xml(await nobody.get(f"{HOME}/tokens/0190-1.xml")).findtext("request/token") == "0190-1"


async def test_a_list_is_asked_for_as_the_specification_says(
    nobody: httpx.AsyncClient, bridge: FakeRpc
) -> None:
    query = (
        "service_request_id=a,b&service_code=X1,%20X2&status=open,closed&page=2&page_size=10"
        "&start_date=2026-01-01T00:00:00Z&end_date=2026-02-01T00:00:00%2B08:00&extensions=true"
        "&jurisdiction_id=demo&unknown=1"
    )
    assert (await nobody.get(f"{HOME}/requests.json?{query}")).status_code == 200
    asked = bridge.last("list_open311_requests").kwargs
    assert asked["service_request_id"] == ["a", "b"]
    assert asked["service_code"] == ["X1", "X2"]
    assert asked["status"] == ["open", "closed"]
    assert (asked["page"], asked["page_size"], asked["extensions"]) == (2, 10, True)
    assert asked["jurisdiction_id"] == "demo"
    assert asked["end_date"].endswith("+08:00")


@pytest.mark.parametrize(
    "query",
    ["status=done", "start_date=yesterday", "start_date=2026-01-01T00:00:00", "page=0", "page=x",
     "page_size=1001", "jurisdiction_id=" + "x" * 65],
)  # fmt: skip
async def test_what_cannot_be_read_is_400(query: str, nobody: httpx.AsyncClient) -> None:
    for form in ("xml", "json"):
        status, said = error_of(await nobody.get(f"{HOME}/requests.{form}?{query}"))
        assert status == 400
        assert query.partition("=")[0] in said


async def test_a_report_comes_as_a_form(nobody: httpx.AsyncClient, bridge: FakeRpc) -> None:
    body = (
        "api_key=k&jurisdiction_id=demo&service_code=X9&lat=31.4&long=121.4&description=%E5%9E%83"
        "&attribute[publish]=yes&attribute[more][]=a&attribute[more][]=b&email=a@b.cn&phone=138"
        "&media_url=https%3A%2F%2Fexample.org%2Fa.jpg"
    )
    response = await nobody.post(f"{HOME}/requests.json", content=body, headers=FORM)
    assert response.status_code == 201
    assert response.json() == [
        {"service_request_id": "0190-1", "service_notice": "好", "account_id": None}
    ]
    asked = bridge.last("create_open311_request").kwargs
    assert asked["attributes"] == {"publish": ["yes"], "more": ["a", "b"]}
    assert (asked["description"], asked["jurisdiction_id"]) == ("垃", "demo")
    assert not {"email", "phone"} & asked.keys()
    said = await nobody.post(f"{HOME}/requests.xml", content=body, headers=FORM)
    assert xml(said).findtext("request/service_request_id") == "0190-1"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"a=b", "text/plain"),
        (b"description=%FF%FE", "application/x-www-form-urlencoded"),
        (b"description=\xff", "application/x-www-form-urlencoded"),
        (b"a=b", "application/x-www-form-urlencoded; charset=gbk"),
        (b"&".join(b"a=b" for _ in range(501)), "application/x-www-form-urlencoded"),
        (b"description=a%00b", "application/x-www-form-urlencoded"),
        (b"address_string=" + b"x" * 300, "application/x-www-form-urlencoded"),
    ],
)
async def test_another_body_is_400_and_asks_nobody(
    content: bytes, kind: str, nobody: httpx.AsyncClient, bridge: FakeRpc
) -> None:
    headers = {"Content-Type": kind}
    response = await nobody.post(f"{HOME}/requests.xml", content=content, headers=headers)
    assert error_of(response)[0] == 400
    assert bridge.calls == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "services"),
        ("GET", "services.html"),
        ("GET", "nothing.xml"),
        ("GET", "requests/1/notes.json"),
        ("POST", "services.json"),
        ("DELETE", "requests/1.json"),
        ("PUT", "requests.xml"),
    ],
)
async def test_everything_else_is_404(method: str, path: str, nobody: httpx.AsyncClient) -> None:
    assert error_of(await nobody.request(method, f"{HOME}/{path}"))[0] == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound(), 404), (Unavailable(), 503), (RateLimited(retry_after=60), 429)],
)
async def test_the_bridges_refusals_are_lists_of_errors(
    error: Exception, status: int, nobody: httpx.AsyncClient, bridge: FakeRpc
) -> None:
    bridge.answers["list_open311_services"] = error
    for form in ("xml", "json"):
        response = await nobody.get(f"{HOME}/services.{form}")
        assert error_of(response)[0] == status
    assert response.headers.get("retry-after") == {429: "60", 503: "2"}.get(status)


@time_machine.travel("2026-03-01T12:00:00Z", tick=False)
async def test_lists_are_limited_by_address(app: FastAPI, client_for: Any) -> None:
    async with client_for(app, address="203.0.113.7") as client:
        said = [(await client.get(f"{HOME}/requests.json")).status_code for _ in range(61)]
        assert said == [200] * 60 + [429]
        assert (await client.get(f"{HOME}/services.json")).status_code == 200


async def test_head_is_answered_without_a_body(nobody: httpx.AsyncClient) -> None:
    response = await nobody.head(f"{HOME}/services.xml")
    assert (response.status_code, response.content) == (200, b"")
