"""A process for ``services.kit.apart``: does what its input says."""

import json
import os
import time
from collections.abc import Callable

from services.kit.apart import serve


def _memory() -> bytes:
    return bytes(bytearray(400_000_000))


def _processor() -> bytes:
    while True:
        pass


def _wait() -> bytes:
    time.sleep(60)
    return b""


def _crash() -> bytes:
    os.abort()


WORK: dict[bytes, Callable[[], bytes]] = {
    b"environment": lambda: json.dumps(dict(os.environ)).encode(),
    b"memory": _memory,
    b"processor": _processor,
    b"wait": _wait,
    b"crash": _crash,
}

if __name__ == "__main__":
    serve(lambda asked: WORK.get(asked, lambda: asked[::-1])(), memory=300_000_000, seconds=1)
