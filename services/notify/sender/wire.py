"""An HTTP request to a provider: no redirect, no long wait, no long answer, no address in a log."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Final

import requests

from services.kit.limits import OutOfTime, within

TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect, and of silence."""
LONGEST: Final = 20.0
MOST_BYTES: Final = 65_536

logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)  # it would write addresses down


class NoAnswer(Exception):
    """Nobody answered, or not in HTTP; the word says how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as it was read; it has the names that pywebpush looks for."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.content.decode(errors="replace")

    @property
    def retry_after(self) -> float:
        """Seconds to wait (RFC 9110, 10.2.3), from a number or a date; 0 when it does not say."""
        said = self.headers.get("Retry-After", "").strip()
        if said.isascii() and said.isdigit():
            return float(said[:9])
        try:
            left = parsedate_to_datetime(said) - datetime.now(UTC)
        except (ValueError, TypeError):
            return 0.0
        return max(0.0, left.total_seconds())


def post(url: str, **request: Any) -> Answer:
    """POST, and read at most 64 KB of the answer within 20 s.

    The clock is around all of it: a head or a piece that comes byte by byte never falls silent.

    Raises:
        NoAnswer: the connection, or what came over it, is no good.
    """
    options = {"timeout": TIMEOUT, **request, "stream": True, "allow_redirects": False}
    try:
        with within(LONGEST):
            reply = requests.post(url, **options)  # noqa: S113 - it has one
            with reply:
                body = b""
                for piece in reply.iter_content(8_192):
                    body += piece
                    if len(body) > MOST_BYTES:
                        break
                return Answer(reply.status_code, body, reply.headers, reply.reason or "")
    except (requests.Timeout, OutOfTime):
        raise NoAnswer("timeout") from None
    except (requests.RequestException, HTTPException, OSError, ValueError):
        raise NoAnswer("connection") from None  # what it says names the address
