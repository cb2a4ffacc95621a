"""The hot ten of a month, what was done about each, and its effect."""

from alembic import op

revision = "0014"
down_revision = "0013"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
