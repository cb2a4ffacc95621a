"""Sign-ups; mutual aid, idle things and their handshakes; who of the members is near by."""

from alembic import op

from services.directory import schema as directory

revision = "0005"
down_revision = "0004"

DDL = (
    """
    CREATE TABLE feed_sign_up_events (
        post_id text PRIMARY KEY REFERENCES feed_posts (id),
        community_id text NOT NULL,
        unit text NOT NULL,
        capacity integer,
        heads_each integer NOT NULL DEFAULT 1,
        shareable boolean NOT NULL DEFAULT false,
        opens_at timestamptz,
        deadline timestamptz,
        starts_at timestamptz,
        ends_at timestamptz,
        code text NOT NULL,
        taken integer NOT NULL DEFAULT 0,
        waiting integer NOT NULL DEFAULT 0,
        turns integer NOT NULL DEFAULT 0,
        closed_at timestamptz,
        next_due_at timestamptz,
        CONSTRAINT feed_sign_up_events_unit CHECK (unit IN ('person', 'family', 'stall')),
        CONSTRAINT feed_sign_up_events_counts
            CHECK (taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity))
    )
    """,
    "CREATE INDEX feed_sign_up_events_due "
    "ON feed_sign_up_events (next_due_at) WHERE next_due_at IS NOT NULL",
    """
    CREATE TABLE feed_sign_ups (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_sign_up_events (post_id),
        turn integer NOT NULL,
        person_id text NOT NULL,
        state text NOT NULL,
        place_id text NOT NULL,
        stall integer,
        heads integer NOT NULL DEFAULT 1,
        note text NOT NULL DEFAULT '',
        code text NOT NULL,
        invited_by text,
        assisted_by text,
        signed_at timestamptz NOT NULL,
        moved_up_at timestamptz,
        cancelled_at timestamptz,
        checked_in_at timestamptz,
        checked_in_by text,
        came_on date,
        comings integer NOT NULL DEFAULT 0,
        CONSTRAINT feed_sign_ups_state
            CHECK (state IN ('in', 'waiting', 'invited', 'cancelled')),
        CONSTRAINT feed_sign_ups_heads CHECK (heads >= 1)
    )
    """,
    "CREATE UNIQUE INDEX feed_sign_ups_code ON feed_sign_ups (post_id, code)",
    "CREATE UNIQUE INDEX feed_sign_ups_one ON feed_sign_ups (post_id, person_id)",
    "CREATE INDEX feed_sign_ups_person ON feed_sign_ups (person_id)",
    "CREATE INDEX feed_sign_ups_place ON feed_sign_ups (place_id)",
    "CREATE INDEX feed_sign_ups_stall "
    "ON feed_sign_ups (post_id, stall, person_id) WHERE state = 'in'",
    "CREATE UNIQUE INDEX feed_sign_ups_turn ON feed_sign_ups (post_id, turn)",
    "CREATE INDEX feed_sign_ups_waiting ON feed_sign_ups (post_id, turn) WHERE state = 'waiting'",
    """
    CREATE TABLE feed_aid_posts (
        post_id text PRIMARY KEY REFERENCES feed_posts (id),
        community_id text NOT NULL,
        kind text NOT NULL,
        skill text NOT NULL DEFAULT '',
        hours int4multirange NOT NULL DEFAULT '{[0,10080)}',
        minors boolean NOT NULL DEFAULT false,
        state text NOT NULL DEFAULT 'open',
        flagged_at timestamptz NOT NULL,
        CONSTRAINT feed_aid_posts_kind CHECK (kind IN ('offer', 'need', 'idle')),
        CONSTRAINT feed_aid_posts_state CHECK (state IN ('open', 'reserved', 'closed', 'gone'))
    )
    """,
    "CREATE INDEX feed_aid_posts_open ON feed_aid_posts (community_id, kind) WHERE state = 'open'",
    "CREATE INDEX feed_aid_posts_minors "
    "ON feed_aid_posts (community_id, flagged_at DESC, post_id DESC) WHERE minors",
    """
    CREATE TABLE feed_handshakes (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_posts (id),
        community_id text NOT NULL,
        kind text NOT NULL,
        author_id text NOT NULL,
        asker_id text NOT NULL,
        helper_id text NOT NULL,
        state text NOT NULL,
        minors boolean NOT NULL DEFAULT false,
        slots jsonb NOT NULL DEFAULT '[]',
        note text NOT NULL DEFAULT '',
        thanks text NOT NULL DEFAULT '',
        done_by text,
        missed_by text,
        asked_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        due_at timestamptz,
        CONSTRAINT feed_handshakes_kind CHECK (kind IN ('offer', 'need', 'idle')),
        CONSTRAINT feed_handshakes_state
            CHECK (state IN ('asked', 'agreed', 'declined', 'done', 'thanked', 'no_show',
                'cancelled')),
        CONSTRAINT feed_handshakes_two_people CHECK (author_id <> asker_id)
    )
    """,
    "CREATE INDEX feed_handshakes_post ON feed_handshakes (post_id, asked_at DESC, id DESC)",
    "CREATE INDEX feed_handshakes_asker ON feed_handshakes (asker_id, changed_at)",
    "CREATE INDEX feed_handshakes_author ON feed_handshakes (author_id, changed_at)",
    "CREATE INDEX feed_handshakes_thanked ON feed_handshakes (community_id, helper_id) "
    "WHERE state = 'thanked' AND kind <> 'idle'",
    "CREATE INDEX feed_handshakes_missed ON feed_handshakes (community_id, missed_by, changed_at) "
    "WHERE state = 'no_show'",
    "CREATE INDEX feed_handshakes_due ON feed_handshakes (due_at) WHERE due_at IS NOT NULL",
    "CREATE UNIQUE INDEX feed_handshakes_one_buyer "
    "ON feed_handshakes (post_id) "
    "WHERE kind = 'idle' AND state IN ('asked', 'agreed', 'done', 'thanked')",
    "CREATE UNIQUE INDEX feed_handshakes_one_each "
    "ON feed_handshakes (post_id, asker_id) WHERE state IN ('asked', 'agreed')",
    """
    CREATE TABLE feed_handshake_steps (
        id text PRIMARY KEY,
        handshake_id text NOT NULL REFERENCES feed_handshakes (id),
        state text NOT NULL,
        by text,
        note text NOT NULL DEFAULT '',
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX feed_handshake_steps_of ON feed_handshake_steps (handshake_id, at, id)",
    """
    CREATE TABLE feed_no_show_clearances (
        id text PRIMARY KEY,
        community_id text NOT NULL,
        person_id text NOT NULL,
        note text NOT NULL,
        by text NOT NULL,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX feed_no_show_clearances_of "
    "ON feed_no_show_clearances (community_id, person_id, at)",
    "CREATE INDEX feed_no_show_clearances_person ON feed_no_show_clearances (person_id)",
)

# What neighbours had offered, needed and given away before there was a matching.
EARLIER_POSTS = """
    INSERT INTO feed_aid_posts (post_id, community_id, kind, hours, flagged_at)
    SELECT p.id, p.community_id, CASE p.module WHEN 'idle' THEN 'idle' ELSE p.extra ->> 'kind' END,
        coalesce((
            SELECT range_agg(int4range(
                1440 * (cast(slot ->> 'weekday' AS integer) - 1)
                    + cast(extract(epoch FROM cast(slot ->> 'from' AS interval)) / 60 AS integer),
                1440 * (cast(slot ->> 'weekday' AS integer) - 1) + CASE slot ->> 'to'
                    WHEN '23:59' THEN 1440
                    ELSE extract(epoch FROM cast(slot ->> 'to' AS interval))::integer / 60 END))
            FROM jsonb_array_elements(p.extra -> 'slots') slot
        ), '{[0,10080)}'), p.created_at
    FROM feed_posts p
    WHERE p.state <> 'deleted'
        AND (p.module = 'idle'
            OR p.module = 'mutual_aid' AND p.extra ->> 'kind' IN ('offer', 'need'))
"""


def upgrade() -> None:
    """Create the tables; the directory's copy learns the building of each member."""
    for statement in DDL:
        op.execute(statement)
    op.get_bind().exec_driver_sql(EARLIER_POSTS)
    directory.grow(op)
