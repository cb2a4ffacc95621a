"""The asyncio RPC client against a real broker and a service that speaks nameko's protocol."""

import asyncio
import contextlib
import time
from typing import Any

import pytest
from aio_pika import connect

from services.contracts.errors import (
    FieldError,
    Internal,
    NotBuilt,
    NotFound,
    TimedOut,
    Unavailable,
)
from services.kit import aio_link
from services.kit.aio_rpc import Reply, RpcClient
from tests.gateway.responder import FakeService
from tests.gateway.tcp_proxy import TcpProxy
from tests.gateway.waiting import eventually, until


async def test_answer_passes_through_as_bytes(client: RpcClient, feed: FakeService) -> None:
    text = '{"items":[],"邻里":"互助", "spacing" :1}'
    feed.answers["list_posts"] = lambda _: {"json": text, "xmin": 712}

    reply = await client.call("feed", "list_posts", {"limit": 5})

    assert reply == Reply(body=text.encode(), xmin=712)
    assert feed.requests[0].kwargs == {"limit": 5}


async def test_plain_data_becomes_json(client: RpcClient, feed: FakeService) -> None:
    feed.answers["like"] = lambda _: {"data": {"like_count": 3}, "xid": 99, "replayed": True}

    reply = await client.call("feed", "like", {})

    assert reply.data == {"like_count": 3}
    assert (reply.xid, reply.replayed) == (99, True)


async def test_context_travels_in_headers_and_what_is_absent_does_not(
    client: RpcClient, feed: FakeService
) -> None:
    feed.answers["create_post"] = lambda _: {"data": None}

    await client.call(
        "feed",
        "create_post",
        {},
        token="t0ken",
        request_id="r1",
        traceparent="00-a-b-01",
        idempotency_key="k1",
        body_hash="h1",
        language="en",
        timeout=3,
    )
    await client.call("feed", "create_post", {})

    first, second = feed.requests
    names = ("token", "request_id", "traceparent", "idempotency_key", "body_hash", "language")
    assert [first.context(n) for n in names] == ["t0ken", "r1", "00-a-b-01", "k1", "h1", "en"]
    assert first.context("call_id_stack")[0].startswith("gateway.")
    assert set(second.headers) == {"nameko.call_id_stack"}
    assert first.message.expiration == 3
    assert first.message.delivery_mode == 1
    assert first.message.correlation_id != second.message.correlation_id


async def test_error_of_the_service_keeps_code_texts_and_fields(
    client: RpcClient, feed: FakeService
) -> None:
    class QrRevoked(NotFound):
        code = "identity.qr_revoked"
        zh, en = "停用", "revoked"

    def refuse(_: Any) -> None:
        raise QrRevoked("gone", errors=[FieldError("token", "old")])

    feed.answers["resolve_qr"] = refuse

    with pytest.raises(NotFound) as caught:
        await client.call("feed", "resolve_qr", {})

    error = caught.value
    assert (error.status, error.code, error.zh, error.detail) == (
        404,
        "identity.qr_revoked",
        "停用",
        "gone",
    )
    assert error.errors == [FieldError("token", "old")]


async def test_method_that_the_service_has_not_yet_is_not_built(
    client: RpcClient, feed: FakeService
) -> None:
    with pytest.raises(NotBuilt):
        await client.call("feed", "dream", {})


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b'{"result": 5}', b'{"error": "what"}', b"\xff"]
)
async def test_reply_that_is_not_one_is_our_fault(
    client: RpcClient, feed: FakeService, body: bytes
) -> None:
    feed.silent.add("odd")
    call = asyncio.create_task(client.call("feed", "odd", {}))
    await until(lambda: feed.requests)

    await feed.raw(feed.requests[0], body)

    with pytest.raises(Internal):
        await call


async def test_unknown_service_is_unavailable_at_once(client: RpcClient) -> None:
    started = time.perf_counter()

    with pytest.raises(Unavailable) as caught:
        await client.call("nobody", "hello", {}, timeout=5)

    assert time.perf_counter() - started < 1
    assert not isinstance(caught.value, TimedOut)
    assert caught.value.retry_after == 2
    assert client.waiting == 0


async def test_silent_service_times_out_and_its_late_answer_is_dropped(
    client: RpcClient, feed: FakeService
) -> None:
    feed.silent.add("slow")
    feed.answers["quick"] = lambda _: {"data": 1}

    with pytest.raises(TimedOut) as caught:
        await client.call("feed", "slow", {}, timeout=0.1)
    await feed.answer(feed.requests[0], {"result": {"data": "late"}, "error": None})

    assert caught.value.retry_after == 2
    assert (await client.call("feed", "quick", {})).data == 1
    assert client.waiting == 0


async def test_request_that_nobody_fetched_is_dropped_by_the_broker(
    client: RpcClient, amqp_url: str
) -> None:
    connection = await connect(amqp_url)
    channel = await connection.channel()
    queue = await channel.declare_queue("rpc-asleep", auto_delete=True)
    await queue.bind("nameko-rpc", "asleep.*")

    with pytest.raises(TimedOut):
        await client.call("asleep", "hello", {}, timeout=0.1)

    async def empty() -> bool:
        waiting = await channel.declare_queue("rpc-asleep", passive=True)
        return waiting.declaration_result.message_count == 0

    try:
        await eventually(empty)
    finally:
        await connection.close()


async def test_cancelled_caller_leaves_nothing_behind(client: RpcClient, feed: FakeService) -> None:
    feed.silent.add("slow")
    call = asyncio.create_task(client.call("feed", "slow", {}))
    await until(lambda: feed.requests)

    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert client.waiting == 0


async def test_many_calls_get_their_own_answers(client: RpcClient, feed: FakeService) -> None:
    feed.answers["echo"] = lambda request: {"data": request.kwargs["n"]}

    replies = await asyncio.gather(*(client.call("feed", "echo", {"n": n}) for n in range(300)))

    assert [reply.data for reply in replies] == list(range(300))


async def test_cut_connection_fails_all_waiting_calls_at_once_and_comes_back(
    amqp_url: str, feed: FakeService
) -> None:
    feed.silent.add("slow")
    feed.answers["quick"] = lambda _: {"data": "back"}
    async with TcpProxy(amqp_url) as proxy:
        client = RpcClient(proxy.url)
        await client.start()
        assert await client.wait_attached(10)
        calls = [
            asyncio.create_task(client.call("feed", "slow", {}, timeout=30)) for _ in range(50)
        ]
        await until(lambda: len(feed.requests) == 50)

        started = time.perf_counter()
        await proxy.refuse()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        failed_after = time.perf_counter() - started

        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        assert failed_after < 1
        assert client.waiting == 0
        assert not client.attached

        started = time.perf_counter()
        with pytest.raises(Unavailable):
            await client.call("feed", "quick", {}, timeout=30)
        assert time.perf_counter() - started < 0.05

        await proxy.accept()
        assert await client.wait_attached(10)
        assert (await client.call("feed", "quick", {})).data == "back"
        await client.close()


async def test_connection_cut_while_sending_fails_the_senders(
    amqp_url: str, feed: FakeService
) -> None:
    """The writer is stuck in a full socket when the connection ends."""
    feed.silent.add("slow")
    async with TcpProxy(amqp_url) as proxy:
        client = RpcClient(proxy.url)
        await client.start()
        assert await client.wait_attached(10)
        proxy.stall()
        load = {"text": "x" * 500_000}
        calls = [
            asyncio.create_task(client.call("feed", "slow", load, timeout=30)) for _ in range(80)
        ]
        await until(lambda: client.waiting == 80)

        started = time.perf_counter()
        proxy.cut()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)

        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        assert time.perf_counter() - started < 3
        proxy.resume()
        assert await client.wait_attached(10)
        await client.close()


async def test_stalled_connection_is_bounded_by_the_timeout(
    amqp_url: str, feed: FakeService
) -> None:
    async with TcpProxy(amqp_url) as proxy:
        client = RpcClient(proxy.url)
        await client.start()
        assert await client.wait_attached(10)
        proxy.stall()

        started = time.perf_counter()
        with pytest.raises(TimedOut):
            await client.call("feed", "quick", {}, timeout=0.2)

        assert 0.15 < time.perf_counter() - started < 1
        proxy.resume()
        await client.close()


async def test_many_cuts_in_a_row_leave_a_working_client(amqp_url: str, feed: FakeService) -> None:
    feed.answers["quick"] = lambda _: {"data": 1}
    async with TcpProxy(amqp_url) as proxy:
        client = RpcClient(proxy.url)
        await client.start()
        for _ in range(5):
            assert await client.wait_attached(10)
            assert (await client.call("feed", "quick", {})).data == 1
            proxy.cut()
            await until(lambda: not client.attached)
        await client.close()


async def test_lost_reply_queue_is_noticed(
    client: RpcClient, feed: FakeService, amqp_url: str
) -> None:
    """The broker may take the queue away, as when its node goes down."""
    feed.answers["quick"] = lambda _: {"data": 1}
    first = client._reply_key

    await client._channel.queue_delete(f"rpc.reply-gateway-{first}")  # type: ignore[union-attr]
    await until(lambda: client._reply_key != first and client.attached)

    assert (await client.call("feed", "quick", {})).data == 1


async def test_broker_that_is_not_there_yet_refuses_calls_and_close_ends_the_waiting(
    amqp_url: str,
) -> None:
    proxy = TcpProxy(amqp_url)
    await proxy.accept()
    await proxy.refuse()
    client = RpcClient(proxy.url)
    await client.start()

    assert not await client.wait_attached(0.3)
    with pytest.raises(Unavailable):
        await client.call("feed", "quick", {})

    await client.close()


async def test_closing_fails_who_waits(client: RpcClient, feed: FakeService) -> None:
    feed.silent.add("slow")
    call = asyncio.create_task(client.call("feed", "slow", {}))
    await until(lambda: feed.requests)

    await client.close()

    with pytest.raises(Unavailable):
        await call


@pytest.mark.slow
async def test_link_that_stands_but_carries_nothing_is_given_up(
    amqp_url: str, feed: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall that forgot the connection: no reset ever comes, only heartbeats stay away."""
    monkeypatch.setattr("services.kit.aio_link.HEARTBEAT_SECONDS", 1)
    feed.answers["quick"] = lambda _: {"data": 1}
    async with TcpProxy(amqp_url) as proxy:
        client = RpcClient(proxy.url)
        await client.start()
        assert await client.wait_attached(10)
        waiting = asyncio.create_task(client.call("feed", "quick", {}, timeout=60))
        proxy.stall()

        await until(lambda: not client.attached, 15)
        with contextlib.suppress(Unavailable):
            await waiting
        proxy.resume()
        proxy.cut()
        assert await client.wait_attached(15)
        assert (await client.call("feed", "quick", {})).data == 1
        await client.close()


async def test_while_the_broker_blocks_publishing_a_call_fails_at_once(
    client: RpcClient, feed: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.answers["list_posts"] = lambda _: {"data": 1}
    blocked = True

    async def blocks(_: object) -> bool:
        return blocked

    monkeypatch.setattr(aio_link, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(aio_link, "_blocks", blocks)
    await until(lambda: not client.attached)
    with pytest.raises(Unavailable):
        await client.call("feed", "list_posts", {})
    blocked = False
    await until(lambda: client.attached)
    assert (await client.call("feed", "list_posts", {})).data == 1
