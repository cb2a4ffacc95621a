"""The external verifier, against a relay of our own on this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from services.identity.settings import Settings
from services.identity.verifier import (
    NOBODY,
    CredentialRefused,
    HttpVerifier,
    VerifierAway,
    VerifierOff,
)
from services.kit.settings import InsecureSettings

pytestmark = pytest.mark.unit

VERIFIED = {"result": "verified", "pseudonym": "bid-1"}


@contextmanager
def relay(answer: object = VERIFIED, status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """A relay that always says the same; its address, and what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.headers["Authorization"], body))
            said = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/verify", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_credential_becomes_a_pseudonym_and_nothing_else():
    with relay({**VERIFIED, "name": "孙桂芳", "id_number": "x"}) as (url, asked):
        assert HttpVerifier(url, "s3cret").verify("cred-1") == "bid-1"
    assert asked == [("Bearer s3cret", {"credential": "cred-1"})]


def test_a_refused_credential_names_its_field():
    with relay({"result": "refused"}) as (url, _), pytest.raises(CredentialRefused) as refused:
        HttpVerifier(url, "s").verify("cred-1")
    assert [e.field for e in refused.value.errors] == ["network_credential"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (VERIFIED, 500),
        (VERIFIED, 401),
        (VERIFIED, 404),
        (b"<html>", 200),
        (b"\xff", 200),
        ([], 200),
        ({}, 200),
        ({"result": "verified"}, 200),
        ({"result": "verified", "pseudonym": ""}, 200),
        ({"result": "verified", "pseudonym": 7}, 200),
        ({"result": "verified", "pseudonym": "x" * 201}, 200),
        ({"result": "perhaps", "pseudonym": "bid-1"}, 200),
    ],
)
def test_any_other_answer_is_a_verifier_that_is_away(answer, status):
    with relay(answer, status) as (url, _), pytest.raises(VerifierAway) as away:
        HttpVerifier(url, "s").verify("cred-1")
    assert away.value.status == 503 and away.value.retry_after


def test_nobody_at_its_address_is_a_verifier_that_is_away():
    with relay() as (url, _):
        pass
    with pytest.raises(VerifierAway):
        HttpVerifier(url, "s").verify("cred-1")


def test_a_verifier_that_does_not_answer_in_time_is_away():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(VerifierAway):
            HttpVerifier(url, "s", timeout=0.05).verify("cred-1")


def test_without_a_verifier_name_and_number_are_asked_for():
    with pytest.raises(VerifierOff) as off:
        NOBODY.verify("cred-1")
    assert off.value.status == 422


def test_a_verifier_does_not_show_its_secret():
    assert "s3cret" not in repr(HttpVerifier("https://x.example", "s3cret"))


# -- settings ----------------------------------------------------------------------------------


def settings(**values: str) -> Settings:
    return Settings(database_url="postgresql://x", **values)


def test_settings_name_the_verifier():
    assert settings().verifier() is NOBODY
    found = settings(verifier_url="https://v.example/verify", verifier_secret="s3cret").verifier()
    assert isinstance(found, HttpVerifier) and found.url == "https://v.example/verify"


@pytest.mark.parametrize("url", ["http://v.example", "ftp://v.example", "file:///etc/passwd"])
def test_an_address_that_others_can_listen_to_is_refused(url):
    with pytest.raises(ValueError, match="verifier_url"):
        settings(verifier_url=url, verifier_secret="s")


def test_a_verifier_without_a_secret_is_refused():
    with pytest.raises((InsecureSettings, ValueError), match="SHEQU_VERIFIER_SECRET"):
        settings(verifier_url="https://v.example")
