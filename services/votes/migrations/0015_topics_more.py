"""How topics are worded, who raised them for whom, by when each step was due."""

from alembic import op

revision = "0015"
down_revision = "0014"

DDL: tuple[str, ...] = (
    "ALTER TABLE topics ADD COLUMN seconded_at timestamptz",
    "ALTER TABLE topics ADD COLUMN again_of text",
    "ALTER TABLE topics ADD COLUMN assisted_by text",
    "ALTER TABLE topics ADD COLUMN held boolean DEFAULT false NOT NULL",
    """
    CREATE INDEX topics_waiting ON topics (community_id, deadline_at, id)
    WHERE deadline_at IS NOT NULL
    """,
    "ALTER TABLE topic_steps ADD COLUMN deadline_at timestamptz",
    "CREATE INDEX topic_steps_actor ON topic_steps (actor_id) WHERE actor_id IS NOT NULL",
    "CREATE INDEX topic_seconders_person ON topic_seconders (person_id)",
    "ALTER TABLE chain_settings ADD COLUMN note text",
    """
    CREATE TABLE topic_wordings (
        topic_id text NOT NULL,
        version integer NOT NULL,
        kind text NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        written_by text,
        role text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (topic_id, version),
        CONSTRAINT topic_wordings_kind CHECK (kind IN ('question', 'item')),
        FOREIGN KEY (topic_id) REFERENCES topics (id) ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    """Only adds: version 0014's code goes on working."""
    for statement in DDL:
        op.execute(statement)
