"""What observers read is counted, whoever answers: a service, or the gateway alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from gateway.app import _operation_routes, create_app
from gateway.examples import value
from gateway.operations import OperationRoute
from gateway.settings import Settings
from gateway.shapes import Input
from gateway.watching import COUNTED
from services.contracts.actor import Role
from services.contracts.errors import Unavailable
from services.contracts.events import AccessCounted
from services.kit.blobs import BlobStore
from services.kit.tokens import TokenVerifier
from tests.gateway.fakes import PERSON, SHANGYUAN, FakeRpc, FakeVerifier
from tests.gateway.responder import FakeService
from tests.gateway.serving import serving
from tests.gateway.test_posters import ANSWER
from tests.support.keys import Signer

ENDLESS = "streamNotifications"  # her own news, and nobody's else
READS = [
    route
    for route in _operation_routes()
    if route.operation.method == "GET" and route.operation.id != ENDLESS
]


@pytest.fixture
def photo(store: BlobStore) -> str:
    """A stored photo with a small picture."""
    return store.put(b"photo", content_type="image/jpeg", owner="p", thumbnail=b"small").id


@pytest.fixture
def observer(
    app: FastAPI, rpc: FakeRpc, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient]
) -> httpx.AsyncClient:
    """Somebody who observes and holds every other role besides."""
    rpc.answers["export_poll_part"] = {"text": "{}", "next_cursor": None}
    rpc.answers["poster_of"] = ANSWER
    return client_for(app, verifier.token(*Role))


async def told(app: FastAPI, rpc: FakeRpc) -> list[AccessCounted]:
    """What the gateway has told identity by now."""
    rpc.calls.clear()
    await app.state.gate.watching.tell()
    return [
        AccessCounted.model_validate(one) for asked in rpc.calls for one in asked.kwargs["reads"]
    ]


def counted(events: list[AccessCounted]) -> dict[str, int]:
    return {read.operation: read.count for event in events for read in event.reads}


def request_of(route: OperationRoute, photo: str) -> tuple[str, dict[str, Any]]:
    def example(entry: Input) -> Any:
        found = value(entry.name, entry.field)
        return found.model_dump(mode="json") if isinstance(found, BaseModel) else found

    path = {name: example(entry) for name, entry in route.shape.path.items()}
    if route.operation.id.startswith("getUpload"):
        path = {"id": photo}
    query = {
        name: example(entry)
        for name, entry in route.shape.query.items()
        if entry.field.is_required()
    }
    return route.operation.path.format(**path), query


@pytest.mark.parametrize("route", READS, ids=lambda route: route.operation.id)
async def test_each_read_is_counted_by_a_service_or_by_the_gateway(
    route: OperationRoute, app: FastAPI, rpc: FakeRpc, observer: httpx.AsyncClient, photo: str
) -> None:
    path, query = request_of(route, photo)
    async with observer:
        answer = await observer.get(path, params=query)
    assert answer.status_code not in (401, 403, 404, 422), answer.text

    by_service = [asked for asked in rpc.calls if asked.method == route.operation.rpc_method]
    here = counted(await told(app, rpc))

    assert len(by_service) + here.get(route.operation.id, 0) == 1
    assert set(here) <= {route.operation.id} <= COUNTED or not here


async def test_it_is_told_who_read_how_often_and_never_what(
    app: FastAPI, rpc: FakeRpc, observer: httpx.AsyncClient, photo: str
) -> None:
    async with observer:
        first = await observer.get(f"/uploads/{photo}")
        await observer.get(f"/uploads/{photo}", headers={"If-None-Match": first.headers["etag"]})
        await observer.get(f"/uploads/{photo}/thumbnail")
        assert (await observer.get("/uploads/none")).status_code == 404

    (event,) = await told(app, rpc)
    assert (event.service, event.person_id, event.paths) == ("gateway", PERSON, [SHANGYUAN])
    assert counted([event]) == {"getUpload": 2, "getUploadThumbnail": 1}
    assert photo not in event.model_dump_json()
    assert await told(app, rpc) == [], "once"


async def test_nobody_else_is_counted(
    app: FastAPI, rpc: FakeRpc, resident: httpx.AsyncClient, photo: str
) -> None:
    assert (await resident.get(f"/uploads/{photo}")).status_code == 200

    assert await told(app, rpc) == []


async def test_while_identity_is_away_the_same_is_told_again_under_its_id(
    app: FastAPI, rpc: FakeRpc, observer: httpx.AsyncClient, photo: str
) -> None:
    rpc.answers["count_reads"] = Unavailable()
    async with observer:
        await observer.get(f"/uploads/{photo}")
        first = await told(app, rpc)
        telling = rpc.last("count_reads").kwargs["telling"]
        await observer.get(f"/uploads/{photo}/thumbnail")

    assert await told(app, rpc) == first
    assert rpc.last("count_reads").kwargs["telling"] == telling
    rpc.answers["count_reads"] = {}
    assert await told(app, rpc) == first
    assert counted(await told(app, rpc)) == {"getUploadThumbnail": 1}
    assert rpc.last("count_reads").kwargs["telling"] != telling


async def test_a_gateway_that_stops_tells_what_it_has_counted(
    amqp_url: str, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    signer = Signer(tmp_path)
    token = signer.token("lin", [("observer", SHANGYUAN)])
    async with FakeService(amqp_url, "identity") as identity:
        identity.answers["list_revocations"] = lambda _: {
            "data": {"sessions": [], "people": [], "helps": []}
        }
        identity.answers["count_reads"] = lambda _: {"data": {}}
        app = create_app(make_settings(amqp_url=amqp_url), verifier=TokenVerifier(signer.jwks_file))
        photo = app.state.gate.store.put(b"photo", content_type="image/jpeg", owner="p").id
        async with serving(app) as (address, _), httpx.AsyncClient(base_url=address) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            assert (await client.get(f"/api/v1/uploads/{photo}")).status_code == 200

    (asked,) = [one for one in identity.requests if one.method == "count_reads"]
    (event,) = asked.kwargs["reads"]
    assert event["person_id"] == "lin"
    assert event["reads"] == [{"operation": "getUpload", "place": "", "count": 1}]
