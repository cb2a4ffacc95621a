"""A TCP proxy that can cut, stall and refuse: the network between gateway and broker."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from yarl import URL


class TcpProxy:
    """Stands before the broker at `amqp_url`; `url` leads through it."""

    def __init__(self, amqp_url: str) -> None:
        self._target = URL(amqp_url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self.port = 0

    @property
    def url(self) -> str:
        return str(self._target.with_host("127.0.0.1").with_port(self.port))

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.refuse()
        self._open.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self) -> None:
        """Listen (again, on the same port, which somebody's call may hold for a moment)."""
        async with asyncio.timeout(10):
            while self._server is None:
                try:
                    self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
                except OSError:
                    if not self.port:
                        raise
                    await asyncio.sleep(0.05)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cut what is open and refuse new connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Reset every connection, as a pulled cable or a killed broker does."""
        for writer in list(self._writers):
            writer.transport.abort()

    def stall(self) -> None:
        """Let connections stand, but let nothing pass."""
        self._open.clear()

    def resume(self) -> None:
        """Let everything pass again."""
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            host, port = str(self._target.host), int(self._target.port or 5672)
            far_reader, far_writer = await asyncio.open_connection(host, port)
            self._writers.add(far_writer)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pump(reader, far_writer))
                    group.create_task(self._pump(far_reader, writer))
            finally:
                await self._end(far_writer)
        except* (OSError, asyncio.CancelledError):
            pass  # an end that the test asked for
        finally:
            await self._end(writer)
            self._tasks.discard(task)

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.transport.abort()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError("the other side is gone")
