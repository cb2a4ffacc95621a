"""The kit's own tables, created by the first migration of every service.

What came later stands in :data:`GROWTH`: statements that may be run again, and are, after every
service's own migrations.

* ``kit_outbox``: events committed with the state they tell of, published by the relay;
* ``kit_subject``: the version counter of each subject, whose row lock orders its events;
* ``kit_inbox``: events already handled by a queue, so that a repeat has no effect;
* ``kit_seen``: the newest version of a subject handled by a queue (``latest=True``);
* ``kit_answer``: answers to writes, for repeats of the same request;
* ``kit_state``: small facts of the process family: the demo's clock offset, the epoch.
"""

from typing import Any

GROWTH = ("ALTER TABLE kit_seen ADD COLUMN IF NOT EXISTS epoch bigint NOT NULL DEFAULT 0",)
DDL = (
    """
    CREATE TABLE kit_outbox (
        id bigserial PRIMARY KEY,
        event_id text NOT NULL UNIQUE,
        exchange text NOT NULL,
        routing_key text NOT NULL,
        type text NOT NULL,
        source text NOT NULL,
        subject text NOT NULL,
        subject_version integer NOT NULL,
        body text NOT NULL,
        traceparent text NOT NULL DEFAULT '',
        occurred_at timestamptz NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        published_at timestamptz,
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
        last_error text
    )
    """,
    "CREATE INDEX kit_outbox_waiting ON kit_outbox (id) WHERE published_at IS NULL",
    "CREATE INDEX kit_outbox_held ON kit_outbox (subject) "
    "WHERE published_at IS NULL AND attempts > 0",
    "CREATE INDEX kit_outbox_published ON kit_outbox (published_at) WHERE published_at IS NOT NULL",
    """
    CREATE TABLE kit_subject (
        source text NOT NULL,
        subject text NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (subject, source)
    )
    """,
    """
    CREATE TABLE kit_inbox (
        queue text NOT NULL,
        event_id text NOT NULL,
        handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (event_id, queue)
    )
    """,
    "CREATE INDEX kit_inbox_age ON kit_inbox (handled_at)",
    """
    CREATE TABLE kit_seen (
        queue text NOT NULL,
        subject text NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (subject, queue)
    )
    """,
    """
    CREATE TABLE kit_answer (
        actor text NOT NULL,
        key text NOT NULL,
        operation text NOT NULL,
        body_hash text NOT NULL,
        answer text NOT NULL,
        xid text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (actor, key)
    )
    """,
    "CREATE INDEX kit_answer_age ON kit_answer (created_at)",
    "CREATE TABLE kit_state (key text PRIMARY KEY, value text NOT NULL)",
    *GROWTH,
)


def create(op: Any) -> None:
    """Create the tables; ``op`` is alembic's."""
    for statement in DDL:
        op.execute(statement)
