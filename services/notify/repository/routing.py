"""From the inbox to the ways out: in one statement, whatever the size of the audience."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.notify.domain import preferences as rules
from services.notify.repository import preferences

# Whoever was told holds the lock of her row of unread_counts, so `day_told` is the place of this
# event among the news of her day. It is looked up for those alone who are reached outside. A way
# out is kept once per notice, person and channel.
_ROUTE = """
WITH reached AS MATERIALIZED (
    SELECT i.person_id, i.notice_id
    FROM inbox i {join} preferences p ON p.person_id = i.person_id
    WHERE i.event_id = :event_id AND {channels} && :outward
),
told AS (
    SELECT i.person_id, i.notice_id, n.lane, {channels} AS channels,
           {budgeted} AND c.day_told > {budget} AS over,
           {digest} AS digest,
           CASE WHEN n.lane <> 'emergency' AND {is_quiet}
                THEN {night_ends} ELSE :now END AS due_at
    FROM reached i
    JOIN notices n ON n.id = i.notice_id
    JOIN unread_counts c ON c.person_id = i.person_id
    LEFT JOIN preferences p ON p.person_id = i.person_id
),
sent AS (
    INSERT INTO deliveries (id, person_id, notice_id, channel, lane, state, due_at, created_at)
    SELECT uuidv7(), person_id, notice_id, way, lane,
           CASE WHEN NOT over THEN 'waiting' WHEN digest = 'off' THEN 'dropped' ELSE 'digest' END,
           due_at, :now
    FROM told CROSS JOIN unnest(channels) AS way
    WHERE way = ANY (:outward)
    ON CONFLICT (notice_id, person_id, channel) DO NOTHING
)
INSERT INTO lane_uses (notice_id, kind, variant, actor_id, community_id, path, link, facts,
                       people, used_at)
SELECT n.id, n.kind, n.variant, n.actor_id, n.community_id, n.path, n.link, n.facts,
       (SELECT count(*) FROM inbox i WHERE i.event_id = n.event_id AND i.notice_id = n.id), :now
FROM notices n WHERE n.event_id = :event_id AND n.lane = 'emergency'
ON CONFLICT (notice_id) DO NOTHING
RETURNING notice_id, kind, community_id, path, people
"""
# While nobody is reached outside who did not ask for it, those who never chose are passed over.
_OUTWARD_BY_DEFAULT = set(rules.OUTWARD) & set(rules.DEFAULTS.channels)
ROUTE = _ROUTE.format(
    channels=preferences.CHANNELS,
    budgeted=preferences.BUDGETED,
    budget=preferences.BUDGET,
    digest=preferences.DIGEST,
    is_quiet=preferences.IS_QUIET,
    night_ends=preferences.NIGHT_ENDS,
    join="LEFT JOIN" if _OUTWARD_BY_DEFAULT else "JOIN",
)


def route(session: Session, event_id: str, now: datetime) -> Sequence[Row[Any]]:
    """Put what an event told on its ways out; return the uses of the lane of emergencies."""
    found = session.execute(
        text(ROUTE),
        {
            **preferences.parameters(now),
            "event_id": event_id,
            "now": now,
            "outward": list(rules.OUTWARD),
        },
    )
    return found.all()
