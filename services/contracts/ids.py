"""Identifiers: UUID version 7 (RFC 9562 section 5.7), as lower-case text.

Their first 48 bits are milliseconds since the epoch, so that ids made later sort later and
primary keys stay close together on disk. Clients treat them as opaque.
"""

import re
import secrets
import time

_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def new_id(unix_ms: int | None = None) -> str:
    """A fresh UUIDv7; ``unix_ms`` fixes its time part (seeds and tests)."""
    ms = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    bits = (ms & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    bits |= 0b10 << 62 | secrets.randbits(62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of our ids (any UUID in lower case)."""
    return bool(_UUID.match(text))
