"""The sender as a process: killed in the middle, and two side by side. Needs: db, broker."""

import json
import os
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import create_engine, text

from deploy.local.keys import new_push_key
from deploy.local.system import free_port
from services.contracts.ids import new_id
from services.notify.domain.push import encode
from services.notify.handlers.sending import LEASE
from tests.support.keys import Signer
from tests.support.providers import provider
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.db, pytest.mark.broker]
ROOT = Path(__file__).resolve().parents[2]


class Senders:
    """Senders of one database; people and what they are to be told."""

    def __init__(self, folder: Path, database_url: str, amqp_url: str) -> None:
        self.engine = create_engine(database_url)
        self.folder = folder
        key = folder / "push.key"
        key.write_text(new_push_key())
        self.environment = {
            **os.environ,
            "SHEQU_ENV": "test",
            "SHEQU_DEMO": "1",  # its clock can be moved
            "SHEQU_NOTIFY_DATABASE_URL": database_url,
            "SHEQU_AMQP_URL": amqp_url,
            "SHEQU_JWKS_FILE": str(Signer(folder).jwks_file),
            "SHEQU_NOTIFY_VAPID_FILE": str(key),
            "SHEQU_NOTIFY_PUSH_HOSTS": "127.0.0.1",
            "SHEQU_RETRY_SCALE": "0.02",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> int:
        port = free_port()
        with (self.folder / f"{port}.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "services.notify.sender"],
                    cwd=ROOT,
                    env={**self.environment, "SHEQU_HEALTH_PORT": str(port)},
                    stdout=log,
                    stderr=log,
                )
            )
        until(lambda: self.page(port, "readyz"), what="the sender is ready", limit=60)
        return port

    def page(self, port: int, name: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return None

    def run(self, sql: str, **values: Any) -> Any:
        with self.engine.begin() as connection:
            found = connection.execute(text(sql), values)
            return found.all() if found.returns_rows else None

    def is_to_be_told(self, person: str, endpoint: str) -> None:
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        browser = new_id()
        self.run(
            "INSERT INTO push_subscriptions (id, person_id, endpoint, endpoint_hash, p256dh, "
            "auth, label, created_at) VALUES (:i, :p, :e, :e, :k, :a, 'x', now())",
            i=browser, p=person, e=endpoint, k=encode(raw), a=encode(secrets.token_bytes(16)),
        )  # fmt: skip
        self.run(
            "INSERT INTO deliveries (id, person_id, channel, lane, state, due_at, created_at, "
            "what, target) VALUES (:i, :p, 'web_push', 'duty', 'waiting', now(), now(), 'test', "
            ":b)",
            i=new_id(), p=person, b=browser,
        )  # fmt: skip

    def states(self) -> dict[str, int]:
        return dict(self.run("SELECT state, count(*) FROM deliveries GROUP BY state"))

    def offered(self) -> list[tuple[str, bool]]:
        found = self.run("SELECT channel, public_key IS NOT NULL FROM offers")
        return [tuple(row) for row in found]

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait(10)
        self.engine.dispose()


@pytest.fixture
def senders(tmp_path: Path, make_database: Any, amqp_url: str) -> Iterator[Senders]:
    found = Senders(tmp_path, make_database("notify"), amqp_url)
    yield found
    found.stop()


@pytest.mark.slow  # three processes
def test_a_killed_sender_loses_nothing_and_two_send_each_once(senders: Senders) -> None:
    with provider() as service:
        service.says, service.hang = 201, 60.0
        senders.is_to_be_told("sun", f"http://{service.netloc}/sun")
        senders.start()
        assert service.arrived.wait(30), "it is being sent"
        senders.running[0].send_signal(signal.SIGKILL)
        senders.running[0].wait(10)
        assert senders.states() == {"waiting": 1}

        service.hang = 0.02
        for n in range(60):
            senders.is_to_be_told(f"p{n}", f"http://{service.netloc}/p{n}")
        ports = [senders.start(), senders.start()]
        until(lambda: senders.states().get("sent") == 60, what="the others are sent", limit=30)
        ahead = LEASE.total_seconds()
        senders.run("INSERT INTO kit_state VALUES ('clock_offset', :s)", s=str(ahead))
        until(lambda: senders.states() == {"sent": 61}, what="the lease runs out", limit=30)
        until(senders.offered, what="what they offer is said, every five seconds", limit=30)

    times = [got["path"] for got in service.got]
    assert times.count("/sun") == 2, "at least once: its key is the same"
    (key,) = {got["headers"]["Topic"] for got in service.got if got["path"] == "/sun"}
    assert key in service.delivered
    assert len(times) == 62
    assert len(set(times)) == 61
    assert senders.offered() == [("web_push", True)]
    figures = "".join(senders.page(port, "metrics") or "" for port in ports)
    assert 'shequ_sendings_total{channel="web_push",outcome="sent"}' in figures
    for port in ports:
        assert json.loads(senders.page(port, "readyz") or "{}") == {
            "consumer": True,
            "database": True,
        }
    logs = "".join(log.read_text() for log in senders.folder.glob("*.log"))
    assert "127.0.0.1:" + str(service.port) not in logs, "no address of anybody in a log"
