"""Calling an emergency, telling more of it, ending it.

::

    look (dry run) ──confirm──▶ call ─┬─ the first thousands are told in the call itself
                                      ├─ the others by the clock, portion by portion
                                      └─ the doors are read from identity, page by page

Whom the call reaches is in notify's own copy of the members: it goes out while identity is away.
Then there is no list of doors until somebody takes it again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import ShequError
from services.contracts.events import EmergencyCalled, EmergencyClosed
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.identity import OpenedDoors
from services.contracts.operations.identity.doors import CALLERS
from services.contracts.operations.notify import emergencies as ops
from services.kit import due, logs
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify.domain import emergencies as rules
from services.notify.handlers import emergency_telling
from services.notify.models import Emergency, EmergencyBroadcast
from services.notify.repository import emergencies as repository
from services.notify.repository import emergency_people

log = logs.get(__name__)
SOON: Final = timedelta(seconds=1)


# -- called ----------------------------------------------------------------------------------------


def call(
    uow: UnitOfWork, cmd: ops.CallEmergency, actor: Actor, now: datetime, kept_days: int
) -> ops.CalledEmergency:
    """Call an emergency of a community or a place in it, or look whom that would reach.

    Raises:
        CommunityNotFound, NoSuchPlace, Forbidden: it is not there, or not the actor's to call.
        NotConfirmed, AlreadyCalled, NoDrillNow: see the rules.
        Unavailable: identity must say where the place is, and is away.
    """
    community = directory.community(uow, cmd.cid)
    if cmd.place_id is None:
        rules.office(actor, community.path)
    opened = _opened(uow, cmd)
    scope, path, place = "community", community.path, community.name
    if opened and cmd.place_id is not None:
        scope, path, place = opened.kind, opened.path, opened.name
    place_of = {"scope": scope, "path": path, "place": place, "community_id": community.id}
    return _called(uow, cmd, actor, now, kept_days, place_of, opened)


def call_district(
    uow: UnitOfWork, cmd: ops.CallDistrictEmergency, actor: Actor, now: datetime, kept_days: int
) -> ops.CalledEmergency:
    """Tell a district or a town; nobody there is asked for an answer.

    Raises:
        PlaceNotFound, Forbidden: it is not there, or not the actor's to call.
        NotConfirmed, AlreadyCalled, NoDrillNow: see the rules.
    """
    path, place = repository.area(uow.session, cmd.did, cmd.town_id)
    rules.office(actor, path, ops.ABOVE)
    scope = "district" if cmd.town_id is None else "town"
    place_of = {"scope": scope, "path": path, "place": place, "community_id": None}
    return _called(uow, cmd, actor, now, kept_days, place_of, None)


def _called(
    uow: UnitOfWork,
    cmd: ops.Calling,
    actor: Actor,
    now: datetime,
    kept_days: int,
    place_of: dict[str, Any],
    opened: OpenedDoors | None,
) -> ops.CalledEmergency:
    session, path = uow.session, place_of["path"]
    words = ("drill" if cmd.drill else "", cmd.title, cmd.message)
    if cmd.dry_run:
        scope, community_id = place_of["scope"], place_of["community_id"]
        reached = repository.count_told(session, scope, path, community_id, actor.person_id)
        return ops.CalledEmergency(
            emergency=None,
            told=reached,
            households=opened.households if opened else None,
            people=opened.people if opened else None,
            confirm=rules.confirmation(actor, path, words, now),
        )
    rules.check_confirmed(cmd.confirm, actor, path, words, now)
    repository.in_turn(session, path)
    role = rules.office(actor, path)
    if not cmd.drill:
        _end_drills(uow, path, actor, role, now, kept_days)
    elif repository.open_around(session, path, drills=False):
        raise rules.NoDrillNow()
    asks = place_of["scope"] not in rules.WIDE
    row = repository.add(
        session,
        {
            "id": new_id(),
            **place_of,
            "title": cmd.title,
            "message": cmd.message,
            "drill": cmd.drill,
            "state": "open",
            "called_by": actor.person_id,
            "called_by_role": role.value,
            "called_at": now,
            "doors": "reading" if opened else "lost" if asks else "none",
            "ticket": opened.ticket if opened else None,
        },
    )
    uow.emit(
        EmergencyCalled(
            **emergency_telling.about(row),
            scope=row.scope,
            actor_id=actor.person_id,
            actor_role=role.value,
        )
    )
    emergency_telling.begin(uow, row, "call", "all", cmd.message, actor, now)
    if opened:
        due.put(session, "emergency.doors", row.id, now)
    if asks:
        due.put(session, "emergency.count", row.id, now + SOON)
    called = repository.get(session, row.id)
    return ops.CalledEmergency(
        emergency=view(called),
        told=called.told,
        households=None,
        people=None,
        confirm=None,
    )


def _end_drills(
    uow: UnitOfWork, path: str, actor: Actor, role: Role, now: datetime, kept_days: int
) -> None:
    """A drill gives way to a real one: it asks nobody any more, and what it had to say is not told.

    Without an all-clear, which somebody might take for the real one's.
    """
    drills = repository.open_around(uow.session, path, drills=True)
    repository.silence(uow.session, drills, now)  # before its emergency, as who tells it has them
    for drill in drills:
        _ended(uow, drill, actor, role, now, kept_days)


def _ended(
    uow: UnitOfWork, emergency_id: str, actor: Actor, role: Role, now: datetime, kept_days: int
) -> Emergency | None:
    """End it; None: it was over already."""
    session = uow.session
    if not repository.close(session, emergency_id, closed_by=actor.person_id, closed_at=now):
        return None
    row = repository.get(session, emergency_id)
    uow.emit(
        EmergencyClosed(
            **emergency_telling.about(row), actor_id=actor.person_id, actor_role=role.value
        )
    )
    due.put(session, "emergency.forget", row.id, now + timedelta(days=kept_days))
    return row


def _opened(uow: UnitOfWork, cmd: ops.CallEmergency) -> OpenedDoors | None:
    """The doors at identity; None while it is away, if the call can do without."""
    try:
        told = uow.ask(
            "identity",
            "open_doors",
            community_id=cmd.cid,
            within=cmd.place_id,
            count=cmd.dry_run,
        )
    except ShequError as error:
        if error.status < 500 or cmd.place_id is not None:
            raise
        log.warning("an emergency goes out without its doors", code=error.code)
        return None
    return OpenedDoors.model_validate(told)


def take_doors(uow: UnitOfWork, cmd: ops.OfEmergency, actor: Actor, now: datetime) -> ops.Emergency:
    """Take the list of doors that could not be had, in the actor's name.

    Raises:
        EmergencyNotFound, Forbidden, EmergencyClosed, NoDoors, DoorsStand: see the rules.
        Unavailable: identity is away still.
    """
    row = _running(uow, cmd.id, actor)
    if row.doors == "none":
        raise rules.NoDoors()
    if row.doors != "lost":
        raise rules.DoorsStand()
    community = directory.community(uow, row.community_id or "")
    within = None if row.scope == "community" else row.path
    told = uow.ask("identity", "open_doors", community_id=community.id, within=within, count=False)
    ticket = OpenedDoors.model_validate(told).ticket
    repository.change(uow.session, row.id, doors="reading", ticket=ticket, doors_read=0)
    due.put(uow.session, "emergency.doors", row.id, now)
    return view(repository.get(uow.session, row.id))


# -- told again, ended -----------------------------------------------------------------------------


def tell(uow: UnitOfWork, cmd: ops.TellEmergency, actor: Actor, now: datetime) -> ops.Broadcast:
    """Tell everybody concerned, or the silent, how it stands.

    Raises:
        EmergencyNotFound, Forbidden, EmergencyClosed: it is not the actor's, or over.
        NoDoors: nobody was asked, so nobody is silent.
    """
    row = _running(uow, cmd.id, actor)
    if cmd.to == "silent" and row.doors == "none":
        raise rules.NoDoors()
    return broadcast_view(emergency_telling.begin(uow, row, "update", cmd.to, cmd.text, actor, now))


def close(
    uow: UnitOfWork, cmd: ops.CloseEmergency, actor: Actor, now: datetime, kept_days: int
) -> ops.Emergency:
    """End it, and give the all-clear; what is personal goes after ``kept_days``.

    Raises:
        EmergencyNotFound, Forbidden, EmergencyClosed: it is not the actor's, or over.
    """
    row = _running(uow, cmd.id, actor)
    ended = _ended(uow, row.id, actor, rules.office(actor, row.path), now, kept_days)
    if ended is None:
        raise rules.EmergencyClosed()
    emergency_telling.begin(uow, ended, "all_clear", "all", cmd.text, actor, now)
    return view(repository.get(uow.session, row.id))


def _running(uow: UnitOfWork, emergency_id: str, actor: Actor) -> Emergency:
    row = repository.get(uow.session, emergency_id)
    rules.office(actor, row.path, CALLERS)
    if row.state != "open":
        raise rules.EmergencyClosed()
    return row


# -- read ------------------------------------------------------------------------------------------


def listed(uow: UnitOfWork, cmd: ops.ListEmergencies, actor: Actor) -> Page[ops.Emergency]:
    """The emergencies of a community, of places in it, and those above it."""
    community = directory.community(uow, cmd.cid)
    actor.require(ops.READERS, community.path)
    return _page(uow, community.path, cmd, downward=False)


def listed_in_district(
    uow: UnitOfWork, cmd: ops.ListDistrictEmergencies, actor: Actor
) -> Page[ops.Emergency]:
    """The emergencies in a district, or in one town of it."""
    path, _ = repository.area(uow.session, cmd.did, cmd.town_id)
    actor.require(ops.READERS, path)
    return _page(uow, path, cmd, downward=True)


def _page(
    uow: UnitOfWork,
    path: str,
    cmd: ops.ListEmergencies | ops.ListDistrictEmergencies,
    *,
    downward: bool,
) -> Page[ops.Emergency]:
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = repository.page(
        uow.session, path, downward=downward, state=cmd.state, before=before, limit=cmd.limit + 1
    )
    shown = rows[: cmd.limit]
    return Page[ops.Emergency](
        items=[view(row) for row in shown],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
    )


def readable(uow: UnitOfWork, emergency_id: str, actor: Actor) -> Emergency:
    """The emergency, for whoever reads its figures.

    Raises:
        EmergencyNotFound, Forbidden: it is not there, or not the actor's.
    """
    row = repository.get(uow.session, emergency_id)
    actor.require(ops.READERS, row.path)
    return row


def figures(uow: UnitOfWork, cmd: ops.OfEmergency, actor: Actor) -> ops.EmergencyFigures:
    """An emergency with its headcount."""
    row = readable(uow, cmd.id, actor)
    found = shown_to(actor, row, counts(uow, row))
    return ops.EmergencyFigures(
        **view(row).model_dump(),
        headcount=found.total,
        may_lead=row.state == "open" and actor.holds(CALLERS, row.path),
        may_knock=_may_knock(uow, row, actor),
    )


def _may_knock(uow: UnitOfWork, row: Emergency, actor: Actor) -> bool:
    """Whether there are doors, they are not forgotten, and whoever asks serves where they are."""
    if row.community_id is None or row.report is not None:
        return False
    community = directory.community(uow, row.community_id)
    return rules.sees_doors(actor, row.path, community.path)


def headcount(uow: UnitOfWork, cmd: ops.OfEmergency, actor: Actor) -> ops.BuildingCounts:
    """The headcount by building."""
    row = readable(uow, cmd.id, actor)
    return shown_to(actor, row, counts(uow, row))


def counts(uow: UnitOfWork, row: Emergency) -> ops.BuildingCounts:
    """What is known in figures; of one that was forgotten, as the report kept it."""
    if row.report is not None:
        return ops.BuildingCounts(total=row.report["headcount"], buildings=row.report["buildings"])
    buildings = [
        ops.BuildingCount.model_validate(one._mapping)
        for one in emergency_people.by_building(uow.session, row.id)
    ]
    return ops.BuildingCounts(total=ops.Headcount(**_sum(buildings)), buildings=buildings)


def shown_to(actor: Actor, row: Emergency, exact: ops.BuildingCounts) -> ops.BuildingCounts:
    """The figures as the actor may read them: exact to whoever acts in an emergency."""
    if actor.holds(CALLERS, row.path):
        return exact
    if exact.total.households < ops.FEWEST:
        few = ops.Headcount(
            households=exact.total.households, people=exact.total.people, withheld=True
        )
        return ops.BuildingCounts(total=few, buildings=[])
    names = rules.told_as({one.building: one.households for one in exact.buildings})
    told: dict[str, list[ops.BuildingCount]] = {}
    for one in exact.buildings:
        told.setdefault(names[one.building], []).append(one)
    return ops.BuildingCounts(
        total=exact.total,
        buildings=[
            ops.BuildingCount(building=name, **_sum(together)) for name, together in told.items()
        ],
    )


def _sum(counts: Sequence[ops.Headcount]) -> dict[str, int]:
    names = ops.Headcount.model_fields.keys() - {"withheld"}
    return {name: sum(getattr(one, name) for one in counts) for name in names}


def view(row: Emergency) -> ops.Emergency:
    """An emergency as it is shown to those who read its figures."""
    return ops.Emergency.model_validate(row, from_attributes=True)


def broadcast_view(sent: EmergencyBroadcast) -> ops.Broadcast:
    """Something that was told, as it is shown."""
    return ops.Broadcast(
        id=sent.id,
        kind=sent.kind,
        to=sent.to_whom,
        text=sent.message,
        by_role=sent.by_role,
        at=sent.at,
        told=sent.told,
        done=sent.done_at is not None,
    )
