"""Accounts of children below 14, and their guardians (PIPL art. 31)."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Only adds, and lets more be: version 0002's code goes on working."""
    op.execute(
        """
        ALTER TABLE persons ADD COLUMN guardian_id text REFERENCES persons;
        CREATE INDEX persons_guardian ON persons (guardian_id) WHERE guardian_id IS NOT NULL;

        ALTER TABLE assistances
            DROP CONSTRAINT assistances_kind,
            ADD CONSTRAINT assistances_kind CHECK (kind IN ('staff', 'relative', 'guardian'));
        """
    )
