"""Names in lists; keys in cursors, checked before the database sees them; pages by these keys."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import RowMapping

from services.contracts.ids import is_id
from services.feed.repository.shared import author_json, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

_PERSON_ID = re.compile("[A-Za-z0-9_-]{1,64}")  # another service's, so not of our form alone


def somebody(person: str) -> str:
    """SQL for the author block of somebody whose name is not hidden; see ``author_json``."""
    return author_json("false", person, "''")


def by_moment(cursor: str | None, start: str, *, person: bool = False) -> tuple[str, str]:
    """The moment and the id where a page begins: those of the cursor, or ``start`` of the list.

    Args:
        person: the id is a person's.
    """
    if cursor is None:
        return start, ""
    moment, last_id = decode_cursor(cursor, 2)
    check_moment(moment)
    if not (_PERSON_ID.fullmatch(last_id) if person else is_id(last_id)):
        raise BadCursor()
    return moment, last_id


def by_day(cursor: str | None, start: str) -> tuple[str, str]:
    """The day and the id where a page begins: those of the cursor, or ``start`` of the list."""
    if cursor is None:
        return start, ""
    day, last_id = decode_cursor(cursor, 2)
    if not (_is_day(day) and is_id(last_id)):
        raise BadCursor()
    return day, last_id


def _is_day(value: str) -> bool:
    """Whether it is a day as we write it."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def next_key(rows: Sequence[RowMapping], limit: int, by: str, then: str) -> str | None:
    """The cursor of the next page, when ``rows`` are more than ``limit``."""
    if len(rows) <= limit:
        return None
    return encode_cursor(rows[limit - 1][by].isoformat(), rows[limit - 1][then])


def keyset_page(rows: Sequence[RowMapping], limit: int, by: str, then: str) -> str:
    """A page of ``rows``, of which one more than ``limit`` was asked for, as JSON text."""
    return page_json(rows[:limit], next_key(rows, limit, by, then))
