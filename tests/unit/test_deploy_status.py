"""`make status`, with small processes in the place of the real ones."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local import status
from deploy.local.environment import Plan
from deploy.local.layout import Layout, Ports
from deploy.local.system import Identity, accepts_connections, free_port, wait_until

PAGE = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[1]) if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(sys.argv[2].encode())
    def log_message(self, *words):
        pass
http.server.HTTPServer(("127.0.0.1", int(os.environ[sys.argv[3]])), Page).serve_forever()
"""
SILENT = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path, Ports.from_environment({"SHEQU_PORT": str(free_port())}))


@pytest.fixture
def start(layout: Layout) -> Iterator[Callable[..., int]]:
    """Starts a recorded process that answers so, or not at all; its port."""
    children: list[subprocess.Popen[bytes]] = []

    def start(name: str, *says: str, variable: str = "SHEQU_HEALTH_PORT") -> int:
        port = free_port()
        environment = {
            **os.environ,
            variable: str(port),
            "SHEQU_PUBLIC_URL": "https://shequ.example",
        }
        words = ["-c", PAGE, *says, variable] if says else ["-c", SILENT]
        child = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.PIPE)
        children.append(child)
        if says:
            wait_until(lambda: accepts_connections(port), limit=20, what=name)
        else:
            assert child.stdout is not None and child.stdout.readline()
        identity = Identity.of(child.pid)
        assert identity
        identity.write(layout.processes / f"{name}.json")
        return port

    yield start
    for child in children:
        child.kill()
        child.communicate()


def said(layout: Layout) -> list[str]:
    out = io.StringIO()
    status.show(Console(file=out, width=80), Plan(layout, {}))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def line_of(name: str, lines: list[str]) -> str:
    (line,) = [line for line in lines if re.match(rf"{name}\b(?!-)", line)]
    return line


def test_each_process_is_shown_with_its_health_address_and_what_it_says(
    layout: Layout, start: Callable[..., int]
) -> None:
    votes = start("votes", "200", '{"consumer": true, "database": true}')
    second = start("votes-2", "503", '{"consumer": true, "database": false}')
    feed = start("feed")
    lines = said(layout)
    assert f"http://127.0.0.1:{votes}/readyz" in line_of("votes", lines)
    assert line_of("votes", lines).endswith("  ready")
    joined = " ".join("".join(lines).split())
    assert f"http://127.0.0.1:{second}/readyz not ready" in joined
    assert f"http://127.0.0.1:{feed}/readyz no answer" in joined
    assert "gateway" not in joined


def test_the_gateway_is_shown_with_the_address_that_people_open(
    layout: Layout, start: Callable[..., int]
) -> None:
    port = start("gateway", "200", "{}", variable="SHEQU_PORT")
    lines = said(layout)
    assert f"http://127.0.0.1:{port}/readyz" in line_of("gateway", lines)
    assert lines[-1] == "the gateway is at https://shequ.example/"


@pytest.mark.parametrize(
    ("code", "body", "expected"),
    [
        ("200", '{"consumer": true}', "ready"),
        ("503", '{"consumer": false, "database": false}', "not ready (consumer, database)"),
        ("503", '{"ready": false, "broker": true, "stopping": true}', "not ready (stopping)"),
        ("503", '{"ready": false, "broker": false, "stopping": false}', "not ready (broker)"),
        ("500", "trouble", "not ready (HTTP 500)"),
        ("503", "[]", "not ready (HTTP 503)"),
    ],
)
def test_an_answer_is_told_in_words(
    start: Callable[..., int], code: str, body: str, expected: str
) -> None:
    port = start("votes", code, body)
    assert status.answer(f"http://127.0.0.1:{port}/readyz") == expected


def test_what_has_ended_is_not_shown(layout: Layout) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = Identity.of(child.pid)
    assert identity
    identity.write(layout.processes / "votes.json")
    child.communicate(b"\n")
    assert said(layout) == ["nothing of this checkout runs"]
