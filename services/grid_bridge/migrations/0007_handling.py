"""Referrals, merging and supporters, intake, assignment, staff minutes."""

from alembic import op

revision = "0007"
down_revision = "0006"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
