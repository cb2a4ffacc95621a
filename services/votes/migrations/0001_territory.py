"""The kit's tables and the copy of the territory."""

from alembic import op

from services.directory import schema as directory_schema
from services.kit import schema as kit_schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of kit and directory."""
    kit_schema.create(op)
    directory_schema.create(op)
