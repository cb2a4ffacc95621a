"""Who reported the problem of a thread on somebody's behalf (assisted mode, 代办)."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Only adds: version 0001's code goes on working."""
    op.execute("ALTER TABLE feed_posts ADD COLUMN assisted_by text")
