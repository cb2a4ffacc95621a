"""Which wording of a topic nobody but the desk and its author reads."""

from alembic import op

revision = "0016"
down_revision = "0015"

DDL: tuple[str, ...] = (
    "ALTER TABLE topic_wordings ADD COLUMN held boolean DEFAULT false NOT NULL",
    # Of a topic whose words wait all wordings do; what was accepted was read by everybody.
    """
    UPDATE topic_wordings SET held = true FROM topics
    WHERE topics.id = topic_wordings.topic_id AND topics.held
    """,
)


def upgrade() -> None:
    """Only adds: version 0015's code goes on working."""
    for statement in DDL:
        op.execute(statement)
