"""Polls and the rolls of those who may vote."""

from alembic import op

revision = "0005"
down_revision = "0004"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE polls (
        id text NOT NULL,
        topic_id text NOT NULL,
        community_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        title text NOT NULL,
        state text NOT NULL,
        convener text NOT NULL,
        proposal integer NOT NULL,
        rules jsonb NOT NULL,
        rules_hash text DEFAULT '' NOT NULL,
        secrecy text NOT NULL,
        announced_at timestamptz NOT NULL,
        opens_at timestamptz NOT NULL,
        closes_at timestamptz NOT NULL,
        extended integer DEFAULT 0 NOT NULL,
        opened_at timestamptz,
        closed_at timestamptz,
        published_at timestamptz,
        void_reason text,
        roll_state text DEFAULT 'drawing' NOT NULL,
        ticket text,
        drawn_to text,
        roll_hash text DEFAULT '' NOT NULL,
        roll_size integer DEFAULT 0 NOT NULL,
        roll_households integer DEFAULT 0 NOT NULL,
        roll_area bigint DEFAULT 0 NOT NULL,
        roll_heads text DEFAULT '0/1' NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT polls_state CHECK (state IN ('announced', 'open', 'closed', 'published',
            'void')),
        CONSTRAINT polls_roll CHECK (roll_state IN ('drawing', 'published', 'frozen')),
        CONSTRAINT polls_times CHECK (opens_at < closes_at),
        FOREIGN KEY (topic_id) REFERENCES topics (id)
    )
    """,
    "CREATE INDEX polls_newest ON polls (community_id, id)",
    "CREATE INDEX polls_topic ON polls (topic_id)",
    """
    CREATE TABLE roll_entries (
        poll_id text NOT NULL,
        code text NOT NULL,
        kind text NOT NULL,
        ref text NOT NULL,
        household text NOT NULL,
        building text NOT NULL,
        place text NOT NULL,
        area bigint NOT NULL,
        head_n integer NOT NULL,
        head_d integer NOT NULL,
        state text DEFAULT 'free' NOT NULL,
        PRIMARY KEY (poll_id, code),
        CONSTRAINT roll_entries_kind CHECK (kind IN ('person', 'household', 'unit')),
        CONSTRAINT roll_entries_state CHECK (state IN ('free', 'online', 'paper_out', 'paper',
            'proxy', 'struck')),
        CONSTRAINT roll_entries_area CHECK (area >= 0),
        CONSTRAINT roll_entries_heads CHECK (head_n >= 0 AND head_d > 0),
        CONSTRAINT roll_entries_ref UNIQUE (poll_id, ref),
        FOREIGN KEY (poll_id) REFERENCES polls (id) ON DELETE CASCADE
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX roll_entries_place ON roll_entries (poll_id, building, place, code)",
    """
    CREATE TABLE roll_people (
        poll_id text NOT NULL,
        person_id text NOT NULL,
        code text NOT NULL,
        PRIMARY KEY (poll_id, person_id, code),
        FOREIGN KEY (poll_id) REFERENCES polls (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX roll_people_entry ON roll_people (poll_id, code)",
    "CREATE INDEX roll_people_person ON roll_people (person_id)",
)


def upgrade() -> None:
    """Only adds: version 0004's code goes on working."""
    for statement in DDL:
        op.execute(statement)
