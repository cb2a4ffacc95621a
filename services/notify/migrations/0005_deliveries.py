"""What goes out by other ways than the inbox: each sending a row.

The key of the inbox is turned round: an event's rows lie together (``models.inbox``). The table is
locked while the index is made, about 3 s for a million rows.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE deliveries (
        id text NOT NULL,
        person_id text NOT NULL,
        notice_id text NOT NULL,
        channel text NOT NULL,
        lane text NOT NULL,
        state text NOT NULL,
        due_at timestamptz NOT NULL,
        attempts smallint DEFAULT 0 NOT NULL,
        error text,
        created_at timestamptz NOT NULL,
        sent_at timestamptz,
        PRIMARY KEY (id),
        FOREIGN KEY (notice_id) REFERENCES notices (id)
    )
    """,
    "CREATE UNIQUE INDEX deliveries_one ON deliveries (notice_id, person_id, channel)",
    "CREATE INDEX deliveries_next ON deliveries (due_at, id) WHERE state = 'waiting'",
    "CREATE INDEX deliveries_person ON deliveries (person_id, created_at)",
    """
    CREATE TABLE lane_uses (
        notice_id text NOT NULL,
        kind text NOT NULL,
        variant text NOT NULL,
        actor_id text,
        community_id text,
        path text,
        link text NOT NULL,
        facts jsonb NOT NULL,
        people integer NOT NULL,
        used_at timestamptz NOT NULL,
        PRIMARY KEY (notice_id),
        FOREIGN KEY (notice_id) REFERENCES notices (id)
    )
    """,
    "CREATE INDEX lane_uses_newest ON lane_uses (used_at)",
    "ALTER TABLE inbox DROP CONSTRAINT inbox_pkey, ADD PRIMARY KEY (event_id, person_id)",
    "ALTER TABLE inbox DROP CONSTRAINT inbox_notice_id_fkey",
    # Room for the next count on the page of the last: no index has to learn of it.
    "ALTER TABLE unread_counts SET (fillfactor = 50)",
)


def upgrade() -> None:
    """Version 0004's code goes on working."""
    for statement in DDL:
        op.execute(statement)
