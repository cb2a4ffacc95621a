"""What notify itself has to say to people, each her own: a digest, a brief that is there.

As with what an event tells, everything of one making stands under one event's id, so that it is
routed in one statement; ``rank`` numbers its notices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from services.contracts.ids import new_id
from services.notify.domain import Kind, Why
from services.notify.domain import preferences as rules
from services.notify.models import Notice
from services.notify.repository import delivering

_HAND = text(
    f"""
    WITH delivered AS (
        INSERT INTO inbox (person_id, event_id, notice_id)
        SELECT person_id, :event_id, notice_id
        FROM unnest(cast(:people AS text[]), cast(:notices AS text[])) AS o (person_id, notice_id)
        WHERE NOT EXISTS (SELECT FROM departed d WHERE d.person_id = o.person_id)
        ON CONFLICT (event_id, person_id) DO NOTHING
        RETURNING person_id, notice_id
    ),
    counted AS (
        INSERT INTO unread_counts AS c (person_id, unread, newest)
        SELECT person_id, 1, notice_id FROM delivered ORDER BY person_id
        ON CONFLICT (person_id) DO UPDATE
            SET unread = c.unread + 1, newest = greatest(c.newest, excluded.newest)
        RETURNING person_id, unread, old.newest AS before
    ),
    {delivering.LATE}
    SELECT person_id, unread FROM counted
    """  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Handed:
    """One notice for these people; nobody is among those of two. None of it takes of a budget."""

    people: Sequence[str]
    kind: Kind
    variant: str
    why: Why
    link: str
    facts: Mapping[str, str] = field(default_factory=dict)


def hand(
    session: Session, event_id: str, handed: Sequence[Handed], now: datetime, live_at_most: int
) -> list[delivering.Told]:
    """Put them into the inboxes; return who has them new, as ``delivering.deliver`` does.

    Args:
        handed: one at least, and at most 2**15: one event's id has numbers for no more.
    """
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "rank": rank,
            "kind": one.kind,
            "variant": one.variant,
            "why": one.why,
            "link": one.link,
            "facts": dict(one.facts),
            "created_at": now,
            "lane": rules.lane_of(one.kind, one.why),
        }
        for rank, one in enumerate(handed)
    ]
    session.execute(insert(Notice), rows)
    pairs = [
        (person, row["id"]) for one, row in zip(handed, rows, strict=True) for person in one.people
    ]
    counts = session.execute(
        _HAND,
        {
            "event_id": event_id,
            "people": [person for person, _ in pairs],
            "notices": [notice for _, notice in pairs],
        },
    )
    unread = {row.person_id: row.unread for row in counts}
    return delivering.heard(session, event_id, unread, now, live_at_most)
