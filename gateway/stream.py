"""The live stream: a person's news as server-sent events.

::

    retry: 3000                        how soon to come again after a break
    id: <notification id>              what Last-Event-ID takes up again
    event: notification
    data: {"id", "kind", "title", "link", "why", "unread", "created_at", "lane", "silent"}

    event: headcount                   to who reads the figures of an emergency, as they change
    data: {"emergency_id", "drill", "households", "silent", "safe", "help", "absent", "moved"}

    : beat                             a comment now and then, so that dead links are noticed
    event: bye                         the token has run out or the gateway stops: come again

The inbox of notify is the truth, the stream only the quick word: after a break, or when the client
was too slow, what is missing is read from the inbox, oldest first. News may come twice: clients
know it by its id. ``silent`` news is shown and counted, but neither rings nor pops up.
"""

import asyncio
import contextlib
import time
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.gate import Gate
from gateway.live import Stream
from gateway.operations import Call
from services.contracts.actor import Actor
from services.contracts.errors import BadRequest, FieldError, ShequError, Unauthenticated
from services.contracts.events import EmergencyCounted, NotificationCreated
from services.contracts.ids import is_id, new_id

PAGE = 100
MAX_PAGES = 5
REMEMBERED = 500
OVERLAP_MS = 5_000  # news is numbered when it is written and heard when that is committed
RETRY_INBOX_SECONDS = 2.0
HELLO = b"retry: 3000\n\n"
BEAT = b": beat\n\n"
BYE = b"event: bye\ndata: {}\n\n"


async def stream_notifications(call: Call) -> Response:
    """Open the caller's live stream."""
    if call.actor is None:
        raise Unauthenticated()
    last = call.request.headers.get("last-event-id", "")
    if last and not is_id(last):
        raise BadRequest(errors=[FieldError("Last-Event-ID", "is not the id of an event")])
    return EventStream(call, call.actor, last)


class EventStream(Response):
    """The response that lives until the client leaves, the token ends or the gateway stops."""

    def __init__(self, call: Call, actor: Actor, last_id: str) -> None:
        super().__init__(
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        del self.headers["content-length"]
        self._call = call
        self._actor = actor
        self._sent: dict[str, None] = {}
        self._last_id = last_id or new_id()
        self._resume = bool(last_id)
        self._inbox_at = 0.0

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        gate: Gate = self._call.gate
        self._send = send
        stream = gate.hub.open(self._actor)
        gate.metrics.streams.inc()
        watch = asyncio.create_task(_watch(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if not self._call.context.head:
                await self._run(stream, gate.settings.stream_beat_seconds)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gate.hub.leave(stream)
            gate.metrics.streams.dec()
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def _run(self, stream: Stream, beat: float) -> None:
        await self._write(HELLO)
        if self._resume:
            stream.missed()
        while not stream.closed:
            left = self._actor.expires_at - time.time()
            if left <= 0:
                break
            if stream.missing and time.monotonic() >= max(self._inbox_at, stream.look_at):
                await self._look_up(stream)
            while stream.waiting and not stream.missing:
                await self._tell(_of_event(stream.waiting.pop(0)))
            while stream.counted:
                await self._write(_figures(stream.counted.popitem()[1]))
            if not await _wait(stream, min(beat, left, self._patience(stream))):
                await self._write(BEAT)
        await self._write(BYE)

    def _patience(self, stream: Stream) -> float:
        """How long it may sleep: shortly, while the inbox still has to be read."""
        if not stream.missing:
            return 3600.0
        return max(0.01, max(self._inbox_at, stream.look_at) - time.monotonic())

    async def _look_up(self, stream: Stream) -> None:
        """Read what is newer than the last word from the inbox, and tell it, oldest first."""
        since, stream.since, stream.missing = stream.since, "", False
        try:
            found = await self._newer(since)
        except ShequError:
            stream.missed(since)  # notify is away; the stream stays and asks again
            self._inbox_at = time.monotonic() + RETRY_INBOX_SECONDS
            return
        for item in reversed(found):
            await self._tell(item)

    async def _newer(self, at_least: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        since = _milliseconds(self._last_id) - (OVERLAP_MS if self._sent else 0)
        if at_least:
            since = min(since, _milliseconds(at_least))
        for _ in range(MAX_PAGES):
            reply = await self._call.gate.backend.ask(
                "listNotifications",
                {"limit": PAGE, **cursor},
                context=self._call.context,
                actor=self._actor,
            )
            page = reply.data
            for item in page["items"]:
                if _milliseconds(item["id"]) < since:
                    return found
                if item["id"] != self._last_id:
                    found.append(_of_item(item, page))
            if not page["next_cursor"]:
                break
            cursor = {"cursor": page["next_cursor"]}
        return found

    async def _tell(self, news: dict[str, Any]) -> None:
        if news["id"] in self._sent:
            return
        self._sent[news["id"]] = None
        if len(self._sent) > REMEMBERED:
            del self._sent[next(iter(self._sent))]
        self._last_id = max(self._last_id, news["id"])
        await self._write(
            b"id: %b\nevent: notification\ndata: %b\n\n" % (news["id"].encode(), to_json(news))
        )

    async def _write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})


async def _wait(stream: Stream, seconds: float) -> bool:
    """Whether something happened within ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            await stream.news.wait()
    except TimeoutError:
        return False
    stream.news.clear()
    return True


async def _watch(receive: Receive, stream: Stream) -> None:
    """Close the stream when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.close()


def _milliseconds(identifier: str) -> int:
    """When an id was made (UUIDv7): the part that orders ids; within one millisecond none does."""
    return int(identifier[:8] + identifier[9:13], 16)


def _figures(event: EmergencyCounted) -> bytes:
    data = event.model_dump_json(exclude={"community_id", "path"}).encode()
    return b"event: headcount\ndata: %b\n\n" % data


def _of_event(event: NotificationCreated) -> dict[str, Any]:
    return {
        "id": event.notification_id,
        "kind": event.kind,
        "title": event.title,
        "link": event.link,
        "why": event.why,
        "unread": event.unread,
        "created_at": event.created_at,
        "lane": event.lane,
        "silent": event.silent,
    }


def _of_item(item: dict[str, Any], page: dict[str, Any]) -> dict[str, Any]:
    keys = ("id", "kind", "title", "link", "why", "created_at")
    lane = item.get("lane", "ordinary")
    silent = page.get("quiet", False) and lane != "emergency"
    return {
        **{key: item[key] for key in keys},
        "unread": page["unread"],
        "lane": lane,
        "silent": silent,
    }
