"""Ways out of the house: what is offered, browsers that take a push, tickets, group robots.

A delivery may be something that is no news: a message to try a way out, or a code for a mail
address. What is due is looked for way by way, so that one that is down is in nobody's way.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

DDL: tuple[str, ...] = (
    """
    ALTER TABLE deliveries
        ALTER COLUMN notice_id DROP NOT NULL,
        ADD COLUMN what text DEFAULT 'news' NOT NULL,
        ADD COLUMN target text,
        ADD COLUMN reached text[] DEFAULT '{}' NOT NULL,
        ADD CONSTRAINT deliveries_what_check CHECK ((what = 'news') = (notice_id IS NOT NULL))
    """,
    "DROP INDEX deliveries_next",
    "CREATE INDEX deliveries_due ON deliveries (channel, due_at, id) WHERE state = 'waiting'",
    """
    CREATE INDEX deliveries_urgent ON deliveries (channel, due_at, id)
    WHERE state = 'waiting' AND lane = 'emergency'
    """,
    "CREATE INDEX deliveries_parked ON deliveries (created_at, id) WHERE state = 'parked'",
    """
    CREATE TABLE offers (
        channel text NOT NULL,
        public_key text,
        said_at timestamptz NOT NULL,
        PRIMARY KEY (channel)
    )
    """,
    """
    CREATE TABLE push_subscriptions (
        id text NOT NULL,
        person_id text NOT NULL,
        endpoint text NOT NULL,
        endpoint_hash text NOT NULL,
        p256dh text NOT NULL,
        auth text NOT NULL,
        label text NOT NULL,
        created_at timestamptz NOT NULL,
        reached_at timestamptz,
        PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX push_subscriptions_endpoint ON push_subscriptions (endpoint_hash)",
    "CREATE INDEX push_subscriptions_person ON push_subscriptions (person_id)",
    """
    CREATE TABLE channel_tickets (
        person_id text NOT NULL,
        channel text NOT NULL,
        ticket text NOT NULL,
        shown text NOT NULL,
        given_at timestamptz NOT NULL,
        PRIMARY KEY (person_id, channel)
    )
    """,
    """
    CREATE TABLE robots (
        community_id text NOT NULL,
        ticket text NOT NULL,
        shown text NOT NULL,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        PRIMARY KEY (community_id)
    )
    """,
)


def upgrade() -> None:
    """Only adds: version 0008's code goes on working."""
    for statement in DDL:
        op.execute(statement)
