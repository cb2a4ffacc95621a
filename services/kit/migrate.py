"""Migrations: each service's own, in ``services/<name>/migrations/``, on its own database.

``python -m services.kit.migrate <service> [...]`` brings the databases named by the environment
to the newest revision; harmless when they are there already.

A statement that changes a table waits for whoever uses it, and everybody who comes later waits
behind it: one long transaction would stop the service before the migration has begun. So it waits
:data:`LOCK_WAIT_MS`, lets the others go first for :data:`PAUSE_SECONDS`, and tries again. How long
it holds the lock once it has it is another matter, and the migration's own.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from services.kit import db, schema

SERVICES_DIR = Path(__file__).resolve().parents[1]

LOCK_WAIT_MS = 1_000
PAUSE_SECONDS = 3.0
TRIES = 30
_LOCK_NOT_AVAILABLE = "55P03"


def config_for(service: str) -> Config:
    """The alembic configuration of a service, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(SERVICES_DIR / "kit" / "alembic_env"))
    config.set_main_option("version_locations", str(SERVICES_DIR / service / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def head(service: str) -> str:
    """The newest revision of a service."""
    revision = ScriptDirectory.from_config(config_for(service)).get_current_head()
    if revision is None:
        raise LookupError(f"{service} has no migrations")
    return revision


def upgrade(service: str, url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to ``revision``; concurrent callers wait for each other.

    Raises:
        OperationalError: a table was in use at every try (``lock_not_available``). What earlier
            revisions did may stay; the same command goes on from there.
    """
    config = config_for(service)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(hashtext('kit_migrate'))"))
            connection.commit()
            connection.execute(text(f"SET lock_timeout = {LOCK_WAIT_MS}"))
            connection.commit()
            config.attributes["connection"] = connection
            for left in reversed(range(TRIES)):
                try:
                    _migrate(connection, config, revision)
                    break
                except OperationalError as error:
                    connection.rollback()
                    if left == 0 or db.sqlstate(error) != _LOCK_NOT_AVAILABLE:
                        raise
                    time.sleep(PAUSE_SECONDS)
            connection.execute(text("SELECT pg_advisory_unlock(hashtext('kit_migrate'))"))
            connection.commit()
    finally:
        engine.dispose()


def _migrate(connection: Connection, config: Config, revision: str) -> None:
    command.upgrade(config, revision)
    for statement in schema.GROWTH:
        connection.execute(text(statement))
    connection.commit()


def main(services: list[str], environment: Any = os.environ) -> int:
    """Migrate each named service's database."""
    if not services:
        print("usage: python -m services.kit.migrate SERVICE [...]", file=sys.stderr)
        return 2
    for service in services:
        name = f"SHEQU_{service.upper()}_DATABASE_URL"
        if name not in environment:
            print(f"{name} is not set", file=sys.stderr)
            return 2
        upgrade(service, environment[name])
        print(f"{service}: at revision {head(service)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
