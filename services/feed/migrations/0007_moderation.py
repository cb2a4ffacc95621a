"""Cases, reports, the log, distances and silences; suggested problems."""

from alembic import op

revision = "0007"
down_revision = "0006"

DDL = (
    """
    CREATE TABLE feed_moderation_cases (
        id text PRIMARY KEY,
        target text NOT NULL,
        target_id text NOT NULL,
        post_id text NOT NULL REFERENCES feed_posts (id),
        community_id text NOT NULL,
        path text NOT NULL,
        module text NOT NULL,
        author_id text NOT NULL,
        opened_by text NOT NULL,
        state text NOT NULL,
        evidence jsonb NOT NULL,
        hits text[] NOT NULL DEFAULT '{}',
        reports integer NOT NULL DEFAULT 0,
        was_shown boolean NOT NULL,
        held boolean NOT NULL,
        opened_at timestamptz NOT NULL,
        decision text,
        reason text NOT NULL DEFAULT '',
        decided_by text,
        decided_at timestamptz,
        appeal text NOT NULL DEFAULT '',
        appealed_at timestamptz,
        final_decision text,
        final_reason text NOT NULL DEFAULT '',
        final_by text,
        final_at timestamptz,
        forgotten_at timestamptz,
        CONSTRAINT feed_moderation_cases_target
            CHECK (target IN ('post', 'comment', 'question')),
        CONSTRAINT feed_moderation_cases_opened_by
            CHECK (opened_by IN ('module', 'lexicon', 'report', 'staff')),
        CONSTRAINT feed_moderation_cases_state
            CHECK (state IN ('open', 'decided', 'appealed', 'final')),
        CONSTRAINT feed_moderation_cases_decision
            CHECK (decision IN ('keep', 'take_down') AND final_decision IN ('keep',
                'take_down')),
        CONSTRAINT feed_moderation_cases_two_people CHECK (final_by <> decided_by)
    )
    """,
    "CREATE INDEX feed_moderation_cases_author ON feed_moderation_cases (author_id, opened_at, id)",
    "CREATE INDEX feed_moderation_cases_forget ON feed_moderation_cases (decided_at) "
    "WHERE decided_at IS NOT NULL AND forgotten_at IS NULL",
    "CREATE INDEX feed_moderation_cases_of ON feed_moderation_cases (community_id, opened_at, id)",
    "CREATE UNIQUE INDEX feed_moderation_cases_one "
    "ON feed_moderation_cases (target, target_id) WHERE state IN ('open', 'appealed')",
    "CREATE INDEX feed_moderation_cases_post ON feed_moderation_cases (post_id)",
    "CREATE INDEX feed_moderation_cases_target ON feed_moderation_cases (target, target_id)",
    "CREATE INDEX feed_moderation_cases_queue "
    "ON feed_moderation_cases (community_id, opened_at, id) WHERE state IN ('open', 'appealed')",
    """
    CREATE TABLE feed_reports (
        case_id text NOT NULL REFERENCES feed_moderation_cases (id),
        reporter_id text NOT NULL,
        reporter_role text NOT NULL DEFAULT '',
        kind text NOT NULL,
        reason text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (case_id, reporter_id)
    )
    """,
    "CREATE INDEX feed_reports_reporter ON feed_reports (reporter_id)",
    """
    CREATE TABLE feed_moderation_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        actor_id text,
        actor_role text NOT NULL DEFAULT '',
        action text NOT NULL,
        target text NOT NULL,
        target_id text NOT NULL,
        community_id text NOT NULL,
        path text NOT NULL,
        case_id text,
        reason text NOT NULL DEFAULT '',
        details jsonb NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE INDEX feed_moderation_log_of ON feed_moderation_log (community_id, id)",
    "CREATE INDEX feed_moderation_log_target ON feed_moderation_log (target, target_id)",
    """
    CREATE TABLE feed_distances (
        person_id text NOT NULL,
        other_id text NOT NULL,
        hidden boolean NOT NULL,
        veiled boolean NOT NULL,
        met_in text NOT NULL DEFAULT '',
        id text NOT NULL,
        kind text NOT NULL,
        post_id text,
        comment_id text,
        since timestamptz NOT NULL,
        PRIMARY KEY (person_id, other_id, hidden, veiled, met_in),
        CONSTRAINT feed_distances_kind CHECK (kind IN ('mute', 'block')),
        CONSTRAINT feed_distances_others CHECK (person_id <> other_id)
    )
    """,
    "CREATE UNIQUE INDEX feed_distances_id ON feed_distances (id)",
    "CREATE INDEX feed_distances_other ON feed_distances (other_id)",
    """
    CREATE TABLE feed_silences (
        id text PRIMARY KEY,
        community_id text NOT NULL,
        path text NOT NULL,
        person_id text NOT NULL,
        reason text NOT NULL,
        by text NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        lifted_by text,
        lifted_at timestamptz,
        CONSTRAINT feed_silences_times CHECK (since < until)
    )
    """,
    "CREATE INDEX feed_silences_due ON feed_silences (until) WHERE lifted_at IS NULL",
    "CREATE INDEX feed_silences_newest ON feed_silences (community_id, since, id)",
    "CREATE UNIQUE INDEX feed_silences_of "
    "ON feed_silences (community_id, person_id) WHERE lifted_at IS NULL",
    "CREATE INDEX feed_silences_person ON feed_silences (person_id)",
    """
    CREATE TABLE feed_suggestions (
        post_id text PRIMARY KEY REFERENCES feed_posts (id),
        community_id text NOT NULL,
        post_version integer NOT NULL,
        said jsonb NOT NULL,
        state text NOT NULL,
        came_at timestamptz NOT NULL,
        decided_by text,
        decided_at timestamptz,
        reason text NOT NULL DEFAULT '',
        CONSTRAINT feed_suggestions_state CHECK (state IN ('open', 'dismissed', 'taken'))
    )
    """,
    "CREATE INDEX feed_suggestions_open "
    "ON feed_suggestions (community_id, came_at, post_id) WHERE state = 'open'",
    # The log is what remains to be checked by: nobody rewrites it, not even this service.
    """
    CREATE FUNCTION feed_moderation_log_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the moderation log is not changed';
    END $$
    """,
    "CREATE TRIGGER feed_moderation_log_stands BEFORE UPDATE OR DELETE ON feed_moderation_log "
    "FOR EACH ROW EXECUTE FUNCTION feed_moderation_log_stands()",
    "CREATE TRIGGER feed_moderation_log_stays BEFORE TRUNCATE ON feed_moderation_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION feed_moderation_log_stands()",
)


def upgrade() -> None:
    """Create the tables; the log refuses to be rewritten."""
    for statement in DDL:
        op.execute(statement)
