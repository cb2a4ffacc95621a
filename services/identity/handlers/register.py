"""The register of persons as the committee reads it: masked, each look written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import Conflict, FieldError, NotFound, RuleBroken
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    LinkRegister,
    ListRegister,
    RegisterEntryView,
    RegisterName,
    RevealRegisterEntry,
)
from services.identity import register_rows, repository
from services.identity.crypto import Vault
from services.identity.domain import names
from services.identity.domain.names import RealNameInvalid
from services.identity.domain.tenure import MembershipOver
from services.identity.handlers import access, places
from services.identity.handlers.access import Subject
from services.identity.handlers.leaving import MembershipNotFound, OwnRequest
from services.identity.models import Membership, RegisterPerson, Territory
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

SEEN_MASKED = "名册条目：住址、出生年份、身份，以及隐去中段的姓名"
SEEN_IN_FULL = "名册条目：住址和完整姓名"
PURPOSE_LIST = "查阅居民名册"
PURPOSE_LINK = "将成员与居民名册条目对应"


class EntryNotFound(NotFound):
    """There is no such entry, or it is another community's."""

    code = "identity.register_entry_not_found"
    zh, en = "名册中没有找到此条目", "There is no such entry on the register"


class EntryEnded(Conflict):
    """The entry has ended: the person has moved out or died."""

    code = "identity.register_entry_ended"
    zh, en = "该名册条目已结束", "This entry of the register has ended"


class EntryTaken(Conflict):
    """The entry belongs to another account."""

    code = "identity.register_entry_taken"
    zh, en = "该名册条目已由另一账号绑定", "This entry belongs to another account"


class AddressesDiffer(RuleBroken):
    """The entry stands at another building than the membership."""

    code = "identity.addresses_differ"
    zh = "名册条目与成员不在同一楼栋，请先核对地址"
    en = "The entry stands at another building; please check the address first"


def list_register(
    uow: UnitOfWork, vault: Vault, cmd: ListRegister, actor: Actor, now: datetime
) -> Page[RegisterEntryView]:
    """The community's register in the order of the addresses.

    Raises:
        CommunityNotFound, Forbidden: not the actor's community.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    building, unit = aliased(Territory), aliased(Territory)
    order = (
        building.position,
        building.path,
        func.coalesce(unit.position, 0),
        func.lpad(RegisterPerson.room_key, 30),
        RegisterPerson.id,
    )
    query = (
        select(RegisterPerson, *order[:4])
        .join(building, building.id == RegisterPerson.building_id)
        .outerjoin(unit, unit.id == RegisterPerson.unit_id)
        .where(RegisterPerson.community_id == community.id)
    )
    query = _narrowed(query, vault, cmd)
    if cmd.cursor:
        query = query.where(tuple_(*order) > _after(cmd.cursor))
    rows = session.execute(query.order_by(*order).limit(cmd.limit + 1)).all()
    page = rows[: cmd.limit]
    entries = [row[0] for row in page]
    items = seen(uow, vault, entries, community, actor, now, PURPOSE_LIST)
    cursor = None
    if len(rows) > cmd.limit:
        last, *key = page[-1]
        cursor = encode_cursor(*(str(part) for part in key), last.id)
    return Page[RegisterEntryView](items=items, next_cursor=cursor)


def seen(
    uow: UnitOfWork,
    vault: Vault,
    entries: Sequence[RegisterPerson],
    community: Territory,
    actor: Actor,
    now: datetime,
    purpose: str,
) -> list[RegisterEntryView]:
    """Entries of a community as the committee sees them; each look is written down."""
    _write_down(uow, entries, community, actor, now, SEEN_MASKED, purpose)
    return _views(uow.session, vault, entries)


def reveal_register_entry(
    uow: UnitOfWork, vault: Vault, cmd: RevealRegisterEntry, actor: Actor, now: datetime
) -> RegisterName:
    """One person's full name and address; the person reads who asked, and what for.

    Raises:
        EntryNotFound: none such, or of another community.
    """
    session = uow.session
    entry, community = _own_entry(session, cmd.id, actor)
    _write_down(uow, [entry], community, actor, now, SEEN_IN_FULL, cmd.purpose)
    estate, building, unit = _address(_around(session, [entry]), entry)
    room = _rooms(session, [entry])[entry.id]
    parts = [estate.name, building.name, unit.name if unit else "", room]
    return RegisterName(
        id=entry.id,
        name=name_of(vault, entry),
        address=" ".join(part for part in parts if part),
    )


def link_register(
    uow: UnitOfWork, vault: Vault, cmd: LinkRegister, actor: Actor, now: datetime
) -> RegisterEntryView:
    """Tie a live membership to its person on the register; an earlier tie ends.

    It lets nobody in: who waits goes on waiting until the committee decides.

    Raises:
        MembershipNotFound, EntryNotFound: none such, or of another community.
        OwnRequest: it is the actor's own.
        MembershipOver, EntryEnded, EntryTaken, AddressesDiffer: it cannot be tied.
    """
    session = uow.session
    row = session.get(Membership, cmd.id)
    community = repository.community(session, row.community_id) if row else None
    if row is None or community is None or not actor.holds(COMMITTEE, community.path):
        raise MembershipNotFound()
    if row.person_id == actor.person_id:
        raise OwnRequest()
    register_rows.lock(session, community.id)  # before the row, in the order of an import
    session.refresh(row, with_for_update=True)
    if row.status not in ("pending", "active"):
        raise MembershipOver()
    entry, _ = _own_entry(session, cmd.register_id, actor)
    if entry.community_id != community.id:
        raise EntryNotFound()
    if entry.ended_at is not None:
        raise EntryEnded()
    if entry.building_id != row.building_id:
        raise AddressesDiffer(errors=[FieldError("register_id", AddressesDiffer.zh)])
    if not repository.link_to_register(session, entry.id, row.person_id):
        raise EntryTaken()
    earlier, row.register_id = row.register_id, entry.id
    session.flush()
    if earlier and earlier != entry.id:
        register_rows.untie(session, earlier, row.person_id)
    session.refresh(entry)
    _write_down(uow, [entry], community, actor, now, SEEN_MASKED, PURPOSE_LINK)
    return _views(session, vault, [entry])[0]


def _own_entry(session: Session, entry_id: str, actor: Actor) -> tuple[RegisterPerson, Territory]:
    entry = session.get(RegisterPerson, entry_id)
    community = repository.community(session, entry.community_id) if entry else None
    if entry is None or community is None or not actor.holds(COMMITTEE, community.path):
        raise EntryNotFound()
    return entry, community


def _narrowed(query: Select[Any], vault: Vault, cmd: ListRegister) -> Select[Any]:
    entry = RegisterPerson
    query = query.where(entry.ended_at.is_not(None) if cmd.ended else entry.ended_at.is_(None))
    if cmd.building is not None:
        query = query.where(entry.building_id == cmd.building)
    if cmd.account is not None:
        tied = entry.person_id.is_not(None)
        query = query.where(tied if cmd.account else entry.person_id.is_(None))
    if cmd.q is not None:
        either = [entry.room_key == names.room_key(cmd.q)]
        try:
            name = register_rows.name_index(vault, cmd.cid, cmd.q)
            either.append(entry.name_index == name)
        except RealNameInvalid:
            pass  # a room, then
        query = query.where(or_(*either))
    return query


def _after(cursor: str) -> Any:
    position, path, unit, room, entry_id = decode_cursor(cursor, 5)
    if not all(part.isdecimal() and len(part) <= 9 for part in (position, unit)):
        raise BadCursor()
    return tuple_(literal(int(position)), path, literal(int(unit)), room, entry_id)


def _views(
    session: Session, vault: Vault, entries: Sequence[RegisterPerson]
) -> list[RegisterEntryView]:
    around, rooms = _around(session, entries), _rooms(session, entries)
    views = []
    for entry in entries:
        estate, building, unit = _address(around, entry)
        views.append(
            RegisterEntryView(
                id=entry.id,
                name=names.mask_name(name_of(vault, entry)),
                birth_year=entry.birth_year,
                relation=entry.relation,
                estate=places.place(estate),
                building=places.place(building),
                unit=places.place(unit) if unit else None,
                room=rooms[entry.id],
                has_account=entry.person_id is not None,
                person_id=entry.person_id,
                ended_at=entry.ended_at,
            )
        )
    return views


def _around(session: Session, entries: Sequence[RegisterPerson]) -> dict[str, Territory]:
    near = repository.nodes(session, [i for e in entries for i in (e.building_id, e.unit_id)])
    return {**near, **repository.nodes(session, [place.parent_id for place in near.values()])}


def _address(
    around: dict[str, Territory], entry: RegisterPerson
) -> tuple[Territory, Territory, Territory | None]:
    building = around[entry.building_id]
    return around[building.parent_id or ""], building, around.get(entry.unit_id or "")


def _rooms(session: Session, entries: Sequence[RegisterPerson]) -> dict[str, str]:
    """The room of each entry as its node is called, or in the one spelling where there is none."""
    nodes = repository.nodes(session, [e.room_id for e in entries])
    return {e.id: nodes[e.room_id].name if e.room_id else e.room_key for e in entries}


def name_of(vault: Vault, entry: RegisterPerson) -> str:
    """The name of an entry, in the open."""
    return vault.open(entry.name_sealed, purpose="register.name", owner=entry.id)


def _write_down(
    uow: UnitOfWork,
    entries: Sequence[RegisterPerson],
    community: Territory,
    actor: Actor,
    now: datetime,
    what: str,
    purpose: str,
) -> None:
    access.write_down(
        uow,
        actor,
        now,
        subjects=[Subject(entry.person_id, entry.id) for entry in entries],
        community=community,
        what=what,
        purpose=purpose,
    )
