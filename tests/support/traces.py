"""Everything that a running system writes and says beside its tables of people, to be searched.

logs      every log file of every process
outboxes  every event that was told, and every answer that is kept for a repeat
tables    every row of the services that are not identity, as text
wire      every event as it went over the broker, by a queue of the test's own
left      what lies in the broker's queues, dead letters among it
platform  every file that the grid platform keeps
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pika
import psycopg2
from pika.adapters.blocking_connection import BlockingChannel
from sqlalchemy.engine import make_url

from deploy.processes import SERVICES
from services.kit import topology
from tests.support.platform import Platform

HIDDEN = (
    "FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
)


@dataclass(frozen=True)
class Text:
    """A piece of what was written, and where it stood."""

    where: str
    content: str


class Traces:
    """Reads a platform's traces; the tap has to be open before the system is used."""

    def __init__(self, platform: Platform, channel: BlockingChannel) -> None:
        self._platform = platform
        self._channel = channel
        built = topology.build()
        # Another test of this process may have registered the probe, which nobody has declared.
        self._queues = [name for name in built.queues if "probe" not in name]
        told = [name for name in built.exchanges if name.endswith(".events") or "grid" in name]
        exchanges = [name for name in told if "probe" not in name]
        self._tap = channel.queue_declare("", exclusive=True).method.queue
        for exchange in exchanges:
            channel.queue_bind(self._tap, exchange, "#")
        self._heard: list[Text] = []

    def logs(self) -> list[Text]:
        """Every log file, also those of processes that have ended."""
        files = sorted(self._platform.layout.log.rglob("*.log*"))
        return [Text(f"log {file.name}", file.read_text(errors="replace")) for file in files]

    def outboxes(self) -> list[Text]:
        """Events and kept answers of every service."""
        return [
            Text(f"{service}.{table}", row)
            for service in SERVICES
            for table in ("kit_outbox", "kit_answer", "kit_inbox")
            for row in self._rows(service, table)
        ]

    def tables(self, service: str) -> list[Text]:
        """Every row of every table of a service."""
        return [
            Text(f"{service}.{table}", row)
            for table in self._tables(service)
            for row in self._rows(service, table)
        ]

    def wire(self) -> list[Text]:
        """Every event that the broker has carried since the tap was opened, with its headers."""
        while True:
            method, properties, body = self._channel.basic_get(self._tap, auto_ack=True)
            if method is None:
                return list(self._heard)
            content = f"{properties.headers} {body.decode(errors='replace')}"
            self._heard.append(Text(f"event {method.routing_key}", content))

    def left(self, *, take: bool = False) -> list[Text]:
        """What lies in every queue of the topology; it stays there unless ``take``."""
        found, last = [], None
        for name in self._queues:
            while True:
                method, properties, body = self._channel.basic_get(name, auto_ack=take)
                if method is None:
                    break
                last = method.delivery_tag
                content = f"{properties.headers} {body.decode(errors='replace')}"
                found.append(Text(f"queue {name}", content))
        if last is not None and not take:
            self._channel.basic_nack(last, multiple=True, requeue=True)
        return found

    def grid_platform(self) -> list[Text]:
        """What the grid platform has written down of what it was told."""
        files = sorted((self._platform.layout.var / "grid_platform").rglob("*.*"))
        return [Text(f"file {file.name}", file.read_text(errors="replace")) for file in files]

    def spoil(self, queue: str, body: str) -> None:
        """Put something into a queue that its consumer cannot read: it becomes a dead letter."""
        self._channel.basic_publish("", queue, body.encode())

    # -- databases ---------------------------------------------------------------------------------

    def _tables(self, service: str) -> list[str]:
        return [row[0] for row in self._query(service, f"SELECT table_name {HIDDEN}")]

    def _rows(self, service: str, table: str) -> list[str]:
        return [row[0] for row in self._query(service, f'SELECT t::text FROM "{table}" t')]

    def _query(self, service: str, statement: str) -> list[tuple[str, ...]]:
        url = make_url(self._platform.database_url(service))
        connection = psycopg2.connect(
            host=url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            dbname=url.database,
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def tapped(platform: Platform) -> Iterator[Traces]:
    """The traces of a platform, its events from now on among them."""
    url = platform.plan.values()["SHEQU_AMQP_URL"]
    parameters = pika.URLParameters(url)
    parameters.heartbeat = 0  # the test reads when it likes
    with pika.BlockingConnection(parameters) as connection:
        yield Traces(platform, connection.channel())


def found_in(texts: list[Text], *words: str) -> list[tuple[str, str]]:
    """Where which of the words stand."""
    return [(text.where, word) for text in texts for word in words if word in text.content]
