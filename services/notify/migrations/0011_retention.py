"""What was sent is looked for by its age, once its time is over."""

from alembic import op

revision = "0011"
down_revision = "0010"

DDL = (
    "CREATE INDEX deliveries_over ON deliveries (created_at) "
    "WHERE state IN ('sent', 'dropped', 'digest')"
)


def upgrade() -> None:
    """Only adds: version 0010's code goes on working."""
    op.execute(DDL)
