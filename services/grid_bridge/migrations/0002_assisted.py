"""Who reported an issue on somebody's behalf (assisted mode, 代办)."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds: version 0001's code goes on working."""
    op.execute("ALTER TABLE issues ADD COLUMN assisted_by text")
