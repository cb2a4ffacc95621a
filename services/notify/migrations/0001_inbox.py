"""Inboxes, unread counts, threads with their followers, duties."""

from alembic import op

from services.directory import schema as directory_schema
from services.kit import schema as kit_schema

revision = "0001"
down_revision = None

DDL = (
    """
    CREATE TABLE notices (
        id text PRIMARY KEY,
        event_id text NOT NULL,
        rank smallint NOT NULL,
        kind text NOT NULL,
        variant text NOT NULL,
        why text NOT NULL,
        link text NOT NULL,
        facts jsonb NOT NULL,
        post_id text,
        community_id text,
        actor_id text,
        created_at timestamptz NOT NULL,
        UNIQUE (event_id, rank)
    )
    """,
    """
    CREATE TABLE inbox (
        person_id text NOT NULL,
        event_id text NOT NULL,
        notice_id text NOT NULL REFERENCES notices (id),
        read_at timestamptz,
        PRIMARY KEY (person_id, event_id)
    )
    """,
    "CREATE UNIQUE INDEX inbox_newest ON inbox (person_id, notice_id)",
    """
    CREATE TABLE unread_counts (
        person_id text PRIMARY KEY,
        unread integer NOT NULL CHECK (unread >= 0)
    )
    """,
    """
    CREATE TABLE threads (
        post_id text PRIMARY KEY,
        title text NOT NULL DEFAULT '',
        author_id text,
        author_hidden boolean NOT NULL DEFAULT false,
        removed boolean NOT NULL DEFAULT false
    )
    """,
    """
    CREATE TABLE follows (
        post_id text NOT NULL,
        person_id text NOT NULL,
        PRIMARY KEY (post_id, person_id)
    )
    """,
    "CREATE INDEX follows_person ON follows (person_id)",
    """
    CREATE TABLE duties (
        grant_id text PRIMARY KEY,
        person_id text NOT NULL,
        role text NOT NULL,
        path text NOT NULL,
        expires_at timestamptz,
        ended boolean NOT NULL DEFAULT false
    )
    """,
    "CREATE INDEX duties_path ON duties (path, role) WHERE NOT ended",
    "CREATE INDEX duties_person ON duties (person_id)",
    "CREATE TABLE departed (person_id text PRIMARY KEY)",
)


def upgrade() -> None:
    """Create the tables of kit, directory and notify."""
    kit_schema.create(op)
    directory_schema.create(op)
    for statement in DDL:
        op.execute(statement)
