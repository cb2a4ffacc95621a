"""Vectors of what residents wrote, computed once."""

from alembic import op

revision = "0009"
down_revision = "0008"

DDL: tuple[str, ...] = (
    # Made by whoever makes the database, as a service's role may not; named for a bare one.
    "CREATE EXTENSION IF NOT EXISTS vector",
    """
    CREATE TABLE vectors (
        kind text NOT NULL,
        id text NOT NULL,
        post_id text NOT NULL,
        community_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        module text NOT NULL,
        author_id text,
        title text NOT NULL,
        body text NOT NULL,
        digest text NOT NULL,
        model text,
        embedding vector(384),
        written_at timestamptz NOT NULL,
        reckoned_at timestamptz,
        PRIMARY KEY (kind, id),
        CONSTRAINT vectors_kind_check CHECK (kind IN ('issue', 'post')),
        CONSTRAINT vectors_model_check CHECK ((embedding IS NULL) = (model IS NULL))
    )
    """,
    "CREATE INDEX vectors_by_post ON vectors (post_id)",
    "CREATE INDEX vectors_by_author ON vectors (author_id) WHERE author_id IS NOT NULL",
    "CREATE INDEX vectors_of_community ON vectors (community_id, written_at)",
    "CREATE INDEX vectors_by_path ON vectors (path, written_at)",
    "CREATE INDEX vectors_waiting ON vectors (written_at) WHERE embedding IS NULL",
    "CREATE INDEX vectors_by_model ON vectors (model)",
    # What was reported before; the reader finds it waiting. An empty digest fits no words.
    """
    INSERT INTO vectors (kind, id, post_id, community_id, path, module, author_id, title, body,
                         digest, written_at)
    SELECT 'issue', id, post_id, community_id, path, 'nearby', reporter_id, title,
           left(body, 400), '', created_at
    FROM issues
    """,
)


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
