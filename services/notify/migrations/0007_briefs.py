"""The weekly brief of those who watch, and who read it."""

from alembic import op

revision = "0007"
down_revision = "0006"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0006's code goes on working."""
    for statement in DDL:
        op.execute(statement)
