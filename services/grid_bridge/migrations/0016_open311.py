"""Keys and requests of Open311."""

from alembic import op

revision = "0016"
down_revision = "0015"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
