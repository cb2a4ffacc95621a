"""What is told in an emergency, and what the clock does for it.

A broadcast goes out in portions, each a transaction: the first readers have it while the last are
still being written to, and none is told twice, whatever breaks off in between. Every portion goes
through the same door as all news, in the lane that its kind has.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.events import EmergencyCounted, EmergencyTold, Event, HelpAsked
from services.contracts.ids import new_id
from services.contracts.operations.identity import DoorPage
from services.contracts.operations.identity.doors import CALLERS
from services.contracts.operations.notify.emergencies import AT_THE_DOOR
from services.kit import due, logs
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import emergencies as rules
from services.notify.domain.emergency_words import kind_of
from services.notify.handlers import channels, routing, telling
from services.notify.models import Emergency, EmergencyBroadcast
from services.notify.repository import delivering, emergency_people
from services.notify.repository import emergencies as repository

log = logs.get(__name__)
PORTION: Final = 5_000
"""How many are told in one transaction: half a second's work."""
EVERY: Final = timedelta(seconds=1)
"""How often the live streams are told of the headcount, at most."""
QUIETLY: Final = timedelta(seconds=3)
"""How soon is looked again while nothing moves."""
COUNTED: Final = ("households", "silent", "safe", "help", "absent", "moved")
_LOST: Final = "identity.doors_not_found"


def about(row: Emergency) -> dict[str, Any]:
    """What every event of an emergency says of it."""
    return {
        "emergency_id": row.id,
        "community_id": row.community_id,
        "path": row.path,
        "drill": row.drill,
    }


# -- broadcasts ------------------------------------------------------------------------------------


def begin(
    uow: UnitOfWork, row: Emergency, kind: str, to: str, text: str, actor: Actor, now: datetime
) -> EmergencyBroadcast:
    """Tell the first portion now, and leave the others to the clock."""
    sent = EmergencyBroadcast(
        id=new_id(),
        emergency_id=row.id,
        kind=kind,
        to_whom=to,
        message=text,
        by_id=actor.person_id,
        by_role=rules.office(actor, row.path, CALLERS).value,
        at=now,
        step=1,
        after_community="",
        after_person="",
        told=0,
    )
    uow.session.add(sent)
    uow.session.flush()
    if not _tell_portion(uow, row, sent, now):
        due.put(uow.session, "emergency.tell", sent.id, now)
    return sent


def go_on(uow: UnitOfWork, sent_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``emergency.tell``: one more portion."""
    sent = uow.session.get(EmergencyBroadcast, sent_id)
    if sent is None or sent.done_at is not None:
        return None
    row = repository.get(uow.session, sent.emergency_id)
    return None if _tell_portion(uow, row, sent, now) else now


def _tell_portion(uow: UnitOfWork, row: Emergency, sent: EmergencyBroadcast, now: datetime) -> bool:
    """Tell the next people; whether that was all of them.

    By other ways than the inbox it goes out when everybody has it there: that is one statement,
    which would be run again for each portion.
    """
    event = EmergencyTold(
        **about(row),
        broadcast_id=sent.id,
        kind=sent.kind,
        to=sent.to_whom,
        told=sent.told,
        actor_id=sent.by_id,
        actor_role=sent.by_role,
    )
    people = repository.next_members(uow.session, row, sent, PORTION)
    if people:
        news = domain.News(
            rank=0,
            audience=domain.Persons(tuple(people)),
            kind=kind_of(drill=row.drill),
            variant=sent.kind,
            why=domain.Why.MY_COMMUNITY,
            link=f"/emergencies/{row.id}",
            facts={"headline": row.title, "text": sent.message},
        )
        told = delivering.deliver(uow.session, event, sent.id, [news], now, telling.LIVE_AT_MOST)
        telling.tell_live(uow, told)
        sent.told = repository.count_reached(uow.session, sent.id)  # a drill may be muted
    if sent.step < 3:
        return False
    sent.done_at = now
    routing.route(uow, sent.id, now)
    if sent.kind == "call":
        repository.change(uow.session, row.id, told=sent.told)
    uow.emit(event.model_copy(update={"told": sent.told}))
    return True


def tell_staff(uow: UnitOfWork, row: Emergency, need: str, now: datetime) -> None:
    """Somebody asks for help: whoever serves here hears it at once, by night, too."""
    event: Event = HelpAsked(**about(row), need=need)
    news = domain.News(
        rank=0,
        audience=domain.OnDuty(AT_THE_DOOR, row.path),
        kind=kind_of(drill=row.drill),
        variant=f"help_{need}",
        why=domain.Why.ON_DUTY,
        link=f"/console/emergencies/{row.id}",
        facts={"place": row.place},
    )
    event_id = new_id()
    told = delivering.deliver(uow.session, event, event_id, [news], now, telling.LIVE_AT_MOST)
    routing.route(uow, event_id, now)
    channels.tell_robots(uow, event_id, [news], now)
    telling.tell_live(uow, told)
    uow.emit(event)


# -- doors -----------------------------------------------------------------------------------------


def read_doors(
    uow: UnitOfWork, emergency_id: str, _due_at: datetime, now: datetime
) -> datetime | None:
    """The duty ``emergency.doors``: read one page; with the last, whoever is new is told, too.

    A page is laid down in the transaction that says how far it came.
    """
    row = repository.hold(uow.session, emergency_id)
    if row.doors != "reading" or row.ticket is None or row.report is not None:
        return None
    try:
        told = uow.ask("identity", "page_doors", ticket=row.ticket, after=row.doors_read)
    except ShequError as error:
        if error.code != _LOST:
            raise
        repository.change(uow.session, row.id, doors="lost", ticket=None)
        log.warning("the doors of an emergency cannot be read", emergency=row.id)
        return None
    page = DoorPage.model_validate(told)
    doors, members = [], []
    for number, door in enumerate(page.items):
        position = row.doors_read * 10_000 + number  # in the order of buildings, then of the page
        doors.append(
            {
                **door.model_dump(exclude={"members"}),
                "position": position,
                "floor": rules.floor_of(door.room),
            }
        )
        members += [{**one.model_dump(), "ref": door.ref, "position": position}
                    for one in door.members]  # fmt: skip
    emergency_people.lay_down(uow.session, row.id, doors, members, now)
    if page.after is not None:
        repository.change(uow.session, row.id, doors_read=page.after)
        return now
    sent = repository.began(uow.session, row.id)  # before its emergency, as who tells it has them
    repository.change(uow.session, row.id, doors="ready", ticket=None, doors_as_of=page.as_of)
    is_open = repository.get(uow.session, row.id).state == "open"
    if sent is not None and sent.step > 1 and is_open:
        sent.step, sent.after_person, sent.done_at = 2, "", None
        due.put(uow.session, "emergency.tell", sent.id, now)
    return None


# -- counted ---------------------------------------------------------------------------------------


def count(uow: UnitOfWork, emergency_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``emergency.count``: tell the live streams what has changed, while it is open."""
    row = repository.get(uow.session, emergency_id)
    found = emergency_people.total(uow.session, row.id)
    counted = {name: getattr(found, name) for name in COUNTED}
    moved = counted != row.counted
    if moved:
        repository.change(uow.session, row.id, counted=counted)
        uow.emit(EmergencyCounted(**about(row), **counted))
    if row.state != "open":
        return None
    return now + (EVERY if moved else QUIETLY)
