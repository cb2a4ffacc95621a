"""How somebody takes part in a thread, what she chose to follow and what she left; topics, too."""

from alembic import op

revision = "0010"
down_revision = "0009"

DDL: tuple[str, ...] = (
    "ALTER TABLE threads ADD COLUMN kind text DEFAULT 'post' NOT NULL",
    "ALTER TABLE threads ADD COLUMN community_id text",
    """
    UPDATE threads SET community_id = known.community_id
    FROM (SELECT DISTINCT ON (post_id) post_id, community_id FROM notices
          WHERE community_id IS NOT NULL ORDER BY post_id) AS known
    WHERE known.post_id = threads.post_id
    """,
    "ALTER TABLE follows ADD COLUMN part text DEFAULT 'spoke'",
    "ALTER TABLE follows ADD COLUMN chosen boolean DEFAULT false NOT NULL",
    "ALTER TABLE follows ADD COLUMN left_id text",
    """
    UPDATE follows SET part = 'wrote' FROM threads
    WHERE threads.post_id = follows.post_id AND threads.author_id = follows.person_id
    """,
    "DROP INDEX follows_person",
    "CREATE INDEX follows_person ON follows (person_id, post_id)",
)


def upgrade() -> None:
    """Version 0009's code goes on working: what it calls a follower speaks in the thread."""
    for statement in DDL:
        op.execute(statement)
