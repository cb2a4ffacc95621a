"""Surveys and their answers."""

from alembic import op

revision = "0014"
down_revision = "0013"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0013's code goes on working."""
    for statement in DDL:
        op.execute(statement)
