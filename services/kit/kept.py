"""What the kit keeps beside a service's state, in the same transaction as its effect.

An event that was handled, the newest version that was seen, the answer that was given: each is a
row that commits or rolls back with what it tells of, so a repeat finds the truth.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.contracts.errors import IdempotencyKeyReused
from services.kit.prepared import prepared


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer given before: its JSON text, and the transaction that it came from."""

    json: str
    xid: int


class AlreadyAnswered(Exception):
    """The same request was committed meanwhile by somebody else; its answer is to be replayed."""


_SNAPSHOT = prepared(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin, "
    "(SELECT value::bigint FROM kit_state WHERE key = 'epoch') AS epoch"
)


def snapshot(session: Session) -> dict[str, int]:
    """In a read: every transaction below ``xmin`` is in what the read shows.

    Numbers of a later ``epoch`` are later: a restored database counts them anew.
    """
    row = session.execute(_SNAPSHOT).one()
    return {"xmin": int(row.xmin), "epoch": row.epoch or 0}


def take_delivery(session: Session, queue: str, event_id: str) -> bool:
    """Whether this event is new to this queue; marks it handled when we commit."""
    taken = session.execute(
        prepared(
            "INSERT INTO kit_inbox (queue, event_id) VALUES (:queue, :event) ON CONFLICT DO NOTHING"
        ),
        {"queue": queue, "event": event_id},
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def is_newest(session: Session, queue: str, subject: str, epoch: int, version: int) -> bool:
    """Whether no later version of the subject was handled by this queue; remembers it.

    Versions of a later ``epoch`` are later: the source counts anew from a restored database.
    """
    row = session.execute(
        prepared(
            """
            INSERT INTO kit_seen (queue, subject, epoch, version)
            VALUES (:queue, :subject, :epoch, :version)
            ON CONFLICT (subject, queue) DO UPDATE
                SET epoch = excluded.epoch, version = excluded.version
                WHERE (kit_seen.epoch, kit_seen.version) < (excluded.epoch, excluded.version)
            RETURNING version
            """
        ),
        {"queue": queue, "subject": subject, "epoch": epoch, "version": version},
    ).first()
    return row is not None


def take_newest(session: Session, queue: str, epoch: int, versions: Mapping[str, int]) -> set[str]:
    """Which of several subjects have not been handled at a later version by this queue.

    Remembers the versions, and holds their rows until the commit. Unlike :func:`is_newest` the
    version that was handled last counts as new: its effect may have been lost.
    """
    rows = session.scalars(
        prepared(
            """
            INSERT INTO kit_seen (queue, subject, epoch, version)
            SELECT :queue, subject, :epoch, version
            FROM unnest(cast(:subjects AS text[]), cast(:versions AS integer[]))
                AS told (subject, version)
            ORDER BY subject
            ON CONFLICT (subject, queue) DO UPDATE
                SET epoch = excluded.epoch, version = excluded.version
                WHERE (kit_seen.epoch, kit_seen.version) <= (excluded.epoch, excluded.version)
            RETURNING subject
            """
        ),
        {
            "queue": queue,
            "epoch": epoch,
            "subjects": list(versions),
            "versions": list(versions.values()),
        },
    )
    return set(rows)


def versions(session: Session, source: str, subjects: Iterable[str]) -> dict[str, int]:
    """The versions that our own subjects have reached; those that were never told are not in it."""
    rows = session.execute(
        prepared(
            "SELECT subject, version FROM kit_subject "
            "WHERE source = :source AND subject = ANY(:subjects)"
        ),
        {"source": source, "subjects": list(subjects)},
    )
    return {row.subject: row.version for row in rows}


def epoch(session: Session) -> int:
    """The epoch that our versions are of; 0 when this database was never restored."""
    told = session.scalar(prepared("SELECT value FROM kit_state WHERE key = 'epoch'"))
    return int(told or 0)


def earlier_answer(
    session: Session, actor: str, key: str, operation: str, body_hash: str, *, wait: bool
) -> Answer | None:
    """The answer to the same request given before, if there is one.

    Args:
        wait: let a concurrent twin finish first (client keys; a redelivered call has none).

    Raises:
        IdempotencyKeyReused: the key was used for another operation or body.
    """
    if wait:
        session.execute(
            prepared("SELECT pg_advisory_xact_lock(hashtextextended(:actor || ' ' || :key, 0))"),
            {"actor": actor, "key": key},
        )
    row = session.execute(
        prepared(
            "SELECT operation, body_hash, answer, xid FROM kit_answer "
            "WHERE actor = :actor AND key = :key"
        ),
        {"actor": actor, "key": key},
    ).first()
    if row is None:
        return None
    if row.operation != operation or row.body_hash != body_hash:
        raise IdempotencyKeyReused()
    return Answer(row.answer, int(row.xid))


def remember_answer(
    session: Session, actor: str, key: str, operation: str, body_hash: str, answer: str
) -> None:
    """Keep the answer with the effect, in the same transaction.

    Raises:
        AlreadyAnswered: the same request was committed by another worker meanwhile.
    """
    session.flush()
    try:
        session.execute(
            prepared(
                "INSERT INTO kit_answer (actor, key, operation, body_hash, answer, xid) "
                "VALUES (:actor, :key, :operation, :hash, :answer, pg_current_xact_id()::text)"
            ),
            {
                "actor": actor,
                "key": key,
                "operation": operation,
                "hash": body_hash,
                "answer": answer,
            },
        )
    except IntegrityError:
        raise AlreadyAnswered() from None
