"""Deliveries on their way: taken, looked into, marked, parked and sent on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.contracts.ids import new_id
from services.contracts.operations.notify.channels import SentChannel
from services.notify.domain.letters import Browser
from services.notify.repository.preferences import MUTABLE, NEWS, muted_thread_of

# The claim moves the row out of sight and is committed before anything is sent: nothing is locked
# while a provider keeps us waiting, and a sender that dies leaves a row that is due again.
_CLAIM = """
WITH taken AS MATERIALIZED (
    SELECT id FROM deliveries
    WHERE state = 'waiting' AND channel = :channel AND due_at <= :now {urgent}
    ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED
)
UPDATE deliveries d SET due_at = :until, attempts = d.attempts + 1, taken = d.taken + 1
FROM taken WHERE d.id = taken.id RETURNING d.id
"""
_PARTICULARS = f"""
SELECT d.id, d.person_id, d.notice_id, d.lane, d.what, d.target, d.reached, d.attempts, d.taken,
       p.channels, p.quiet_from, p.quiet_until, p.muted_kinds, p.daily_budget, p.digest,
       coalesce(p.language, 'zh') AS language,
       coalesce(r.ticket, t.ticket, CASE WHEN d.what = 'code' THEN d.target END, '') AS ticket,
       CASE
           WHEN EXISTS (SELECT 1 FROM departed x WHERE x.person_id = d.person_id) THEN 'departed'
           WHEN d.what <> 'news' THEN NULL
           WHEN d.channel = 'dingtalk' THEN CASE WHEN r.ticket IS NULL THEN 'no_address' END
           WHEN i.person_id IS NULL THEN 'taken_back'
           WHEN i.read_at IS NOT NULL THEN 'read'
           WHEN d.channel <> ALL (p.channels) THEN 'switched_off'
           WHEN {MUTABLE} AND n.kind = ANY (p.muted_kinds) THEN 'muted_kind'
           WHEN {MUTABLE} AND {muted_thread_of("d.person_id")} THEN 'muted_thread'
       END AS moot
FROM deliveries d
LEFT JOIN notices n ON n.id = d.notice_id
LEFT JOIN inbox i ON i.person_id = d.person_id AND i.notice_id = d.notice_id
LEFT JOIN preferences p ON p.person_id = d.person_id
LEFT JOIN channel_tickets t ON t.person_id = d.person_id AND t.channel = d.channel
LEFT JOIN robots r ON r.community_id = d.person_id AND d.channel = 'dingtalk'
WHERE d.id = ANY (:ids) ORDER BY d.lane <> 'emergency', d.id
"""  # noqa: S608
# Whoever comes late, because another sender has taken the row meanwhile, changes nothing.
_MARK = """
UPDATE deliveries SET state = :state, due_at = coalesce(:due_at, due_at), error = :error,
    attempts = attempts - :uncounted, sent_at = :sent_at, reached = reached || :reached
WHERE id = :id AND state = 'waiting' AND taken = :taken
"""
_FIGURES = """
SELECT channel, state, count(*) AS rows, min(CASE WHEN state = 'parked' THEN created_at
                                                  ELSE due_at END) AS oldest
FROM deliveries
WHERE state = 'waiting' AND due_at <= :now OR state = 'parked' GROUP BY channel, state
"""
# Whose they are, an operator is not told; where, only as far as her own district goes.
_IN_REACH = """
    state = 'parked' AND (cast(:channel AS text) IS NULL OR channel = :channel)
    AND (coalesce(m.path, n.path) IS NULL
         OR EXISTS (SELECT 1 FROM unnest(cast(:scopes AS text[])) AS scope
                    WHERE coalesce(m.path, n.path) = scope
                       OR starts_with(coalesce(m.path, n.path), scope || '.')))
"""
# A town's news is of no community, and a robot that is tried out has no news: its owner is one.
_OF_NOTICE = """
LEFT JOIN notices n ON n.id = d.notice_id
LEFT JOIN directory_communities m ON m.id = coalesce(
    n.community_id, CASE WHEN d.channel = 'dingtalk' THEN d.person_id END)
"""
_PARKED = f"""
SELECT d.id, d.channel, d.lane, d.what, d.attempts, d.error, d.created_at,
       n.kind, n.community_id, m.name AS community
FROM deliveries d {_OF_NOTICE}
WHERE {_IN_REACH}
  AND (cast(:after_at AS timestamptz) IS NULL OR (d.created_at, d.id) > (:after_at, :after_id))
ORDER BY d.created_at, d.id LIMIT :limit
"""  # noqa: S608
_SEND_ON = f"""
UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = :now, error = NULL
WHERE id IN (
    SELECT d.id FROM deliveries d {_OF_NOTICE}
    WHERE {_IN_REACH} AND (cast(:ids AS text[]) IS NULL OR d.id = ANY (:ids))
    ORDER BY d.created_at, d.id LIMIT :limit FOR UPDATE OF d SKIP LOCKED
)
RETURNING id
"""  # noqa: S608


def claim(session: Session, channel: str, now: datetime, until: datetime, most: int) -> list[str]:
    """Take at most so many due deliveries of a channel, emergencies first, until then."""
    found: list[str] = []
    for urgent in ("AND lane = 'emergency'", "AND lane <> 'emergency'"):
        values = {"channel": channel, "now": now, "until": until, "most": most - len(found)}
        found += session.scalars(text(_CLAIM.format(urgent=urgent)), values)
    return found


def particulars(session: Session, ids: Sequence[str]) -> Sequence[Row[Any]]:
    """What there is to know of deliveries before they are sent; ``moot`` why they need not be."""
    return session.execute(text(_PARTICULARS), {**NEWS, "ids": list(ids)}).all()


def browsers(session: Session, people: Sequence[str]) -> dict[str, list[Browser]]:
    """The browsers of people, by person."""
    found: dict[str, list[Browser]] = {}
    rows = session.execute(
        text(
            "SELECT person_id, id, endpoint, p256dh, auth FROM push_subscriptions "
            "WHERE person_id = ANY (:people) ORDER BY id"
        ),
        {"people": list(people)},
    )
    for person_id, *browser in rows:
        found.setdefault(person_id, []).append(Browser(*browser))
    return found


def mark(
    session: Session,
    delivery_id: str,
    taken: int,
    state: str,
    *,
    due_at: datetime | None = None,
    error: str | None = None,
    uncounted: bool = False,
    sent_at: datetime | None = None,
    reached: Sequence[str] = (),
) -> None:
    """Write down what became of a delivery that was taken for the so-manieth time."""
    session.execute(
        text(_MARK),
        {
            "id": delivery_id,
            "taken": taken,
            "state": state,
            "due_at": due_at,
            "error": error,
            "uncounted": int(uncounted),
            "sent_at": sent_at,
            "reached": list(reached),
        },
    )


def browsers_reached(session: Session, ids: Sequence[str], now: datetime) -> None:
    """These browsers took a push."""
    session.execute(
        text("UPDATE push_subscriptions SET reached_at = :now WHERE id = ANY (:ids)"),
        {"ids": list(ids), "now": now},
    )


def browsers_gone(session: Session, ids: Sequence[str]) -> None:
    """These browsers do not take a push any more."""
    session.execute(
        text("DELETE FROM push_subscriptions WHERE id = ANY (:ids)"), {"ids": list(ids)}
    )


def ticket_gone(session: Session, ticket: str) -> bool:
    """The ticket opens nothing any more: the channel has to be switched on again.

    False: there was no such ticket any more; another one may have taken its place.
    """
    found = False
    for table in ("channel_tickets", "robots"):
        gone = text(f"DELETE FROM {table} WHERE ticket = :ticket RETURNING 1")  # noqa: S608
        found = session.execute(gone, {"ticket": ticket}).first() is not None or found
    return found


def figures(session: Session, now: datetime) -> Sequence[Row[Any]]:
    """How many are due and parked by channel, and since when the oldest."""
    return session.execute(text(_FIGURES), {"now": now}).all()


def parked(
    session: Session,
    scopes: Sequence[str],
    *,
    channel: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Parked deliveries below these nodes of the tree, the oldest first."""
    at, last = after or (None, None)
    values = {"scopes": list(scopes), "channel": channel, "limit": limit}
    return session.execute(text(_PARKED), {**values, "after_at": at, "after_id": last}).all()


def send_on(
    session: Session,
    scopes: Sequence[str],
    now: datetime,
    *,
    channel: str | None,
    ids: Sequence[str] | None,
    limit: int,
) -> int:
    """Let parked deliveries begin the ladder anew; how many there were."""
    values = {"scopes": list(scopes), "channel": channel, "limit": limit, "now": now}
    chosen = None if ids is None else list(ids)
    return len(session.execute(text(_SEND_ON), {**values, "ids": chosen}).all())


# What nobody took in all that time has nobody left who would take it: its channel is given up.
_FORGET = """
WITH done AS MATERIALIZED (
    SELECT id FROM deliveries
    WHERE state IN ('sent', 'dropped', 'digest') AND created_at < :until
    ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
),
given_up AS MATERIALIZED (
    SELECT id FROM deliveries
    WHERE state = 'waiting' AND channel = ANY (:channels) AND due_at < :until
    LIMIT :most FOR UPDATE SKIP LOCKED
),
tried_out AS MATERIALIZED (
    SELECT id FROM deliveries
    WHERE state = 'parked' AND what <> 'news' AND created_at < :until
    LIMIT :most FOR UPDATE SKIP LOCKED
)
DELETE FROM deliveries WHERE id IN (
    SELECT id FROM done UNION ALL SELECT id FROM given_up UNION ALL SELECT id FROM tried_out
    LIMIT :most
)
"""


def forget(session: Session, until: datetime, most: int) -> int:
    """Delete at most so many deliveries that were over by then; news that is parked stays."""
    values = {"until": until, "most": most, "channels": list(get_args(SentChannel))}
    return session.execute(text(_FORGET), values).rowcount  # type: ignore[attr-defined]


def put(
    session: Session, person_id: str, channel: str, what: str, target: str, now: datetime
) -> str:
    """Send somebody something that is no news, now; its id."""
    delivery_id = new_id()
    session.execute(
        text(
            "INSERT INTO deliveries (id, person_id, channel, lane, state, due_at, created_at, "
            "what, target) VALUES (:id, :person, :channel, 'duty', 'waiting', :now, :now, "
            ":what, :target)"
        ),
        {
            "id": delivery_id,
            "person": person_id,
            "channel": channel,
            "now": now,
            "what": what,
            "target": target,
        },
    )
    return delivery_id


def put_for_robot(session: Session, event_id: str, ranks: Sequence[int], now: datetime) -> None:
    """What an event told the committee on duty is said by its group robot, if it has one."""
    session.execute(
        text(
            "INSERT INTO deliveries (id, person_id, notice_id, channel, lane, state, due_at, "
            "created_at) SELECT gen_random_uuid()::text, r.community_id, n.id, 'dingtalk', n.lane, "
            "'waiting', :now, :now FROM notices n JOIN robots r ON r.community_id = n.community_id "
            "WHERE n.event_id = :event_id AND n.rank = ANY (:ranks) ON CONFLICT DO NOTHING"
        ),
        {"event_id": event_id, "ranks": list(ranks), "now": now},
    )
