"""Micro-projects, the party garden, disclosed accounts and questions."""

from alembic import op

revision = "0006"
down_revision = "0005"

DDL = (
    """
    CREATE TABLE feed_projects (
        post_id text PRIMARY KEY REFERENCES feed_posts (id),
        community_id text NOT NULL,
        state text NOT NULL,
        wanted integer NOT NULL,
        budget numeric(14, 2),
        place text NOT NULL DEFAULT '',
        until date,
        volunteers integer NOT NULL DEFAULT 0,
        applied_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT feed_projects_state
            CHECK (state IN ('applied', 'approved', 'refused', 'recruiting', 'running', 'done',
                'cancelled')),
        CONSTRAINT feed_projects_counts CHECK (wanted >= 0 AND volunteers >= 0)
    )
    """,
    """
    CREATE INDEX feed_projects_moved
        ON feed_projects (community_id, changed_at DESC, post_id DESC)
    """,
    """
    CREATE TABLE feed_project_steps (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_projects (post_id),
        step text NOT NULL,
        actor_id text NOT NULL,
        actor_role text NOT NULL DEFAULT '',
        note text NOT NULL DEFAULT '',
        attachments jsonb NOT NULL DEFAULT '[]',
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX feed_project_steps_of ON feed_project_steps (post_id, at, id)",
    "CREATE INDEX feed_project_steps_actor ON feed_project_steps (actor_id)",
    """
    CREATE TABLE feed_volunteers (
        post_id text NOT NULL REFERENCES feed_projects (post_id),
        person_id text NOT NULL,
        joined_at timestamptz NOT NULL,
        left_at timestamptz,
        PRIMARY KEY (post_id, person_id)
    )
    """,
    "CREATE INDEX feed_volunteers_person ON feed_volunteers (person_id)",
    """
    CREATE TABLE feed_project_hours (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_projects (post_id),
        person_id text NOT NULL,
        hours numeric(5, 2) NOT NULL,
        on_date date NOT NULL,
        note text NOT NULL DEFAULT '',
        confirmed_by text,
        confirmed_at timestamptz,
        logged_at timestamptz NOT NULL,
        CONSTRAINT feed_project_hours_hours CHECK (hours > 0 AND hours <= 24)
    )
    """,
    "CREATE INDEX feed_project_hours_of ON feed_project_hours (post_id, on_date, id)",
    "CREATE INDEX feed_project_hours_person ON feed_project_hours (person_id, on_date, id)",
    """
    CREATE TABLE feed_project_money (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_projects (post_id),
        kind text NOT NULL,
        amount numeric(14, 2) NOT NULL,
        subject text NOT NULL,
        on_date date NOT NULL,
        note text NOT NULL DEFAULT '',
        attachments jsonb NOT NULL DEFAULT '[]',
        cancels text REFERENCES feed_project_money (id),
        by text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT feed_project_money_kind CHECK (kind IN ('income', 'spending')),
        CONSTRAINT feed_project_money_amount
            CHECK ((cancels IS NULL) = (amount > 0) AND amount <> 0)
    )
    """,
    "CREATE INDEX feed_project_money_of ON feed_project_money (post_id, on_date, id)",
    "CREATE UNIQUE INDEX feed_project_money_cancels ON feed_project_money (cancels)",
    "CREATE INDEX feed_project_money_by ON feed_project_money (by)",
    """
    CREATE TABLE feed_party_check_ins (
        community_id text NOT NULL,
        person_id text NOT NULL,
        kind text NOT NULL,
        offers text NOT NULL DEFAULT '',
        checked_in_at timestamptz NOT NULL,
        PRIMARY KEY (community_id, person_id),
        CONSTRAINT feed_party_check_ins_kind CHECK (kind IN ('resident', 'in_service'))
    )
    """,
    "CREATE INDEX feed_party_check_ins_person ON feed_party_check_ins (person_id)",
    """
    CREATE TABLE feed_study_completions (
        post_id text NOT NULL REFERENCES feed_posts (id),
        person_id text NOT NULL,
        note text NOT NULL DEFAULT '',
        at timestamptz NOT NULL,
        PRIMARY KEY (post_id, person_id)
    )
    """,
    "CREATE INDEX feed_study_completions_person ON feed_study_completions (person_id)",
    """
    CREATE TABLE feed_pledge_keepers (
        post_id text NOT NULL REFERENCES feed_posts (id),
        person_id text NOT NULL,
        named_at timestamptz NOT NULL,
        PRIMARY KEY (post_id, person_id)
    )
    """,
    "CREATE INDEX feed_pledge_keepers_person ON feed_pledge_keepers (person_id)",
    """
    CREATE TABLE feed_pledge_records (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_posts (id),
        on_date date NOT NULL,
        note text NOT NULL,
        attachments jsonb NOT NULL DEFAULT '[]',
        by text NOT NULL,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX feed_pledge_records_of ON feed_pledge_records (post_id, on_date, id)",
    "CREATE INDEX feed_pledge_records_by ON feed_pledge_records (by)",
    """
    CREATE TABLE feed_pledge_witnesses (
        record_id text NOT NULL REFERENCES feed_pledge_records (id),
        person_id text NOT NULL,
        seen boolean NOT NULL,
        note text NOT NULL DEFAULT '',
        at timestamptz NOT NULL,
        PRIMARY KEY (record_id, person_id)
    )
    """,
    "CREATE INDEX feed_pledge_witnesses_person ON feed_pledge_witnesses (person_id)",
    """
    CREATE TABLE feed_ledgers (
        post_id text PRIMARY KEY REFERENCES feed_posts (id),
        community_id text NOT NULL,
        kind text NOT NULL,
        title text NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        opening numeric(14, 2) NOT NULL,
        state text NOT NULL,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL,
        published_by text,
        published_at timestamptz,
        checked_by text,
        checked_at timestamptz,
        check_note text NOT NULL DEFAULT '',
        CONSTRAINT feed_ledgers_kind
            CHECK (kind IN ('collective', 'public_income', 'maintenance_fund')),
        CONSTRAINT feed_ledgers_state CHECK (state IN ('draft', 'published')),
        CONSTRAINT feed_ledgers_period CHECK (starts_on <= ends_on)
    )
    """,
    "CREATE INDEX feed_ledgers_of ON feed_ledgers (community_id, ends_on DESC, post_id DESC) "
    "WHERE state = 'published'",
    """
    CREATE TABLE feed_ledger_lines (
        post_id text NOT NULL REFERENCES feed_ledgers (post_id),
        number integer NOT NULL,
        section text NOT NULL,
        on_date date NOT NULL,
        subject text NOT NULL,
        amount numeric(14, 2) NOT NULL,
        party text NOT NULL DEFAULT '',
        note text NOT NULL DEFAULT '',
        attachments jsonb NOT NULL DEFAULT '[]',
        cancels integer,
        by text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (post_id, number),
        CONSTRAINT feed_ledger_lines_section
            CHECK (section IN ('income', 'spending', 'asset', 'liability')),
        CONSTRAINT feed_ledger_lines_amount
            CHECK ((cancels IS NULL) = (amount > 0) AND amount <> 0)
    )
    """,
    "CREATE UNIQUE INDEX feed_ledger_lines_cancels "
    "ON feed_ledger_lines (post_id, cancels) WHERE cancels IS NOT NULL",
    # What was published stands, whoever holds the password.
    """
    CREATE FUNCTION feed_ledger_lines_stand() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT state FROM feed_ledgers WHERE post_id = OLD.post_id) = 'published' THEN
            RAISE EXCEPTION 'a published account is corrected, not changed';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    "CREATE TRIGGER feed_ledger_lines_stand BEFORE UPDATE OR DELETE ON feed_ledger_lines "
    "FOR EACH ROW EXECUTE FUNCTION feed_ledger_lines_stand()",
    """
    CREATE TABLE feed_questions (
        id text PRIMARY KEY,
        post_id text NOT NULL REFERENCES feed_posts (id),
        community_id text NOT NULL,
        path text NOT NULL,
        line integer,
        asker_id text NOT NULL,
        hide_name boolean NOT NULL DEFAULT false,
        body text NOT NULL,
        asked_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        overdue_at timestamptz,
        answer text,
        attachments jsonb NOT NULL DEFAULT '[]',
        answered_by text,
        answered_role text NOT NULL DEFAULT '',
        answered_at timestamptz,
        state text NOT NULL DEFAULT 'shown',
        CONSTRAINT feed_questions_answered CHECK ((answer IS NULL) = (answered_at IS NULL)),
        CONSTRAINT feed_questions_state
            CHECK (state IN ('shown', 'waiting', 'refused', 'taken_down'))
    )
    """,
    "CREATE INDEX feed_questions_asker ON feed_questions (asker_id)",
    "CREATE INDEX feed_questions_due "
    "ON feed_questions (due_at) WHERE answered_at IS NULL AND overdue_at IS NULL",
    "CREATE INDEX feed_questions_of ON feed_questions (post_id, asked_at DESC, id DESC)",
    "CREATE INDEX feed_questions_community ON feed_questions (community_id, due_at, id)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in DDL:
        op.execute(statement)
