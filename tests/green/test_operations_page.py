"""The program for dead letters in docs/operations.md does what the page says. Needs: broker."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import eventlet
import pytest
from kombu import Connection, Producer

from services.contracts.events import Envelope, PromiseAtRisk
from services.contracts.ids import new_id
from services.kit import topology, wire
from tests.support.neighbourhood import NOON, say

pytestmark = pytest.mark.broker
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
QUEUE = "notify.news"


@pytest.fixture
def letters(tmp_path, amqp_url):
    """Runs the page's program with these words; what it printed."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "letters.py"
    path.write_text(program, encoding="utf-8")

    def run(*words):
        done = subprocess.run(
            [sys.executable, str(path), *words],
            env={**os.environ, "SHEQU_AMQP_URL": amqp_url, "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run


def until_depth(channel, queue, wanted, seconds=20):
    deadline = time.monotonic() + seconds
    while (depth := channel.queue_declare(queue, passive=True).message_count) != wanted:
        assert time.monotonic() < deadline, f"{queue} holds {depth}"
        eventlet.sleep(0.05)


def test_dead_letters_are_shown_and_put_back_as_they_were(letters, amqp_url):
    topology.declare(amqp_url)
    event = say(PromiseAtRisk)
    event_id = new_id()
    envelope = Envelope(event_id, event.SOURCE, event.TYPE, event.subject, 3, NOON)
    with Connection(amqp_url, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        Producer(channel).publish(
            event.model_dump_json(),
            exchange=topology.DLX,
            routing_key=QUEUE,
            headers={**wire.event_headers(envelope), wire.ATTEMPT: 12},
            message_id=event_id,
            type=event.TYPE,
            content_type="application/json",
            content_encoding="utf-8",
        )
        shown = letters(QUEUE)
        assert f"{event_id} {event.TYPE}" in shown
        until_depth(channel, f"{QUEUE}.dlq", 1)  # looking takes nothing away

        letters(QUEUE, "--put-back")
        until_depth(channel, f"{QUEUE}.dlq", 0)
        until_depth(channel, QUEUE, 1)
        again = channel.basic_get(QUEUE)
        read = wire.read_envelope(
            event.model_dump(mode="json"), again.headers, message_id=again.properties["message_id"]
        )
        assert (read.event_id, read.subject_version, read.event) == (event_id, 3, event)
        assert again.properties["content_type"] == "application/json"
        assert wire.ATTEMPT not in again.headers
