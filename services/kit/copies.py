"""A person's copy of what a service holds about her (PIPL art. 45), section by section.

::

    {"posts": {"items": [{…}, …], "left_out": 0}, "comments": {…}}

A section is a query. It is read as JSON by the database, the newest first, and bounded: a copy
of ten thousand posts must fit into a message and come within the two seconds of a question between
services. What did not fit is counted, never passed over in silence.
"""

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_ROWS = 5_000
MOST_BYTES = 1_000_000  # of one section; a reply carries some of them

Section = dict[str, Any]


def section(session: Session, query: str, **values: Any) -> Section:
    """What ``query`` finds, as far as it fits: ``{"items": […], "left_out": how many}``.

    Args:
        query: SQL that ends in its ORDER BY; its columns are the fields of the copy.
        values: its parameters.
    """
    rows = session.execute(
        text(
            f"""
            WITH found AS (
                SELECT row_to_json(mine)::text AS line, row_number() OVER () AS place
                FROM ({query}) AS mine
            ), measured AS (
                SELECT line, place, sum(octet_length(line)) OVER (ORDER BY place) AS bytes
                FROM found
            )
            SELECT line, (SELECT count(*) FROM found) AS total FROM measured
            WHERE place <= :most_rows AND bytes <= :most_bytes
            ORDER BY place
            """  # noqa: S608 - the query is the service's own
        ),
        {**values, "most_rows": MOST_ROWS, "most_bytes": MOST_BYTES},
    ).all()
    total = rows[0].total if rows else _count(session, query, values)
    return {"items": [json.loads(row.line) for row in rows], "left_out": total - len(rows)}


def _count(session: Session, query: str, values: dict[str, Any]) -> int:
    """Nothing fitted: because there is nothing, or because the first row is too big."""
    counted = session.scalar(text(f"SELECT count(*) FROM ({query}) AS mine"), values)  # noqa: S608
    return int(counted or 0)
