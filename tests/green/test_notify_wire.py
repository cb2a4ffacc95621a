"""Requests to providers: they end, and no log names whom they are for. Needs: nothing."""

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from services.contracts.operations import identity as op
from services.notify.domain.letters import Letter
from services.notify.domain.sending import Circuits
from services.notify.sender import wire
from services.notify.sender.ways import way
from tests.support.providers import provider

TOKEN = "t0ken" * 8


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that says one byte of its head after the other, and never comes to an end."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        peer, _ = server.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not over.wait(0.05):
                try:
                    peer.sendall(b"a")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    over.set()
    thread.join(10)
    server.close()


def test_a_provider_that_never_falls_silent_and_never_ends_is_given_up(dripping, monkeypatch):
    monkeypatch.setattr(wire, "LONGEST", 0.5)
    started = time.monotonic()
    with pytest.raises(wire.NoAnswer, match="timeout"):
        wire.post(dripping, json={})
    assert time.monotonic() - started < 8.0


def test_no_log_names_a_robots_token_however_much_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with provider() as group:
        group.body = b'{"errcode": 0}'
        robot = way("dingtalk", f"json://{group.netloc}/robot/send", Circuits(lambda: 0.0))
        letter = Letter("k", "t", "https://shequ.example/", "zh")
        assert robot.send(letter, op.Contact(address=TOKEN)).kind == "sent"
        assert TOKEN in group.got[0]["path"]
    assert TOKEN not in caplog.text
