"""Migrations: each service's own, in ``services/<name>/migrations/``, on its own database.

``python -m services.kit.migrate <service> [...]`` brings the databases named by the environment
to the newest revision; harmless when they are there already.
"""

import os
import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from services.kit import schema

SERVICES_DIR = Path(__file__).resolve().parents[1]


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
    """Bring the database at ``url`` to ``revision``; concurrent callers wait for each other."""
    config = config_for(service)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(hashtext('kit_migrate'))"))
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            for statement in schema.GROWTH:
                connection.execute(text(statement))
            connection.commit()
            connection.execute(text("SELECT pg_advisory_unlock(hashtext('kit_migrate'))"))
            connection.commit()
    finally:
        engine.dispose()


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
