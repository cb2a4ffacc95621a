"""The building of each member, in the directory's copy: who is near by."""

from alembic import op

from services.directory import schema as directory

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Only adds: version 0002's code goes on working."""
    directory.grow(op)
