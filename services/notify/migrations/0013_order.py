"""What is told late, told as what it is: whether she seconds, and which topics are at their end."""

from alembic import op

revision = "0013"
down_revision = "0012"

DDL: tuple[str, ...] = (
    "ALTER TABLE follows ADD COLUMN second_id text",
    "ALTER TABLE threads ADD COLUMN ended_id text",
)


def upgrade() -> None:
    """Only adds: version 0012's code goes on working."""
    for statement in DDL:
        op.execute(statement)
