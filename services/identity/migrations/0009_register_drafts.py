"""A register's file between its upload and its import."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Only adds: version 0008's code goes on working."""
    op.execute(
        """
        CREATE TABLE register_drafts (
            id text PRIMARY KEY,
            community_id text NOT NULL,
            state text NOT NULL,
            filename text NOT NULL,
            replace boolean NOT NULL,
            content_sealed text,
            report jsonb,
            fault jsonb,
            brought_by text NOT NULL,
            brought_at timestamptz NOT NULL,
            confirmed_by text,
            changed_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            CONSTRAINT register_drafts_state CHECK (state IN
                ('brought','ready','faulty','refused','confirmed','done','dropped'))
        );
        CREATE INDEX register_drafts_community ON register_drafts (community_id, id);
        CREATE INDEX register_drafts_waiting ON register_drafts (changed_at, id)
            WHERE state IN ('brought', 'confirmed');
        """
    )
