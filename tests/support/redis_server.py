"""A Redis of its own for tests: in memory, on a port that was free, gone with the block."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.debian import REDIS, redis_server
from deploy.local.system import free_port
from tests.support.waiting import until


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a Redis that keeps nothing; the test is skipped where there is no such program."""
    program = redis_server()
    if program is None:
        pytest.skip(REDIS.without.splitlines()[0])
    port = free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen([program, *words], cwd=folder, stdout=log, stderr=log)
    try:
        until(lambda: _answers(port), what="Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
