"""Asking to join: QR, address, real name and ID; let in by the register or queued."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.errors import Conflict, FieldError, RuleBroken
from services.contracts.events import MembershipDecided, MembershipRequested
from services.contracts.ids import new_id
from services.contracts.operations.identity import (
    AssistRegistration,
    MembershipState,
    RequestMembership,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import consents, membership, names, tenure
from services.identity.domain.membership import Applicant, Finding, RegisterEntry, Status
from services.identity.handlers import cards, claims, ledger, qr
from services.identity.handlers.claims import Claim
from services.identity.models import Membership, Territory
from services.identity.verifier import NOBODY, Verifier
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
    uow: UnitOfWork,
    vault: Vault,
    cmd: RequestMembership,
    actor: Actor,
    now: datetime,
    verifier: Verifier = NOBODY,
) -> MembershipState:
    """Ask to join, oneself or on somebody's behalf; the register may let the person in at once.

    Raises:
        QrUnknown, QrRevoked, QrExpired: the code on the board does not count.
        BuildingUnknown, UnitUnknown: not of this estate.
        RelationImpossible, ResidenceImpossible, ExpiryImpossible: see ``domain.tenure``.
        AlreadyMember: one tie to an address.
        And what :func:`claims.claim` raises.
    """
    code = qr.valid(uow, vault, cmd.qr_token, now, actor)
    address = locate(uow, code.estate_id, code.building_id, code.community_id, cmd)
    residence = tenure.residence(address.community.community_kind, cmd.relation, cmd.residence)
    tenure.require_expiry(cmd.relation, cmd.expires_at, now)
    person = repository.person(uow.session, actor.person_id, lock=True)
    today = now.astimezone(CHINA).date()
    claim = claims.claim(uow, vault, verifier, cmd, person.id, today, now)
    finding, entry = look_up(uow, vault, address, claim, person.id)
    row = Membership(
        id=new_id(),
        person_id=person.id,
        community_id=address.community.id,
        estate_id=address.estate.id,
        building_id=address.building.id,
        unit_id=address.unit.id if address.unit else None,
        room=address.room,
        room_key=address.room_key,
        relation=cmd.relation,
        residence=residence,
        status=membership.status_after(finding).value,
        finding=finding.value,
        register_id=entry.id if entry else None,
        qr_id=code.id,
        requested_at=now,
        requested_by=actor.acted_by or None,
        decided_at=now if finding is Finding.MATCH else None,
        expires_at=cmd.expires_at,
    )
    keep(uow, row)
    ledger.keep(
        uow,
        person.id,
        consents.asked_at_joining(cmd.consents, in_person=not actor.acted_by),
        given_by=actor.hand,
        now=now,
        membership_id=row.id,
    )
    tell(uow, row, address.community, now)
    return MembershipState(id=row.id, status=row.status)


def locate(
    uow: UnitOfWork,
    estate_id: str,
    only_building: str | None,
    community_id: str,
    cmd: RequestMembership | AssistRegistration,
) -> Address:
    """The address that the request names, by ids or by the names on the doors.

    Raises:
        BuildingUnknown, UnitUnknown: not of this estate.
    """
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


def look_up(
    uow: UnitOfWork, vault: Vault, address: Address, claim: Claim, person_id: str
) -> tuple[Finding, RegisterEntry | None]:
    """What the register says; without a name it has nothing to say."""
    if claim.name is None:
        return Finding.VERIFIED_ELSEWHERE, None
    index = match_index(vault, address.building.id, address.room, claim.name)
    rows = repository.register_entries(uow.session, address.community.id, index)
    unit_id = address.unit.id if address.unit else None
    finding, entry = membership.match(
        [RegisterEntry(r.id, r.unit_id, r.birth_year, r.id_index, r.person_id) for r in rows],
        Applicant(person_id, unit_id, claim.birth_year, claim.id_index),
    )
    if entry and not repository.link_to_register(uow.session, entry.id, person_id):
        return Finding.LINKED_TO_ANOTHER, None  # another account was a moment faster
    return (membership.found_for_verified(finding) if claim.verified_by else finding), entry


def keep(uow: UnitOfWork, row: Membership) -> None:
    """Keep a new membership; :class:`AlreadyMember` when there is a live one of the address."""
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


def tell(uow: UnitOfWork, row: Membership, community: Territory, now: datetime) -> None:
    """Tell that somebody waits, or was let in by the register."""
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
