"""Counters in Redis, where several gateways count rate limits together.

::

    hit ──▶ Redis ──away, slow, refusing──▶ this process's own counters
              ▲                                   │
              └────── tried again every 5 s ◀─────┘

Redis is no door: without it everybody is let in as by a gateway alone, nobody is refused for it,
and the log says so once. Neither whose address nor whose id it is can be read there: keys are
digests, keyed by the secret that the gateways share.

Only gateways that were told of a Redis load this: its library takes 5 MB and a tenth of a second.
"""

import asyncio
import time
from hashlib import blake2b
from typing import Final

from limits.aio.storage import RedisStorage
from prometheus_client import Gauge
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.counters import PURGE_EVERY, Memory
from services.kit import logs

WAIT_SECONDS = 1.0
"""For an answer of Redis, a connection included: a request waits for no more, and when it was in
vain the others do not wait at all."""
AGAIN_SECONDS = 5.0
CONNECTIONS: Final = 16
log = logs.get(__name__)


class Shared:
    """Counters in Redis, and those of ``own`` while it is away.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        secret: what keys are digested with.
        gauge: 1 while Redis counts.
    """

    def __init__(self, url: str, secret: bytes, own: Memory, gauge: Gauge) -> None:
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            socket_timeout=WAIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix="shequ:limits",
            connection_pool=self._pool,  # type: ignore[arg-type]  # its options are wider than said
        )
        self._secret = blake2b(secret).digest()
        self._own = own
        self._ends: dict[str, float] = {}
        self._away = False
        self._ask_at = 0.0
        self._gauge = gauge
        gauge.set(1)

    async def hit(self, key: str, seconds: int) -> tuple[int, float]:
        """Count one, there or here."""
        now = time.monotonic()
        if self._away and now < self._ask_at:
            return await self._own.hit(key, seconds)
        self._ask_at = now + AGAIN_SECONDS  # while it is away one request finds out, for all others
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                counted = await self._count(self._digest(key), seconds)
        except (RedisError, OSError) as error:  # a TimeoutError is an OSError
            self._lost(error)
            return await self._own.hit(key, seconds)
        if self._away:
            self._away = False
            self._gauge.set(1)
            log.info("rate limits are counted in Redis again")
        return counted

    async def close(self) -> None:
        """Leave Redis."""
        await self._pool.aclose()

    def _digest(self, key: str) -> str:
        return blake2b(key.encode(), key=self._secret, digest_size=16).hexdigest()

    async def _count(self, key: str, seconds: int) -> tuple[int, float]:
        """Redis's count; when a window ends is asked for once and then remembered."""
        count = await self._redis.incr(key, seconds)
        now = time.time()
        if count == 1:
            self._remember(key, now + seconds)
        elif self._ends.get(key, 0.0) <= now:
            self._remember(key, await self._redis.get_expiry(key))
        return count, self._ends[key]

    def _remember(self, key: str, ends: float) -> None:
        if len(self._ends) >= PURGE_EVERY:
            now = time.time()
            left = {k: v for k, v in self._ends.items() if v > now}
            self._ends = left if len(left) < PURGE_EVERY else {}
        self._ends[key] = ends

    def _lost(self, error: Exception) -> None:
        if self._away:
            return
        self._away = True
        self._gauge.set(0)
        log.warning("Redis is away: each gateway counts its own", reason=type(error).__name__)
