"""The hot ten of a month, what was done about each, and its effect."""

from alembic import op

revision = "0014"
down_revision = "0013"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE hot_topic_runs (
        id text PRIMARY KEY,
        level text NOT NULL CHECK (level IN ('community', 'town', 'district')),
        node_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        month date NOT NULL,
        version integer,
        kind text NOT NULL CHECK (kind IN ('monthly', 'nightly', 'again')),
        day date NOT NULL,
        state text NOT NULL CHECK (state IN ('asked', 'running', 'published', 'failed')),
        reason text,
        asked_by text,
        asked_at timestamptz NOT NULL,
        started_at timestamptz,
        attempts integer NOT NULL,
        published_at timestamptz,
        messages integer,
        without_vector integer,
        digest text,
        error text
    )
    """,
    "CREATE UNIQUE INDEX hot_topic_runs_editions"
    " ON hot_topic_runs (level, node_id, month, version)",
    "CREATE UNIQUE INDEX hot_topic_runs_by_clock"
    " ON hot_topic_runs (level, node_id, month, kind, day) WHERE kind <> 'again'",
    "CREATE INDEX hot_topic_runs_waiting"
    " ON hot_topic_runs (asked_at) WHERE state IN ('asked', 'running')",
    "CREATE INDEX hot_topic_runs_by_day ON hot_topic_runs (kind, day)",
    """
    CREATE TABLE concerns (
        id text PRIMARY KEY,
        level text NOT NULL,
        node_id text NOT NULL,
        first_month date NOT NULL,
        last_month date NOT NULL,
        vector vector(384),
        pairs jsonb NOT NULL
    )
    """,
    "CREATE INDEX concerns_of_node ON concerns (level, node_id, last_month)",
    """
    CREATE TABLE concern_messages (
        concern_id text NOT NULL REFERENCES concerns (id) ON DELETE CASCADE,
        kind text NOT NULL,
        message_id text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (concern_id, kind, message_id)
    )
    """,
    "CREATE INDEX concern_messages_in_time ON concern_messages (concern_id, at)",
    "CREATE INDEX concern_messages_by_message ON concern_messages (kind, message_id)",
    """
    CREATE TABLE hot_topics (
        id text PRIMARY KEY,
        run_id text NOT NULL REFERENCES hot_topic_runs (id) ON DELETE CASCADE,
        concern_id text NOT NULL REFERENCES concerns (id),
        rank integer NOT NULL CHECK (rank BETWEEN 1 AND 10),
        label text NOT NULL,
        words jsonb NOT NULL,
        people integer NOT NULL,
        messages integer NOT NULL,
        before jsonb NOT NULL,
        spread jsonb NOT NULL,
        outside jsonb
    )
    """,
    "CREATE UNIQUE INDEX hot_topics_of_run ON hot_topics (run_id, rank)",
    "CREATE INDEX hot_topics_of_concern ON hot_topics (concern_id)",
    """
    CREATE TABLE hot_topic_messages (
        topic_id text NOT NULL REFERENCES hot_topics (id) ON DELETE CASCADE,
        kind text NOT NULL,
        message_id text NOT NULL,
        place integer NOT NULL,
        likeness real NOT NULL,
        PRIMARY KEY (topic_id, kind, message_id)
    )
    """,
    "CREATE INDEX hot_topic_messages_in_order ON hot_topic_messages (topic_id, place)",
    """
    CREATE TABLE hot_topic_actions (
        id text PRIMARY KEY,
        concern_id text NOT NULL REFERENCES concerns (id),
        topic_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        kind text NOT NULL CHECK (kind IN ('campaign', 'project', 'topic')),
        ref text NOT NULL,
        note text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz,
        linked_by text NOT NULL,
        linked_at timestamptz NOT NULL,
        ended_by text,
        removed_by text,
        removed_at timestamptz,
        removed_for text
    )
    """,
    "CREATE INDEX hot_topic_actions_of_concern ON hot_topic_actions (concern_id, starts_at)",
    "CREATE INDEX hot_topic_actions_by_linker ON hot_topic_actions (linked_by)",
)


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
