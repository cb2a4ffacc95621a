"""Rolls: what is changed in them, and written proxies."""

from alembic import op

revision = "0009"
down_revision = "0008"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0008's code goes on working."""
    for statement in DDL:
        op.execute(statement)
