"""Whoever delivers messages, on this machine: up, down, slow, in a hurry, talking nonsense."""

import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Provider:
    """``says`` is what it answers: a status, or one of hang, nonsense, cut.

    ``got`` are the requests, ``delivered`` what a person gets: each key once.
    """

    port: int = 0
    says: Any = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    got: list[dict[str, Any]] = field(default_factory=list)
    delivered: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def netloc(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def take(self, path: str, headers: dict[str, str], raw: bytes) -> Any:
        """Keep a request; the answer to it."""
        try:
            said = json.loads(raw)
        except ValueError:
            said = {}
        with self.lock:
            asked = {"path": path, "headers": headers, "raw": raw, "said": said}
            self.got.append(asked)
            answer = self.says(asked) if callable(self.says) else self.says
            if isinstance(answer, int) and 200 <= answer < 300:
                key = headers.get("Idempotency-Key") or headers.get("Topic") or str(len(self.got))
                self.delivered.setdefault(key, asked)
        self.arrived.set()
        return answer


@contextmanager
def provider(port: int = 0) -> Iterator[Provider]:
    """The server, for as long as the block lasts."""
    fake = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = fake.take(self.path, {k.title(): v for k, v in self.headers.items()}, raw)
            if fake.hang:
                fake.released.wait(fake.hang)
            if answer == "nonsense":
                self.wfile.write(b"\x00\xff 220 mail.example.org ready\r\n\r\n")
                return
            if answer == "cut":
                return
            self.send_response(answer)
            for name, value in fake.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(fake.body)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked may be dead
                self.wfile.write(fake.body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    fake.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
