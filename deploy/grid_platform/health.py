"""/healthz, /readyz and /metrics, by the standard library's server in a thread."""

import json
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from .status import Snapshot, Status
from .store import Store

Page = tuple[int, str, bytes]  # status, content type, body


class Figures(Collector):
    """Metrics read from the state file at the moment of asking: they survive a restart."""

    def __init__(self, path: Path, status: Status) -> None:
        self.path = path
        self.status = status

    def collect(self) -> Iterator[Metric]:
        """Orders by state, messages by type and outcome, and what waits."""
        with Store(self.path) as store:
            counts = store.counts()
        orders = GaugeMetricFamily("grid_platform_orders", "Work orders.", labels=["state"])
        for state, count in counts["orders"].items():
            orders.add_metric([state], count)
        messages = CounterMetricFamily(
            "grid_platform_messages", "Messages taken.", labels=["type", "outcome"]
        )
        for key, count in counts["messages"].items():
            messages.add_metric(key.split(" "), count)
        waiting = GaugeMetricFamily(
            "grid_platform_waiting",
            "Updates not confirmed by the broker, and messages that wait for an earlier one.",
            labels=["what"],
        )
        for what, count in counts["waiting"].items():
            waiting.add_metric([what], count)
        now = self.status.now
        yield from (orders, messages, waiting)
        yield CounterMetricFamily(
            "grid_platform_refused", "Messages sent to the dead letters.", value=now.refused
        )
        yield GaugeMetricFamily(
            "grid_platform_consuming", "1 while messages are taken.", value=self.status.ready
        )


class Quiet(ThreadingHTTPServer):
    """Says nothing about probes that went away before their answer."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Everything else is told as ever."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class HealthServer:
    """Serves until :meth:`close`."""

    def __init__(self, host: str, port: int, status: Status, path: Path) -> None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Figures(path, status))

        pages: dict[str, Callable[[], Page]] = {
            "/healthz": lambda: _state(status.alive, "alive", "stuck", status.now),
            "/readyz": lambda: _state(status.ready, "ready", "away", status.now),
            "/metrics": lambda: (200, CONTENT_TYPE_LATEST, generate_latest(registry)),
        }

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                page = pages.get(self.path.split("?", 1)[0])
                try:
                    code, kind, body = page() if page else (404, "text/plain", b"not found\n")
                except sqlite3.Error:
                    code, kind, body = 503, "text/plain", b"the state file can't be read\n"
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """A probe every few seconds is not worth a line."""

        self.server = Quiet((host, port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()


def _state(good: bool, yes: str, no: str, now: Snapshot) -> Page:
    data = {
        "status": yes if good else no,
        "connected": now.connected,
        "consuming": now.consuming,
        "storage": now.storage,
        "trouble": now.trouble,
    }
    return 200 if good else 503, "application/json", json.dumps(data).encode()
