"""Emergencies: whom they concern, who answered, who was ticked off at the door."""

from alembic import op

revision = "0008"
down_revision = "0007"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0007's code goes on working."""
    for statement in DDL:
        op.execute(statement)
