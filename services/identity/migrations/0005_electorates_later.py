"""Snapshots of who may vote that are taken after their ticket was given."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Only adds: version 0004's code goes on working."""
    op.execute(
        """
        ALTER TABLE electorates
            ADD COLUMN asked jsonb,
            ADD COLUMN too_large boolean NOT NULL DEFAULT false;
        CREATE INDEX electorates_asked ON electorates (id) WHERE asked IS NOT NULL;
        """
    )
