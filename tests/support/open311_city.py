"""A city's GeoReport v2 server that has bad days, and the adapter in front of it as a process."""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from tests.support.grid_rig import Platform

FAULTS = ("lost", "kept", "cut", "slow")
"""What goes wrong: a 500 without effect, a 500 after the effect, a connection that ends after the
effect, an answer that comes too late."""


@dataclass
class City:
    """What the city holds; ``share`` of its answers to reports go wrong, by seeded dice.

    It does not know repeated reports: whoever sends one twice has two.
    """

    share: float = 0.0
    polls: int = 2
    """How often a request is asked for before it is closed."""
    away: bool = False
    refuses: set[str] = field(default_factory=set)
    """Service codes that it does not take."""
    gone: set[str] = field(default_factory=set)
    """Ids that it no longer has; whoever asks for one of them is told 404, and of no other."""
    raw: bytes | None = None
    """What it answers to everything, when that is no answer."""
    key: str = "secret"
    batch: bool = False
    """Whether a report is given a token first."""
    notes: str = "已清理"
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    port: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    lock: threading.Lock = field(default_factory=threading.Lock)
    slow_seconds: float = 0.8

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def marks(self) -> Counter[str]:
        """How often each order's turn was taken in."""
        return Counter(
            one["description"].partition("[")[2].partition("]")[0] for one in self.requests.values()
        )

    def fault(self) -> str:
        """What goes wrong now; nothing, mostly."""
        with self.lock:
            found = self.dice.choice(FAULTS) if self.dice.random() < self.share else ""
            self.faults[found] += 1
            return found

    def take_in(self, form: dict[str, str]) -> str:
        """A report becomes a request."""
        with self.lock:
            request_id = str(10_000 + len(self.requests))
            now = datetime.now(UTC).isoformat()
            self.requests[request_id] = {
                "service_request_id": request_id,
                "status": "open",
                "status_notes": "",
                "service_code": form["service_code"],
                "description": form.get("description", ""),
                "requested_datetime": now,
                "form": form,
            }
            return request_id

    def told(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """A list of requests; asked for by its id often enough, one is closed."""
        with self.lock:
            ids = [part for part in query.get("service_request_id", "").split(",") if part]
            for one in ids:
                self.asked[one] += 1
                if one in self.requests and self.asked[one] >= self.polls:
                    self.requests[one] |= {"status": "closed", "status_notes": self.notes}
            code = query.get("service_code")
            return [
                {name: value for name, value in one.items() if name != "form"}
                for key, one in self.requests.items()
                if (key in ids if ids else code in (None, one["service_code"]))
            ]


def as_xml(status: int, items: list[dict[str, Any]]) -> bytes:
    """What many servers send: indented, so that blanks stand around every value."""
    root = Element("errors" if status >= 400 else "service_requests")
    for one in items:
        item = SubElement(root, "error" if status >= 400 else "request")
        for name, value in one.items():
            SubElement(item, name).text = f"\n      {value}\n    "
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


@contextmanager
def running_city(**options: Any) -> Iterator[City]:
    """The server, for as long as the block lasts."""
    city = City(**options)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if city.away:
                self.say(503, [])
            elif city.gone & {*query.get("service_request_id", "").split(",")}:
                self.say(404, [{"code": "404", "description": "no such request"}])
            elif parts.path in ("/v2/requests.json", "/v2/requests.xml"):
                self.say(200, city.told(query))
            elif city.batch and parts.path.startswith("/v2/tokens/"):
                request_id = unquote(parts.path.rpartition("/")[2].rpartition(".")[0])
                said = {"service_request_id": request_id.removeprefix("t/?"), "token": "t"}
                self.say(200, [said])
            else:
                self.say(404, [{"code": "404", "description": "nothing here"}])

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            if city.away:
                return self.say(503, [])
            if form.get("api_key") != city.key:
                return self.say(403, [{"code": "403", "description": "api_key"}])
            if form["service_code"] in city.refuses:
                return self.say(400, [{"code": "400", "description": "service_code is closed"}])
            fault = city.fault()
            if fault == "lost":
                return self.say(500, [])
            request_id = city.take_in(form)
            if fault == "kept":
                return self.say(500, [])
            if fault == "cut":
                return None
            if fault == "slow":
                threading.Event().wait(city.slow_seconds)
            if city.batch:  # a token is the city's word, whatever stands in it
                return self.say(201, [{"token": f"t/?{request_id}"}])
            return self.say(201, [{"service_request_id": request_id, "service_notice": ""}])

        def say(self, status: int, value: Any) -> None:
            xml = urlsplit(self.path).path.endswith(".xml")
            raw = as_xml(status, value) if xml else json.dumps(value).encode()
            raw = raw if city.raw is None else city.raw
            self.send_response(status)
            self.send_header("Content-Type", "text/xml" if xml else "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: Any) -> None:
            """Nothing is told."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Whoever waited too long has left."""

    server = Quiet(("127.0.0.1", 0), Handler)
    city.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield city
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Adapter(Platform):
    """The adapter as a process of its own."""

    module = "deploy.open311_adapter"

    def __init__(self, amqp_url: str, folder: Path, city: City) -> None:
        super().__init__(amqp_url, folder)
        self.environment |= {
            "SHEQU_OPEN311_URL": city.url,
            "SHEQU_OPEN311_API_KEY": "secret",
            "SHEQU_OPEN311_SERVICES": '{"X3": {"service_code": "006", "attributes": {"a": "b"}}, '
            '"X9": "011"}',
            "SHEQU_OPEN311_POLL_SECONDS": "0.3",
            "SHEQU_OPEN311_SETTLE_SECONDS": "0.3",
            "SHEQU_OPEN311_TIMEOUT_SECONDS": "0.4",
            "SHEQU_OPEN311_DATABASE_FILE": str(self.state_file),
        }
