"""The building of each member, in the directory's copy: who is near by."""

from alembic import op

from services.directory import schema as directory

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Only adds: version 0004's code goes on working."""
    directory.grow(op)
