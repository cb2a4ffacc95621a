"""Ending a service process. Needs: db, broker."""

import os
import signal
import subprocess
import sys

import pytest

from services.kit import topology
from tests.support import infra
from tests.support.green_caller import Caller
from tests.support.kit_bench import until

pytestmark = [pytest.mark.db, pytest.mark.broker]

RUN = (
    "from services.kit.runner import run; "
    "run('tests.support.probe:ProbeService', 'tests.support.probe:Settings')"
)


@pytest.fixture
def process(probe_database, amqp_url, signer):
    topology.declare(amqp_url)
    running = subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=infra.ROOT,
        env={
            **os.environ,
            "SHEQU_ENV": "test",
            "SHEQU_PROBE_DATABASE_URL": probe_database,
            "SHEQU_AMQP_URL": amqp_url,
            "SHEQU_JWKS_FILE": str(signer.jwks_file),
        },
        stdout=subprocess.DEVNULL,
    )
    yield running
    if running.poll() is None:
        running.kill()
        running.wait(10)


def test_a_call_that_computes_when_the_end_is_asked_for_is_still_answered(
    process, amqp_url, tmp_path
):
    caller = Caller(amqp_url)
    sign = tmp_path / "has begun"
    sent = caller.send("probe", "probe_slow", {"thing": str(sign), "mood": "busy", "seconds": 1})
    until(sign.exists)
    process.send_signal(signal.SIGTERM)
    assert caller.wait(sent, timeout=10)["error"] is None
    until(lambda: process.poll() is not None)
    assert process.returncode == 0
    caller.close()
