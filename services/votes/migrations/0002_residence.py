"""Who of the members lives elsewhere (离村不离心), in the directory's copy."""

from alembic import op

from services.directory import schema as directory

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Only adds: version 0001's code goes on working."""
    directory.grow(op)
