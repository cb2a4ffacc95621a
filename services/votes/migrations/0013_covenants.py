"""Covenants, who agreed to them, breaches, what became of a decision."""

from alembic import op

revision = "0013"
down_revision = "0012"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0012's code goes on working."""
    for statement in DDL:
        op.execute(statement)
