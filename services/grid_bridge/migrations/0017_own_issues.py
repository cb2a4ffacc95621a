"""What somebody reported herself is found without looking at what others did."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Only adds: version 0016's code goes on working."""
    op.execute("CREATE INDEX issues_of_reporter ON issues (reporter_id, community_id, id)")
