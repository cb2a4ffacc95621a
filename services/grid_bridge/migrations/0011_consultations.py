"""Joint consultations: invited departments, meetings, minutes, actions."""

from alembic import op

revision = "0011"
down_revision = "0010"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE joint_consultations (
        id text PRIMARY KEY,
        issue_id text NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
        community_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'concluded')),
        reason text NOT NULL,
        promised_at timestamptz NOT NULL,
        opened_by text NOT NULL,
        opened_role text NOT NULL,
        opened_at timestamptz NOT NULL,
        outcome text
            CHECK (outcome IN ('resolved', 'unresolvable', 'handed_over', 'returned')),
        conclusion text,
        conclusion_attachments jsonb NOT NULL,
        concluded_by text,
        concluded_role text,
        concluded_at timestamptz,
        CONSTRAINT joint_consultations_outcome_needed
            CHECK ((state = 'concluded') = (outcome IS NOT NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX joint_consultations_open ON joint_consultations (issue_id)
    WHERE state = 'open'
    """,
    "CREATE INDEX joint_consultations_of_issue ON joint_consultations (issue_id, id)",
    "CREATE INDEX joint_consultations_by_community ON joint_consultations (community_id, id)",
    "CREATE INDEX joint_consultations_by_path ON joint_consultations (path, id)",
    """
    CREATE TABLE joint_seats (
        id text PRIMARY KEY,
        consultation_id text NOT NULL REFERENCES joint_consultations (id) ON DELETE CASCADE,
        department text NOT NULL,
        person_id text,
        state text NOT NULL CHECK (state IN ('invited', 'accepted', 'declined', 'withdrawn')),
        note text NOT NULL,
        reason text,
        invited_by text NOT NULL,
        invited_at timestamptz NOT NULL,
        answered_by text,
        answered_at timestamptz
    )
    """,
    """
    CREATE UNIQUE INDEX joint_seats_once
    ON joint_seats (consultation_id, department, coalesce(person_id, ''))
    """,
    "CREATE INDEX joint_seats_of_person ON joint_seats (person_id) WHERE person_id IS NOT NULL",
    """
    CREATE TABLE joint_meetings (
        id text PRIMARY KEY,
        consultation_id text NOT NULL REFERENCES joint_consultations (id) ON DELETE CASCADE,
        planned_at timestamptz NOT NULL,
        place text NOT NULL,
        online boolean NOT NULL,
        state text NOT NULL CHECK (state IN ('planned', 'held', 'cancelled')),
        participants text[] NOT NULL,
        reason text,
        planned_by text NOT NULL,
        settled_by text,
        settled_at timestamptz
    )
    """,
    "CREATE INDEX joint_meetings_of_consultation ON joint_meetings (consultation_id, id)",
    """
    CREATE TABLE joint_minutes (
        meeting_id text NOT NULL REFERENCES joint_meetings (id) ON DELETE CASCADE,
        version integer NOT NULL CHECK (version >= 1),
        published text NOT NULL,
        internal text NOT NULL,
        attachments jsonb NOT NULL,
        written_by text NOT NULL,
        written_role text NOT NULL,
        written_at timestamptz NOT NULL,
        PRIMARY KEY (meeting_id, version)
    )
    """,
    """
    CREATE TABLE joint_actions (
        id text PRIMARY KEY,
        consultation_id text NOT NULL REFERENCES joint_consultations (id) ON DELETE CASCADE,
        what text NOT NULL,
        owner text NOT NULL CHECK (owner IN ('committee', 'department', 'person')),
        department text,
        person_id text,
        due_at timestamptz NOT NULL,
        state text NOT NULL
            CHECK (state IN ('open', 'in_progress', 'overdue', 'done', 'dropped')),
        note text NOT NULL,
        attachments jsonb NOT NULL,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL,
        moved_by text,
        moved_at timestamptz,
        alarm_at timestamptz,
        reminded boolean NOT NULL
    )
    """,
    "CREATE INDEX joint_actions_of_consultation ON joint_actions (consultation_id, id)",
    "CREATE INDEX joint_actions_alarms ON joint_actions (alarm_at) WHERE alarm_at IS NOT NULL",
    "CREATE INDEX joint_actions_of_person ON joint_actions (person_id) WHERE person_id IS NOT NULL",
)


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
