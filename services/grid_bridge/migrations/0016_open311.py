"""Keys and requests of Open311, whose words are published, and the order of its lists."""

from alembic import op

revision = "0016"
down_revision = "0015"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE open311_keys (
        id text PRIMARY KEY,
        district_id text NOT NULL,
        name text NOT NULL,
        hint text NOT NULL,
        hash text NOT NULL UNIQUE,
        per_minute integer NOT NULL CHECK (per_minute > 0),
        per_day integer NOT NULL CHECK (per_day > 0),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_by text,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX open311_keys_of_district ON open311_keys (district_id, id)",
    """
    CREATE TABLE open311_communities (
        community_id text PRIMARY KEY,
        words boolean NOT NULL,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE open311_requests (
        issue_id text PRIMARY KEY REFERENCES issues (id) ON DELETE CASCADE,
        key_id text NOT NULL REFERENCES open311_keys (id),
        fingerprint text NOT NULL,
        service_code text NOT NULL,
        words boolean NOT NULL,
        media_url text,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX open311_requests_of_key ON open311_requests (key_id, at)",
    "CREATE INDEX open311_requests_alike ON open311_requests (key_id, fingerprint)",
    # Of an issue whose thread was removed no word is published any more, whatever was agreed.
    """
    CREATE TABLE issue_publications (
        issue_id text PRIMARY KEY REFERENCES issues (id) ON DELETE CASCADE,
        person_id text,
        words boolean NOT NULL,
        removed boolean NOT NULL DEFAULT false,
        at timestamptz NOT NULL
    )
    """,
    """
    CREATE INDEX issue_publications_of_person ON issue_publications (person_id)
    WHERE person_id IS NOT NULL
    """,
    "CREATE INDEX issues_requested ON issues (created_at, id)",
    "CREATE INDEX issues_changed ON issues (updated_at, id)",
    "CREATE INDEX issues_requested_there ON issues (path, created_at, id)",
    """
    CREATE INDEX issues_requested_as ON issues ((
        CASE WHEN slot IS NOT NULL THEN slot WHEN category IN ('consult', 'advise') THEN category
             WHEN standard_code ->> 'kind' = 'matter' THEN standard_code ->> 'code'
             WHEN category = 'dispose' THEN category END
    ), created_at, id)
    """,
    "CREATE INDEX IF NOT EXISTS promises_of_issue ON promises (issue_id, id)",
)


def upgrade() -> None:
    """Create what is new; version N−1 goes on working."""
    for statement in DDL:
        op.execute(statement)
