"""Who lives behind which door: register and memberships together, a page of buildings at a time.

::

    register ────▶ lives here, unless away ──────────────────────┐
                                                                 ├─▶ doors with somebody behind
    memberships ─▶ account; lives here, unless away or counted ──┘

Somebody with an account who is not on the register counts all the same. Who is both counts once,
at the door that the register says: it may know no unit where she named one.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.kit import db

_BUILDINGS: Final = text(
    """
    SELECT b.id FROM territory AS b JOIN territory AS e ON e.id = b.parent_id
    WHERE b.kind = 'building' AND (b.path = :scope OR b.path LIKE :within)
    ORDER BY e.position, e.path, b.position, b.path
    """
)
_DOORS: Final = """
    WITH present AS (
        SELECT r.building_id, r.unit_id, r.room_id, r.room_key, NULL AS room,
            NULL AS person_id, NULL::boolean AS away,
            (r.relation <> 'away' AND NOT EXISTS (
                SELECT FROM memberships AS m WHERE m.register_id = r.id
                    AND m.status = 'active' AND m.residence = 'away'))::integer AS lives,
            CASE WHEN r.relation <> 'away' AND NOT EXISTS (
                SELECT FROM memberships AS m WHERE m.register_id = r.id
                    AND m.status = 'active') THEN r.id END AS entry
        FROM register_persons AS r
        WHERE r.community_id = :community AND r.building_id = ANY(:buildings)
            AND r.ended_at IS NULL AND r.relation <> 'anonymised'
        UNION ALL
        SELECT m.building_id, CASE WHEN r.id IS NULL THEN m.unit_id ELSE r.unit_id END,
            r.room_id, coalesce(r.room_key, m.room_key), m.room, m.person_id,
            m.residence = 'away' OR m.relation = 'away',
            (r.id IS NULL AND m.residence <> 'away' AND m.relation <> 'away')::integer,
            NULL
        FROM memberships AS m
        LEFT JOIN register_persons AS r ON r.id = m.register_id AND r.ended_at IS NULL
            AND r.relation <> 'anonymised' AND r.building_id = m.building_id
        WHERE m.community_id = :community AND m.building_id = ANY(:buildings)
            AND m.status = 'active'
    ), doors AS (
        SELECT building_id, unit_id, room_key, min(room_id) AS room_id, min(room) AS room,
            sum(lives) AS people,
            coalesce(jsonb_agg(jsonb_build_object('person_id', person_id, 'away', away))
                FILTER (WHERE person_id IS NOT NULL), '[]') AS members,
            coalesce(array_agg(entry ORDER BY entry) FILTER (WHERE entry IS NOT NULL), '{}')
                AS entries
        FROM present GROUP BY building_id, unit_id, room_key HAVING sum(lives) > 0
    )
"""
_PAGE: Final = text(
    f"""
    {_DOORS}
    SELECT left(encode(sha256(convert_to(
            d.building_id || '|' || coalesce(d.unit_id, '') || '|' || d.room_key, 'UTF8'
        )), 'hex'), 32) AS ref,
        e.name || ' ' || b.name AS building, coalesce(u.name, '') AS unit,
        coalesce(t.name, d.room, d.room_key) AS room, d.people, d.members, d.entries
    FROM doors AS d
    JOIN territory AS b ON b.id = d.building_id JOIN territory AS e ON e.id = b.parent_id
    LEFT JOIN territory AS u ON u.id = d.unit_id LEFT JOIN territory AS t ON t.id = d.room_id
    ORDER BY array_position(:buildings, b.id), coalesce(u.position, 0), lpad(d.room_key, 30), ref
    """  # noqa: S608 - constants of ours, here and below
)
_COUNT: Final = text(
    f"{_DOORS} SELECT count(*) AS households, coalesce(sum(people), 0) AS people FROM doors"  # noqa: S608
)


def buildings(session: Session, scope: str) -> list[str]:
    """The buildings at and below a path, in their order."""
    found = session.scalars(_BUILDINGS, {"scope": scope, "within": db.below(scope)})
    return list(found)


def page(session: Session, community_id: str, buildings: Sequence[str]) -> Sequence[Any]:
    """The doors of these buildings, in their order."""
    values = {"community": community_id, "buildings": list(buildings)}
    return session.execute(_PAGE, values).all()


def count(session: Session, community_id: str, buildings: Sequence[str]) -> Any:
    """How many households live in these buildings, and how many people that is."""
    values = {"community": community_id, "buildings": list(buildings)}
    return session.execute(_COUNT, values).one()
