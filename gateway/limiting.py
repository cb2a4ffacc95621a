"""Rate limits: how often an address or a person may do what.

Counted per process and in memory; several gateways allow several times as much. Whoever shares an
address (a housing estate behind one line, a community centre) shares its limit, so the limits per
address are wide and those per person narrow. What a helper does for somebody is the helper's count.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from limits import RateLimitItem, parse_many
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from gateway.context import RequestContext
from services.contracts.actor import Actor
from services.contracts.errors import RateLimited
from services.contracts.operations.base import Operation

Whose = Literal["address", "person"]
PURGE_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in such a time for one address or person."""

    whose: Whose
    rate: RateLimitItem


def _limits(**rates: str) -> tuple[Limit, ...]:
    """Limits by whose they are; several of one side by semicolons."""
    sides: dict[str, Whose] = {"address": "address", "person": "person"}
    return tuple(
        Limit(sides[whose], rate) for whose, many in rates.items() for rate in parse_many(many)
    )


BY_OPERATION: Mapping[str, tuple[Limit, ...]] = {
    # each code is a message that somebody pays for, and somebody's phone that rings
    "requestCode": _limits(address="10/minute;100/hour;400/day"),
    "createToken": _limits(address="60/minute"),
    "loginByWechat": _limits(address="60/minute"),
    "createAssistedToken": _limits(address="120/minute", person="20/minute"),
    # guesses are counted by identity, too: these keep them from coming fast
    "confirmTotp": _limits(address="60/minute", person="10/minute"),
    "removeTotp": _limits(address="60/minute", person="10/minute"),
    "changePhone": _limits(address="60/minute", person="5/minute;20/day"),
    "openRecovery": _limits(address="60/minute", person="10/hour;30/day"),
    # somebody's data, one at a time and for a reason
    "revealRegisterEntry": _limits(address="120/minute", person="20/minute;200/day"),
    # half a minute of a processor at worst, and an answer to "is this ID number on the register?"
    # for each of 20,000 rows; a community has one register, and a file is mended a few times
    "importRegister": _limits(address="120/hour", person="10/hour;40/day"),
    "exportMyData": _limits(address="60/minute", person="5/hour"),
    "deleteMe": _limits(address="60/minute", person="5/hour"),
    "refreshToken": _limits(address="240/minute"),
    "resolveQr": _limits(address="120/minute"),
    "checkReceipt": _limits(address="120/minute"),
    # a whole poll: some megabytes, and the rows of as many ballots
    "exportPoll": _limits(address="30/minute"),
    "auditPoll": _limits(address="60/minute", person="10/minute"),
    "upload": _limits(address="600/minute", person="30/minute"),
    # one address, that of the platform; who guesses its key is counted here, too
    "gridUpload": _limits(address="120/minute"),
    "streamNotifications": _limits(person="60/minute"),
    # open to everybody without a login: lists of a thousand, and guesses at keys
    "listOpen311Services": _limits(address="120/minute"),
    "getOpen311Service": _limits(address="240/minute"),
    "listOpen311Requests": _limits(address="60/minute"),
    "getOpen311Request": _limits(address="240/minute"),
    "getOpen311Token": _limits(address="240/minute"),
    "createOpen311Request": _limits(address="240/minute"),
}
WRITES = _limits(address="1200/minute", person="120/minute")
READS: tuple[Limit, ...] = ()


class Limiter:
    """Counts and refuses.

    Args:
        mode: ``auto`` is on, except for loopback when ``demo``.
    """

    def __init__(self, mode: Literal["auto", "on", "off"], *, demo: bool) -> None:
        self._mode = mode
        self._demo = demo
        self._windows = FixedWindowRateLimiter(Windows())

    async def check(
        self, operation: Operation, actor: Actor | None, context: RequestContext
    ) -> None:
        """Count one call.

        Raises:
            RateLimited: it is one too many; ``retry_after`` says when the window ends.
        """
        if self._mode == "off" or (self._mode == "auto" and self._demo and context.loopback):
            return
        for limit in BY_OPERATION.get(operation.id, WRITES if operation.write else READS):
            if limit.whose == "person" and actor is None:
                continue
            key = actor.hand if limit.whose == "person" and actor else context.network
            scope = operation.id if operation.id in BY_OPERATION else "writes"
            if not await self._windows.hit(limit.rate, scope, limit.whose, key):
                stats = await self._windows.get_window_stats(limit.rate, scope, limit.whose, key)
                wait = math.ceil(stats.reset_time - time.time())
                raise RateLimited(retry_after=max(1, wait))


class Windows(Storage):
    """Counters of fixed windows in memory.

    The library's own memory storage goes through all of its keys in a task of its own after every
    count; this one looks for ended windows once in :data:`PURGE_EVERY` counts.
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[int, float]] = {}
        self._until_purge = PURGE_EVERY

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing here fails."""
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; the window begins with the first count."""
        now = time.time()
        count, ends = self._counts.get(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + expiry
        self._counts[key] = (count + amount, ends)
        self._until_purge -= 1
        if self._until_purge <= 0:
            self._until_purge = PURGE_EVERY
            self._counts = {k: v for k, v in self._counts.items() if v[1] > now}
        return count + amount

    async def get(self, key: str) -> int:
        """The count of the window that runs."""
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch."""
        return self._counts.get(key, (0, time.time()))[1]

    async def check(self) -> bool:
        """Memory is always there."""
        return True

    async def reset(self) -> int | None:
        """Forget everything."""
        count = len(self._counts)
        self._counts.clear()
        return count

    async def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counts.pop(key, None)
