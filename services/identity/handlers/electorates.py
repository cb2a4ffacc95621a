"""Electorates: the register as it is at one moment, for votes to make a roll of.

::

    draw ──ticket──▶ page, page, page … ──▶ drop      (or forgotten after a day)
      └─ takes long ─▶ taken by the clock ─▲

The whole snapshot is taken by one statement, so a register that is imported at the same time is in
it either wholly or not at all. One that takes longer than its announcer can wait is asked for in
her name, and taken a moment later: its pages say of which moment it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.contracts.actor import Actor, covers
from services.contracts.errors import FieldError, ShequError
from services.contracts.operations.identity import (
    DrawElectorate,
    DrawnElectorate,
    DropElectorate,
    DroppedElectorate,
    ElectorateEntry,
    ElectoratePage,
    MySubjects,
    OfElectorate,
    PageElectorate,
    ShownSubject,
    ShownSubjects,
    ShowSubjects,
    SubjectRefs,
)
from services.contracts.operations.identity.electorates import MOST_SHOWN
from services.identity import electorate_rows, register_rows, repository, tokens
from services.identity.crypto import Vault
from services.identity.domain import electorates as rules
from services.identity.domain import names
from services.identity.domain.electorates import ElectorateImpossible, ElectorateNotFound
from services.identity.domain.names import RealNameInvalid
from services.identity.handlers import access
from services.identity.handlers.access import Subject
from services.identity.handlers.joining import CHINA
from services.identity.handlers.register import name_of
from services.identity.models import Electorate, RegisterPerson, Territory
from services.kit import db, logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

SEEN = "表决人名册：住址、出生年份，以及隐去中段的姓名"
PURPOSE = "核对表决人名册"


def draw_electorate(
    uow: UnitOfWork, cmd: DrawElectorate, actor: Actor, clock: datetime, now: datetime
) -> DrawnElectorate:
    """Take the snapshot, in the name of somebody who convenes such voters; at once if it is quick.

    Raises:
        CommunityNotFound, Forbidden: she convenes nothing there.
        ElectorateImpossible, ElectorateTooLarge, TooManyElectorates: see the rules.
    """
    session = uow.session
    community, scope = _scope(session, cmd, actor)
    live = select(func.count()).where(
        Electorate.community_id == community.id, Electorate.expires_at > clock
    )
    if (session.scalar(live) or 0) >= rules.MOST_AT_ONCE:
        raise rules.TooManyElectorates(retry_after=3600)
    ticket = tokens.new_refresh_token()
    row = Electorate(
        ticket_hash=tokens.refresh_hash(ticket),
        community_id=community.id,
        who=cmd.who,
        drawn_at=now,
        expires_at=clock + rules.KEPT,
    )
    session.add(row)
    session.flush()
    values = values_of(cmd, community, scope, now)
    size = electorate_rows.draw(session, row.id, cmd.who, values, rules.QUICK)
    if size is None:
        row.asked = cmd.model_dump(mode="json")
    elif size > rules.MOST_ENTRIES:
        raise rules.ElectorateTooLarge()
    return DrawnElectorate(ticket=ticket, size=size)


def take_electorate(uow: UnitOfWork, clock: datetime, now: datetime) -> int:
    """Take one snapshot that its announcer could not wait for; 0 when none is asked for.

    One that cannot be taken is forgotten, so that whoever reads it is told.
    """
    session = uow.session
    row = session.scalars(
        select(Electorate)
        .where(Electorate.asked.is_not(None), Electorate.expires_at > clock)
        .order_by(Electorate.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return 0
    cmd = DrawElectorate.model_validate(row.asked)
    try:
        community = repository.community(session, cmd.community_id)
        values = values_of(cmd, community, _within(session, cmd, community), now)
        size = electorate_rows.draw(session, row.id, cmd.who, values, rules.LONGEST)
    except ShequError:
        size = None
    if size is None:
        log.warning("a snapshot of who may vote cannot be taken", community=row.community_id)
        session.delete(row)  # no entry of it was kept
        return 1
    row.asked, row.drawn_at = None, now
    if size > rules.MOST_ENTRIES:
        row.too_large = True
        electorate_rows.forget_entries(session, row.id)
    return 1


def page_electorate(uow: UnitOfWork, cmd: PageElectorate, clock: datetime) -> ElectoratePage:
    """A page of the snapshot, always in the same order.

    Raises:
        ElectorateNotFound: the ticket opens nothing, or no longer.
        ElectorateBeingDrawn: it is not taken yet.
        ElectorateTooLarge: there are more subjects than a roll may have.
    """
    found = _opened(uow.session, cmd.ticket, clock)
    if found.asked is not None:
        raise rules.ElectorateBeingDrawn()
    if found.too_large:
        raise rules.ElectorateTooLarge()
    rows = electorate_rows.page(uow.session, found.id, cmd.after, cmd.limit + 1)
    page = rows[: cmd.limit]
    return ElectoratePage(
        items=[ElectorateEntry.model_validate(row._mapping) for row in page],
        after=page[-1].position if len(rows) > cmd.limit else None,
        drawn_at=found.drawn_at,
    )


def drop_electorate(uow: UnitOfWork, cmd: DropElectorate) -> DroppedElectorate:
    """Forget the snapshot; doing so again changes nothing."""
    ticket = tokens.refresh_hash(cmd.ticket)
    session = uow.session
    found = session.scalar(select(Electorate.id).where(Electorate.ticket_hash == ticket))
    if found is not None:
        electorate_rows.forget(session, found)
    return DroppedElectorate(dropped=found is not None)


def forget_electorates(uow: UnitOfWork, clock: datetime) -> int:
    """Forget one snapshot whose day is over; 0 when there is none."""
    session = uow.session
    old = session.scalar(
        select(Electorate.id)
        .where(Electorate.expires_at <= clock)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if old is None:
        return 0
    electorate_rows.forget(session, old)
    return 1


def my_subjects(uow: UnitOfWork, cmd: MySubjects, actor: Actor, now: datetime) -> SubjectRefs:
    """As which subjects of such a roll the actor may act, as the register ties her to it now.

    Raises:
        CommunityNotFound: there is no such community.
        ElectorateImpossible: ``within`` is none of it.
    """
    session = uow.session
    community = repository.community(session, cmd.community_id)
    scope = _within(session, cmd, community)
    values = values_of(cmd, community, scope, now, person=actor.person_id)
    return SubjectRefs(refs=electorate_rows.mine(session, cmd.who, values))


def show_subjects(
    uow: UnitOfWork, vault: Vault, cmd: ShowSubjects, actor: Actor, now: datetime
) -> ShownSubjects:
    """Subjects for the desk, with those who belong to them; everybody seen reads of the look.

    Raises:
        CommunityNotFound, Forbidden: she convenes nothing there.
        ElectorateImpossible: see the rules.
    """
    session = uow.session
    community, scope = _scope(session, cmd, actor)
    members = _named(session, vault, community, cmd.name) if cmd.name else []
    rows = electorate_rows.shown(
        session,
        cmd.who,
        values_of(cmd, community, scope, now, anybody=True),
        cmd.refs,
        members,
        MOST_SHOWN + 1,
    )
    page = rows[:MOST_SHOWN]
    ids = [register_id for row in page for register_id in row.members]
    people = _of_register(session, ids)
    access.write_down(
        uow,
        actor,
        now,
        subjects=[Subject(entry.person_id, entry.id) for entry in people.values()],
        community=community,
        what=SEEN,
        purpose=PURPOSE,
        path=scope,
    )
    items = []
    for row in page:
        those = [people[i] for i in row.members]
        items.append(
            ShownSubject(
                **ElectorateEntry.model_validate(row._mapping).model_dump(),
                names=[names.mask_name(name_of(vault, entry)) for entry in those],
                birth_years=[entry.birth_year for entry in those],
            )
        )
    return ShownSubjects(items=items, more=len(rows) > MOST_SHOWN)


def values_of(
    cmd: OfElectorate,
    community: Territory,
    scope: str,
    now: datetime,
    *,
    person: str | None = None,
    anybody: bool = False,
) -> dict[str, Any]:
    """What the statements of :mod:`services.identity.electorate_rows` are given.

    Args:
        person: only this account's; None: everybody's.
        anybody: also those who may not vote.
    """
    return {
        "community": community.id,
        "below": db.below(community.path),
        "scope": scope,
        "within": db.below(scope),
        "salt": cmd.salt,
        "year": now.astimezone(CHINA).year,
        "tenants": cmd.tenants,
        "migrants": cmd.migrants,
        "away": cmd.away,
        "now": now,
        "person": person,
        "anybody": anybody,
    }


def _scope(session: Session, cmd: OfElectorate, actor: Actor) -> tuple[Territory, str]:
    """The community, and the path that the electorate is narrowed to."""
    community = repository.community(session, cmd.community_id)
    scope = _within(session, cmd, community)
    rules.require_convenes(actor, cmd, scope)
    if community.closed_at is not None:
        raise ElectorateImpossible(errors=[FieldError("community_id", "该社区已退出平台")])
    rules.check(cmd, community.community_kind)
    return community, scope


def _within(session: Session, cmd: OfElectorate, community: Territory) -> str:
    if cmd.within is None:
        return community.path
    place = repository.node(session, cmd.within)
    if place is None or not covers(community.path, place.path):
        raise ElectorateImpossible(errors=[FieldError("within", "不在该社区范围内")])
    return place.path


def _opened(session: Session, ticket: str, clock: datetime) -> Electorate:
    found = session.scalars(
        select(Electorate).where(
            Electorate.ticket_hash == tokens.refresh_hash(ticket), Electorate.expires_at > clock
        )
    ).first()
    if found is None:
        raise ElectorateNotFound()
    return found


def _named(session: Session, vault: Vault, community: Territory, name: str) -> list[str]:
    """The entries of the register with this name."""
    try:
        index = register_rows.name_index(vault, community.id, name)
    except RealNameInvalid:
        return []
    return list(
        session.scalars(
            select(RegisterPerson.id).where(
                RegisterPerson.community_id == community.id,
                RegisterPerson.name_index == index,
                RegisterPerson.ended_at.is_(None),
            )
        )
    )


def _of_register(session: Session, ids: Sequence[str]) -> dict[str, RegisterPerson]:
    rows = session.scalars(select(RegisterPerson).where(RegisterPerson.id.in_(set(ids))))
    return {row.id: row for row in rows}
