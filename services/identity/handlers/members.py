"""The members of a community at its desk: found, and looked at one by one. Each look is a line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    ListMembers,
    Member,
    MemberAct,
    MemberHome,
    MemberOf,
    MemberSheet,
    NoRecovery,
    Person,
)
from services.identity import register_rows, repository
from services.identity.crypto import Vault
from services.identity.domain import names, roles, tenure
from services.identity.domain.membership import Status
from services.identity.domain.names import RealNameInvalid
from services.identity.domain.recovery import NotAResident
from services.identity.handlers import access, assistance, places, recoveries
from services.identity.handlers import roles as offices
from services.identity.handlers.access import Subject
from services.identity.handlers.claims import real_name
from services.identity.models import (
    Assistance,
    Membership,
    PersonRow,
    RealName,
    RegisterPerson,
    Territory,
)
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

SEEN: Final = "住址、身份，以及隐去中段的姓名"
SEEN_ONE: Final = "住址、身份、出生年份、代办关系，以及隐去中段的姓名和手机号"
PURPOSE: Final = "查找和照看本社区成员"
NAMELESS: Final = "—"
MOST_HELP: Final = 20


def list_members(
    uow: UnitOfWork, vault: Vault, cmd: ListMembers, actor: Actor, now: datetime
) -> Page[Member]:
    """Memberships in the order of the addresses.

    Raises:
        CommunityNotFound, Forbidden: not the actor's community.
        BadCursor: it is not one of ours.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    building, unit = aliased(Territory), aliased(Territory)
    order = (
        building.position,
        building.path,
        func.coalesce(unit.position, 0),
        func.lpad(Membership.room_key, 30),
        Membership.id,
    )
    query = (
        select(Membership, *order[:4])
        .join(building, building.id == Membership.building_id)
        .outerjoin(unit, unit.id == Membership.unit_id)
        .join(PersonRow, PersonRow.id == Membership.person_id)
        .where(Membership.community_id == community.id, Membership.status == cmd.status)
    )
    query = _narrowed(query, vault, cmd)
    if cmd.cursor:
        query = query.where(tuple_(*order) > _after(cmd.cursor))
    rows = session.execute(query.order_by(*order).limit(cmd.limit + 1)).all()
    page = rows[: cmd.limit]
    memberships = [row[0] for row in page]
    items = _members(uow, vault, memberships, community, now)
    _write_down(uow, memberships, community, actor, now, SEEN)
    cursor = None
    if len(rows) > cmd.limit:
        last, *key = page[-1]
        cursor = encode_cursor(*(str(part) for part in key), last.id)
    return Page[Member](items=items, next_cursor=cursor)


def get_member(
    uow: UnitOfWork, vault: Vault, cmd: MemberOf, actor: Actor, now: datetime
) -> MemberSheet:
    """One person with homes, offices and helpers, and what may be done for her.

    Raises:
        CommunityNotFound, Forbidden: not the actor's community.
        NotAResident: she neither lives nor lived here, nor asked to.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    rows = session.scalars(
        select(Membership)
        .where(Membership.community_id == community.id, Membership.person_id == cmd.person_id)
        .order_by(Membership.status, Membership.requested_at.desc(), Membership.id)
    ).all()
    person = session.get(PersonRow, cmd.person_id)
    if not rows or person is None or person.deleted_at is not None:
        raise NotAResident()
    _write_down(uow, rows, community, actor, now, SEEN_ONE)
    claim = session.get(RealName, person.id)
    grants = repository.live_grants(session, person.id)
    held = repository.held_roles(grants)
    here = [
        grant
        for grant, role in zip(grants, held, strict=True)
        if role.live(now) and role.concerns(community.path)
    ]
    seen = roles.party_members_seen(actor, community.path)
    told = [g for g in here if g.role != Role.PARTY_MEMBER or seen is None or g.granted_by in seen]
    helped = session.scalars(
        select(Assistance)
        .where(Assistance.subject_id == person.id, Assistance.ended_at.is_(None))
        .order_by(Assistance.id.desc())
        .limit(MOST_HELP)
    ).all()
    running = recoveries.state_of(session, person.id)
    lives = any(row.status == Status.ACTIVE for row in rows)
    barred = _barred(person, actor, held, running, now, lives=lives)
    confirmed = roles.is_party_member(held, community.path, now)
    family = _family(uow, person)
    return MemberSheet(
        person=access.person(person),
        real_name=_name(vault, claim),
        birth_year=claim.birth_year if claim else None,
        phone=recoveries.masked_phone(vault, person),
        guardian=family.get(person.guardian_id or ""),
        children=[one for key, one in family.items() if key != person.guardian_id],
        homes=_homes(uow, rows),
        offices=offices.views(session, told),
        assistances=assistance.views(uow, vault, helped, actor),
        recovery=running,
        no_recovery=barred,
        actions=_actions(person, actor, community, barred, lives=lives, confirmed=confirmed),
    )


def _barred(
    person: PersonRow,
    actor: Actor,
    held: Sequence[roles.HeldRole],
    running: str | None,
    now: datetime,
    *,
    lives: bool,
) -> NoRecovery | None:
    """Why :func:`recoveries.open_recovery` would refuse, as far as that is known before."""
    if person.id == actor.person_id:
        return "own"
    if not lives:
        return "no_member"
    if running is not None:
        return "running"
    if roles.holds_office(held, now):
        return "office"
    return "no_phone" if person.phone_index is None else None


def _actions(
    person: PersonRow,
    actor: Actor,
    community: Territory,
    barred: NoRecovery | None,
    *,
    lives: bool,
    confirmed: bool,
) -> list[MemberAct]:
    found: list[MemberAct] = []
    if actor.is_observer or not lives:
        return found
    own, child = person.id == actor.person_id, person.guardian_id is not None
    if barred is None:
        found.append("recover")
    if person.phone_index is None and not child:
        found.append("name_helper")
    if not own and not child:
        found.append("register_child")
    may_confirm = actor.holds(roles.GRANTED_BY[Role.PARTY_MEMBER], community.path)
    if not own and not child and not confirmed and may_confirm:
        found.append("confirm_party")
    return found


def _family(uow: UnitOfWork, person: PersonRow) -> dict[str, Person]:
    """Her guardian, or her children, by id."""
    around = PersonRow.guardian_id == person.id
    if person.guardian_id is not None:
        around = PersonRow.id == person.guardian_id
    rows = uow.session.scalars(
        select(PersonRow).where(around, PersonRow.deleted_at.is_(None)).order_by(PersonRow.id)
    )
    return {row.id: access.person(row) for row in rows}


# -- the list --------------------------------------------------------------------------------------


def _narrowed(query: Select[Any], vault: Vault, cmd: ListMembers) -> Select[Any]:
    home = Membership
    if cmd.building is not None:
        query = query.where(home.building_id == cmd.building)
    if cmd.relation is not None:
        query = query.where(home.relation == cmd.relation)
    if cmd.ends_before is not None:
        query = query.where(home.expires_at < cmd.ends_before)
    if cmd.registered is not None:
        known = home.register_id.is_not(None)
        query = query.where(known if cmd.registered else home.register_id.is_(None))
    if cmd.has_phone is not None:
        logs_in = PersonRow.phone_index.is_not(None)
        query = query.where(logs_in if cmd.has_phone else PersonRow.phone_index.is_(None))
    if cmd.q is not None:
        either = [
            home.room_key == names.room_key(cmd.q),
            PersonRow.display_name.icontains(cmd.q, autoescape=True),
        ]
        try:
            name = register_rows.name_index(vault, cmd.cid, cmd.q)
            entries = select(RegisterPerson.id).where(
                RegisterPerson.community_id == cmd.cid, RegisterPerson.name_index == name
            )
            either.append(home.register_id.in_(entries))
        except RealNameInvalid:
            pass  # a room or a nickname, then
        query = query.where(or_(*either))
    return query


def _after(cursor: str) -> Any:
    position, path, unit, room, membership_id = decode_cursor(cursor, 5)
    if not all(part.isdecimal() and len(part) <= 9 for part in (position, unit)):
        raise BadCursor()
    return tuple_(literal(int(position)), path, literal(int(unit)), room, membership_id)


def _members(
    uow: UnitOfWork,
    vault: Vault,
    rows: Sequence[Membership],
    community: Territory,
    now: datetime,
) -> list[Member]:
    session = uow.session
    ids = [row.person_id for row in rows]
    people = repository.people(session, ids)
    claims = repository.real_names(session, ids)
    grants = repository.live_grants_of(session, ids)
    return [
        Member(
            person=access.person(people[home_of.person_id]),
            real_name=_name(vault, claims.get(home_of.person_id)),
            has_phone=people[home_of.person_id].phone_index is not None,
            child=people[home_of.person_id].guardian_id is not None,
            role_badges=roles.badges(
                repository.held_roles(grants.get(home_of.person_id, ())), community.path, now
            ),
            home=home,
        )
        for home_of, home in zip(rows, _homes(uow, rows), strict=True)
    ]


def _homes(uow: UnitOfWork, rows: Sequence[Membership]) -> list[MemberHome]:
    around = repository.nodes(
        uow.session, [i for r in rows for i in (r.estate_id, r.building_id, r.unit_id)]
    )
    return [_home(row, around) for row in rows]


def _home(row: Membership, around: Mapping[str, Territory]) -> MemberHome:
    active = row.status == Status.ACTIVE
    return MemberHome(
        id=row.id,
        status=row.status,
        relation=row.relation,
        residence=row.residence,
        estate=places.place(around[row.estate_id]),
        building=places.place(around[row.building_id]),
        unit=places.place(around[row.unit_id]) if row.unit_id else None,
        room=row.room,
        since=row.decided_at or row.requested_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        reason=row.end_reason or row.reason,
        register_id=row.register_id,
        may_end=active,
        may_extend=active and tenure.is_for_a_time(row.relation),
    )


def _name(vault: Vault, claim: RealName | None) -> str:
    name = real_name(vault, claim)
    return NAMELESS if name is None else names.mask_name(name)


def _write_down(
    uow: UnitOfWork,
    rows: Sequence[Membership],
    community: Territory,
    actor: Actor,
    now: datetime,
    what: str,
) -> None:
    access.write_down(
        uow,
        actor,
        now,
        subjects=[Subject(person_id=row.person_id) for row in rows],
        community=community,
        what=what,
        purpose=PURPOSE,
    )
