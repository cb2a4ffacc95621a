"""Surveys and their answers."""

from alembic import op

revision = "0014"
down_revision = "0013"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE surveys (
        id text NOT NULL,
        community_id text NOT NULL,
        path text COLLATE "C" NOT NULL,
        convener text NOT NULL,
        title text NOT NULL,
        intro text NOT NULL,
        state text NOT NULL,
        questions jsonb NOT NULL,
        anonymous boolean NOT NULL,
        one_per text NOT NULL,
        results text NOT NULL,
        texts text NOT NULL,
        plan_id text,
        topic_id text,
        closes_at timestamptz,
        opened_at timestamptz,
        closed_at timestamptz,
        created_at timestamptz NOT NULL,
        created_by text,
        PRIMARY KEY (id),
        CONSTRAINT surveys_state CHECK (state IN ('draft', 'open', 'closed')),
        CONSTRAINT surveys_convener CHECK (convener IN ('residents_committee',
            'owners_committee')),
        CONSTRAINT surveys_one_per CHECK (one_per IN ('person', 'household')),
        CONSTRAINT surveys_results CHECK (results IN ('closed', 'live')),
        CONSTRAINT surveys_not_watched CHECK (NOT (anonymous AND results = 'live')),
        CONSTRAINT surveys_texts CHECK (texts IN ('staff', 'public')),
        FOREIGN KEY (topic_id) REFERENCES topics (id)
    )
    """,
    "CREATE INDEX surveys_newest ON surveys (community_id, id)",
    """
    CREATE TABLE survey_marks (
        survey_id text NOT NULL,
        subject text NOT NULL,
        person_id text,
        PRIMARY KEY (survey_id, subject),
        FOREIGN KEY (survey_id) REFERENCES surveys (id)
    )
    """,
    "CREATE INDEX survey_marks_person ON survey_marks (person_id)",
    """
    CREATE TABLE survey_answers (
        survey_id text NOT NULL,
        code text NOT NULL,
        answers jsonb NOT NULL,
        waits boolean NOT NULL,
        subject text,
        person_id text,
        assisted_by text,
        at timestamptz,
        PRIMARY KEY (survey_id, code),
        FOREIGN KEY (survey_id) REFERENCES surveys (id)
    )
    """,
    "CREATE UNIQUE INDEX survey_answers_one ON survey_answers (survey_id, subject) "
    "WHERE subject IS NOT NULL",
    "CREATE INDEX survey_answers_person ON survey_answers (person_id)",
)


def upgrade() -> None:
    """Only adds: version 0013's code goes on working."""
    for statement in DDL:
        op.execute(statement)
