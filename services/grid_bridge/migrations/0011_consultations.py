"""Joint consultations: invited departments, meetings, actions."""

from alembic import op

revision = "0011"
down_revision = "0010"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
