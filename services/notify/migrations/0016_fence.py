"""How often a delivery was taken, which only grows: what tells two senders of one row apart."""

from alembic import op

revision = "0016"
down_revision = "0015"

DDL = "ALTER TABLE deliveries ADD COLUMN taken integer DEFAULT 0 NOT NULL"


def upgrade() -> None:
    """Only adds: version 0015's code goes on working."""
    op.execute(DDL)
