"""A connection to the broker from asyncio: calls and events of the gateway go over one each.

::

              ┌──────────── lost: every waiting call fails at once, nothing is sent ───────────┐
              ▼                                                                                │
    away ──connect──▶ attached: own channel, own reply queue bound to ``nameko-rpc`` ──────────┘

A plain connection and a loop of our own stand here instead of a "robust" one: a robust channel
re-declares behind one's back, keeps callers waiting while the broker is away, and has a long tail
of faults in re-opening. The loop forgets everything that belonged to the lost connection and
begins afresh; in the meantime calls are refused at once.
"""

import asyncio
import contextlib
import random
from abc import ABC, abstractmethod
from typing import cast

import aiormq
from aiormq import Channel, Connection
from yarl import URL

from services.kit import logs

log = logs.get(__name__)

CONNECT_SECONDS = 5.0
HEARTBEAT_SECONDS = 5  # three missed ones end a link that stands but carries nothing
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
CLOSE_SECONDS = 2.0
LOOK_SECONDS = 1.0  # between looks whether the broker blocks publishing
LOST = (aiormq.AMQPError, OSError, TimeoutError, RuntimeError)
_between = random.SystemRandom().uniform


class Link(ABC):
    """A connection to the broker that begins afresh whenever it is lost.

    Args:
        url: of the broker.
        name: shown in the broker's list of connections.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = URL(url) % {"heartbeat": HEARTBEAT_SECONDS, "name": name}
        self.name = name
        self._loop_task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def attached(self) -> bool:
        """Whether it is of use right now."""
        return self._ready.is_set()

    async def start(self) -> None:
        """Begin to connect; returns at once, the broker may come later."""
        self._loop_task = asyncio.create_task(self._run(), name=f"link {self.name}")

    async def wait_attached(self, seconds: float) -> bool:
        """Wait for the connection at most ``seconds``; whether it is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        return self.attached

    async def close(self) -> None:
        """Let go of the connection, for good."""
        task, self._loop_task = self._loop_task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @abstractmethod
    async def _attach(self, channel: Channel) -> None:
        """Declare, bind and consume on a fresh channel."""

    @abstractmethod
    def _detached(self) -> None:
        """The channel is lost, with all that was declared on it."""

    async def _run(self) -> None:
        failures = 0
        while True:
            connection: Connection | None = None
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    connection, channel = await self._connect()
                    lost = self._watch(connection, channel)
                    await self._attach(channel)
                failures = 0
                self._ready.set()
                log.info("broker attached", link=self.name)
                await self._until_lost(connection, lost)
                log.warning("broker lost", link=self.name)
            except LOST as error:
                if failures == 0:
                    log.warning("broker away", link=self.name, error=type(error).__name__)
            except Exception:
                log.exception("link failed", link=self.name)  # and is tried again like the rest
            finally:
                self._ready.clear()
                self._detached()
                await _close(connection)
            pause = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]
            await asyncio.sleep(pause * _between(0.5, 1.0))  # gateways don't come all at once
            failures += 1

    async def _until_lost(self, connection: Connection, lost: asyncio.Event) -> None:
        """Wait for the loss; meanwhile a broker that blocks publishing is as good as away."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await lost.wait()
                return
            blocked = await _blocks(connection)
            if blocked and self.attached:
                self._ready.clear()
                log.warning("broker blocks publishing", link=self.name)
            elif not blocked and not self.attached:
                self._ready.set()
                log.warning("broker takes messages again", link=self.name)

    async def _connect(self) -> tuple[Connection, Channel]:
        connection = await aiormq.connect(self._url)
        try:
            channel = await connection.channel(publisher_confirms=True)
            return connection, cast(Channel, channel)
        except BaseException:
            await _close(connection)
            raise

    def _watch(self, connection: Connection, channel: Channel) -> asyncio.Event:
        """An event that is set when connection, channel or a consumer is gone."""
        lost = asyncio.Event()
        connection.closing.add_done_callback(lambda _: lost.set())
        channel.closing.add_done_callback(lambda _: lost.set())
        channel.on_consumer_cancel_callbacks.add(lambda _: lost.set())
        return lost


async def _blocks(connection: Connection) -> bool:
    """Whether the broker has said that it takes no messages (a disk or memory alarm)."""
    try:
        async with asyncio.timeout(0.01):
            await connection.ready()
    except TimeoutError:
        return True
    return False


async def _close(connection: Connection | None) -> None:
    if connection is not None and not connection.is_closed:
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(CLOSE_SECONDS):
                await connection.close()
