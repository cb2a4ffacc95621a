"""Days off as a district knows them, limits of its own, first answers to posts."""

from alembic import op

revision = "0012"
down_revision = "0011"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE calendars (
        district_id text PRIMARY KEY,
        revision text NOT NULL,
        changed_at timestamptz NOT NULL,
        settled_at timestamptz
    )
    """,
    """
    CREATE TABLE calendar_years (
        district_id text NOT NULL,
        year smallint NOT NULL,
        version integer NOT NULL,
        days jsonb NOT NULL,
        source text NOT NULL,
        complete boolean NOT NULL,
        entered_by text NOT NULL,
        entered_at timestamptz NOT NULL,
        PRIMARY KEY (district_id, year, version)
    )
    """,
    """
    CREATE TABLE sla_limits (
        district_id text NOT NULL,
        community_id text NOT NULL,
        version integer NOT NULL,
        limits jsonb NOT NULL,
        note text NOT NULL,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        PRIMARY KEY (district_id, community_id, version)
    )
    """,
    # The defaults are for version N−1, which goes on making promises: such a one has no steps, and
    # the calendar that it was reckoned by is that of no district.
    """
    ALTER TABLE promises
        ADD COLUMN warn smallint NOT NULL DEFAULT 75,
        ADD COLUMN steps jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN calendar text NOT NULL DEFAULT ''
    """,
    """
    CREATE INDEX promises_provisional ON promises (due_at)
    WHERE provisional AND ended_at IS NULL
    """,
    """
    CREATE TABLE post_clocks (
        post_id text PRIMARY KEY,
        community_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        module text NOT NULL,
        author_id text,
        title text NOT NULL,
        published_at timestamptz,
        started_at timestamptz,
        due_at timestamptz,
        provisional boolean NOT NULL DEFAULT false,
        calendar text NOT NULL DEFAULT '',
        days smallint NOT NULL DEFAULT 1,
        warn smallint NOT NULL DEFAULT 75,
        rung smallint NOT NULL DEFAULT 0,
        next_alarm timestamptz,
        neighbour_replied_at timestamptz,
        staff_replied_at timestamptz,
        ended_at timestamptz,
        ended_by text CHECK (ended_by IN ('staff', 'issue', 'removed', 'moved', 'left')),
        seen_epoch integer NOT NULL DEFAULT 0,
        seen_version integer NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE INDEX post_clocks_unanswered ON post_clocks (community_id, due_at, post_id)
    WHERE ended_at IS NULL AND due_at IS NOT NULL
    """,
    """
    CREATE INDEX post_clocks_open_by_path ON post_clocks (path, due_at)
    WHERE ended_at IS NULL AND due_at IS NOT NULL
    """,
    "CREATE INDEX post_clocks_alarms ON post_clocks (next_alarm) WHERE next_alarm IS NOT NULL",
    """
    CREATE INDEX post_clocks_provisional ON post_clocks (due_at)
    WHERE provisional AND ended_at IS NULL
    """,
    "CREATE INDEX post_clocks_of_author ON post_clocks (author_id) WHERE author_id IS NOT NULL",
    """
    CREATE TABLE post_clock_days (
        community_id text NOT NULL,
        day date NOT NULL,
        path text COLLATE "C" NOT NULL,
        posts integer NOT NULL DEFAULT 0,
        left_out integer NOT NULL DEFAULT 0,
        handed_over integer NOT NULL DEFAULT 0,
        gone_late integer NOT NULL DEFAULT 0,
        staff_in_time integer NOT NULL DEFAULT 0,
        staff_late integer NOT NULL DEFAULT 0,
        neighbour_in_time integer NOT NULL DEFAULT 0,
        neighbour_late integer NOT NULL DEFAULT 0,
        PRIMARY KEY (community_id, day)
    )
    """,
    "CREATE INDEX post_clock_days_by_path ON post_clock_days (path, day)",
)


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
