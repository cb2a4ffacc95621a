"""The live stream: quick, resumable, bounded, and gone when it must be."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.live import QUEUE_LENGTH, STREAMS_PER_PERSON, Hub
from services.contracts.actor import Role
from services.contracts.errors import TimedOut
from services.contracts.events import (
    EmergencyCounted,
    EmergencyTold,
    NotificationCreated,
    PersonDeleted,
    RoleRevoked,
    SessionRevoked,
)
from services.contracts.ids import new_id
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import PERSON, SHANGYUAN, FakeRpc, FakeVerifier
from tests.gateway.listeners import listening, news
from tests.gateway.serving import serving
from tests.gateway.waiting import until

NEIGHBOUR = "01900000-0000-7000-8000-000000000002"


def tell(app: FastAPI, *events: Any) -> None:
    """The hub hears events as the broker delivers them."""
    for event in events:
        app.state.gate.hub.on_event(
            event.model_dump(mode="json"),
            {"cloudEvents:id": new_id(), "cloudEvents:type": event.TYPE},
        )


@dataclass
class Inbox:
    """Notify's inbox as the gateway asks for it, newest first."""

    items: list[NotificationCreated] = field(default_factory=list)
    away: bool = False
    quiet: bool = False

    def page(self, asked: Any) -> dict[str, Any]:
        if self.away:
            raise TimedOut()
        start, limit = int(asked.kwargs.get("cursor", "0")), asked.kwargs["limit"]
        newest = sorted(self.items, key=lambda item: item.notification_id, reverse=True)
        end = start + limit
        return {
            "items": [
                {
                    "id": item.notification_id,
                    "read": False,
                    **item.model_dump(
                        mode="json",
                        include={"kind", "title", "link", "why", "created_at", "lane"},
                    ),
                }
                for item in newest[start:end]
            ],
            "next_cursor": str(end) if end < len(newest) else None,
            "unread": len(newest),
            "quiet": self.quiet,
        }


@pytest.fixture
def inbox(rpc: FakeRpc) -> Inbox:
    inbox = Inbox()
    rpc.answers["list_notifications"] = inbox.page
    return inbox


@pytest.fixture
def hub(app: FastAPI) -> Hub:
    hub: Hub = app.state.gate.hub
    return hub


async def test_news_come_as_they_happen_and_only_ones_own(
    app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    mine, next_doors = news(1, unread=4), news(2, person=NEIGHBOUR)
    async with serving(app) as (address, _):
        async with listening(address, verifier.token(Role.RESIDENT)) as stream:
            await until(lambda: hub.count == 1)
            tell(app, next_doors, mine)
            await until(lambda: stream.told)

        assert stream.ids == [mine.notification_id]
        assert stream.told == [
            {
                "id": mine.notification_id,
                "kind": "issue.answered",
                "title": "第1条",
                "link": "/issues/i1",
                "why": "你上报了此问题",
                "unread": 4,
                "created_at": stream.told[0]["created_at"],
                "lane": "ordinary",
                "silent": False,
            }
        ]
        await until(lambda: hub.count == 0)  # and the place of a client that left is free


async def test_broken_stream_takes_up_where_it_ended(
    app: FastAPI, verifier: FakeVerifier, inbox: Inbox
) -> None:
    inbox.items = [news(n) for n in range(250)]
    last = inbox.items[19].notification_id
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT), last) as stream,
    ):
        await until(lambda: len(stream.told) >= 230)
        live = news(1000)
        inbox.items.append(live)
        tell(app, live)
        await until(lambda: len(stream.told) >= 231)

    assert stream.titles == [f"第{n}条" for n in (*range(20, 250), 1000)]


async def test_fresh_stream_begins_with_now(
    app: FastAPI, verifier: FakeVerifier, inbox: Inbox, rpc: FakeRpc, hub: Hub
) -> None:
    inbox.items = [news(-120_000 - n) for n in range(5)]
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT)) as stream,
    ):
        await until(lambda: hub.count == 1)
        assert rpc.calls == []
        hub.on_attached()  # something may have been missed: only what is newer than the stream
        await until(lambda: rpc.calls)
        tell(app, news(1))
        await until(lambda: stream.told)

    assert stream.titles == ["第1条"]


async def test_in_quiet_hours_what_is_looked_up_is_silent_but_an_emergency(
    app: FastAPI, verifier: FakeVerifier, inbox: Inbox
) -> None:
    inbox.quiet = True
    seen, missed = news(1), news(2)
    inbox.items = [seen, missed, news(3).model_copy(update={"lane": "emergency"})]
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT), seen.notification_id) as stream,
    ):
        await until(lambda: len(stream.told) >= 2)
        tell(app, news(4).model_copy(update={"silent": True, "lane": "duty"}))
        await until(lambda: len(stream.told) >= 3)

    assert [(word["lane"], word["silent"]) for word in stream.told] == [
        ("ordinary", True),
        ("emergency", False),
        ("duty", True),
    ]


async def test_what_was_missed_while_the_broker_was_away_is_looked_up(
    app: FastAPI, verifier: FakeVerifier, inbox: Inbox, hub: Hub
) -> None:
    first, missed, later = news(1), news(2), news(3)
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT)) as stream,
    ):
        await until(lambda: hub.count == 1)
        inbox.items.append(first)
        tell(app, first)
        await until(lambda: stream.told)
        hub.on_lost()
        inbox.items.append(missed)
        hub.on_attached()
        await until(lambda: len(stream.told) == 2)
        inbox.items.append(later)
        tell(app, later)
        await until(lambda: len(stream.told) == 3)

    assert stream.titles == ["第1条", "第2条", "第3条"]


def told_to_all(path: str) -> EmergencyTold:
    """A word to so many that each was not told by an event of her own."""
    return EmergencyTold(
        emergency_id="e1",
        community_id="c1",
        path=path,
        drill=False,
        broadcast_id=new_id(int(time.time() * 1000) - 60_000),
        kind="call",
        to="all",
        told=4_000,
        actor_id="p-shi",
        actor_role="secretary",
    )


async def test_a_word_to_thousands_is_looked_for_by_whom_it_may_concern(
    app: FastAPI, verifier: FakeVerifier, inbox: Inbox, rpc: FakeRpc, hub: Hub
) -> None:
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT)) as stream,
    ):
        await until(lambda: hub.count == 1)
        tell(app, told_to_all("demo.luodian.haixing"))
        tell(app, later := news(5))
        await until(lambda: stream.told)
        assert not rpc.calls, "nobody of that village listens"
        word = told_to_all(f"{SHANGYUAN}.b3")
        call = news(1).model_copy(update={"notification_id": word.broadcast_id})
        inbox.items += [call, later]
        tell(app, word)
        await until(lambda: len(stream.told) == 2)

    assert stream.titles == ["第5条", "第1条"]


async def test_figures_of_an_emergency_come_to_who_reads_them_the_newest_alone(
    app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    figures = [counted("e1", 9, silent) for silent in (9, 4)]
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.COMMITTEE_STAFF)) as desk,
        listening(address, verifier.token(Role.RESIDENT, person=NEIGHBOUR)) as resident,
    ):
        await until(lambda: hub.count == 2)
        tell(app, *figures, news(1, person=NEIGHBOUR))
        await until(lambda: desk.told and resident.told)
    assert [(word["silent"], word["safe"]) for word in desk.told] == [(4, 5)]
    assert "path" not in desk.told[0]
    assert resident.titles == ["第1条"]


def counted(emergency: str, households: int, silent: int) -> EmergencyCounted:
    return EmergencyCounted(
        emergency_id=emergency, community_id="c1", path=SHANGYUAN, drill=False,
        households=households, silent=silent, safe=households - silent, help=0, absent=0, moved=0,
    )  # fmt: skip


async def test_figures_of_few_households_come_to_nobody_who_only_watches(
    app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.COMMITTEE_STAFF)) as desk,
        listening(address, verifier.token(Role.OBSERVER, person=NEIGHBOUR)) as watcher,
    ):
        await until(lambda: hub.count == 2)
        tell(app, counted("e1", 9, 4), counted("e2", 10, 5))
        await until(lambda: len(desk.told) == 2 and watcher.told)
    assert [word["emergency_id"] for word in watcher.told] == ["e2"]


async def test_stream_stays_while_the_inbox_is_away(
    app: FastAPI,
    verifier: FakeVerifier,
    inbox: Inbox,
    rpc: FakeRpc,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.stream.RETRY_INBOX_SECONDS", 0.02)
    inbox.items = [news(1), news(2)]
    inbox.away = True
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT), inbox.items[0].notification_id) as stream,
    ):
        await until(lambda: len(rpc.calls) >= 3)
        assert not stream.told
        inbox.away = False
        await until(lambda: stream.told)

    assert stream.titles == ["第2条"]


async def test_slow_client_loses_its_queue_not_its_news(
    app: FastAPI, verifier: FakeVerifier, inbox: Inbox, hub: Hub
) -> None:
    flood = [news(n) for n in range(QUEUE_LENGTH + 50)]
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT)) as stream,
    ):
        await until(lambda: hub.count == 1)
        inbox.items.extend(flood)
        tell(app, *flood)  # all before the stream has had a turn
        waiting = next(iter(hub._streams.values()))[0].waiting
        assert len(waiting) <= QUEUE_LENGTH
        await until(lambda: len(stream.told) == len(flood))

    assert stream.titles == [f"第{n}条" for n in range(len(flood))]


async def test_a_client_that_takes_nothing_is_let_go_and_one_that_reads_slowly_is_not(
    app: FastAPI, verifier: FakeVerifier, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.protocol.BoundedProtocol.write_seconds", 0.5)
    flood = [news(n).model_copy(update={"title": "字" * 50_000}) for n in range(QUEUE_LENGTH - 1)]
    token = verifier.token(Role.RESIDENT)
    async with serving(app) as (address, _):
        streams = [await taking_nothing(address, token) for _ in range(2)]
        await until(lambda: hub.count == 2)
        slow, left = hub.count, 0

        async def read_slowly() -> None:
            nonlocal left
            while hub.count == slow:
                left += len(await streams[0][0].read(65_536))
                await asyncio.sleep(0.05)

        reading = asyncio.create_task(read_slowly())
        tell(app, *flood)
        await until(lambda: hub.count == 1, limit=20)
        await reading
        (kept,) = (stream for own in hub._streams.values() for stream in own)
        assert left and not kept.closed, "it is the one that read"
        for _, writer in streams:
            writer.close()
        await until(lambda: hub.count == 0)


async def taking_nothing(
    address: str, token: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client of the stream that reads only when it is asked to, and keeps little."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)
    host, port = address.removeprefix("http://").split(":")
    await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=connection, limit=4_096)
    head = f"GET /api/v1/me/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}"
    writer.write(f"{head}\r\n\r\n".encode())
    return reader, writer


async def test_idle_stream_shows_that_it_lives(
    make_app: Callable[..., FastAPI], verifier: FakeVerifier
) -> None:
    app = make_app(stream_beat_seconds=0.02)
    async with (
        serving(app) as (address, _),
        listening(address, verifier.token(Role.RESIDENT)) as stream,
    ):
        await until(lambda: stream.beats >= 3)


async def test_stream_ends_with_its_token(app: FastAPI, verifier: FakeVerifier) -> None:
    token = verifier.token(Role.RESIDENT, seconds=2)
    async with serving(app) as (address, _), listening(address, token) as stream:
        await until(lambda: stream.ended)

    assert stream.said_bye


@pytest.mark.parametrize(
    "event",
    [
        SessionRevoked(session_id="session-1", person_id=PERSON),
        RoleRevoked(grant_id="g", person_id=PERSON, role="resident", path="demo"),
        PersonDeleted(person_id=PERSON),
    ],
    ids=lambda event: event.TYPE,
)
async def test_stream_and_token_end_when_the_right_ends(
    event: Any, app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    token = verifier.token(Role.RESIDENT)
    async with serving(app) as (address, _), listening(address, token) as stream:
        await until(lambda: hub.count == 1)
        tell(app, event)
        await until(lambda: stream.ended)
        async with httpx.AsyncClient(base_url=address) as client:
            refused = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert stream.said_bye
    assert_problem(refused, 401, "auth.token_expired")


async def test_other_sessions_of_the_person_go_on(
    app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    token = verifier.token(Role.RESIDENT, session="session-2")
    async with serving(app) as (address, _), listening(address, token) as stream:
        await until(lambda: hub.count == 1)
        tell(app, SessionRevoked(session_id="session-1", person_id=PERSON), news(1))
        await until(lambda: stream.told)
        assert not stream.ended


async def test_too_many_streams_of_one_person_close_the_oldest(
    app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    token = verifier.token(Role.RESIDENT)
    async with serving(app) as (address, _), listening(address, token) as oldest:
        await until(lambda: hub.count == 1)
        others = [listening(address, token) for _ in range(STREAMS_PER_PERSON)]
        for other in others:
            await other.__aenter__()
        await until(lambda: oldest.ended and hub.count == STREAMS_PER_PERSON)
        for other in others:
            await other.__aexit__(None, None, None)


async def test_full_gateway_sends_to_another(
    make_app: Callable[..., FastAPI], verifier: FakeVerifier
) -> None:
    app = make_app(max_streams=1)
    token = verifier.token(Role.RESIDENT)
    async with serving(app) as (address, _), listening(address, token):
        await until(lambda: app.state.gate.hub.count == 1)
        async with httpx.AsyncClient(base_url=address) as client:
            refused = await client.get(
                "/api/v1/me/stream", headers={"Authorization": f"Bearer {token}"}
            )

    assert_problem(refused, 503, "server.unavailable")


async def test_stopping_process_sends_its_streams_away(
    app: FastAPI, verifier: FakeVerifier, hub: Hub
) -> None:
    async with (
        serving(app) as (address, server),
        listening(address, verifier.token(Role.RESIDENT)) as stream,
    ):
        await until(lambda: hub.count == 1)
        server.should_exit = True
        await until(lambda: stream.ended)
    assert stream.said_bye
    assert hub.count == 0


async def test_bad_last_event_id(resident: httpx.AsyncClient) -> None:
    response = await resident.get("/me/stream", headers={"Last-Event-ID": "'; DROP"})

    assert_problem(response, 400, "request.malformed")


async def test_pages_listen_with_their_cookie(app: FastAPI, verifier: FakeVerifier) -> None:
    async with (
        serving(app) as (address, _),
        httpx.AsyncClient(cookies={"shequ_access": verifier.token(Role.RESIDENT)}) as client,
        client.stream("GET", f"{address}/api/v1/me/stream") as response,
    ):
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"


async def test_head_of_the_stream_ends_at_once(app: FastAPI, verifier: FakeVerifier) -> None:
    async with serving(app) as (address, _), httpx.AsyncClient(base_url=address) as client:
        headers = {"Authorization": f"Bearer {verifier.token(Role.RESIDENT)}"}
        response = await client.head("/api/v1/me/stream", headers=headers)

    assert response.status_code == 200
