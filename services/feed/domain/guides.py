"""Service guides (办事指南): one thing a line, and looked at again before they are out of date.

::

                    checked, or written anew
    fresh ◀──────────────────────────────────── stale
      └── valid_until has passed, or nobody has looked for a year ──▶
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts.errors import FieldError, Invalid, RuleBroken

CHECK_EVERY: Final = timedelta(days=365)
MOST_LINES: Final = 50
_BULLET: Final = re.compile(
    r"^\s*(?:[-*•·●▪]+\s+|[•·●▪]\s*|[0-9]{1,2}\s*(?:[.．](?![0-9])|[、)）])\s*|"
    r"[（(][0-9一二三四五六七八九十]{1,3}[)）]\s*|[一二三四五六七八九十]{1,3}、\s*|[①-⑳]\s*)"
)


class NotAGuide(RuleBroken):
    """Only service guides are checked for being up to date."""

    code = "feed.not_a_guide"
    zh, en = "只有办事指南需要核对", "Only service guides are checked"


def as_lines(text: str) -> str:
    """A list that somebody typed as one thing a line, without bullets, numbers and empty lines."""
    lines = (_BULLET.sub("", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def valid_until(
    extra: Mapping[str, Any], wanted: datetime | None, now: datetime
) -> datetime | None:
    """Until when a guide that was just checked is valid: as said, or as before if not over."""
    before = extra.get("valid_until")
    known = datetime.fromisoformat(before) if before else None
    return wanted or (known if known is not None and known > now else None)


def check_validity(valid_until: datetime | None, now: datetime) -> None:
    """A guide that was just checked is valid for a while yet; :class:`Invalid` otherwise."""
    if valid_until is not None and valid_until <= now:
        raise Invalid(errors=[FieldError("valid_until", "有效期应晚于现在")])
