"""Discovery library, reconciliation with the platform, dead letters put back."""

from alembic import op

revision = "0008"
down_revision = "0007"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
