"""Every process follows the version in use, within seconds. Needs: db, broker; starts processes."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from deploy.local.system import free_port
from services.grid_bridge.classifier import current_model, store
from services.grid_bridge.classifier.packed import digest, pack
from tests.support import infra
from tests.support.waiting import until

pytestmark = [pytest.mark.db, pytest.mark.broker]

MODULES = ("services.grid_bridge", "services.grid_bridge", "services.grid_bridge.reader")
SECONDS = 120  # on a machine that is busy


class Processes:
    """Two replicas of the bridge and its reader, on one database."""

    def __init__(self, database_url: str, amqp_url: str, jwks: str, folder: Any) -> None:
        self.engine = create_engine(database_url)
        (folder / "upload.secret").write_bytes(b"x" * 32)
        self.ports = [free_port() for _ in MODULES]
        self.running = [
            subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=infra.ROOT,
                env={
                    **os.environ,
                    "SHEQU_ENV": "test",
                    "SHEQU_GRID_BRIDGE_DATABASE_URL": database_url,
                    "SHEQU_AMQP_URL": amqp_url,
                    "SHEQU_JWKS_FILE": jwks,
                    "SHEQU_UPLOAD_SECRET_FILE": str(folder / "upload.secret"),
                    "SHEQU_STORAGE_URL": f"file://{folder / 'files'}",
                    "SHEQU_HEALTH_HOST": "127.0.0.1",
                    "SHEQU_HEALTH_PORT": str(port),
                },
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for module, port in zip(MODULES, self.ports, strict=True)
        ]

    def stop(self) -> None:
        for one in self.running:
            one.kill()
            one.wait()
        self.engine.dispose()

    def say(self) -> list[dict[str, Any]]:
        """What each one's /readyz says; empty where it does not answer or is not ready."""
        told = []
        for port in self.ports:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as page:
                    told.append(json.load(page))
            except (urllib.error.URLError, OSError):
                told.append({})
        return told

    def wait(self, what: str, **wanted: str | None) -> None:
        until(
            lambda: all(
                said and all(said.get(name) == value for name, value in wanted.items())
                for said in self.say()
            ),
            what=what,
            limit=SECONDS,
            pause=0.2,
        )

    def use(self, version: str, content: bytes | None, sha256: str | None) -> None:
        """As `useClassifierModel` leaves it."""
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE classifier_models SET state = 'retired' WHERE state = 'in_use'")
            )
            connection.execute(
                text(
                    "INSERT INTO classifier_models VALUES (:version, :base, :base, now(), 0, null, "
                    "'{}', '[]', 'in_use', :sha256, 0) "
                    "ON CONFLICT (version) DO UPDATE SET state = 'in_use'"
                ),
                {"version": version, "base": store.current_version(), "sha256": sha256},
            )
            if content is not None:
                connection.execute(
                    text("INSERT INTO classifier_blobs VALUES (:version, :content)"),
                    {"version": version, "content": content},
                )


@pytest.fixture
def processes(make_database, amqp_url, signer, tmp_path) -> Iterator[Processes]:
    current_model()  # is there, as in a house that was set up
    started = Processes(make_database("grid_bridge"), amqp_url, str(signer.jwks_file), tmp_path)
    yield started
    started.stop()


def test_replicas_and_reader_take_the_version_in_use_and_say_when_they_cannot(processes):
    shipped = store.current_version()
    processes.wait("all are ready", classifier=shipped, classifier_not_loaded=None)
    refitted = f"{shipped}-r1"
    content = pack(replace(current_model(), version=refitted))
    processes.use(refitted, content, digest(content))
    processes.wait("all advise with it", classifier=refitted, classifier_not_loaded=None)
    damaged = f"{shipped}-r2"
    processes.use(damaged, content[:-9], digest(content))
    # ready all the same: advice by an older model is better than none
    processes.wait("all say so", classifier=shipped, classifier_not_loaded=damaged)
    processes.use(refitted, None, None)
    processes.wait("all go back", classifier=refitted, classifier_not_loaded=None)
    processes.use(shipped, None, None)
    processes.wait("all go home", classifier=shipped)
