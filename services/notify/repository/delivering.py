"""Into the inboxes: whom news concerns, in one statement whatever the size of the audience."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.events import Event
from services.contracts.ids import new_id
from services.notify import domain
from services.notify.domain import preferences as rules
from services.notify.models import Notice
from services.notify.repository import preferences


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told: which notice, how many are unread with it, and how she hears of it."""

    person_id: str
    notice_id: str
    unread: int
    lane: str
    silent: bool
    language: domain.Language


# Who is told, in one statement whatever the size of the audience: `{audience}` is a union of the
# branches below. Whoever is reached twice hears the first (most personal) notice that she did not
# mute. The row locks on unread_counts are taken in the order of person_id, so that two events
# cannot wait for each other; with the count the place in the budget's day is settled.
_DELIVER = """
WITH audience (person_id, rank) AS ({audience}),
told AS (
    SELECT DISTINCT ON (a.person_id) a.person_id, n.event_id, n.id AS notice_id
    FROM audience a JOIN notices n ON n.event_id = :event_id AND n.rank = a.rank
    LEFT JOIN preferences p ON p.person_id = a.person_id
    WHERE a.person_id IS DISTINCT FROM :actor_id
      AND NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = a.person_id)
      AND NOT {muted} {near}
    ORDER BY a.person_id, a.rank
),
delivered AS (
    INSERT INTO inbox (person_id, event_id, notice_id)
    SELECT person_id, event_id, notice_id FROM told
    ON CONFLICT (person_id, event_id) DO NOTHING
    RETURNING person_id, notice_id
),
counted AS (
    INSERT INTO unread_counts AS c (person_id, unread, day_from, day_told, newest)
    SELECT d.person_id, 1, {day_begins},
           cast({budgeted} AS integer), d.notice_id
    FROM delivered d JOIN notices n ON n.id = d.notice_id
    LEFT JOIN preferences p ON p.person_id = d.person_id
    ORDER BY d.person_id
    ON CONFLICT (person_id) DO UPDATE SET unread = c.unread + 1, day_from = excluded.day_from,
        day_told = excluded.day_told
                 + CASE WHEN c.day_from = excluded.day_from THEN c.day_told ELSE 0 END,
        newest = greatest(c.newest, excluded.newest)
    RETURNING person_id, unread, old.newest AS before
),
{late}
SELECT person_id, unread FROM counted ORDER BY person_id LIMIT :most
"""
# Whoever keeps away from the face with which a neighbour speaks does not hear of it. Which one that
# is on her own post, the thread says: before that is known she is told, for her not being told
# would say who hides there.
_NEAR = """
    AND NOT EXISTS (
        SELECT 1 FROM distances k
        WHERE k.person_id = a.person_id AND k.other_id = :neighbour AND k.hidden = CASE
            WHEN :on_her_own THEN (SELECT t.author_hidden FROM threads t
                                   WHERE t.post_id = :spoken_on AND t.author_id = :neighbour)
            ELSE false END)
"""
# Whoever has something newer already, by the lock on her count, is told late.
LATE = """late AS (
    INSERT INTO late_news (event_id, person_id, after_id)
    SELECT :event_id, person_id, before FROM counted
    WHERE before > (SELECT min(id) FROM notices WHERE event_id = :event_id)
    ON CONFLICT DO NOTHING
)"""
# A hundred thousand take some seconds, and more on a busy machine: less than the silence after
# which the kit gives a connection up.
PATIENT = text("SET LOCAL statement_timeout = '12s'")
_TOLD = text(
    """
    SELECT i.person_id, i.notice_id, n.kind, n.lane, c.day_told, p.channels, p.quiet_from,
           p.quiet_until, p.muted_kinds, p.daily_budget, p.digest, p.language
    FROM inbox i JOIN notices n ON n.id = i.notice_id
    JOIN unread_counts c ON c.person_id = i.person_id
    LEFT JOIN preferences p ON p.person_id = i.person_id
    WHERE i.event_id = :event_id AND i.person_id = ANY (:people)
    ORDER BY i.person_id
    """
)
_PERSONS = """
SELECT p.id, {n} FROM unnest(cast(:persons_{n} AS text[])) AS p (id)
WHERE NOT EXISTS (
    SELECT 1 FROM follows f
    WHERE f.post_id = :left_{n} AND f.person_id = p.id AND f.left_id IS NOT NULL)
"""
# Whoever moved away keeps her own issues, but does not hear of the neighbours' threads any more.
_FOLLOWERS = """
SELECT f.person_id, {n} FROM follows f
WHERE f.post_id = :post_{n} AND f.left_id IS NULL AND {takes_part} AND NOT EXISTS (
    SELECT 1 FROM directory_cards c WHERE c.person_id = f.person_id
    AND c.community_id = :community_id AND c.standing = 'ended')
"""
_ON_DUTY = """
SELECT person_id, {n} FROM duties
WHERE NOT ended AND path = ANY(:paths_{n}) AND role = ANY(:roles_{n})
  AND (expires_at IS NULL OR expires_at > :now)
  AND coalesce(person_id = ANY(cast(:among_{n} AS text[])), true)
"""
_MEMBERS = """
SELECT person_id, {n} FROM directory_cards
WHERE community_id = :members_{n} AND standing IN ('active', 'staff')
"""


_TAKES_PART = {None: "f.part IS NOT NULL", domain.Part.CHOSE: "f.chosen"}


def _branch(news: domain.News) -> tuple[str, dict[str, Any]]:
    """The audience of one piece of news as SQL; its parameters carry the news's rank."""
    n = news.rank
    match news.audience:
        case domain.Persons(ids, thread):
            return _PERSONS.format(n=n), {f"persons_{n}": list(ids), f"left_{n}": thread}
        case domain.Followers(thread, part):
            sql = _FOLLOWERS.format(n=n, takes_part=_TAKES_PART.get(part, f"f.part = :part_{n}"))
            return sql, {f"post_{n}": thread, f"part_{n}": part}
        case domain.OnDuty(roles, path, among):
            return _ON_DUTY.format(n=n), {
                f"among_{n}": None if among is None else list(among),
                f"roles_{n}": sorted(roles),
                f"paths_{n}": list(domain.ancestors(path)),
            }
        case domain.Members(community_id):
            return _MEMBERS.format(n=n), {f"members_{n}": community_id}


def deliver(
    session: Session,
    event: Event,
    event_id: str,
    told: Sequence[domain.News],
    now: datetime,
    live_at_most: int,
) -> list[Told]:
    """Put the news of an event into every inbox concerned; return who has it new.

    Args:
        told: the news, in the order of precedence.
        live_at_most: of a larger audience nobody is returned, though everybody is told.
    """
    actor_id = domain.actor_of(event)
    community_id = getattr(event, "community_id", None)
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "rank": news.rank,
            "kind": news.kind,
            "variant": news.variant,
            "why": news.why,
            "link": news.link,
            "facts": dict(news.facts),
            "post_id": domain.thread_id_of(event),
            "community_id": community_id,
            "actor_id": actor_id,
            "created_at": now,
            "lane": rules.lane_of(news.kind, news.why),
            "path": getattr(event, "path", None),
        }
        for news in told
    ]
    session.execute(insert(Notice).on_conflict_do_nothing(), rows)
    branches = [_branch(news) for news in told]
    parameters: dict[str, Any] = {
        "event_id": event_id,
        "actor_id": actor_id,
        "community_id": community_id,
        "now": now,
        "most": live_at_most + 1,
        **preferences.parameters(now),
    }
    for _, own in branches:
        parameters.update(own)
    neighbour = domain.neighbour_of(event)
    if neighbour:
        parameters |= {
            "neighbour": neighbour,
            "spoken_on": domain.thread_id_of(event),
            "on_her_own": neighbour == getattr(event, "post_author_id", None),
        }
    statement = _DELIVER.format(
        audience=" UNION ALL ".join(sql for sql, _ in branches),
        muted=preferences.muted_by("a.person_id", "p.muted_kinds"),
        budgeted=preferences.BUDGETED,
        day_begins=preferences.DAY_BEGINS,
        near=_NEAR if neighbour else "",
        late=LATE,
    )
    if any(isinstance(news.audience, domain.Members) for news in told):
        session.execute(PATIENT)
    counts = session.execute(text(statement), parameters).all()
    unread = {row.person_id: row.unread for row in counts}
    return heard(session, event_id, unread, now, live_at_most)


def heard(
    session: Session, event_id: str, unread: Mapping[str, int], now: datetime, live_at_most: int
) -> list[Told]:
    """How each of these hears of what an event told; ``unread`` are their counts after it.

    Of more than ``live_at_most`` nobody is returned.
    """
    if not unread or len(unread) > live_at_most:
        return []
    found = session.execute(_TOLD, {"event_id": event_id, "people": list(unread)})
    return [_told(row, unread[row.person_id], now) for row in found]


def _told(row: Row[Any], unread: int, now: datetime) -> Told:
    wishes, lane = preferences.of_row(row), rules.Lane(row.lane)
    silent = rules.is_silent(wishes, domain.Kind(row.kind), lane, row.day_told, now)
    return Told(row.person_id, row.notice_id, unread, lane, silent, wishes.language)
