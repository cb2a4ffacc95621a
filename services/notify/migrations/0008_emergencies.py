"""Emergencies: whom they concern, who answered, who was ticked off at the door."""

from alembic import op

revision = "0008"
down_revision = "0007"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE emergencies (
        id text NOT NULL,
        scope text NOT NULL,
        community_id text,
        path text NOT NULL,
        place text NOT NULL,
        title text NOT NULL,
        message text NOT NULL,
        drill boolean NOT NULL,
        state text NOT NULL,
        called_by text NOT NULL,
        called_by_role text NOT NULL,
        called_at timestamptz NOT NULL,
        closed_by text,
        closed_at timestamptz,
        told integer DEFAULT 0 NOT NULL,
        doors text NOT NULL,
        ticket text,
        doors_read integer DEFAULT 0 NOT NULL,
        doors_as_of timestamptz,
        counted jsonb,
        report jsonb,
        PRIMARY KEY (id),
        CONSTRAINT emergencies_state CHECK (state IN ('open', 'closed'))
    )
    """,
    "CREATE UNIQUE INDEX emergencies_one_open ON emergencies (path, drill) WHERE state = 'open'",
    "CREATE INDEX emergencies_community ON emergencies (community_id, id)",
    "CREATE INDEX emergencies_path ON emergencies (path text_pattern_ops)",
    """
    CREATE TABLE emergency_broadcasts (
        id text NOT NULL,
        emergency_id text NOT NULL,
        kind text NOT NULL,
        to_whom text NOT NULL,
        message text NOT NULL,
        by_id text NOT NULL,
        by_role text NOT NULL,
        at timestamptz NOT NULL,
        step smallint DEFAULT 1 NOT NULL,
        after_community text DEFAULT '' NOT NULL,
        after_person text DEFAULT '' NOT NULL,
        told integer DEFAULT 0 NOT NULL,
        done_at timestamptz,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX emergency_broadcasts_of ON emergency_broadcasts (emergency_id, id)",
    """
    CREATE TABLE emergency_households (
        emergency_id text NOT NULL,
        ref text NOT NULL,
        position integer NOT NULL,
        building text NOT NULL,
        unit text NOT NULL,
        room text NOT NULL,
        floor smallint,
        people integer NOT NULL,
        person_id text,
        state text DEFAULT 'silent' NOT NULL,
        need text,
        by_staff boolean DEFAULT false NOT NULL,
        heard_at timestamptz,
        PRIMARY KEY (emergency_id, ref)
    )
    """,
    """
    CREATE INDEX emergency_households_walk
        ON emergency_households (emergency_id, state, position, ref)
    """,
    """
    CREATE INDEX emergency_households_person
        ON emergency_households (person_id) WHERE person_id IS NOT NULL
    """,
    """
    CREATE TABLE emergency_people (
        emergency_id text NOT NULL,
        person_id text NOT NULL,
        ref text NOT NULL,
        away boolean NOT NULL,
        state text,
        need text,
        note text,
        whole boolean,
        answered_at timestamptz,
        PRIMARY KEY (emergency_id, person_id)
    )
    """,
    "CREATE INDEX emergency_people_household ON emergency_people (emergency_id, ref)",
    "CREATE INDEX emergency_people_person ON emergency_people (person_id)",
    """
    CREATE TABLE emergency_ticks (
        emergency_id text NOT NULL,
        key text NOT NULL,
        ref text NOT NULL,
        state text NOT NULL,
        need text,
        note text,
        by_id text NOT NULL,
        by_role text NOT NULL,
        at timestamptz NOT NULL,
        taken_at timestamptz NOT NULL,
        PRIMARY KEY (emergency_id, key)
    )
    """,
    "CREATE INDEX emergency_ticks_household ON emergency_ticks (emergency_id, ref, at)",
    """
    CREATE TABLE emergency_looks (
        emergency_id text NOT NULL,
        person_id text NOT NULL,
        reader_id text NOT NULL,
        day date NOT NULL,
        PRIMARY KEY (emergency_id, person_id, reader_id, day)
    )
    """,
    "CREATE INDEX emergency_looks_person ON emergency_looks (person_id)",
)


def upgrade() -> None:
    """Only adds: version 0007's code goes on working."""
    for statement in DDL:
        op.execute(statement)
