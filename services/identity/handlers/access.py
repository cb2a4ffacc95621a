"""The access log: whoever in office sees somebody's data leaves a line that the person reads.

::

    access.write_down(
        uow, actor, now,
        subjects=[Subject(person_id=row.person_id)], community=community,
        what="住址，以及隐去中段的姓名", purpose="审核入住申请",
    )

In the transaction of the look itself: a look that cannot be written down is not answered. The
operation's row says ``audited``, so that a read may write. What other services show they tell by
an event out of such a transaction (:mod:`services.contracts.events.looks`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.dialects import postgresql

from services.contracts.actor import Actor
from services.contracts.events import HouseholdSeen
from services.contracts.events.looks import Look
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.identity import AccessLogEntry, ListMyAccessLog, Person
from services.identity import repository
from services.identity.domain import deletion, looks, offices
from services.identity.handlers import places
from services.identity.models import AccessLogRow, PersonRow, RegisterPerson, Territory
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.kit.verdicts import Reject

SOMEBODY_GONE = deletion.DELETED_NAME
OPERATOR = "operator"  # whoever holds the machine; who it was stands with the export itself
_NAMELESS = {OPERATOR: "平台运维人员"}


class Subject(NamedTuple):
    """Whose data was seen: an account, an entry of the register, or an entry with its account."""

    person_id: str | None = None
    register_id: str | None = None


def person(row: PersonRow) -> Person:
    """Somebody as she is called now."""
    return Person(id=row.id, display_name=row.display_name)


def named(people: Mapping[str, PersonRow], person_id: str, unknown: str = SOMEBODY_GONE) -> Person:
    """The same by her id; called ``unknown`` where there is no such account any more."""
    known = people.get(person_id)
    return person(known) if known else Person(id=person_id, display_name=unknown)


def write_down(
    uow: UnitOfWork,
    actor: Actor,
    now: datetime,
    *,
    subjects: Iterable[Subject],
    community: Territory | None,
    what: str,
    purpose: str,
    path: str | None = None,
) -> None:
    """One line per person that ``actor`` has just seen; her own data are hers to see.

    Args:
        subjects: whose data; named twice is one line.
        community: where she looked, by the office that she holds there; None above communities.
        path: the place itself, when it need not be a community.
        what: the data seen and how far they were masked, in the reader's words (Chinese).
        purpose: why, likewise.
    """
    seen = [s for s in dict.fromkeys(subjects) if s.person_id != actor.person_id]
    if not seen:
        return
    office = offices.held(actor, path or (community.path if community else None))
    uow.session.execute(
        insert(AccessLogRow),
        [
            {
                "id": new_id(),
                "person_id": subject.person_id,
                "register_id": subject.register_id,
                "actor_id": actor.person_id,
                "actor_role": office.value,
                "community_id": community.id if community else None,
                "what": what,
                "purpose": purpose,
                "at": now,
            }
            for subject in seen
        ],
    )


def heard(uow: UnitOfWork, event: Look, event_id: str, at: datetime) -> None:
    """One line of what another service showed ``at`` that time; the same event is one line.

    Raises:
        Reject: nobody ever had such an account.
    """
    if event.person_id == event.actor_id:
        return  # her own data are hers to see
    session = uow.session
    entry = event.register_id if isinstance(event, HouseholdSeen) else None
    if entry is not None:
        if session.get(RegisterPerson, entry) is None:
            return  # its time was over, or the register went with its community
    elif session.get(PersonRow, event.person_id) is None:
        raise Reject("a look at somebody whom identity does not know")
    place = session.get(Territory, event.community_id)  # None when it was undone meanwhile
    line = postgresql.insert(AccessLogRow).values(
        id=event_id,
        person_id=event.person_id or None,
        register_id=entry,
        actor_id=event.actor_id,
        actor_role=event.actor_role,
        community_id=place.id if place else None,
        what=looks.WHAT[type(event)],
        purpose=looks.WHY[event.reason],
        at=at,
    )
    session.execute(line.on_conflict_do_nothing())


def list_my_access_log(uow: UnitOfWork, cmd: ListMyAccessLog, actor: Actor) -> Page[AccessLogEntry]:
    """Who in office looked at my data, the latest first.

    Also what was seen of my entry in the register while it was tied to no account; what was seen
    while it was tied to another one is that person's alone to read.
    """
    session = uow.session
    mine = select(RegisterPerson.id).where(RegisterPerson.person_id == actor.person_id)
    query = select(AccessLogRow).where(
        or_(
            AccessLogRow.person_id == actor.person_id,
            and_(AccessLogRow.person_id.is_(None), AccessLogRow.register_id.in_(mine)),
        )
    )
    if cmd.cursor:
        query = query.where(AccessLogRow.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(session.scalars(query.order_by(AccessLogRow.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    who = repository.people(session, [r.actor_id for r in page])
    where = repository.nodes(session, [r.community_id for r in page])
    items = []
    for row in page:
        community = where.get(row.community_id or "")
        items.append(
            AccessLogEntry(
                id=row.id,
                at=row.at,
                actor=named(who, row.actor_id, _NAMELESS.get(row.actor_id, SOMEBODY_GONE)),
                actor_role=row.actor_role,
                community=places.community_ref(community) if community else None,
                what=row.what,
                purpose=row.purpose,
            )
        )
    return Page[AccessLogEntry](
        items=items, next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None
    )
