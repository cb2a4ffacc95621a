"""The doors of an emergency, for those who knock: where, and what was found."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.events import HouseholdSeen
from services.contracts.operations.base import Page
from services.contracts.operations.notify import emergencies as ops
from services.contracts.operations.notify import emergency_doors as door_ops
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.notify.domain import emergencies as rules
from services.notify.domain.wording import CHINA
from services.notify.handlers import emergency_telling
from services.notify.models import Emergency
from services.notify.repository import emergencies as repository
from services.notify.repository import emergency_people
from services.notify.repository.people import require_present


def listed(
    uow: UnitOfWork, cmd: door_ops.ListDoors, actor: Actor, now: datetime
) -> Page[door_ops.HouseholdDoor]:
    """The doors in one state, in the order of the walk; everybody seen reads of the look.

    Raises:
        EmergencyNotFound, Forbidden, NoDoors: there are no doors, or they are not the actor's.
    """
    row, role = _at_the_door(uow, cmd.id, actor)
    after = (-1, "")
    if cmd.cursor:
        position, ref = decode_cursor(cmd.cursor, 2)
        after = (min(whole_number(position, digits=10), emergency_people.WITHOUT_ADDRESS), ref)
    rows = emergency_people.page(
        uow.session,
        row.id,
        state=cmd.state,
        building=cmd.building,
        after=after,
        limit=cmd.limit + 1,
    )
    shown = rows[: cmd.limit]
    _write_down(uow, row, [one.ref for one in shown], actor, role, now)
    people = {who for one in shown for who in (one.person_id, one.by_id) if who}
    cards = directory.cards(uow, people, row.community_id or "")
    last = shown[-1] if len(rows) > cmd.limit else None
    return Page[door_ops.HouseholdDoor](
        items=[_door(one, cards) for one in shown],
        next_cursor=encode_cursor(str(last.position), last.ref) if last else None,
    )


def tick(
    uow: UnitOfWork, cmd: door_ops.TickDoors, actor: Actor, now: datetime
) -> door_ops.TickResults:
    """Write down what was found at doors, each once, however often it is sent.

    A device's clock may be wrong: nothing was found before the call, and nothing later than now.
    What was found before the end counts, though it comes after it.

    Raises:
        EmergencyNotFound, Forbidden, NoDoors: there are no doors, or they are not the actor's.
        Invalid: help without the need, or the other way round.
    """
    for place, one in enumerate(cmd.ticks):
        rules.check_need(one.state, one.need, f"ticks.{place}.need")
    row, role = _at_the_door(uow, cmd.id, actor)
    session = uow.session
    known = emergency_people.hold(session, row.id, {one.household for one in cmd.ticks})
    before = emergency_people.known_keys(session, row.id, {one.key for one in cmd.ticks})
    rows: dict[str, dict[str, Any]] = {}
    refused: dict[int, str] = {}
    for place, one in enumerate(cmd.ticks):
        at = max(row.called_at, min(one.at or now, now))
        if one.key in before or one.key in rows:
            continue
        if row.report is not None or (row.closed_at and at > row.closed_at):
            refused[place] = rules.EmergencyClosed.code
        elif one.household not in known:
            refused[place] = rules.EmergencyNotFound.code
        else:
            rows[one.key] = {
                "emergency_id": row.id,
                "key": one.key,
                "ref": one.household,
                "state": one.state,
                "need": one.need,
                "note": one.note,
                "by_id": actor.person_id,
                "by_role": role.value,
                "at": at,
                "taken_at": now,
            }
    new = emergency_people.add_ticks(session, list(rows.values()))
    require_present(session, actor.person_id)
    emergency_people.settle(session, row.id, {rows[key]["ref"] for key in new}, now)
    for need in sorted({rows[key]["need"] for key in new} - {None}):
        emergency_telling.tell_staff(uow, row, need, now)
    results, done = [], set(new)
    for place, one in enumerate(cmd.ticks):
        if place in refused:
            results.append(door_ops.TickResult(key=one.key, outcome="refused", code=refused[place]))
            continue
        results.append(
            door_ops.TickResult(key=one.key, outcome="done" if one.key in done else "before")
        )
        done.discard(one.key)
    return door_ops.TickResults(results=results)


def _at_the_door(uow: UnitOfWork, emergency_id: str, actor: Actor) -> tuple[Emergency, Role]:
    row = repository.hold(uow.session, emergency_id)
    if row.community_id is None:
        actor.require(ops.AT_THE_DOOR, row.path)
        raise rules.NoDoors()
    community = directory.community(uow, row.community_id)
    return row, rules.office_at_the_door(actor, row.path, community.path)


def _write_down(
    uow: UnitOfWork, row: Emergency, refs: list[str], actor: Actor, role: Role, now: datetime
) -> None:
    """Tell identity whose household the actor sees, once a day each."""
    day = now.astimezone(CHINA).date()
    people, entries = emergency_people.first_looks(uow.session, row.id, refs, actor.person_id, day)
    require_present(uow.session, actor.person_id)
    for person_id, entry in [*((one, None) for one in people), *(("", one) for one in entries)]:
        uow.emit(
            HouseholdSeen(
                emergency_id=row.id,
                person_id=person_id,
                register_id=entry,
                actor_id=actor.person_id,
                actor_role=role.value,
                community_id=row.community_id or "",
                path=row.path,
                reason="safety",
            )
        )


def _door(one: Row[Any], cards: dict[str, directory.Card]) -> door_ops.HouseholdDoor:
    alone, by = cards.get(one.person_id or ""), cards.get(one.by_id or "")
    return door_ops.HouseholdDoor(
        household=one.ref,
        building=one.building,
        unit=one.unit,
        room=one.room,
        floor=one.floor,
        name=alone.display_name if alone else None,
        people=one.people,
        state=one.state,
        need=one.need,
        note=one.note,
        heard_at=one.heard_at,
        tick=door_ops.LastTick(
            state=one.found,
            need=one.found_need,
            note=one.found_note,
            by=by.display_name if by else "",
            by_role=one.by_role,
            at=one.found_at,
        )
        if one.found
        else None,
    )
