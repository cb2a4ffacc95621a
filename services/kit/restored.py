"""``python -m services.kit.restored <service> [...]``: say that a database came from a backup.

A restored database counts the versions of its subjects again from where the backup stood, below
what others have seen of it: projections would take its next events for old ones. A new epoch makes
them later than everything before. Run it once for each restored database, before its service
starts; running it again does no harm.
"""

import os
import sys
from typing import Any

from sqlalchemy import create_engine, text

NEW_EPOCH = text(
    """
    INSERT INTO kit_state (key, value)
    VALUES ('epoch', extract(epoch FROM clock_timestamp())::bigint::text)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
    RETURNING value
    """
)


def begin_epoch(url: str) -> int:
    """Begin a new epoch in the database at ``url``; its number (seconds since 1970)."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return int(connection.execute(NEW_EPOCH).scalar_one())
    finally:
        engine.dispose()


def main(services: list[str], environment: Any = os.environ) -> int:
    """Begin a new epoch for each named service; 2 when one has no address."""
    if not services:
        print("usage: python -m services.kit.restored SERVICE [...]", file=sys.stderr)
        return 2
    for service in services:
        name = f"SHEQU_{service.upper()}_DATABASE_URL"
        if name not in environment:
            print(f"{name} is not set", file=sys.stderr)
            return 2
        print(f"{service}: epoch {begin_epoch(environment[name])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
