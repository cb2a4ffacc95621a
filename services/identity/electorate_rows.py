"""Who may vote, out of the register: one statement for each kind of roll.

::

    register ─▶ people ─▶ eligible ─┬─ a person each ─────────────────────────┐
                            │       ├─ together at an address: households ────┼─▶ subjects, in order
                            └───────┴─ owners of a room: units (and the rest) ┘

What the register does not know is decided openly: whoever may be old enough, and every unit with a
floor area, is counted in with its ``doubt``. Years of birth are all that is known, so somebody
whose eighteenth birthday is this year is in doubt, too.

Heads are reckoned as the Supreme People's Court does (最高人民法院关于审理建筑物区分所有权纠纷案件
的解释 art. 9): a unit is one head, several units of the same owner are one together. Those who own
a unit together are one owner, another than each of them alone. Owners are the same by ID number,
or by account; a name alone makes nobody the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.kit import db

# The ref of a household: its address, under a name that does not tell it.
_HOUSEHOLD: Final = """
    'h' || left(encode(sha256(convert_to(
        r.building_id || '|' || coalesce(r.unit_id, '') || '|' || r.room_key, 'UTF8'
    )), 'hex'), 32)
"""
_PEOPLE: Final = f"""
    people AS MATERIALIZED (
        SELECT r.id, r.building_id, r.unit_id, r.room_id, r.room_key, r.relation,
            account.id AS person_id, account.guardian_id IS NOT NULL AS child,
            coalesce(r.id_index, n.id_index, account.id, r.id) AS owner,
            :year - coalesce(r.birth_year, n.birth_year) AS age, {_HOUSEHOLD} AS household
        FROM register_persons AS r
        LEFT JOIN persons AS account ON account.id = r.person_id AND account.deleted_at IS NULL
        LEFT JOIN real_names AS n ON n.person_id = account.id
        WHERE r.community_id = :community AND r.ended_at IS NULL AND r.relation <> 'anonymised'
            AND (cast(:person AS text) IS NULL OR r.person_id = :person)
    ),
    eligible AS (
        SELECT p.* FROM people AS p
        WHERE :anybody OR (
            NOT p.child AND coalesce(p.age, 18) >= 18
            AND (:tenants OR p.relation NOT IN ('tenant', 'operator'))
            AND (:migrants OR p.relation <> 'migrant')
            AND (:away OR p.relation <> 'away' AND NOT EXISTS (
                SELECT FROM memberships AS m WHERE m.register_id = p.id
                    AND m.status = 'active' AND m.residence = 'away'
            ))
        )
    )
"""  # noqa: S608 - constants of ours, here and below
_IN_SCOPE: Final = "(path = :scope OR path LIKE :within)"
_SUBJECT: Final = """
    row_number() OVER (ORDER BY place_1, place_2, place_3, lpad(room_key, 30), ref) AS position,
    ref, kind, household, building, place, area, head_n, head_d, head_group, doubt, people, members
"""
_UNSURE: Final = "(age IS NULL OR age = 18)"
_NO_HEADS: Final = "0 AS area, 1 AS head_n, 1 AS head_d, '' AS head_group"

# Places are joined by id alone: a register that was imported a moment ago has no statistics yet,
# and any other way to them would be walked once for each person.
_PLACED: Final = """
    placed AS (
        SELECT p.*, b.position AS place_1, b.path AS place_2, coalesce(u.position, 0) AS place_3,
            coalesce(t.path, u.path, b.path) AS path, e.name || ' ' || b.name AS building,
            concat_ws(' ', u.name, coalesce(t.name, p.room_key)) AS place
        FROM eligible AS p
        JOIN territory AS b ON b.id = p.building_id JOIN territory AS e ON e.id = b.parent_id
        LEFT JOIN territory AS u ON u.id = p.unit_id LEFT JOIN territory AS t ON t.id = p.room_id
    )
"""
_PERSONS: Final = f"""
    WITH {_PEOPLE}, {_PLACED}, subjects AS (
        SELECT id AS ref, 'person' AS kind, household, building, place, {_NO_HEADS},
            CASE WHEN {_UNSURE} THEN 'age' ELSE '' END AS doubt,
            array_remove(ARRAY[person_id], NULL) AS people, ARRAY[id] AS members,
            place_1, place_2, place_3, room_key
        FROM placed WHERE {_IN_SCOPE}
    ) SELECT {_SUBJECT} FROM subjects
"""  # noqa: S608
_HOUSEHOLDS: Final = f"""
    WITH {_PEOPLE}, {_PLACED}, subjects AS (
        SELECT household AS ref, 'household' AS kind, household, min(building) AS building,
            min(place) AS place, {_NO_HEADS},
            CASE WHEN bool_and({_UNSURE}) THEN 'age' ELSE '' END AS doubt,
            coalesce(array_agg(DISTINCT person_id) FILTER (
                WHERE person_id IS NOT NULL AND NOT child), '{{}}') AS people,
            array_agg(id ORDER BY id) AS members,
            min(place_1) AS place_1, min(place_2) AS place_2, min(place_3) AS place_3,
            min(room_key) AS room_key
        FROM placed WHERE {_IN_SCOPE} GROUP BY household
    ) SELECT {_SUBJECT} FROM subjects
"""  # noqa: S608
_UNITS: Final = f"""
    WITH {_PEOPLE}, owned AS (
        SELECT coalesce(room_id, household) AS ref, min(household) AS household,
            min(building_id) AS building_id, min(unit_id) AS unit_id, min(room_key) AS room_key,
            array_agg(DISTINCT owner ORDER BY owner) AS owners,
            coalesce(array_agg(DISTINCT person_id) FILTER (
                WHERE person_id IS NOT NULL AND NOT child), '{{}}') AS people,
            array_agg(id ORDER BY id) AS members
        FROM people WHERE relation = 'owner' GROUP BY coalesce(room_id, household)
    ), units AS (
        SELECT coalesce(t.id, o.ref) AS ref, t.id AS room_id, t.floor_area, o.owners,
            coalesce(o.household, '') AS household, coalesce(o.people, '{{}}') AS people,
            coalesce(o.members, '{{}}') AS members, coalesce(o.room_key, t.name) AS room_key,
            coalesce(t.name, o.room_key) AS room, coalesce(t.path, u.path, b.path) AS path,
            u.name AS unit, coalesce(u.position, 0) AS place_3,
            b.position AS place_1, b.path AS place_2, e.name || ' ' || b.name AS building
        FROM (SELECT * FROM territory WHERE path LIKE :below AND kind = 'room') AS t
        FULL JOIN owned AS o ON o.ref = t.id
        LEFT JOIN territory AS above ON above.id = t.parent_id
        LEFT JOIN territory AS u ON u.id = CASE WHEN above.kind = 'unit' THEN above.id
            WHEN t.id IS NULL THEN o.unit_id END
        JOIN territory AS b ON b.id = CASE WHEN above.kind = 'unit' THEN above.parent_id
            WHEN above.kind = 'building' THEN above.id ELSE o.building_id END
        JOIN territory AS e ON e.id = b.parent_id
        WHERE o.ref IS NOT NULL OR t.floor_area > 0
    ), grouped AS (
        SELECT *, CASE WHEN owners IS NULL THEN '' ELSE left(encode(sha256(convert_to(
            :salt || '|' || array_to_string(owners, '|'), 'UTF8')), 'hex'), 32)
        END AS head_group FROM units WHERE {_IN_SCOPE}
    ), subjects AS (
        SELECT ref, 'unit' AS kind, household, building, concat_ws(' ', unit, room) AS place,
            round(coalesce(floor_area, 0) * 100)::bigint AS area, 1 AS head_n,
            CASE WHEN head_group = '' THEN 1
                ELSE count(*) OVER (PARTITION BY head_group)::integer END AS head_d,
            head_group, CASE WHEN owners IS NULL THEN 'owner'
                WHEN coalesce(floor_area, 0) = 0 THEN 'area' ELSE '' END AS doubt,
            people, members, place_1, place_2, place_3, room_key
        FROM grouped
    ) SELECT {_SUBJECT} FROM subjects
"""  # noqa: S608
_HELD: Final = """
    held AS (
        SELECT DISTINCT ON (g.person_id) g.person_id, g.path FROM grants AS g
        JOIN persons AS account ON account.id = g.person_id AND account.deleted_at IS NULL
            AND account.guardian_id IS NULL
        WHERE g.role = 'group_representative' AND g.revoked_at IS NULL
            AND (g.expires_at IS NULL OR g.expires_at > :now)
            AND (cast(:person AS text) IS NULL OR g.person_id = :person)
            AND (g.path = :scope OR g.path LIKE :within)
        ORDER BY g.person_id, g.granted_at, g.id
    )
"""
_REPRESENTATIVES: Final = f"""
    WITH {_HELD}, subjects AS (
        SELECT held.person_id AS ref, 'person' AS kind,
            coalesce(home.household, '') AS household,
            coalesce(home.building, place.name) AS building, coalesce(home.place, '') AS place,
            {_NO_HEADS}, '' AS doubt, ARRAY[held.person_id] AS people,
            coalesce(home.members, '{{}}') AS members,
            coalesce(home.place_1, place.position) AS place_1,
            coalesce(home.place_2, place.path) AS place_2,
            coalesce(home.place_3, 0) AS place_3, coalesce(home.room_key, '') AS room_key
        FROM held JOIN territory AS place ON place.path = held.path
        LEFT JOIN LATERAL (
            SELECT {_HOUSEHOLD} AS household, e.name || ' ' || b.name AS building,
                concat_ws(' ', u.name, r.room) AS place, r.room_key,
                b.position AS place_1, b.path AS place_2, coalesce(u.position, 0) AS place_3,
                array_remove(ARRAY[r.register_id], NULL) AS members
            FROM memberships AS r
            JOIN territory AS b ON b.id = r.building_id JOIN territory AS e ON e.id = r.estate_id
            LEFT JOIN territory AS u ON u.id = r.unit_id
            WHERE r.person_id = held.person_id AND r.community_id = :community
                AND r.status = 'active'
            ORDER BY r.residence DESC, r.requested_at, r.id LIMIT 1
        ) AS home ON true
    ) SELECT {_SUBJECT} FROM subjects
"""  # noqa: S608
_SUBJECTS: Final = {
    "residents18": _PERSONS,
    "villagers": _PERSONS,
    "households": _HOUSEHOLDS,
    "representatives": _REPRESENTATIVES,
    "owners": _UNITS,
    "affected_owners": _UNITS,
}
_MINE: Final = {
    "residents18": f"WITH {_PEOPLE} SELECT id FROM eligible",  # noqa: S608
    "villagers": f"WITH {_PEOPLE} SELECT id FROM eligible",  # noqa: S608
    "households": f"WITH {_PEOPLE} SELECT DISTINCT household FROM eligible",  # noqa: S608
    "representatives": f"WITH {_HELD} SELECT person_id FROM held",  # noqa: S608
    **dict.fromkeys(
        ("owners", "affected_owners"),
        f"WITH {_PEOPLE} SELECT DISTINCT coalesce(room_id, household) FROM people "  # noqa: S608
        "WHERE relation = 'owner' AND NOT child",
    ),
}
_COLUMNS: Final = (
    "position, ref, kind, household, building, place, area, head_n, head_d, head_group, doubt, "
    "people"
)


_LIMIT: Final = text("SELECT set_config('statement_timeout', :limit, true)")
_CANCELED: Final = "57014"


def draw(
    session: Session, electorate_id: int, who: str, values: dict[str, Any], limit: timedelta
) -> int | None:
    """Write the snapshot down; how many subjects it has, None when it takes longer than ``limit``.

    ``values`` are those of :func:`services.identity.handlers.electorates.values_of`.
    """
    try:
        with session.begin_nested():
            session.execute(_LIMIT, {"limit": f"{limit.total_seconds() * 1000:.0f}ms"})
            written = session.execute(
                text(
                    f"INSERT INTO electorate_entries (electorate_id, {_COLUMNS}) "  # noqa: S608
                    f"SELECT :electorate, {_COLUMNS} FROM ({_SUBJECTS[who]}) AS drawn"
                ),
                {**values, "electorate": electorate_id},
            )
    except OperationalError as error:
        if db.sqlstate(error) != _CANCELED:
            raise
        return None
    session.execute(text("SET LOCAL statement_timeout TO DEFAULT"))
    return int(written.rowcount)  # type: ignore[attr-defined]


def shown(
    session: Session,
    who: str,
    values: dict[str, Any],
    refs: Sequence[str],
    members: Sequence[str],
    limit: int,
) -> Sequence[Any]:
    """The subjects of these refs, and those that these of the register belong to, in order."""
    return session.execute(
        text(
            f"SELECT * FROM ({_SUBJECTS[who]}) AS s "  # noqa: S608
            "WHERE ref = ANY(:refs) OR members && :members ORDER BY position LIMIT :limit"
        ),
        {**values, "refs": list(refs), "members": list(members), "limit": limit},
    ).all()


def mine(session: Session, who: str, values: dict[str, Any]) -> list[str]:
    """The refs of those subjects that ``values["person"]`` belongs to, in order."""
    return sorted(session.scalars(text(_MINE[who]), values))


def page(session: Session, electorate_id: int, after: int, limit: int) -> Sequence[Any]:
    """The entries after a position, as they are told."""
    return session.execute(
        text(
            f"SELECT {_COLUMNS} FROM electorate_entries "  # noqa: S608
            "WHERE electorate_id = :electorate AND position > :after ORDER BY position LIMIT :limit"
        ),
        {"electorate": electorate_id, "after": after, "limit": limit},
    ).all()


def forget_entries(session: Session, electorate_id: int) -> None:
    """Delete all entries of a snapshot."""
    session.execute(
        text("DELETE FROM electorate_entries WHERE electorate_id = :id"), {"id": electorate_id}
    )


def forget(session: Session, electorate_id: int) -> None:
    """Delete a snapshot with all its entries."""
    forget_entries(session, electorate_id)
    session.execute(text("DELETE FROM electorates WHERE id = :id"), {"id": electorate_id})
