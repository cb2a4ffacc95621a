"""The digests: who had one, of what."""

from alembic import op

revision = "0006"
down_revision = "0005"

DDL: tuple[str, ...] = ()


def upgrade() -> None:
    """Only adds: version 0005's code goes on working."""
    for statement in DDL:
        op.execute(statement)
