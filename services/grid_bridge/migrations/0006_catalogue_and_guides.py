"""The 8+X catalogue of each district in versions; answer guides of the departments."""

from alembic import op

revision = "0006"
down_revision = "0005"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
