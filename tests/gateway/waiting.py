"""Waiting on a condition, with a limit."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], object], limit: float = 10.0) -> None:
    """Return as soon as `condition()` holds; fail after `limit` seconds."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 - conditions of any kind have no event
            await asyncio.sleep(0.005)


async def eventually(condition: Callable[[], Awaitable[object]], limit: float = 40.0) -> None:
    """As `until`, for a condition that has to be asked for."""
    async with asyncio.timeout(limit):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
