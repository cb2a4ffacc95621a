"""What a gateway hears, over a real broker: on a queue of its own, again after a break."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.live import TOPICS
from gateway.settings import Settings
from services.contracts import topology
from services.contracts.errors import Unavailable
from services.contracts.events import (
    AssistanceEnded,
    Event,
    PersonDeleted,
    RightsNarrowed,
    RoleGranted,
    RoleRevoked,
    SessionRevoked,
)
from services.contracts.ids import new_id
from services.kit.aio_rpc import EventListener
from services.kit.tokens import TokenVerifier
from tests.gateway.fakes import FakeVerifier
from tests.gateway.responder import FakeService, Request
from tests.gateway.serving import serving
from tests.gateway.tcp_proxy import TcpProxy
from tests.gateway.waiting import eventually, until
from tests.support.keys import Signer


async def publish(amqp_url: str, event: Event, body: bytes | None = None) -> None:
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(event.EXCHANGE, "topic", durable=True)
        message = aio_pika.Message(
            event.model_dump_json().encode() if body is None else body,
            headers={"cloudEvents:id": new_id(), "cloudEvents:type": event.TYPE},
        )
        await exchange.publish(message, event.routing_key, mandatory=False)


REVOKED = SessionRevoked(session_id="session-1", person_id="p1")


def test_topics_are_those_of_the_table() -> None:
    assert [(event.EXCHANGE, event.TYPE) for event in topology.BROADCAST] == TOPICS
    assert ("identity.events", "session.revoked.v1") in TOPICS


async def test_listener_hears_again_after_a_break(amqp_url: str) -> None:
    heard: list[dict[str, Any]] = []
    states: list[str] = []
    async with TcpProxy(amqp_url) as proxy:
        listener = EventListener(
            proxy.url,
            TOPICS,
            lambda body, _: heard.append(body),
            on_attached=lambda: states.append("attached"),
            on_lost=lambda: states.append("lost"),
        )
        await listener.start()
        assert await listener.wait_attached(10)
        await publish(amqp_url, REVOKED)
        await until(lambda: len(heard) == 1)

        proxy.cut()
        await until(lambda: states.count("lost") == 1)
        await until(lambda: states.count("attached") == 2)
        await publish(amqp_url, REVOKED)
        await until(lambda: len(heard) == 2)
        await listener.close()

    assert heard == [{"session_id": "session-1", "person_id": "p1"}] * 2


async def test_event_that_is_not_understood_stops_nothing(amqp_url: str) -> None:
    heard: list[dict[str, Any]] = []

    def on_event(body: dict[str, Any], _: dict[str, Any]) -> None:
        if body.get("session_id") == "boom":
            raise ValueError("odd")
        heard.append(body)

    listener = EventListener(amqp_url, TOPICS, on_event)
    await listener.start()
    assert await listener.wait_attached(10)
    await publish(amqp_url, REVOKED, b"not json")
    await publish(amqp_url, REVOKED.model_copy(update={"session_id": "boom"}))
    await publish(amqp_url, REVOKED)
    await until(lambda: heard)
    await listener.close()

    assert len(heard) == 1


async def test_two_gateways_hear_the_same(amqp_url: str) -> None:
    heard: list[list[Any]] = [[], []]
    listeners = [
        EventListener(amqp_url, TOPICS, lambda body, _, own=own: own.append(body))  # type: ignore[misc]
        for own in heard
    ]
    for listener in listeners:
        await listener.start()
        assert await listener.wait_attached(10)
    await publish(amqp_url, REVOKED)
    await until(lambda: all(heard))
    await asyncio.gather(*(listener.close() for listener in listeners))


async def test_whole_gateway_over_a_real_broker(
    amqp_url: str, make_settings: Callable[..., Settings]
) -> None:
    """Ready when attached, answers by RPC, forgets a revoked session, survives a cut."""
    verifier = FakeVerifier()
    token = verifier.token(session="session-1", person="p1")
    async with TcpProxy(amqp_url) as proxy, FakeService(amqp_url, "feed") as feed:
        feed.answers["list_posts"] = lambda _: {"json": '{"items":[]}', "xmin": 1}
        app: FastAPI = create_app(make_settings(amqp_url=proxy.url), verifier=verifier)
        async with (
            serving(app) as (address, _),
            httpx.AsyncClient(
                base_url=address, headers={"Authorization": f"Bearer {token}"}
            ) as client,
        ):

            async def ready() -> bool:
                return (await client.get("/readyz")).status_code == 200

            await eventually(ready)
            path = "/api/v1/communities/c1/posts"
            assert (await client.get(path)).json() == {"items": []}

            await proxy.refuse()
            await eventually(lambda: status(client, path, 503))
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.get("/healthz")).status_code == 200
            await proxy.accept()
            await eventually(lambda: status(client, path, 200))
            await eventually(ready)

            await publish(amqp_url, REVOKED)
            await eventually(lambda: status(client, path, 401))


async def status(client: httpx.AsyncClient, path: str, wanted: int) -> bool:
    return (await client.get(path)).status_code == wanted


HELPED = "sun"
ENDINGS: dict[str, tuple[Event, set[str]]] = {
    # what is told -> which of the tokens below it ends
    "made an observer": (
        RoleGranted(grant_id="g", person_id="wang", role="observer", path="demo"),
        {"wang", "wang for sun", "wang for zhao"},
    ),
    "another role granted": (
        RoleGranted(grant_id="g", person_id="wang", role="volunteer", path="demo"),
        set(),
    ),
    "role revoked": (
        RoleRevoked(grant_id="g", person_id="wang", role="committee_staff", path="demo"),
        {"wang", "wang for sun", "wang for zhao"},
    ),
    "rights narrowed": (
        RightsNarrowed(person_id="wang"),
        {"wang", "wang for sun", "wang for zhao"},
    ),
    "session revoked": (
        SessionRevoked(session_id="s-wang", person_id="wang"),
        {"wang", "wang for sun", "wang for zhao"},
    ),
    "assistance ended": (
        AssistanceEnded(assistance_id="a", helper_id="wang", subject_id=HELPED),
        {"wang for sun"},
    ),
    "subject deleted": (PersonDeleted(person_id=HELPED), {"sun", "wang for sun"}),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_ends_a_right_reaches_the_gateway_at_once(
    ending: str, amqp_url: str, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """A role taken in the middle of a session, and the helper's tokens with it."""
    signer = Signer(tmp_path)
    tokens = {
        "wang": signer.token("wang", session_id="s-wang"),
        "sun": signer.token("sun", session_id="s-sun"),
        "wang for sun": signer.token("sun", session_id="s-wang", act={"sub": "wang"}),
        "wang for zhao": signer.token("zhao", session_id="s-wang", act={"sub": "wang"}),
    }
    event, ended = ENDINGS[ending]
    async with FakeService(amqp_url, "feed") as feed:
        feed.answers["list_posts"] = lambda _: {"json": '{"items":[]}', "xmin": 1}
        settings = make_settings(amqp_url=amqp_url)
        app = create_app(settings, verifier=TokenVerifier(signer.jwks_file))
        async with serving(app) as (address, _), httpx.AsyncClient(base_url=address) as client:

            async def answers() -> dict[str, int]:
                found = {}
                for who, token in tokens.items():
                    client.headers["Authorization"] = f"Bearer {token}"
                    found[who] = (await client.get("/api/v1/communities/c1/posts")).status_code
                return found

            async def refused() -> bool:
                return {who for who, status in (await answers()).items() if status == 401} == ended

            await eventually(lambda: status(client, "/readyz", 200))
            assert set((await answers()).values()) == {200}

            await publish(amqp_url, event)
            told = time.monotonic()
            await eventually(refused)
            assert time.monotonic() - told < 5.0, "by the event, not by asking"
            assert set((await answers()).values()) == ({200, 401} if ended else {200})


async def test_what_ended_while_nobody_listened_is_asked_for_at_the_start_and_after_a_break(
    amqp_url: str, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """While identity is silent the gateway goes on with what it knows, and asks again."""
    signer = Signer(tmp_path)
    tokens = {
        "wang": signer.token("wang", session_id="s-wang"),
        "sun": signer.token("sun", session_id="s-sun"),
        "wang for sun": signer.token("sun", session_id="s-wang", act={"sub": "wang"}),
        "zhao": signer.token("zhao", session_id="s-zhao"),
    }
    ended: dict[str, list[dict[str, str]]] = {"sessions": [], "people": [], "helps": []}
    async with (
        TcpProxy(amqp_url) as proxy,
        FakeService(amqp_url, "feed") as feed,
        FakeService(amqp_url, "identity") as identity,
    ):
        feed.answers["list_posts"] = lambda _: {"json": '{"items":[]}', "xmin": 1}
        identity.answers["list_revocations"] = lambda _: {"data": ended}
        at = datetime.now(UTC) + timedelta(seconds=1)
        ended["sessions"].append({"session_id": "s-sun", "person_id": "sun", "at": at.isoformat()})
        ended["helps"].append({"helper_id": "wang", "subject_id": "sun", "at": at.isoformat()})
        app = create_app(
            make_settings(amqp_url=proxy.url), verifier=TokenVerifier(signer.jwks_file)
        )
        async with serving(app) as (address, _), httpx.AsyncClient(base_url=address) as client:

            async def refused(wanted: set[str]) -> bool:
                found = set()
                for who, token in tokens.items():
                    client.headers["Authorization"] = f"Bearer {token}"
                    answer = await client.get("/api/v1/communities/c1/posts")
                    if answer.status_code not in (200, 401):
                        return False
                    if answer.status_code == 401:
                        found.add(who)
                return found == wanted

            await eventually(lambda: refused({"sun", "wang for sun"}))

            def away(_: Request) -> None:
                raise Unavailable()

            identity.answers["list_revocations"] = away
            await proxy.refuse()
            await eventually(lambda: status(client, "/readyz", 503))
            before = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
            after = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
            ended["people"] = [
                {"person_id": "wang", "at": after},
                {"person_id": "zhao", "at": before},
            ]
            asked = len(identity.requests)
            await proxy.accept()
            await until(lambda: len(identity.requests) >= asked + 2)
            assert await refused({"sun", "wang for sun"})

            identity.answers["list_revocations"] = lambda _: {"data": ended}
            await eventually(lambda: refused({"sun", "wang for sun", "wang"}))
