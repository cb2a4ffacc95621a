"""The two tables of the directory, created by the first migration of a service that keeps it."""

from typing import Any

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
)


def create(op: Any) -> None:
    """Create the tables; ``op`` is alembic's."""
    for statement in DDL:
        op.execute(statement)
