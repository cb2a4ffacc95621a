"""How somebody wants to be told, what she has muted, how urgent news is, and the clock's duties."""

from alembic import op

from services.kit import due

revision = "0004"
down_revision = "0003"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE preferences (
        person_id text NOT NULL,
        channels text[] NOT NULL,
        quiet_from smallint,
        quiet_until smallint,
        muted_kinds text[] DEFAULT '{}' NOT NULL,
        daily_budget smallint NOT NULL,
        digest text NOT NULL,
        language text NOT NULL,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (person_id),
        CONSTRAINT preferences_quiet_check CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
    )
    """,
    """
    CREATE TABLE muted_threads (
        person_id text NOT NULL,
        post_id text NOT NULL,
        muted_at timestamptz NOT NULL,
        PRIMARY KEY (post_id, person_id)
    )
    """,
    "CREATE INDEX muted_threads_person ON muted_threads (person_id)",
    "ALTER TABLE notices ADD COLUMN lane text DEFAULT 'ordinary' NOT NULL",
    "ALTER TABLE notices ADD COLUMN path text",
    "ALTER TABLE unread_counts ADD COLUMN day_from timestamptz",
    "ALTER TABLE unread_counts ADD COLUMN day_told integer DEFAULT 0 NOT NULL",
    *due.DDL,
)


def upgrade() -> None:
    """Only adds: version 0003's code goes on working."""
    for statement in DDL:
        op.execute(statement)
