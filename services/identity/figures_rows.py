"""What figures are reckoned from: some statements for any number of communities.

Each counts by community, over the subtree of one node (``territory.tree``), and reads nothing but
indexes: the households and members of a city's 640,000 memberships are not looked up row by row.

EXPLAIN (ANALYZE), PostgreSQL 18, two noisy cores: XXX
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_COMMUNITIES = """
    communities AS MATERIALIZED (
        SELECT id, tree FROM territory WHERE kind = 'community' AND tree <@ cast(:root AS ltree)
    )
"""

_STATED = text(
    f"""
    WITH {_COMMUNITIES}
    SELECT c.id, f.households FROM communities AS c
    JOIN community_figures AS f ON f.community_id = c.id WHERE f.households > 0
    """  # noqa: S608 - a constant of ours
)
_BOUND = text(
    f"""
    WITH {_COMMUNITIES}
    SELECT community_id, count(*) FROM (
        SELECT DISTINCT community_id, building_id, unit_id, room_key FROM memberships
        WHERE status = 'active' AND community_id IN (SELECT id FROM communities)
    ) AS household GROUP BY community_id
    """  # noqa: S608
)
_MEMBERS = text(
    f"""
    WITH {_COMMUNITIES}
    SELECT community_id, count(*) FROM (
        SELECT DISTINCT community_id, person_id FROM memberships
        WHERE status = 'active' AND community_id IN (SELECT id FROM communities)
    ) AS member GROUP BY community_id
    """  # noqa: S608
)
_ADDRESSES = text(
    f"""
    WITH {_COMMUNITIES}
    SELECT community_id, count(*), sum(persons) FROM (
        SELECT community_id, building_id, unit_id, room_key, count(*) AS persons
        FROM register_persons
        WHERE ended_at IS NULL AND community_id IN (SELECT id FROM communities)
        GROUP BY community_id, building_id, unit_id, room_key
    ) AS household GROUP BY community_id
    """  # noqa: S608
)
_PARTY = text(
    f"""
    WITH {_COMMUNITIES},
    confirmed AS MATERIALIZED (
        SELECT DISTINCT territory_id, person_id FROM grants
        WHERE role = 'party_member' AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > :now)
    ),
    places AS MATERIALIZED (
        SELECT t.id, c.id AS community_id
        FROM (SELECT DISTINCT territory_id FROM confirmed) AS p
        JOIN territory AS t ON t.id = p.territory_id
        JOIN communities AS c ON c.tree @> t.tree
    )
    SELECT member.community_id, count(*), count(*) FILTER (WHERE b.shown)
    FROM (
        SELECT DISTINCT places.community_id, confirmed.person_id
        FROM confirmed JOIN places ON places.id = confirmed.territory_id
    ) AS member
    LEFT JOIN party_badges AS b ON b.person_id = member.person_id
    GROUP BY member.community_id
    """  # noqa: S608
)


def households_stated(session: Session, root: str) -> dict[str, int]:
    """Households as the communities below ``root`` (a path) state them, by community."""
    return {row[0]: row[1] for row in session.execute(_STATED, {"root": root})}


def households_bound(session: Session, root: str) -> dict[str, int]:
    """Addresses with at least one active member, by community."""
    return {row[0]: row[1] for row in session.execute(_BOUND, {"root": root})}


def members(session: Session, root: str) -> dict[str, int]:
    """Active members, by community."""
    return {row[0]: row[1] for row in session.execute(_MEMBERS, {"root": root})}


def on_register(session: Session, root: str) -> dict[str, tuple[int, int]]:
    """Addresses and persons of the register, by community."""
    return {row[0]: (row[1], int(row[2])) for row in session.execute(_ADDRESSES, {"root": root})}


def party(session: Session, root: str, now: datetime) -> dict[str, tuple[int, int]]:
    """Party members confirmed, and those of them who show the badge, by community."""
    rows = session.execute(_PARTY, {"root": root, "now": now})
    return {row[0]: (row[1], row[2]) for row in rows}
