"""The weekly brief of those who watch, and who read it."""

from alembic import op

revision = "0007"
down_revision = "0006"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE brief_weeks (
        week date NOT NULL,
        closed_at timestamptz NOT NULL,
        PRIMARY KEY (week)
    )
    """,
    """
    CREATE TABLE brief_facts (
        week date NOT NULL,
        figure text NOT NULL,
        subject_id text NOT NULL,
        key text NOT NULL,
        PRIMARY KEY (subject_id, figure, week)
    )
    """,
    "CREATE INDEX brief_facts_week ON brief_facts (week)",
    """
    CREATE TABLE brief_counts (
        week date NOT NULL,
        community_id text NOT NULL,
        figure text NOT NULL,
        key text NOT NULL,
        count integer NOT NULL,
        late integer NOT NULL,
        PRIMARY KEY (week, community_id, figure, key),
        CONSTRAINT brief_counts_count_check CHECK (count >= 0)
    )
    """,
    """
    CREATE TABLE brief_names (
        key text NOT NULL,
        name text NOT NULL,
        PRIMARY KEY (key)
    )
    """,
    """
    CREATE TABLE brief_posts (
        post_id text NOT NULL,
        community_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        due_at timestamptz,
        answered_at timestamptz,
        removed_at timestamptz,
        shown_at timestamptz,
        PRIMARY KEY (post_id)
    )
    """,
    """
    CREATE INDEX brief_posts_waiting ON brief_posts (path, due_at)
    WHERE due_at IS NOT NULL AND answered_at IS NULL
    """,
    """
    CREATE TABLE brief_hot_topics (
        level text NOT NULL,
        node_id text NOT NULL,
        month text NOT NULL,
        week date NOT NULL,
        edition integer NOT NULL,
        topics integer NOT NULL,
        PRIMARY KEY (level, node_id, month, edition)
    )
    """,
    """
    CREATE TABLE briefs (
        id text NOT NULL,
        week date NOT NULL,
        level text NOT NULL,
        node_id text NOT NULL,
        above_id text,
        district_id text NOT NULL,
        path text NOT NULL,
        name text NOT NULL,
        counts jsonb NOT NULL,
        late text[] NOT NULL,
        made_at timestamptz NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX briefs_one ON briefs (level, node_id, week)",
    "CREATE INDEX briefs_beneath ON briefs (above_id, week)",
    "CREATE INDEX briefs_path ON briefs (week, path)",
    """
    CREATE TABLE brief_reads (
        id text NOT NULL,
        brief_id text NOT NULL,
        district_id text NOT NULL,
        person_id text,
        role text NOT NULL,
        path text NOT NULL,
        read_at timestamptz NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY (brief_id) REFERENCES briefs (id)
    )
    """,
    "CREATE INDEX brief_reads_district ON brief_reads (district_id, id)",
    "CREATE INDEX brief_reads_person ON brief_reads (person_id)",
)


def upgrade() -> None:
    """Only adds: version 0006's code goes on working."""
    for statement in DDL:
        op.execute(statement)
