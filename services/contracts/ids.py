"""Identifiers: UUID version 7 (RFC 9562 section 5.7), as lower-case text.

Their first 48 bits are milliseconds since the epoch, the next 12 free ones parts of a millisecond
(method 3 of section 6.2): ids made later sort later, within a process even when they are made in
the same instant, and primary keys stay close together on disk. The other 62 bits are random.
Clients treat ids as opaque.
"""

import re
import secrets
import threading
import time

_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_PARTS = 1 << 12  # of a millisecond

_lock = threading.Lock()
_last = 0


def new_id(unix_ms: int | None = None) -> str:
    """A fresh UUIDv7; ``unix_ms`` fixes its time part (seeds and tests)."""
    tick = _tick() if unix_ms is None else unix_ms * _PARTS + secrets.randbits(12)
    ms, part = divmod(tick, _PARTS)
    bits = (ms & (1 << 48) - 1) << 80 | 0x7 << 76 | part << 64
    bits |= 0b10 << 62 | secrets.randbits(62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _tick() -> int:
    """The time in parts of a millisecond, always later than the last one given."""
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() * _PARTS // 1_000_000)
        return _last


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of our ids (any UUID in lower case)."""
    return bool(_UUID.match(text))
