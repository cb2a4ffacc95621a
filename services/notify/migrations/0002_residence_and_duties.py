"""Who lives elsewhere (离村不离心), in the directory's copy; Party membership is no duty."""

from alembic import op

from services.directory import schema as directory

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Version 0001's code goes on working; nobody was ever told anything as a Party member."""
    directory.grow(op)
    op.execute("DELETE FROM duties WHERE role = 'party_member'")
