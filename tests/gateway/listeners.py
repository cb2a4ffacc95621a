"""Clients of the live stream, and news for them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from services.contracts.events import NotificationCreated
from services.contracts.ids import new_id
from tests.gateway.fakes import PERSON


def news(number: int, person: str = PERSON, unread: int = 1) -> NotificationCreated:
    """The news with this number, made a minute from now (so it is newer than any stream)."""
    return NotificationCreated(
        notification_id=new_id(int(datetime.now(UTC).timestamp() * 1000) + 60_000 + number),
        person_id=person,
        kind="issue.answered",
        title=f"第{number}条",
        link="/issues/i1",
        why="你上报了此问题",
        unread=unread,
        created_at=datetime.now(UTC),
    )


@dataclass
class Listening:
    """A client of the stream: the words it got, as they came."""

    response: httpx.Response
    told: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    beats: int = 0
    greeted: bool = False
    said_bye: bool = False
    ended: bool = False

    async def read(self) -> None:
        async for line in self.response.aiter_lines():
            if line.startswith("id: "):
                self.ids.append(line[4:])
            elif line.startswith("data: ") and line != "data: {}":
                self.told.append(json.loads(line[6:]))
            elif line == "retry: 3000":
                self.greeted = True
            elif line == ": beat":
                self.beats += 1
            elif line == "event: bye":
                self.said_bye = True
        self.ended = True

    @property
    def titles(self) -> list[str]:
        return [word["title"] for word in self.told]


@asynccontextmanager
async def listening(
    address: str, token: str, last_id: str = "", path: str = "/api/v1/me/stream"
) -> AsyncIterator[Listening]:
    headers = {"Authorization": f"Bearer {token}"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", address + path, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        listener = Listening(response)
        task = asyncio.create_task(listener.read())
        try:
            yield listener
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
