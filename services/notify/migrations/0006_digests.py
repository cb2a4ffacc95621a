"""The digests: who had one, of what."""

from alembic import op

revision = "0006"
down_revision = "0005"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE digest_rounds (
        at timestamptz NOT NULL,
        oldest_id text,
        weekly boolean NOT NULL,
        people integer NOT NULL,
        begun_at timestamptz NOT NULL,
        PRIMARY KEY (at)
    )
    """,
    """
    CREATE TABLE digest_waiting (
        round timestamptz NOT NULL,
        person_id text NOT NULL,
        PRIMARY KEY (round, person_id),
        FOREIGN KEY (round) REFERENCES digest_rounds (at)
    )
    """,
    "CREATE INDEX digest_waiting_person ON digest_waiting (person_id)",
    """
    CREATE TABLE digests (
        id text NOT NULL,
        person_id text NOT NULL,
        round timestamptz NOT NULL,
        rhythm text NOT NULL,
        count integer NOT NULL,
        made_at timestamptz NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX digests_once ON digests (person_id, round)",
    """
    CREATE TABLE digest_items (
        person_id text NOT NULL,
        notice_id text NOT NULL,
        digest_id text NOT NULL,
        kind text NOT NULL,
        position integer NOT NULL,
        PRIMARY KEY (person_id, notice_id),
        FOREIGN KEY (digest_id) REFERENCES digests (id)
    )
    """,
    "CREATE UNIQUE INDEX digest_items_order ON digest_items (digest_id, position)",
    "CREATE INDEX notices_created ON notices (created_at, id)",
)


def upgrade() -> None:
    """Only adds: version 0005's code goes on working."""
    for statement in DDL:
        op.execute(statement)
