"""Where places lie, why an office was given, and filters that somebody keeps."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Only adds: version 0007's code goes on working."""
    op.execute(
        """
        ALTER TABLE territory
            ADD COLUMN lng double precision,
            ADD COLUMN lat double precision,
            ADD CONSTRAINT territory_point CHECK ((lng IS NULL) = (lat IS NULL));
        ALTER TABLE grants ADD COLUMN reason text;
        CREATE TABLE kept_filters (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons (id),
            of text NOT NULL,
            name text NOT NULL,
            asked jsonb NOT NULL,
            kept_at timestamptz NOT NULL,
            UNIQUE (person_id, of, name)
        );
        CREATE INDEX observer_reads_place ON observer_reads (place, day, id);
        CREATE INDEX memberships_qr ON memberships (qr_id) WHERE qr_id IS NOT NULL;
        """
    )
