"""What the queries share: how an author appears, moments in cursors, a page as text."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import RowMapping

from services.feed.domain.posts import ANONYMOUS_NAME, HELPER_NAME, UNKNOWN_NAME
from services.kit.pages import BadCursor

NEWEST, OLDEST = "infinity", "-infinity"  # places before the first of a list
NAMES = {"anonymous": ANONYMOUS_NAME, "unknown": UNKNOWN_NAME, "helper": HELPER_NAME}


def author_json(hidden: str, person: str, fallback: str, card: str = "card") -> str:
    """SQL for the author block; ``card`` is the joined directory card."""
    return f"""
        json_build_object(
            'id', CASE WHEN {hidden} THEN NULL ELSE {person} END,
            'display_name', CASE WHEN {hidden} THEN :anonymous
                ELSE coalesce({card}.display_name, nullif({fallback}, ''), :unknown) END,
            'building_label', CASE WHEN {hidden} THEN ''
                ELSE coalesce({card}.building_label, '') END,
            'badge_shown', NOT ({hidden}) AND coalesce({card}.badge_shown, false),
            'role_badges', CASE WHEN {hidden} OR {card}.role_badges IS NULL THEN '[]'::json
                ELSE to_json({card}.role_badges) END,
            'anonymous', {hidden}
        )"""


def check_moment(value: str) -> None:
    if value == NEWEST:
        return
    try:
        moment = datetime.fromisoformat(value)
        # As we wrote it: Python reads notations and offsets that PostgreSQL refuses.
        ours = moment.tzinfo is not None and moment.astimezone(UTC).isoformat() == value
    except (ValueError, OverflowError):
        raise BadCursor() from None
    if not ours or moment.year < 1970:
        raise BadCursor()


def page_json(rows: Sequence[RowMapping], cursor: str | None) -> str:
    items = ",".join(row["item"] for row in rows)
    return f'{{"items":[{items}],"next_cursor":{json.dumps(cursor)}}}'
