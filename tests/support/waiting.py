"""Waiting on a condition, with a limit; for tests that look from outside."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(
    look: Callable[[], Found | None], *, what: str, limit: float = 10.0, pause: float = 0.05
) -> Found:
    """What `look` finds as soon as it is neither None nor False; fail after `limit` seconds."""
    deadline = time.monotonic() + limit
    while (found := look()) is None or found is False:
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {limit:.0f} s")
        time.sleep(pause)
    return found
