"""What was reported in a community between two moments, counted by several things at once."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_BREAKDOWN = text(
    """
    WITH reported AS MATERIALIZED (
        SELECT to_char(i.created_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month,
            coalesce(i.category, '') AS category, coalesce(i.slot, '') AS slot,
            coalesce(i.slot_name, '') AS slot_name, i.source,
            coalesce(card.building_label, '') AS building
        FROM issues AS i
        LEFT JOIN directory_cards AS card
            ON card.person_id = i.reporter_id AND card.community_id = i.community_id
        WHERE i.path = :path AND i.created_at >= :start AND i.created_at < :end
    )
    SELECT 'month' AS what, month AS one, category AS other, count(*) AS amount
    FROM reported GROUP BY month, category
    UNION ALL
    SELECT 'slot', slot, max(slot_name), count(*) FROM reported WHERE slot <> '' GROUP BY slot
    UNION ALL
    SELECT 'source', source, '', count(*) FROM reported GROUP BY source
    UNION ALL
    SELECT 'building', building, '', count(*) FROM reported GROUP BY building
    UNION ALL
    SELECT 'score', r.score::text, '', count(*)
    FROM issues AS i JOIN ratings AS r ON r.issue_id = i.id
    WHERE i.path = :path AND r.at >= :start AND r.at < :end GROUP BY r.score
    """
)

Counts = dict[tuple[str, str], int]


def breakdown(session: Session, path: str, start: datetime, end: datetime) -> dict[str, Counts]:
    """Counts by what they are of: ``month`` (with category), ``slot`` (with its name), ``source``,
    ``building`` (of the reporter; empty where there is none) and ``score``; in one statement.
    """
    found: defaultdict[str, Counts] = defaultdict(dict)
    rows = session.execute(_BREAKDOWN, {"path": path, "start": start, "end": end})
    for row in rows:
        found[row.what][row.one, row.other] = row.amount
    return found
