"""Of which moment a roll is, and how many subjects it will have once it is drawn."""

from alembic import op

revision = "0017"
down_revision = "0016"

DDL: tuple[str, ...] = (
    "ALTER TABLE polls ADD COLUMN roll_drawn_at timestamptz",
    "ALTER TABLE polls ADD COLUMN roll_expected integer",
)


def upgrade() -> None:
    """Only adds: version 0016's code goes on working."""
    for statement in DDL:
        op.execute(statement)
