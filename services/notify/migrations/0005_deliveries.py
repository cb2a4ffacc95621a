"""What goes out by other ways than the inbox: each sending a row."""

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
)


def upgrade() -> None:
    """Only adds: version 0004's code goes on working."""
    for statement in DDL:
        op.execute(statement)
