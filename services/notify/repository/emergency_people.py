"""The households of an emergency, their accounts, and what is known of them."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notify.domain import emergencies as rules
from services.notify.domain.emergencies import Found, Said
from services.notify.models import (
    EmergencyHousehold,
    EmergencyLook,
    EmergencyMember,
    EmergencyTick,
)

WITHOUT_ADDRESS: Final = 2**31 - 1
"""Where those without an address stand: behind all others."""

_PUT_HOUSEHOLDS = text(
    """
    INSERT INTO emergency_households (emergency_id, ref, position, building, unit, room, floor,
                                      people, entries)
    SELECT :emergency, ref, position, building, unit, room, floor, people, entries
    FROM jsonb_to_recordset(cast(:doors AS jsonb)) AS d (
        ref text, position integer, building text, unit text, room text, floor smallint,
        people integer, entries text[])
    ON CONFLICT DO NOTHING
    """
)
# Somebody with two homes here is heard for the one that she lives in, or for the first. Whether she
# was alone until now is asked of her own row: another's that came at this moment is not seen here.
_PUT_MEMBERS = text(
    """
    INSERT INTO emergency_people AS m (emergency_id, person_id, ref, away)
    SELECT DISTINCT ON (person_id) :emergency, person_id, ref, away
    FROM jsonb_to_recordset(cast(:members AS jsonb)) AS d (
        person_id text, ref text, away boolean, position integer)
    WHERE NOT EXISTS (SELECT FROM departed WHERE departed.person_id = d.person_id)
    ORDER BY person_id, away, position
    ON CONFLICT (emergency_id, person_id) DO UPDATE SET ref = excluded.ref, away = excluded.away
    WHERE (m.away AND NOT excluded.away)
        OR m.ref = left(encode(sha256(convert_to(
            m.emergency_id || '|' || m.person_id, 'UTF8')), 'hex'), 32)
    RETURNING m.ref, m.state
    """
)


def lay_down(
    session: Session,
    emergency_id: str,
    doors: Sequence[Mapping[str, Any]],
    members: Sequence[Mapping[str, Any]],
    now: datetime,
) -> None:
    """Put doors and those behind them on the list.

    Whoever answered before her door was known is heard for it now.
    """
    session.execute(_PUT_HOUSEHOLDS, {"emergency": emergency_id, "doors": json.dumps(list(doors))})
    values = {"emergency": emergency_id, "members": json.dumps(list(members))}
    tied = session.execute(_PUT_MEMBERS, values).all()
    found = [str(one["person_id"]) for one in members]
    session.execute(
        delete(EmergencyHousehold).where(
            EmergencyHousehold.emergency_id == emergency_id,
            EmergencyHousehold.person_id.in_(found),
        )
    )
    settle(session, emergency_id, {row.ref for row in tied if row.state}, now)


def member(session: Session, emergency_id: str, person_id: str) -> EmergencyMember | None:
    """Somebody's part in an emergency, held until the end."""
    return session.scalars(
        select(EmergencyMember)
        .where(EmergencyMember.emergency_id == emergency_id, EmergencyMember.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def ref_alone(emergency_id: str, person_id: str) -> str:
    """The name of the place of somebody whose door is not known; so `_PUT_MEMBERS` knows it."""
    return hashlib.sha256(f"{emergency_id}|{person_id}".encode()).hexdigest()[:32]


def add_alone(
    session: Session, emergency_id: str, person_id: str, building: str
) -> EmergencyMember | None:
    """Put somebody on the list whose door is not known; None: she left for good meanwhile.

    Whose door was laid down at this moment has it, and gets no second one.
    """
    if session.scalar(text("SELECT 1 FROM departed WHERE person_id = :p"), {"p": person_id}):
        return None
    ref = ref_alone(emergency_id, person_id)
    added = session.execute(
        insert(EmergencyMember)
        .values(emergency_id=emergency_id, person_id=person_id, ref=ref, away=False)
        .on_conflict_do_nothing()
        .returning(EmergencyMember.person_id)
    )
    if added.first() is not None:
        session.execute(
            insert(EmergencyHousehold).values(
                emergency_id=emergency_id,
                ref=ref,
                position=WITHOUT_ADDRESS,
                building=building,
                unit="",
                room="",
                people=1,
                person_id=person_id,
            )
        )
    return member(session, emergency_id, person_id)


_SAID = text(
    """
    SELECT ref, state, need, whole, answered_at AS at FROM emergency_people
    WHERE emergency_id = :emergency AND ref = ANY(:refs) AND state IS NOT NULL
    """
)
_FOUND = text(
    """
    SELECT DISTINCT ON (ref) ref, state, need, at FROM emergency_ticks
    WHERE emergency_id = :emergency AND ref = ANY(:refs) ORDER BY ref, at DESC, taken_at DESC
    """
)


def hold(session: Session, emergency_id: str, refs: Collection[str]) -> dict[str, int]:
    """Hold households in one order; how many people live in each of those that there are."""
    rows = session.execute(
        select(EmergencyHousehold.ref, EmergencyHousehold.people)
        .where(EmergencyHousehold.emergency_id == emergency_id, EmergencyHousehold.ref.in_(refs))
        .order_by(EmergencyHousehold.ref)
        .with_for_update()
    )
    return {row.ref: row.people for row in rows}


def settle(session: Session, emergency_id: str, refs: Collection[str], now: datetime) -> None:
    """Reckon anew what is known of households of which something was said.

    They are held first: whoever comes second sees what the first one said.
    """
    if not refs:
        return
    people = hold(session, emergency_id, refs)
    values = {"emergency": emergency_id, "refs": sorted(people)}
    said: dict[str, list[Said]] = {ref: [] for ref in people}
    for row in session.execute(_SAID, values):
        said[row.ref].append(Said(row.state, row.need, row.whole, row.at))
    found = {row.ref: Found(row.state, row.need, row.at) for row in session.execute(_FOUND, values)}
    rows = []
    for ref, count in people.items():
        known = rules.standing(count, said[ref], found.get(ref))
        heard = [one.at for one in said[ref]] + ([found[ref].at] if ref in found else [])
        rows.append(
            {
                "emergency": emergency_id,
                "ref": ref,
                "state": known.state,
                "need": known.need,
                "by_staff": known.by_staff,
                "heard": min(heard, default=now) if known.state != "silent" else None,
            }
        )
    if rows:
        session.execute(_SETTLE, rows)


_SETTLE = text(
    """
    UPDATE emergency_households SET state = :state, need = :need, by_staff = :by_staff,
        heard_at = coalesce(heard_at, :heard)
    WHERE emergency_id = :emergency AND ref = :ref
    """
)


def add_ticks(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Write down what was found; the keys of those that were not written down before."""
    if not rows:
        return set()
    put = insert(EmergencyTick).on_conflict_do_nothing().returning(EmergencyTick.key)
    return set(session.scalars(put, list(rows)))


def known_keys(session: Session, emergency_id: str, keys: Collection[str]) -> set[str]:
    """Which of these ticks are written down."""
    return set(
        session.scalars(
            select(EmergencyTick.key).where(
                EmergencyTick.emergency_id == emergency_id, EmergencyTick.key.in_(keys)
            )
        )
    )


# -- looked at -------------------------------------------------------------------------------------

_PAGE = text(
    """
    SELECT h.ref, h.position, h.building, h.unit, h.room, h.floor, h.people, h.person_id, h.state,
        h.need, h.heard_at, said.note, found.state AS found, found.need AS found_need,
        found.note AS found_note, found.by_id, found.by_role, found.at AS found_at
    FROM emergency_households AS h
    LEFT JOIN LATERAL (
        SELECT m.note FROM emergency_people AS m
        WHERE m.emergency_id = h.emergency_id AND m.ref = h.ref AND m.state = 'help'
        ORDER BY m.answered_at DESC LIMIT 1) AS said ON h.state = 'help' AND NOT h.by_staff
    LEFT JOIN LATERAL (
        SELECT t.* FROM emergency_ticks AS t
        WHERE t.emergency_id = h.emergency_id AND t.ref = h.ref
        ORDER BY t.at DESC, t.taken_at DESC LIMIT 1) AS found ON true
    WHERE h.emergency_id = :emergency AND h.state = :state
      AND (cast(:building AS text) IS NULL OR h.building = :building)
      AND (h.position, h.ref) > (:position, :ref)
    ORDER BY h.position, h.ref LIMIT :limit
    """
)


def page(
    session: Session,
    emergency_id: str,
    *,
    state: str,
    building: str | None,
    after: tuple[int, str],
    limit: int,
) -> Sequence[Row[Any]]:
    """The households in one state, in the order in which they are walked."""
    values = {
        "emergency": emergency_id,
        "state": state,
        "building": building,
        "position": after[0],
        "ref": after[1],
        "limit": limit,
    }
    return session.execute(_PAGE, values).all()


def first_looks(
    session: Session, emergency_id: str, refs: Collection[str], reader_id: str, day: date
) -> tuple[list[str], list[str]]:
    """Those of these households whom the reader has not seen today; written down as seen.

    The accounts, and the entries of the register of those who have none.
    """
    members = set(
        session.scalars(
            select(EmergencyMember.person_id).where(
                EmergencyMember.emergency_id == emergency_id,
                EmergencyMember.ref.in_(refs),
                EmergencyMember.person_id != reader_id,
            )
        )
    )
    entries = session.scalars(
        select(func.unnest(EmergencyHousehold.entries)).where(
            EmergencyHousehold.emergency_id == emergency_id, EmergencyHousehold.ref.in_(refs)
        )
    )
    rows = [
        {"emergency_id": emergency_id, "person_id": one, "reader_id": reader_id, "day": day}
        for one in sorted(members.union(entries))
    ]
    if not rows:
        return [], []
    put = insert(EmergencyLook).on_conflict_do_nothing().returning(EmergencyLook.person_id)
    fresh = list(session.scalars(put, rows))
    return [one for one in fresh if one in members], [one for one in fresh if one not in members]


_STATES: Final = """
    count(*) AS households, coalesce(sum(people), 0) AS people,
    count(*) FILTER (WHERE state = 'silent') AS silent,
    count(*) FILTER (WHERE state = 'safe') AS safe,
    count(*) FILTER (WHERE state = 'help') AS help,
    count(*) FILTER (WHERE state = 'absent') AS absent,
    count(*) FILTER (WHERE state = 'moved') AS moved,
    coalesce(sum(people) FILTER (WHERE state = 'silent'), 0) AS people_silent,
    coalesce(sum(people) FILTER (WHERE state = 'safe'), 0) AS people_safe,
    coalesce(sum(people) FILTER (WHERE state = 'help'), 0) AS people_help
"""
_TOTAL = text(f"SELECT {_STATES} FROM emergency_households WHERE emergency_id = :emergency")  # noqa: S608
_BY_BUILDING = text(
    f"SELECT building, {_STATES} FROM emergency_households WHERE emergency_id = :emergency "  # noqa: S608
    "GROUP BY building ORDER BY min(position), building"
)
_STORY = text(
    """
    SELECT count(*) FILTER (WHERE h.heard_at <= e.called_at + interval '15 minutes') AS within_15,
        count(*) FILTER (WHERE h.heard_at <= e.called_at + interval '30 minutes') AS within_30,
        count(*) FILTER (WHERE h.heard_at <= e.called_at + interval '60 minutes') AS within_60,
        count(*) FILTER (WHERE h.state <> 'silent' AND NOT h.by_staff) AS by_phone,
        count(*) FILTER (WHERE h.by_staff) AS at_the_door,
        count(*) FILTER (WHERE h.state = 'help' AND EXISTS (
            SELECT FROM emergency_people AS m WHERE m.emergency_id = h.emergency_id
                AND m.ref = h.ref AND m.state = 'help' AND m.answered_at > e.closed_at)) AS late
    FROM emergencies AS e LEFT JOIN emergency_households AS h ON h.emergency_id = e.id
    WHERE e.id = :emergency GROUP BY e.id
    """
)
# A need that was met at the door was there all the same: it is counted once for each household.
_NEEDS = text(
    """
    SELECT need, count(*) AS households FROM (
        SELECT ref, need FROM emergency_people
        WHERE emergency_id = :emergency AND need IS NOT NULL
        UNION
        SELECT ref, need FROM emergency_ticks
        WHERE emergency_id = :emergency AND need IS NOT NULL
    ) AS asked GROUP BY need ORDER BY households DESC, need
    """
)


def total(session: Session, emergency_id: str) -> Row[Any]:
    """What is known of all households, in figures."""
    return session.execute(_TOTAL, {"emergency": emergency_id}).one()


def by_building(session: Session, emergency_id: str) -> Sequence[Row[Any]]:
    """The same for each building, in their order."""
    return session.execute(_BY_BUILDING, {"emergency": emergency_id}).all()


def story(session: Session, emergency_id: str) -> Row[Any]:
    """How it went, in figures."""
    return session.execute(_STORY, {"emergency": emergency_id}).one()


def needs(session: Session, emergency_id: str) -> Sequence[Row[Any]]:
    """How many households asked for which help."""
    return session.execute(_NEEDS, {"emergency": emergency_id}).all()


# -- forgotten -------------------------------------------------------------------------------------

_PERSONAL: Final = (EmergencyMember, EmergencyTick, EmergencyLook, EmergencyHousehold)


def forget(session: Session, emergency_id: str) -> None:
    """Delete whatever is personal of an emergency."""
    for table in _PERSONAL:
        session.execute(delete(table).where(table.emergency_id == emergency_id))


def forget_person(session: Session, person_id: str) -> None:
    """Delete somebody's words and her place behind a door; what is known of the door stays.

    What somebody in office did at a door stays done, by nobody.
    """
    session.execute(delete(EmergencyMember).where(EmergencyMember.person_id == person_id))
    session.execute(
        delete(EmergencyLook).where(
            (EmergencyLook.person_id == person_id) | (EmergencyLook.reader_id == person_id)
        )
    )
    session.execute(delete(EmergencyHousehold).where(EmergencyHousehold.person_id == person_id))
    session.execute(update(EmergencyTick).where(EmergencyTick.by_id == person_id).values(by_id=""))
