"""Posts with states, versions and tags; threads with levels; modules of one's own."""

from alembic import op

from services.feed import search_schema

revision = "0004"
down_revision = "0003"

DDL = (
    """
    ALTER TABLE feed_posts
        ADD COLUMN state text NOT NULL DEFAULT 'shown' CONSTRAINT feed_posts_state_check
            CHECK (state IN ('shown', 'waiting', 'refused', 'taken_down', 'deleted')),
        ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
        ADD COLUMN praised_id text,
        ADD COLUMN version integer NOT NULL DEFAULT 1,
        ADD COLUMN active_at timestamptz DEFAULT now(),
        ADD COLUMN edited_by text,
        ADD COLUMN checked_at timestamptz
    """,
    "UPDATE feed_posts SET state = CASE WHEN removed_at IS NULL THEN 'shown' ELSE 'deleted' END, "
    "active_at = greatest(created_at, (SELECT max(c.created_at) FROM feed_comments c "
    "WHERE c.post_id = feed_posts.id))",
    "ALTER TABLE feed_posts ALTER COLUMN active_at SET NOT NULL",
    "DROP INDEX feed_posts_newest, feed_posts_module_newest, feed_posts_pinned, feed_posts_author",
    "CREATE INDEX feed_posts_newest "
    "ON feed_posts (community_id, created_at DESC, id DESC) WHERE state = 'shown'",
    "CREATE INDEX feed_posts_module_newest "
    "ON feed_posts (community_id, module, created_at DESC, id DESC) WHERE state = 'shown'",
    "CREATE INDEX feed_posts_module_active "
    "ON feed_posts (community_id, module, active_at DESC, id DESC) WHERE state = 'shown'",
    # by code point, whatever the database sorts words by
    "CREATE INDEX feed_posts_module_title ON feed_posts "
    "(community_id, module, title COLLATE \"C\", id) WHERE state = 'shown'",
    "CREATE INDEX feed_posts_pinned "
    "ON feed_posts (community_id, module) WHERE pinned_at IS NOT NULL AND state = 'shown'",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    "CREATE INDEX feed_posts_tags ON feed_posts USING gin (community_id, tags)",
    "CREATE INDEX feed_posts_unshown ON feed_posts "
    "(community_id, state, created_at DESC, id DESC) "
    "WHERE state <> 'shown' AND state <> 'deleted'",
    "CREATE INDEX feed_posts_praised ON feed_posts (praised_id, created_at DESC) "
    "WHERE praised_id IS NOT NULL",
    "CREATE INDEX feed_posts_author ON feed_posts (author_id, created_at DESC, id DESC)",
    """
    ALTER TABLE feed_comments
        ADD COLUMN root_id text REFERENCES feed_comments (id),
        ADD COLUMN reply_count integer NOT NULL DEFAULT 0
            CONSTRAINT feed_comments_reply_count_check CHECK (reply_count >= 0),
        ADD COLUMN like_count integer NOT NULL DEFAULT 0
            CONSTRAINT feed_comments_like_count_check CHECK (like_count >= 0),
        ADD COLUMN state text NOT NULL DEFAULT 'shown' CONSTRAINT feed_comments_state_check
            CHECK (state IN ('shown', 'waiting', 'refused', 'taken_down', 'deleted')),
        ADD COLUMN unseen boolean NOT NULL DEFAULT false,
        ADD COLUMN pinned_at timestamptz,
        ADD COLUMN removed_at timestamptz,
        ADD COLUMN removed_by text
    """,
    # Each reply under the comment of the first level that its chain of replies begins with.
    """
    WITH RECURSIVE beneath AS (
        SELECT id, id AS root FROM feed_comments WHERE reply_to IS NULL
        UNION ALL
        SELECT c.id, b.root FROM feed_comments c JOIN beneath b ON c.reply_to = b.id
    )
    UPDATE feed_comments c SET root_id = b.root FROM beneath b
    WHERE b.id = c.id AND b.root <> c.id
    """,
    """
    UPDATE feed_comments c SET reply_count = counted.replies
    FROM (SELECT root_id, count(*) AS replies FROM feed_comments
          WHERE root_id IS NOT NULL GROUP BY root_id) counted
    WHERE counted.root_id = c.id
    """,
    "CREATE INDEX feed_comments_roots "
    "ON feed_comments (post_id, created_at, id) WHERE root_id IS NULL",
    "CREATE INDEX feed_comments_replies ON feed_comments (root_id, created_at, id)",
    "CREATE INDEX feed_comments_answers "
    "ON feed_comments (post_id, created_at, id) "
    "WHERE official AND step IS NULL AND state = 'shown'",
    "CREATE INDEX feed_comments_pinned "
    "ON feed_comments (post_id, pinned_at) WHERE pinned_at IS NOT NULL",
    """
    CREATE TABLE feed_post_versions (
        post_id text NOT NULL REFERENCES feed_posts (id),
        version integer NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        extra jsonb NOT NULL,
        attachments jsonb NOT NULL,
        tags text[] NOT NULL,
        written_by text NOT NULL,
        written_at timestamptz NOT NULL,
        PRIMARY KEY (post_id, version)
    )
    """,
    """
    CREATE TABLE feed_comment_likes (
        comment_id text NOT NULL REFERENCES feed_comments (id),
        person_id text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (comment_id, person_id)
    )
    """,
    "CREATE INDEX feed_comment_likes_person ON feed_comment_likes (person_id)",
    """
    CREATE TABLE feed_modules (
        community_id text NOT NULL,
        key text NOT NULL,
        path text NOT NULL,
        definition jsonb NOT NULL,
        switched_on boolean NOT NULL DEFAULT true,
        version integer NOT NULL DEFAULT 1,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (community_id, key)
    )
    """,
)


def upgrade() -> None:
    """Widen posts and comments, keeping what is there."""
    for statement in DDL:
        op.execute(statement)
    op.execute("DROP INDEX feed_posts_search")
    search_schema.create(op)
