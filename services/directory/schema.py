"""The two tables of the directory, created by the first migration of a service that keeps it.

What came later stands in :data:`GROWTH`: statements that may be run again. The first migration of
a service makes the tables whole; a service that had them earlier runs :func:`grow` in a migration
of its own. So a new database and an old one end up the same.
"""

from typing import Any

GROWTH = (
    "ALTER TABLE directory_cards ADD COLUMN IF NOT EXISTS residence text NOT NULL DEFAULT 'local'",
    "ALTER TABLE directory_cards ADD COLUMN IF NOT EXISTS home text NOT NULL DEFAULT ''",
)

DDL = (
    """
    CREATE TABLE directory_communities (
        id text PRIMARY KEY,
        path text NOT NULL UNIQUE,
        name text NOT NULL,
        kind text NOT NULL,
        code12 text NOT NULL,
        district_id text NOT NULL,
        district_name text NOT NULL,
        town_id text NOT NULL,
        town_name text NOT NULL,
        modules text[] NOT NULL DEFAULT '{}'
    )
    """,
    """
    CREATE TABLE directory_cards (
        person_id text NOT NULL,
        community_id text NOT NULL,
        path text NOT NULL,
        standing text NOT NULL,
        display_name text NOT NULL,
        building_label text NOT NULL DEFAULT '',
        badge_shown boolean NOT NULL DEFAULT false,
        role_badges text[] NOT NULL DEFAULT '{}',
        PRIMARY KEY (community_id, person_id)
    )
    """,
    "CREATE INDEX directory_cards_person ON directory_cards (person_id)",
    *GROWTH,
)


def create(op: Any) -> None:
    """Create the tables; ``op`` is alembic's."""
    for statement in DDL:
        op.execute(statement)


def grow(op: Any) -> None:
    """Bring older tables up to what :func:`create` makes; only adds."""
    for statement in GROWTH:
        op.execute(statement)
