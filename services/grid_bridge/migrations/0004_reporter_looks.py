"""Who of the staff saw which hidden name, and on which day last."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Only adds: version 0003's code goes on working."""
    op.execute(
        """
        CREATE TABLE reporter_looks (
            issue_id text NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
            person_id text NOT NULL,
            reader_id text NOT NULL,
            day date NOT NULL,
            PRIMARY KEY (issue_id, reader_id, person_id)
        )
        """
    )
