"""Sending text messages: a sink per provider behind one small protocol.

Messages wait in a table of their own and are sent by a timer after the commit that caused them,
so none is sent for a transaction that was rolled back, and a slow provider holds up no login.
"""

import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class SmsSink(Protocol):
    """Somebody who delivers messages."""

    def send(self, phone: str, text: str, key: str) -> None:
        """Deliver ``text`` to ``phone`` (E.164), once for each ``key``.

        Raises:
            OSError: not delivered; it will be tried again.
        """


@dataclass(frozen=True, slots=True)
class FileSink:
    """Development: messages are lines of a file that only its owner reads, and no log line."""

    path: Path

    def send(self, phone: str, text: str, key: str) -> None:
        """Append the message."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        line = {"at": datetime.now(UTC).isoformat(), "key": key, "phone": phone, "text": text}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


@dataclass(frozen=True, slots=True)
class HttpSink:
    """A provider's (or an own relay's) HTTP door: POST {phone, text, key} as JSON.

    ``key`` goes along as ``Idempotency-Key`` too, because a message may be sent twice when we
    die between its delivery and our note of it.
    """

    url: str
    secret: str
    timeout: float = 5.0

    def send(self, phone: str, text: str, key: str) -> None:
        """Post the message; any answer but 2xx is an ``HTTPError``, which is an ``OSError``."""
        body = json.dumps({"phone": phone, "text": text, "key": key}).encode()
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": key,
        }
        request = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
            answer.read()
