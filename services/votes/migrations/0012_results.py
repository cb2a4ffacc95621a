"""Results, certificates and the publicity."""

from alembic import op

revision = "0012"
down_revision = "0011"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0011's code goes on working."""
    for statement in DDL:
        op.execute(statement)
