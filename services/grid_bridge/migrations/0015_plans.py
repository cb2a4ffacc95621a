"""One community, one plan: items with their evidence, comments, versions."""

from alembic import op

revision = "0015"
down_revision = "0014"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
