"""The paper desk."""

from alembic import op

revision = "0011"
down_revision = "0010"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0010's code goes on working."""
    for statement in DDL:
        op.execute(statement)
