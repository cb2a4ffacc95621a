"""Reads of a method travel together while others are under way, each with its own answer."""

import asyncio
import contextlib
from typing import Any

import pytest

from services.contracts.errors import Internal, NotFound, TimedOut, Unavailable
from services.kit import aio_rpc, wire
from services.kit.aio_rpc import Reply, RpcClient
from tests.gateway.responder import FakeService, Request
from tests.gateway.waiting import until


@pytest.fixture
def feed(feed: FakeService) -> FakeService:
    feed.answers["list_posts"] = said
    return feed


def said(request: Request) -> dict[str, Any]:
    """The number that was asked for, and by whom; several at a time as the kit does it."""
    if not request.context(wire.TOGETHER):
        return one(request.kwargs, request.context(wire.TOKEN))
    calls = request.kwargs["calls"]
    return {"answers": [{"result": one(c["kwargs"], c["context"]["token"])} for c in calls]}


def one(kwargs: dict[str, Any], token: str) -> dict[str, Any]:
    return {"json": f'{{"n":{kwargs["n"]},"by":"{token}"}}', "xmin": kwargs["n"] + 1}


def ask(client: RpcClient, *numbers: int, timeout: float = 5) -> list[asyncio.Task[Reply]]:
    return [
        asyncio.create_task(
            client.call(
                "feed", "list_posts", {"n": n}, token=f"t{n}", timeout=timeout, together=True
            )
        )
        for n in numbers
    ]


def sizes(feed: FakeService) -> list[int]:
    return [len(request.kwargs.get("calls", ["alone"])) for request in feed.requests]


async def held(client: RpcClient, feed: FakeService) -> list[asyncio.Task[Reply]]:
    """As many as may be under way, each alone, and unanswered."""
    feed.silent.add("list_posts")
    first = ask(client, *range(aio_rpc.MOST_UNDER_WAY))
    await until(lambda: len(feed.requests) == aio_rpc.MOST_UNDER_WAY)
    feed.silent.clear()
    return first


async def let_go(feed: FakeService) -> None:
    for request in feed.requests[: aio_rpc.MOST_UNDER_WAY]:
        await feed.answer(request, {"result": said(request), "error": None})


async def test_a_read_goes_at_once_and_alone_when_nothing_is_going_on(
    client: RpcClient, feed: FakeService
) -> None:
    (asked,) = ask(client, 7)
    assert await asked == Reply(b'{"n":7,"by":"t7"}', xmin=8)
    assert feed.requests[0].kwargs == {"n": 7}


async def test_what_arrives_meanwhile_goes_together_and_each_gets_its_own_answer(
    client: RpcClient, feed: FakeService
) -> None:
    first = await held(client, feed)
    numbers = range(100, 100 + aio_rpc.MOST_TOGETHER + 5)
    rest = ask(client, *numbers)
    await asyncio.sleep(0)
    await let_go(feed)
    assert [(await asked).xmin for asked in (*first, *rest)] == [1, 2, *(n + 1 for n in numbers)]
    assert [(await asked).data["by"] for asked in rest] == [f"t{n}" for n in numbers]
    assert sizes(feed) == [1, 1, aio_rpc.MOST_TOGETHER, 5]


async def test_other_methods_and_what_may_not_go_together_do_not_wait(
    client: RpcClient, feed: FakeService
) -> None:
    feed.answers["get_post"] = lambda _: {"json": "1"}
    first = await held(client, feed)
    assert (await client.call("feed", "get_post", {}, together=True)).body == b"1"
    assert (await client.call("feed", "list_posts", {"n": 5}, token="t5")).xmin == 6
    await let_go(feed)
    await asyncio.gather(*first)


async def test_an_error_among_others_is_its_callers_own_and_an_empty_answer_is_asked_for_alone(
    client: RpcClient, feed: FakeService
) -> None:
    refused = {"exc_type": "RpcFailure", "exc_args": [NotFound().to_wire()]}

    def mixed(request: Request) -> dict[str, Any]:
        answer = said(request)
        for number, call in enumerate(request.kwargs.get("calls", ())):
            if call["kwargs"]["n"] == 51:
                answer["answers"][number] = {"error": refused}
            if call["kwargs"]["n"] == 52:
                answer["answers"][number] = {}
        return answer

    first = await held(client, feed)
    feed.answers["list_posts"] = mixed
    rest = ask(client, 50, 51, 52)
    await asyncio.sleep(0)
    await let_go(feed)
    got = await asyncio.gather(*first, *rest, return_exceptions=True)
    assert isinstance(got[3], NotFound)
    assert [reply.xmin for reply in (got[2], got[4]) if isinstance(reply, Reply)] == [51, 53]
    assert sizes(feed) == [1, 1, 3, 1]
    assert feed.requests[-1].kwargs == {"n": 52}
    assert feed.requests[-1].context(wire.TOKEN) == "t52"


@pytest.mark.parametrize("answers", [None, [], [{}, {}, {}], "xy"], ids=repr)
async def test_a_message_that_is_no_answer_to_all_is_an_error_to_each(
    client: RpcClient, feed: FakeService, answers: Any
) -> None:
    first = await held(client, feed)
    feed.answers["list_posts"] = lambda _: {"answers": answers}
    rest = ask(client, 50, 51)
    await asyncio.sleep(0)
    await let_go(feed)
    got = await asyncio.gather(*rest, return_exceptions=True)
    assert [type(error) for error in got] == [Internal, Internal]
    await asyncio.gather(*first)


async def test_each_waits_no_longer_than_she_said_and_what_is_given_up_is_not_sent(
    client: RpcClient, feed: FakeService
) -> None:
    first = await held(client, feed)
    (patient,) = ask(client, 60)
    (hasty,) = ask(client, 61, timeout=0.05)
    (gone,) = ask(client, 62)
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(TimedOut):
        await hasty
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    await let_go(feed)
    assert (await patient).xmin == 61
    await asyncio.gather(*first)
    assert sizes(feed) == [1, 1, 1]


async def test_a_service_that_is_away_is_away_for_all(client: RpcClient) -> None:
    got = await asyncio.gather(*ask(client, *range(40)), return_exceptions=True)
    assert {type(error) for error in got} == {Unavailable}
