"""What distances there are is told to notify, as it is from now on whenever one changes."""

from alembic import op

revision = "0008"
down_revision = "0007"

TELL = """
    WITH kept AS (
        SELECT person_id,
               array_agg(DISTINCT other_id) FILTER (WHERE NOT hidden) AS named,
               array_agg(DISTINCT other_id) FILTER (WHERE hidden) AS hidden
        FROM feed_distances GROUP BY person_id
    ),
    counted AS (
        INSERT INTO kit_subject (source, subject, version)
        SELECT 'feed', person_id, 1 FROM kept ORDER BY person_id
        ON CONFLICT (subject, source) DO UPDATE SET version = kit_subject.version + 1
        RETURNING subject, version
    )
    INSERT INTO kit_outbox (event_id, exchange, routing_key, type, source, subject,
                            subject_version, body, occurred_at)
    SELECT gen_random_uuid()::text, 'feed.events', 'distances.changed.v1', 'distances.changed.v1',
           'feed', kept.person_id, counted.version,
           json_build_object('person_id', kept.person_id, 'named', coalesce(named, '{}'),
                             'hidden', coalesce(hidden, '{}'))::text,
           clock_timestamp()
    FROM kept JOIN counted ON counted.subject = kept.person_id
"""


def upgrade() -> None:
    """Only adds: version 0007's code goes on working."""
    op.execute(TELL)
