"""``/healthz``, ``/readyz`` and ``/metrics`` of a service process, on its own port.

Alive means that the process serves this page. Ready means that it does its work: the consumer is
attached to the broker, the database answers, and where the service looks at uploaded files their
storage was reached once. nameko has no such page (defect E), and a process
whose consumer has died looks healthy from outside.
"""

import json
from typing import TYPE_CHECKING, Any

import eventlet
import eventlet.wsgi
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from services.kit import logs
from services.kit.nameko_bridge import QueueConsumer

if TYPE_CHECKING:
    from services.kit.chassis import Chassis

log = logs.get(__name__)


class HealthServer:
    """Serves the three pages until its greenlet is killed; port 0 switches it off."""

    def __init__(self, chassis: "Chassis", host: str, port: int) -> None:
        self._chassis = chassis
        self._host = host
        self._port = port

    def run(self) -> None:
        """Listen and serve."""
        if not self._port:
            return
        try:
            listener = eventlet.listen((self._host, self._port))
        except OSError as error:
            log.error("health port not available", port=self._port, error=str(error))
            return
        eventlet.wsgi.server(listener, self._page, log_output=False, keepalive=False)

    def _page(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest()]
        if path == "/healthz":
            return _json(start_response, True, {"alive": True})
        if path == "/readyz":
            facts = self.facts()
            remarks = self._chassis.container.service_cls.remarks()
            return _json(start_response, all(facts.values()), {**facts, **remarks})
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"not found"]

    def facts(self) -> dict[str, bool]:
        """What readiness is made of."""
        facts = {"consumer": self._consumer_attached(), "database": self._database_answers()}
        storage = self._chassis.storage
        return facts if storage is None else {**facts, "storage": storage.reached}

    def _consumer_attached(self) -> bool:
        consumers = [e for e in self._chassis.container.subextensions if _is_consumer(e)]
        return bool(consumers) and all(
            consumer.attached and consumer._gt is not None and not consumer._gt.dead
            for consumer in consumers
        )

    def _database_answers(self) -> bool:
        try:
            with eventlet.Timeout(2), self._chassis.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (Exception, eventlet.Timeout):
            return False
        return True


def _is_consumer(extension: Any) -> bool:
    return isinstance(extension, QueueConsumer)


def _json(start_response: Any, good: bool, body: dict[str, Any]) -> list[bytes]:
    status = "200 OK" if good else "503 Service Unavailable"
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
