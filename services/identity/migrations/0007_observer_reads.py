"""How often observers read what, as every service counts it."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only adds: version 0006's code goes on working."""
    op.execute(
        """
        CREATE TABLE observer_reads (
            id text PRIMARY KEY,
            day date NOT NULL,
            person_id text NOT NULL,
            service text NOT NULL,
            operation text NOT NULL,
            place text NOT NULL,
            paths text[] NOT NULL,
            reads integer NOT NULL,
            told_at timestamptz NOT NULL,
            UNIQUE (day, person_id, operation, place, service)
        );
        CREATE INDEX observer_reads_person ON observer_reads (person_id);
        CREATE INDEX observer_reads_age ON observer_reads (told_at);
        """
    )
