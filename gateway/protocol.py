"""HTTP/1.1 as uvicorn speaks it, with bounds on what comes before a request, and on who reads.

uvicorn takes a head of any size and waits for its end for ever, so that whoever sends a byte now
and then holds a place, and whoever sends one endless header all the memory. Here a head has
:data:`HEAD_BYTES` and ``head_seconds``; what is refused, and what is no HTTP, is told as a problem
like everything else (RFC 9110, 15.5; RFC 6585, 5).

It also waits for ever for whoever takes nothing of an answer: a stream's place would be held by a
client that has stopped. Who takes no byte for ``write_seconds`` while some wait for her is let go;
whoever reads slowly is waited for.
"""

import asyncio
import fcntl
import sys
import termios
from http import HTTPStatus
from typing import Any, Final

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway import problems
from services.contracts.errors import BadRequest, ShequError
from services.contracts.ids import new_id

HEAD_BYTES: Final = 32_768
URL_BYTES: Final = 8_192


class HeadTooLarge(ShequError):
    """The headers of a request are larger than anybody needs."""

    status, code = 431, "request.headers_too_large"
    zh, en = "请求头过大", "The headers of the request are too large"


class UrlTooLong(ShequError):
    """The address, with its query, is longer than anybody needs."""

    status, code = 414, "request.uri_too_long"
    zh, en = "网址过长", "The address is too long"


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    head_seconds: float = 20.0
    write_seconds: float = 30.0
    _head: int = 0
    _reading_head = True
    _refused: ShequError | None = None
    _timer: asyncio.TimerHandle | None = None
    _unread_for: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is waited for from now on."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        self._head_is_there()
        self._reads()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless this is more head than it may be."""
        if self._reading_head:
            self._head += len(data)
        super().data_received(data)
        if self._reading_head and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.refuse(HeadTooLarge())

    def pause_writing(self) -> None:
        """More waits for the client than is kept for her."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """She has taken it."""
        self._reads()
        super().resume_writing()

    def on_message_begin(self) -> None:
        """A head begins; of a connection that stays, perhaps the next one."""
        super().on_message_begin()
        self._head, self._reading_head = 0, True
        self._wait_for_head()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        super().on_url(url)
        if len(self.url) > URL_BYTES:
            self._refused = UrlTooLong()
            raise self._refused

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        super().on_header(name, value)
        self._head += len(name) + len(value)
        if self._head > 2 * HEAD_BYTES:  # they are counted as they come in, and here
            self._refused = HeadTooLarge()
            raise self._refused

    def on_headers_complete(self) -> None:
        """The head is whole: what follows is the edge's to bound."""
        self._reading_head = False
        self._head_is_there()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (it is not for people)
        """Refuse what was refused here, or what is no HTTP."""
        self.refuse(self._refused or BadRequest())

    def refuse(self, error: ShequError) -> None:
        """Say it as a problem and close; nothing when an answer is under way."""
        self._head_is_there()
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_problem(error))
        self.transport.close()

    def _wait_for_head(self) -> None:
        self._head_is_there()
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_is_there(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait_for_reader(self) -> None:
        self._unread_for = self.loop.call_later(self.write_seconds, self._look, self._untaken())

    def _untaken(self) -> int:
        """Bytes that wait for her here and in the kernel, which takes ours in large pieces."""
        queued = fcntl.ioctl(self.transport.get_extra_info("socket"), termios.TIOCOUTQ, bytes(4))
        return self.transport.get_write_buffer_size() + int.from_bytes(queued, sys.byteorder)

    def _look(self, before: int) -> None:
        if self._untaken() < before:
            self._wait_for_reader()
        else:
            self._unread_for = None
            self.transport.abort()

    def _reads(self) -> None:
        if self._unread_for is not None:
            self._unread_for.cancel()
            self._unread_for = None

    def _too_slow(self) -> None:
        self._timer = None
        self.refuse(problems.BodyTooSlow())


def bounded(head_seconds: float) -> type[BoundedProtocol]:
    """The protocol, waiting so long for a head."""
    return type("Protocol", (BoundedProtocol,), {"head_seconds": head_seconds})


def _problem(error: ShequError) -> bytes:
    request_id = new_id()
    body: Any = to_json(problems.document(error, "zh-CN", request_id))
    head = (
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
        f"content-type: {problems.MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        f"x-request-id: {request_id}\r\ncontent-language: zh-CN\r\ncache-control: no-store\r\n"
        "x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + bytes(body)
