"""Counters that are kept as things happen."""

from alembic import op

revision = "0013"
down_revision = "0012"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
