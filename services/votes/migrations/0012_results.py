"""Results, certificates and the publicity."""

from alembic import op

revision = "0012"
down_revision = "0011"

DDL: tuple[str, ...] = (
    "ALTER TABLE polls ADD COLUMN held jsonb",
    "ALTER TABLE topics ADD COLUMN locked_until timestamptz",
    """
    CREATE TABLE results (
        poll_id text NOT NULL,
        topic_id text NOT NULL,
        passed boolean NOT NULL,
        figures jsonb NOT NULL,
        certificate text NOT NULL,
        certificate_hash text NOT NULL,
        published_at timestamptz NOT NULL,
        ends_at timestamptz,
        waits jsonb,
        sign_off text,
        sign_note text,
        sign_by timestamptz,
        signed_at timestamptz,
        signed_by text,
        adopted_at timestamptz,
        file_by timestamptz,
        file_number text,
        file_authority text,
        filed_on date,
        filed_at timestamptz,
        filed_by text,
        annulled_at timestamptz,
        annulled_by text,
        annul_reason text,
        PRIMARY KEY (poll_id),
        CONSTRAINT results_sign_off CHECK (sign_off IN ('sign', 'refuse')),
        FOREIGN KEY (poll_id) REFERENCES polls (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX results_topic ON results (topic_id)",
)


def upgrade() -> None:
    """Only adds: version 0011's code goes on working."""
    for statement in DDL:
        op.execute(statement)
