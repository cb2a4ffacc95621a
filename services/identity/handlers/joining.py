"""Asking to join: QR, address, real name and ID; let in by the register or queued."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.errors import Conflict, FieldError, Invalid, RuleBroken
from services.contracts.events import MembershipDecided, MembershipRequested
from services.contracts.ids import new_id
from services.contracts.operations.identity import MembershipState, RequestMembership
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import consents, id_number, membership, names
from services.identity.domain.id_number import IdNumber
from services.identity.domain.membership import Applicant, Finding, RegisterEntry, Status
from services.identity.handlers import cards, ledger, qr
from services.identity.models import Membership, RealName, Territory
from services.kit.uow import UnitOfWork

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")  # one zone, no summer time


class BuildingUnknown(RuleBroken):
    """The building does not belong to the estate of the QR code."""

    code = "identity.building_unknown"
    zh, en = "该小区没有这个楼栋", "The estate has no such building"


class UnitUnknown(RuleBroken):
    """The building has no such unit."""

    code = "identity.unit_unknown"
    zh, en = "该楼栋没有这个单元", "The building has no such unit"


class IdTaken(Conflict):
    """One person, one account: the ID number belongs to another one."""

    code = "identity.id_taken"
    zh = "该证件号码已绑定其他账号，如非本人操作请联系居委会"
    en = "This ID number belongs to another account; please see the committee"


class IdentityDiffers(Conflict):
    """The account is bound to another name or ID number."""

    code = "identity.identity_differs"
    zh = "与本账号已登记的姓名或证件号码不一致"
    en = "This account is bound to another name or ID number"


class AlreadyMember(Conflict):
    """The person has asked for this very address, or lives there already."""

    code = "identity.already_member"
    zh, en = "您已申请或已加入该地址", "You have joined this address or asked to"


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody says they live."""

    community: Territory
    estate: Territory
    building: Territory
    unit: Territory | None
    room: str

    @property
    def room_key(self) -> str:
        """The room in one spelling."""
        return names.room_key(self.room)


def match_index(vault: Vault, building_id: str, room: str, name: str) -> str:
    """The blind index by which a person of the register is found."""
    key = f"{building_id}\0{names.room_key(room)}\0{names.name_key(name)}"
    return vault.index("register.match", key)


def request_membership(
    uow: UnitOfWork, vault: Vault, cmd: RequestMembership, actor: Actor, now: datetime
) -> MembershipState:
    """Ask to join with real name and ID number; the register may let the person in at once.

    Raises:
        IdNumberInvalid, RealNameInvalid: they cannot be right.
        QrUnknown, QrRevoked, QrExpired: the code on the board does not count.
        BuildingUnknown, UnitUnknown: not of this estate.
        GuardianNeeded: below 14.
        IdTaken, IdentityDiffers, AlreadyMember: one person, one account, one tie to an address.
    """
    if not (cmd.real_name and cmd.id_number):
        raise Invalid(errors=[FieldError("id_number", "请填写姓名和证件号码")])
    today = now.astimezone(CHINA).date()
    number = id_number.parse(cmd.id_number, today)
    name = names.real_name(cmd.real_name)
    code = qr.valid(uow, vault, cmd.qr_token, now)
    address = _address(uow, code.estate_id, code.building_id, code.community_id, cmd)
    membership.require_age(number, today)
    id_index = vault.index("id_number", number.text)
    person = repository.person(uow.session, actor.person_id, lock=True)
    _claim_identity(uow, vault, person.id, name, number, id_index, now)

    unit_id = address.unit.id if address.unit else None
    finding, entry = _look_up(
        uow, vault, address, name, Applicant(person.id, unit_id, number.birth.year, id_index)
    )
    row = Membership(
        id=new_id(),
        person_id=person.id,
        community_id=address.community.id,
        estate_id=address.estate.id,
        building_id=address.building.id,
        unit_id=unit_id,
        room=address.room,
        room_key=address.room_key,
        relation=cmd.relation,
        status=membership.status_after(finding).value,
        finding=finding.value,
        register_id=entry.id if entry else None,
        qr_id=code.id,
        requested_at=now,
        decided_at=now if finding is Finding.MATCH else None,
    )
    _insert(uow, row)
    ledger.keep(
        uow,
        person.id,
        consents.asked_at_joining(cmd.consents, in_person=not actor.acted_by),
        given_by=actor.hand,
        now=now,
        membership_id=row.id,
    )
    _tell(uow, row, address.community, now)
    return MembershipState(id=row.id, status=row.status)


def _address(
    uow: UnitOfWork,
    estate_id: str,
    only_building: str | None,
    community_id: str,
    cmd: RequestMembership,
) -> Address:
    session = uow.session
    building = _pick(repository.children(session, [estate_id], "building"), cmd.building)
    if building is None or only_building not in (None, building.id):
        raise BuildingUnknown(errors=[FieldError("building", BuildingUnknown.zh)])
    unit = None
    if cmd.unit is not None:
        unit = _pick(repository.children(session, [building.id], "unit"), cmd.unit)
        if unit is None:
            raise UnitUnknown(errors=[FieldError("unit", UnitUnknown.zh)])
    around = repository.nodes(session, [estate_id, community_id])
    return Address(around[community_id], around[estate_id], building, unit, cmd.room)


def _pick(nodes: list[Territory], id_or_name: str) -> Territory | None:
    return next((n for n in nodes if id_or_name in (n.id, n.name)), None)


def _claim_identity(
    uow: UnitOfWork,
    vault: Vault,
    person_id: str,
    name: str,
    number: IdNumber,
    id_index: str,
    now: datetime,
) -> None:
    session = uow.session
    claimed = session.execute(
        # waits for a concurrent claim of the same number, so that one of two loses, never both win
        insert(RealName)
        .values(
            person_id=person_id,
            name_sealed=vault.seal(name, purpose="real_name.name", owner=person_id),
            id_number_sealed=vault.seal(
                number.text, purpose="real_name.id_number", owner=person_id
            ),
            id_index=id_index,
            birth_year=number.birth.year,
            given_at=now,
        )
        .on_conflict_do_nothing()
        .returning(RealName.person_id)
    ).first()
    if claimed is not None:
        return
    mine = session.get(RealName, person_id)
    if mine is None:
        raise IdTaken()
    if not mine.name_sealed:
        raise IdentityDiffers()
    known = vault.open(mine.name_sealed, purpose="real_name.name", owner=person_id)
    if mine.id_index != id_index or names.name_key(known) != names.name_key(name):
        raise IdentityDiffers()


def _look_up(
    uow: UnitOfWork, vault: Vault, address: Address, name: str, applicant: Applicant
) -> tuple[Finding, RegisterEntry | None]:
    index = match_index(vault, address.building.id, address.room, name)
    rows = repository.register_entries(uow.session, address.community.id, index)
    finding, entry = membership.match(
        [RegisterEntry(r.id, r.unit_id, r.birth_year, r.id_index, r.person_id) for r in rows],
        applicant,
    )
    if entry and not repository.link_to_register(uow.session, entry.id, applicant.person_id):
        return Finding.LINKED_TO_ANOTHER, None  # another account was a moment faster
    return finding, entry


def _insert(uow: UnitOfWork, row: Membership) -> None:
    columns = {
        c.key: getattr(row, c.key)
        for c in Membership.__table__.columns
        if getattr(row, c.key) is not None
    }
    added = uow.session.execute(
        insert(Membership).values(**columns).on_conflict_do_nothing().returning(Membership.id)
    ).first()
    if added is None:
        raise AlreadyMember()


def _tell(uow: UnitOfWork, row: Membership, community: Territory, now: datetime) -> None:
    about = {
        "membership_id": row.id,
        "person_id": row.person_id,
        "community_id": community.id,
        "path": community.path,
    }
    if row.status == Status.PENDING:
        uow.emit(MembershipRequested(**about))
        return
    uow.emit(MembershipDecided(**about, status="active", by="register"))
    cards.announce(uow, row.person_id, community, now)
