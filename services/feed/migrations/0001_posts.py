"""Posts, comments and likes; the kit's tables and the directory's copy."""

from alembic import op

from services.directory import schema as directory
from services.kit import schema as kit

revision = "0001"
down_revision = None

DDL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE TABLE feed_posts (
        id text PRIMARY KEY,
        community_id text NOT NULL,
        path text NOT NULL,
        module text NOT NULL,
        author_id text NOT NULL,
        author_role text NOT NULL DEFAULT '',
        title text NOT NULL,
        body text NOT NULL,
        extra jsonb NOT NULL DEFAULT '{}',
        attachments jsonb NOT NULL DEFAULT '[]',
        hide_name boolean NOT NULL DEFAULT false,
        issue_id text,
        pinned_at timestamptz,
        expires_at timestamptz,
        like_count integer NOT NULL DEFAULT 0 CHECK (like_count >= 0),
        comment_count integer NOT NULL DEFAULT 0 CHECK (comment_count >= 0),
        created_at timestamptz NOT NULL,
        edited_at timestamptz,
        removed_at timestamptz,
        removed_by text
    )
    """,
    "CREATE INDEX feed_posts_newest ON feed_posts (community_id, created_at DESC, id DESC) "
    "WHERE removed_at IS NULL",
    "CREATE INDEX feed_posts_module_newest ON feed_posts "
    "(community_id, module, created_at DESC, id DESC) WHERE removed_at IS NULL",
    "CREATE INDEX feed_posts_pinned ON feed_posts (community_id, module) "
    "WHERE pinned_at IS NOT NULL AND removed_at IS NULL",
    "CREATE INDEX feed_posts_search ON feed_posts "
    "USING gin (title gin_trgm_ops, body gin_trgm_ops)",
    "CREATE INDEX feed_posts_author ON feed_posts (author_id)",
    "CREATE UNIQUE INDEX feed_posts_issue ON feed_posts (issue_id)",
    """
    CREATE TABLE feed_comments (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_posts (id),
        author_id text,
        actor_role text NOT NULL DEFAULT '',
        actor_name text NOT NULL DEFAULT '',
        official boolean NOT NULL DEFAULT false,
        step text,
        body text NOT NULL,
        reply_to text REFERENCES feed_comments (id),
        attachments jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX feed_comments_thread ON feed_comments (post_id, created_at, id)",
    "CREATE INDEX feed_comments_author ON feed_comments (author_id)",
    """
    CREATE TABLE feed_likes (
        post_id text NOT NULL REFERENCES feed_posts (id),
        person_id text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (post_id, person_id)
    )
    """,
    "CREATE INDEX feed_likes_person ON feed_likes (person_id)",
)


def upgrade() -> None:
    """Create everything."""
    kit.create(op)
    directory.create(op)
    for statement in DDL:
        op.execute(statement)
