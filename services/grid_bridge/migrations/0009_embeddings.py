"""Vectors of what residents wrote, computed once."""

from alembic import op

revision = "0009"
down_revision = "0008"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
