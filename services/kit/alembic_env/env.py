"""The alembic environment shared by all services: one connection, handed in by ``migrate``."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    version_table="kit_alembic",
)
with context.begin_transaction():
    context.run_migrations()
