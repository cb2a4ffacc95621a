"""From whose words somebody keeps away: told by feed, to notify alone."""

from alembic import op

revision = "0014"
down_revision = "0013"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE distances (
        person_id text NOT NULL,
        other_id text NOT NULL,
        hidden boolean NOT NULL,
        PRIMARY KEY (person_id, other_id, hidden)
    )
    """,
    "CREATE INDEX distances_other ON distances (other_id)",
)


def upgrade() -> None:
    """Only adds: version 0013's code goes on working."""
    for statement in DDL:
        op.execute(statement)
