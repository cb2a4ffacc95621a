"""Ballots, the bulletin, its heads and proofs."""

from alembic import op

revision = "0010"
down_revision = "0009"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0009's code goes on working."""
    for statement in DDL:
        op.execute(statement)
