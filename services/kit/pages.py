"""Cursors for keyset pagination: where the last page ended, opaque to the client."""

import base64
import binascii
import json
import re
from datetime import datetime

from services.contracts.errors import BadRequest
from services.contracts.operations.base import check_moment

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no text for the database


class BadCursor(BadRequest):
    """The cursor is not one of ours."""

    code = "request.bad_cursor"
    zh, en = "翻页参数无效", "The cursor is not valid"


def encode_cursor(*values: str) -> str:
    """The values of the last row's sort key as text that matches ``[A-Za-z0-9_-]+``."""
    raw = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(text: str, count: int) -> tuple[str, ...]:
    """The ``count`` values in a cursor; :class:`BadCursor` when it is not one of ours."""
    try:
        raw = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
        values = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor() from None
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(isinstance(v, str) and not _UNSTORABLE.search(v) for v in values)
    ):
        raise BadCursor()
    return tuple(values)


def decode_moment(text: str) -> tuple[datetime, str]:
    """The moment and the id after which a list in the order of time goes on.

    Raises:
        BadCursor: it is not one of ours, or the moment is none that the database keeps.
    """
    moment, row_id = decode_cursor(text, 2)
    try:
        return check_moment(datetime.fromisoformat(moment)), row_id
    except ValueError:
        raise BadCursor() from None


def whole_number(value: str, *, digits: int = 9) -> int:
    """One of a cursor's values as a number of at most so many ``digits``, which a column holds.

    Raises:
        BadCursor: it is none.
    """
    if not (value.isascii() and value.isdigit() and len(value) <= digits):
        raise BadCursor()
    return int(value)
