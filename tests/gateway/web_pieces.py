"""What every answer of the worlds is told with: moments, and a page of a list."""

from datetime import UTC, datetime, timedelta
from typing import Any


def at(**ago: float) -> str:
    """A moment so long ago."""
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def page_of(*items: Any, cursor: str | None = None, **more: Any) -> dict[str, Any]:
    return {"items": list(items), "next_cursor": cursor, **more}
