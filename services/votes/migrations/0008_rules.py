"""Rule sets: what an administrator confirmed."""

from alembic import op

revision = "0008"
down_revision = "0007"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE rule_confirmations (
        id text NOT NULL,
        district_id text NOT NULL,
        preset text NOT NULL,
        version integer NOT NULL,
        signed_as text NOT NULL,
        source text NOT NULL,
        words text NOT NULL,
        read_on date NOT NULL,
        confirmed_at timestamptz NOT NULL,
        confirmed_by text,
        revoked_at timestamptz,
        revoked_by text,
        revoked_reason text,
        PRIMARY KEY (id),
        CONSTRAINT rule_confirmations_revoked CHECK ((revoked_at IS NULL) =
            (revoked_reason IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX rule_confirmations_one ON rule_confirmations
        (district_id, preset, version) WHERE revoked_at IS NULL
    """,
    "CREATE INDEX rule_confirmations_newest ON rule_confirmations (district_id, id)",
    "CREATE INDEX rule_confirmations_confirmed_by ON rule_confirmations (confirmed_by)",
    "CREATE INDEX rule_confirmations_revoked_by ON rule_confirmations (revoked_by)",
)


def upgrade() -> None:
    """Only adds: version 0007's code goes on working."""
    for statement in DDL:
        op.execute(statement)
