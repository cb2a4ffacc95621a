"""A limit of time around whatever waits, however often it is kept waiting."""

from collections.abc import Iterator
from contextlib import contextmanager

import eventlet


class OutOfTime(Exception):
    """The time was over before the work was."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What waits inside is given up after so many seconds; where nothing is patched, it is not.

    Raises:
        OutOfTime: the time is over.
    """
    limit = eventlet.Timeout(seconds)
    try:
        yield
    except eventlet.Timeout as fired:
        if fired is not limit:
            raise
        raise OutOfTime() from None
    finally:
        limit.cancel()
