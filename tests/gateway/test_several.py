"""Several gateways side by side: they share nothing but the broker, the files and Redis."""

import asyncio
import json
import signal
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aio_pika
import httpx
from joserfc.jwk import OKPKey

from deploy.local.system import free_port
from services.contracts.events import Event, SessionRevoked
from services.contracts.ids import new_id
from tests.gateway.files import photo
from tests.gateway.listeners import listening, news
from tests.gateway.processes import answers, environment, key, process, token_of
from tests.gateway.responder import FakeService, Request
from tests.gateway.waiting import eventually, until
from tests.support import redis_server

__all__ = ["environment", "key"]  # fixtures

PERSON, LEAVER = new_id(), new_id()
POSTS = "/api/v1/communities/c1/posts"
CODE = {"phone": "13800000001"}
COMMENTS, COMMENT = "/api/v1/posts/p1/comments", {"body": "已经报修"}


class Inbox:
    """Notify's inbox of one person, newest first."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def page(self, _: Request) -> dict[str, Any]:
        shown = {"kind", "title", "link", "why", "created_at"}
        items = [
            {
                "id": item.notification_id,
                "read": False,
                **item.model_dump(mode="json", include=shown),
            }
            for item in reversed(self.items)
        ]
        body = {"items": items, "next_cursor": None, "unread": len(items)}
        return {"json": json.dumps(body, ensure_ascii=False)}


class Kept:
    """A service that keeps its answers under the client's key, as the kit does."""

    def __init__(self) -> None:
        self.done: dict[str, str] = {}

    def create(self, request: Request) -> dict[str, Any]:
        told = str(request.context("idempotency_key"))
        again = told in self.done
        body = self.done.setdefault(told, json.dumps({"id": f"post-{len(self.done)}"}))
        return {"json": body, "xid": 7, "replayed": again}


async def say(amqp_url: str, *events: Event) -> None:
    """As a service's relay does."""
    async with await aio_pika.connect(amqp_url) as link:
        channel = await link.channel()
        for event in events:
            exchange = await channel.declare_exchange(event.EXCHANGE, "topic", durable=True)
            message = aio_pika.Message(
                event.model_dump_json().encode(),
                content_type="application/json",
                headers={"cloudEvents:id": new_id(), "cloudEvents:type": event.TYPE},
            )
            await exchange.publish(message, event.TYPE, mandatory=False)


async def test_two_gateways_are_one_door_and_one_of_them_leaves_without_losing_a_word(
    environment: dict[str, str], amqp_url: str, key: OKPKey, tmp_path: Path
) -> None:
    inbox, kept = Inbox(), Kept()
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(redis_server.running(tmp_path))
        feed = await stack.enter_async_context(
            FakeService(amqp_url, "feed", {"create_post": kept.create}, silent={"create_comment"})
        )
        await stack.enter_async_context(
            FakeService(amqp_url, "notify", {"list_notifications": inbox.page})
        )
        await stack.enter_async_context(
            FakeService(amqp_url, "identity", {"request_code": lambda _: {"data": {}}})
        )
        urls, gateways = [], []
        for _ in range(2):
            mine = {
                "SHEQU_PORT": str(free_port()),
                "SHEQU_HEALTH_PORT": "0",
                "SHEQU_REDIS_URL": redis,
                "SHEQU_RATE_LIMITS": "on",
                "SHEQU_LEAVE_SECONDS": "2",
                "SHEQU_DRAIN_SECONDS": "20",
            }
            gateways.append(await stack.enter_async_context(process({**environment, **mine})))
            urls.append(f"http://127.0.0.1:{mine['SHEQU_PORT']}")
        one, other = urls
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        for url in urls:
            await eventually(partial(answers, client, f"{url}/readyz", 200), 90)
        mine = {"Authorization": f"Bearer {token_of(key, PERSON)}"}
        hers = {"Authorization": f"Bearer {token_of(key, LEAVER)}"}

        # a repeat by way of the other one is answered as the first time
        post = {"module": "nearby", "title": "路灯", "body": "不亮了"}
        once = {**mine, "Idempotency-Key": "k-1"}
        first, again = [await client.post(url + POSTS, json=post, headers=once) for url in urls]
        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        assert again.headers["idempotency-replayed"] == "true"

        # limits are counted together
        codes = await asyncio.gather(
            *(client.post(f"{url}/api/v1/auth/codes", json=CODE) for url in urls * 10)
        )
        assert sorted(answer.status_code for answer in codes) == [202] * 10 + [429] * 10

        # a file stored by one is read from the other
        files = {"file": ("a.jpg", photo(), "image/jpeg")}
        stored = await client.post(f"{one}/api/v1/uploads", files=files, headers=mine)
        assert stored.status_code == 201, stored.text
        file = f"/api/v1/uploads/{stored.json()['id']}"
        for url in urls:
            assert (await client.get(url + file, headers=hers)).status_code == 200

        # what ends a session ends it everywhere
        await say(amqp_url, SessionRevoked(session_id=f"s-{LEAVER}", person_id=LEAVER))
        for url in urls:
            await eventually(partial(answers, client, url + file, 401, hers))

        # streams and requests under way when one is told to leave
        words = [news(number, PERSON) for number in range(3)]
        async with listening(one, token_of(key, PERSON)) as stream:
            await until(lambda: stream.greeted)
            inbox.items.append(words[0])
            await say(amqp_url, words[0])
            await until(lambda: stream.told)
            waiting = [
                asyncio.create_task(client.post(one + COMMENTS, json=COMMENT, headers=mine))
                for _ in range(20)
            ]
            await until(
                lambda: len([r for r in feed.requests if r.method == "create_comment"]) == 20
            )
            began = time.monotonic()
            gateways[0].send_signal(signal.SIGTERM)
            await until(lambda: stream.ended)
            assert stream.said_bye
            # not ready first, the listener closes later
            assert await answers(client, f"{one}/readyz", 503)
            await eventually(partial(refused, f"{one}/healthz"))
            inbox.items.append(words[1])
            await say(amqp_url, words[1])  # nobody hears it
            for number, request in enumerate(
                r for r in feed.requests if r.method == "create_comment"
            ):
                await feed.answer(request, {"result": {"json": f"[{number}]"}, "error": None})
            got = await asyncio.gather(*waiting)
            assert sorted(answer.json()[0] for answer in got) == list(range(20))
            assert {answer.status_code for answer in got} == {201}
            assert await asyncio.wait_for(gateways[0].wait(), 20) == 0
            assert time.monotonic() - began < 15
            last = stream.ids[-1]

        # the client comes to the other one with what it had last
        async with listening(other, token_of(key, PERSON), last) as stream:
            await until(lambda: stream.told)
            inbox.items.append(words[2])
            await say(amqp_url, words[2])
            await until(lambda: len(stream.told) == 2)
        assert stream.titles == ["第1条", "第2条"]


async def refused(url: str) -> bool:
    try:
        async with httpx.AsyncClient() as fresh:
            await fresh.get(url)
    except httpx.TransportError:
        return True
    return False
