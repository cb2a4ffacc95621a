"""Rate limits: one more call of an operation is counted, and refused when it is one too many.

What is allowed stands in :mod:`gateway.rates`, where it is counted in :mod:`gateway.counters`. What
a helper does for somebody is the helper's count. Every answer says how much is left, in the words
of the IETF's draft (``RateLimit-Policy`` and ``RateLimit``): all limits that hold, and of these
the one that is nearest to its end.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (10).
"""

import math
import time
from functools import cache
from typing import Literal

from gateway import rates
from gateway.context import RequestContext
from gateway.counters import Counters, Memory
from gateway.rates import Limit, Rates
from services.contracts.actor import Actor
from services.contracts.errors import RateLimited
from services.contracts.operations.base import Operation

POLICY, LEFT = "RateLimit-Policy", "RateLimit"


class Limiter:
    """Counts and refuses.

    Args:
        mode: ``auto`` is on, except for loopback when ``demo``.
        own: where this process counts.
        shared: where all gateways count together; this process alone when there is no such place.
    """

    def __init__(
        self,
        mode: Literal["auto", "on", "off"],
        *,
        demo: bool,
        own: Memory | None = None,
        shared: Counters | None = None,
    ) -> None:
        self._mode = mode
        self._demo = demo
        self._own = own or Memory()
        self._shared: Counters = shared or self._own

    async def check(
        self,
        operation: Operation,
        actor: Actor | None,
        context: RequestContext,
        *,
        searching: bool = False,
    ) -> None:
        """Count one call, and have the answer say how many are left.

        Args:
            searching: a list was given words to look for.

        Raises:
            RateLimited: it is one too many; ``retry_after`` says when the window ends.
        """
        if self._mode == "off" or (self._mode == "auto" and self._demo and context.loopback):
            return
        limits = rates.of(operation, searching=searching)
        nearest: tuple[float, Limit, int, float] | None = None
        for limit in limits:
            if limit.whose == "person" and actor is None:
                continue
            who = actor.hand if limit.whose == "person" and actor else context.network
            counters = self._shared if limit.together else self._own
            count, ends = await counters.hit(f"{limit.name}:{who}", limit.seconds)
            left = limit.amount - count
            if nearest is None or left / limit.amount < nearest[0]:
                nearest = (left / limit.amount, limit, left, ends)
            if left < 0:
                break
        if nearest is None:
            return
        _, limit, left, ends = nearest
        wait = max(1, math.ceil(ends - time.time()))
        context.headers[POLICY] = _policy(limits, actor is not None)
        context.headers[LEFT] = f'"{limit.name}";r={max(0, left)};t={wait}'
        if left < 0:
            raise RateLimited(retry_after=wait)

    async def close(self) -> None:
        """Nothing more will be counted."""
        await self._shared.close()


@cache
def _policy(limits: Rates, known: bool) -> str:
    return ", ".join(
        f'"{limit.name}";q={limit.amount};w={limit.seconds}'
        for limit in limits
        if known or limit.whose == "address"
    )
