"""News that was overtaken on its way into an inbox: whoever reads what came before has not read it.

``newest`` of who was told nothing since is empty, and what comes first is never late.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

DDL: tuple[str, ...] = (
    "ALTER TABLE unread_counts ADD COLUMN newest text",
    """
    CREATE TABLE late_news (
        event_id text NOT NULL,
        person_id text NOT NULL,
        after_id text NOT NULL,
        PRIMARY KEY (event_id, person_id)
    )
    """,
    "CREATE INDEX late_news_person ON late_news (person_id)",
)


def upgrade() -> None:
    """Only adds: version 0014's code goes on working."""
    for statement in DDL:
        op.execute(statement)
