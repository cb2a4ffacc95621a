"""docs/how-to/add-a-service.md does what it says, and its process runs. Needs: db, broker."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from deploy.local.system import free_port
from tests.support import howto

pytestmark = [pytest.mark.db, pytest.mark.broker]


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def test_the_page_about_services_works_as_it_stands(tmp_path, make_database, amqp_url, signer):
    howto.follow("add-a-service", tmp_path)

    url, port = make_database(None), free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "SHEQU_CHRONICLE_DATABASE_URL": url,
        "SHEQU_AMQP_URL": amqp_url,
        "SHEQU_JWKS_FILE": str(signer.jwks_file),
        "SHEQU_HEALTH_PORT": str(port),
    }
    python = [sys.executable, "-m"]
    subprocess.run(
        [*python, "services.kit.migrate", "chronicle"], cwd=tmp_path, env=environment, check=True
    )
    process = subprocess.Popen([*python, "services.chronicle"], cwd=tmp_path, env=environment)
    try:
        deadline = time.monotonic() + 30
        while not is_ready(port):
            assert process.poll() is None, "the process ended"
            assert time.monotonic() < deadline, "the process is not ready"
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
