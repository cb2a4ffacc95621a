"""What a search reads: the words of the posts that are shown, kept by the database itself.

::

    feed_posts ──trigger: title, body, extra, tags, state──▶ feed_search (words) ──▶ index of pairs

A table of its own, because a comment moves its post to the top of the lists: were the words in the
same row, every comment would enter all pairs of its post into the index again. A trigger, because
posts are written in many places, and none may be forgotten. Why pairs: ADR 0021.
"""

from typing import Any

from services.feed.domain.search import FOLDED, FOLDED_INTO

DDL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    """
    CREATE TABLE feed_search (
        post_id text PRIMARY KEY REFERENCES feed_posts (id) ON DELETE CASCADE,
        community_id text NOT NULL,
        created_at timestamptz NOT NULL,
        words text NOT NULL
    )
    """,
    # Title, body, all texts in the extra fields, tags: a line each, so that no phrase spans two.
    f"""
    CREATE FUNCTION feed_words(title text, body text, extra jsonb, tags text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT translate(
            concat_ws(E'\\n', title, body, (
                SELECT string_agg(leaf #>> '{{}}', E'\\n')
                FROM jsonb_path_query(extra, 'strict $.**') AS leaf
                WHERE jsonb_typeof(leaf) = 'string'
            ), nullif(array_to_string(tags, E'\\n'), '')),
            '{FOLDED}', '{FOLDED_INTO}')
    $$
    """,  # noqa: S608
    # Each character with its next one; alone before a space and at the end of a line. The cost
    # keeps the planner from reckoning what the index knows.
    """
    CREATE FUNCTION feed_grams(words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
        SELECT array_to_tsvector(coalesce(array_agg(DISTINCT one || two), '{}'))
        FROM (
            SELECT one, CASE WHEN next IN (' ', E'\\n') THEN '' ELSE coalesce(next, '') END AS two
            FROM (
                SELECT one, lead(one) OVER (ORDER BY place) AS next
                FROM string_to_table(words, NULL) WITH ORDINALITY AS each (one, place)
            ) AS neighbours
            WHERE one NOT IN (' ', E'\\n')
        ) AS pairs
    $$
    """,
    """
    CREATE FUNCTION feed_keep_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state = 'shown' THEN
            INSERT INTO feed_search AS kept (post_id, community_id, created_at, words)
            VALUES (NEW.id, NEW.community_id, NEW.created_at,
                    feed_words(NEW.title, NEW.body, NEW.extra, NEW.tags))
            ON CONFLICT (post_id) DO UPDATE SET words = excluded.words
                WHERE kept.words <> excluded.words;
        ELSE
            DELETE FROM feed_search WHERE post_id = NEW.id;
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER feed_posts_search AFTER INSERT OR UPDATE OF title, body, extra, tags, state
    ON feed_posts FOR EACH ROW EXECUTE FUNCTION feed_keep_search()
    """,
    """
    INSERT INTO feed_search (post_id, community_id, created_at, words)
    SELECT id, community_id, created_at, feed_words(title, body, extra, tags)
    FROM feed_posts WHERE state = 'shown'
    """,
    "CREATE INDEX feed_search_newest ON feed_search (community_id, created_at DESC, post_id DESC)",
    # Without the list of what is still to be entered, which every search would have to read.
    "CREATE INDEX feed_search_grams ON feed_search "
    "USING gin (community_id, feed_grams(words)) WITH (fastupdate = off)",
    "ALTER INDEX feed_search_grams ALTER COLUMN 2 SET STATISTICS 0",
)


def create(op: Any) -> None:
    """Create it and enter what is there; called by migration 0004."""
    for statement in DDL:
        op.execute(statement)
