"""Emergencies, what was told in them, and whom that reaches, portion by portion."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.kit import db, due
from services.notify import domain
from services.notify.domain.emergencies import (
    WIDE,
    AlreadyCalled,
    EmergencyNotFound,
    PlaceNotFound,
)
from services.notify.models import Emergency, EmergencyBroadcast

# -- emergencies -----------------------------------------------------------------------------------


def add(session: Session, values: Mapping[str, Any]) -> Emergency:
    """A new emergency.

    Raises:
        AlreadyCalled: one of this place is open, also if it is being called at this moment.
    """
    row = session.scalars(
        insert(Emergency).values(**values).on_conflict_do_nothing().returning(Emergency)
    ).first()
    if row is None:
        raise AlreadyCalled()
    return row


def get(session: Session, emergency_id: str) -> Emergency:
    """The emergency, as it was committed last.

    Raises:
        EmergencyNotFound: there is none.
    """
    row = session.get(Emergency, emergency_id, populate_existing=True)
    if row is None:
        raise EmergencyNotFound()
    return row


def hold(session: Session, emergency_id: str, *, to_forget: bool = False) -> Emergency:
    """The same, held until the commit against being forgotten; or against all who write to it.

    Whoever writes down what is personal holds it so: what she wrote goes when it is forgotten, or
    she finds that it was.

    Raises:
        EmergencyNotFound: there is none.
    """
    how: dict[str, Any] = {} if to_forget else {"key_share": True, "read": True}
    query = select(Emergency).where(Emergency.id == emergency_id).with_for_update(**how)
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise EmergencyNotFound()
    return row


def in_turn(session: Session, path: str) -> None:
    """Calls in a district are made one after the other: a drill sees the real one, and is seen."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('notify.emergencies'), hashtext(:district))"),
        {"district": path.partition(".")[0]},
    )


def change(session: Session, emergency_id: str, **values: Any) -> None:
    """Write some of its columns."""
    session.execute(update(Emergency).where(Emergency.id == emergency_id).values(**values))


def close(session: Session, emergency_id: str, **values: Any) -> bool:
    """End it; whether it was open."""
    closed = session.execute(
        update(Emergency)
        .where(Emergency.id == emergency_id, Emergency.state == "open")
        .values(state="closed", **values)
        .returning(Emergency.id)
    )
    return closed.first() is not None


def open_around(session: Session, path: str, *, drills: bool) -> list[str]:
    """The emergencies, or the drills, that are open at, above or below a path."""
    query = select(Emergency.id).where(
        Emergency.state == "open",
        Emergency.drill.is_(drills),
        Emergency.path.in_(domain.ancestors(path)) | Emergency.path.like(db.below(path)),
    )
    return list(session.scalars(query.order_by(Emergency.id)))


def silence(session: Session, ids: Sequence[str], now: datetime) -> None:
    """What is still being told in these is told no further."""
    session.execute(
        update(EmergencyBroadcast)
        .where(EmergencyBroadcast.emergency_id.in_(ids), EmergencyBroadcast.done_at.is_(None))
        .values(done_at=now)
    )


def page(
    session: Session,
    path: str,
    *,
    downward: bool,
    state: str | None,
    before: str | None,
    limit: int,
) -> list[Emergency]:
    """Those at a path and above it, or ``downward`` at it and all below, newest first."""
    beyond = Emergency.path.like(db.below(path))
    around = Emergency.path.in_((path,) if downward else domain.ancestors(path))
    query = select(Emergency).where(around | beyond)
    if state:
        query = query.where(Emergency.state == state)
    if before:
        query = query.where(Emergency.id < before)
    return list(session.scalars(query.order_by(Emergency.id.desc()).limit(limit)))


_AREA = text(
    "SELECT path, district_name, town_name FROM directory_communities "
    "WHERE district_id = :district AND (cast(:town AS text) IS NULL OR town_id = :town) LIMIT 1"
)


def area(session: Session, district_id: str, town_id: str | None) -> tuple[str, str]:
    """Path and name of a district, or of a town of it, by the communities that it has.

    Raises:
        PlaceNotFound: none is known here.
    """
    row = session.execute(_AREA, {"district": district_id, "town": town_id}).first()
    if row is None:
        raise PlaceNotFound()
    if town_id is None:
        return row.path.rsplit(".", 2)[0], row.district_name
    return row.path.rsplit(".", 1)[0], row.town_name


# -- broadcasts ------------------------------------------------------------------------------------


def broadcasts(session: Session, emergency_id: str) -> list[EmergencyBroadcast]:
    """What was told, in its order."""
    return list(
        session.scalars(
            select(EmergencyBroadcast)
            .where(EmergencyBroadcast.emergency_id == emergency_id)
            .order_by(EmergencyBroadcast.id)
        )
    )


def began(session: Session, emergency_id: str) -> EmergencyBroadcast | None:
    """The call itself, held; whoever is telling a portion of it has come to an end.

    The clock holds the duty when it comes to the broadcast, so the duty comes first.
    """
    call = select(EmergencyBroadcast.id).where(
        EmergencyBroadcast.emergency_id == emergency_id, EmergencyBroadcast.kind == "call"
    )
    found = session.scalar(call)
    if found is None:
        return None
    due.hold(session, found, "emergency.tell")
    return session.get(EmergencyBroadcast, found, populate_existing=True, with_for_update=True)


def count_reached(session: Session, broadcast_id: str) -> int:
    """How many have a broadcast in their inbox."""
    return session.scalar(_REACHED, {"broadcast": broadcast_id}) or 0


_REACHED = text("SELECT count(*) FROM inbox WHERE event_id = :broadcast")


def latest(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """What was last told to all in each of these emergencies."""
    rows = session.execute(
        select(EmergencyBroadcast.emergency_id, EmergencyBroadcast.message)
        .where(EmergencyBroadcast.emergency_id.in_(ids), EmergencyBroadcast.to_whom == "all")
        .order_by(EmergencyBroadcast.id)
    )
    return {row.emergency_id: row.message for row in rows}


_IN_COMMUNITY: Final = """
    c.community_id = :community AND c.standing IN ('active', 'staff', 'child')
    AND (:whole OR c.home = :path OR c.home LIKE :below)
"""
# Of whom something is known, herself or her household, is not silent.
_SILENT: Final = """
    AND NOT EXISTS (
        SELECT FROM emergency_people AS m LEFT JOIN emergency_households AS h
            ON h.emergency_id = m.emergency_id AND h.ref = m.ref
        WHERE m.emergency_id = :emergency AND m.person_id = c.person_id
            AND (m.state IS NOT NULL OR h.state <> 'silent'))
"""
_UNTOLD: Final = """
    AND c.person_id <> :actor AND NOT EXISTS (
        SELECT FROM inbox AS i WHERE i.event_id = :broadcast AND i.person_id = c.person_id)
"""
_MEMBERS: Final = f"""
    SELECT c.person_id FROM directory_cards AS c
    WHERE {_IN_COMMUNITY} AND c.person_id > :after {{silent}} {_UNTOLD}
    ORDER BY c.person_id LIMIT :limit
"""  # noqa: S608 - constants of ours, here and below
_BEHIND_DOORS: Final = f"""
    SELECT c.person_id FROM emergency_people AS c
    WHERE c.emergency_id = :emergency AND c.person_id > :after {{silent}} {_UNTOLD}
    ORDER BY c.person_id LIMIT :limit
"""  # noqa: S608
_COMMUNITIES = text(
    "SELECT id FROM directory_communities WHERE path LIKE :below AND id >= :after ORDER BY id"
)
_COUNT = text(
    """
    SELECT count(DISTINCT c.person_id) FROM directory_cards AS c
    JOIN directory_communities AS d ON d.id = c.community_id
    WHERE (d.id = :community OR d.path LIKE :below)
        AND c.standing IN ('active', 'staff', 'child') AND c.person_id <> :actor
        AND (:whole OR c.home = :path OR c.home LIKE :below)
    """
)


def count_told(
    session: Session, scope: str, path: str, community_id: str | None, actor_id: str
) -> int:
    """How many accounts a call would reach, as the directory has them, besides the actor's."""
    values = {"community": community_id, "path": path, "below": db.below(path), "actor": actor_id}
    whole = scope in WIDE or scope == "community"
    return session.scalar(_COUNT, {**values, "whole": whole}) or 0


def next_members(
    session: Session, row: Emergency, sent: EmergencyBroadcast, limit: int
) -> list[str]:
    """The next people to tell, at most ``limit``; ``sent`` is moved behind them.

    None is left when there is none: then ``sent.step`` is 3.
    """
    values = {
        "emergency": row.id,
        "broadcast": sent.id,
        "actor": sent.by_id,
        "path": row.path,
        "below": db.below(row.path),
        "whole": row.scope in WIDE or row.scope == "community",
    }
    silent = _SILENT if sent.to_whom == "silent" else ""
    found: list[str] = []
    if sent.step == 1:
        members = _MEMBERS.format(silent=silent)
        for community in _communities(session, row, sent.after_community):
            if community != sent.after_community:
                sent.after_community, sent.after_person = community, ""
            found += _people(session, members, sent, limit - len(found), values)
            if len(found) == limit:
                break
        else:
            sent.step, sent.after_community, sent.after_person = 2, "", ""
    if sent.step == 2 and len(found) < limit:
        wanted = limit - len(found)
        some = _people(session, _BEHIND_DOORS.format(silent=silent), sent, wanted, values)
        known = set(found)
        found += [person for person in some if person not in known]
        if len(some) < wanted:
            sent.step = 3
    return found


def _communities(session: Session, row: Emergency, after: str) -> list[str]:
    if row.community_id is not None:
        return [row.community_id]
    values = {"below": db.below(row.path), "after": after}
    return list(session.scalars(_COMMUNITIES, values))


def _people(
    session: Session, sql: str, sent: EmergencyBroadcast, limit: int, values: Mapping[str, Any]
) -> list[str]:
    more = {"community": sent.after_community, "after": sent.after_person, "limit": limit}
    some = list(session.scalars(text(sql), {**values, **more}))
    if some:
        sent.after_person = some[-1]
    return some


# -- of one person ---------------------------------------------------------------------------------

_MINE = text(
    """
    SELECT e.id, e.scope, e.path, e.place, e.title, e.message, e.drill, e.state, e.called_at,
        e.closed_at, m.ref, m.away, m.state AS said, m.need, m.note, m.whole, m.answered_at,
        h.state AS household
    FROM emergencies AS e
    LEFT JOIN emergency_people AS m ON m.emergency_id = e.id AND m.person_id = :person
    LEFT JOIN emergency_households AS h ON h.emergency_id = e.id AND h.ref = m.ref
    WHERE (e.state = 'open' OR e.closed_at > :since)
      AND (cast(:one AS text) IS NULL OR e.id = :one)
      AND (m.person_id IS NOT NULL OR EXISTS (
          SELECT FROM directory_cards AS c
          JOIN directory_communities AS d ON d.id = c.community_id
          WHERE c.person_id = :person AND c.standing IN ('active', 'staff', 'child')
            AND CASE WHEN e.scope IN ('building', 'estate')
                THEN c.home = e.path OR starts_with(c.home, e.path || '.')
                ELSE d.path = e.path OR starts_with(d.path, e.path || '.') END))
    ORDER BY e.id DESC
    """
)


def mine(
    session: Session, person_id: str, since: datetime, one: str | None = None
) -> Sequence[Row[Any]]:
    """The emergencies that concern somebody: open, or closed after ``since``; newest first."""
    values = {"person": person_id, "since": since, "one": one}
    return session.execute(_MINE, values).all()
