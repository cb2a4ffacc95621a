"""Who of a household is on the register and has no account: whose household is seen is told."""

from alembic import op

revision = "0012"
down_revision = "0011"

DDL = "ALTER TABLE emergency_households ADD COLUMN entries text[] DEFAULT '{}' NOT NULL"


def upgrade() -> None:
    """Only adds: version 0011's code goes on working."""
    op.execute(DDL)
