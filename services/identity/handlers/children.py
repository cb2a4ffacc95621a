"""Children below 14: registered by a guardian of the same room, or at the desk with her consent.

The account has no phone, so nobody logs in to it. The guardian acts for it as a helper does
(``createAssistedToken``), and her token says besides that she is the guardian: with it she reads
the child's access log and consents, takes a copy of everything, and deletes it (``guarded`` in the
table of operations).
"""

from datetime import date, datetime, time

from sqlalchemy import Select, exists, func, select, update

from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid, NotOnBehalf
from services.contracts.events import PersonRegistered
from services.contracts.ids import new_id
from services.contracts.operations.identity import (
    Assisted,
    AssistRegistration,
    Person,
    RegisterChild,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import assistance as helping
from services.identity.domain import guardians, id_number, tenure
from services.identity.domain.assistance import Kind
from services.identity.domain.consents import PURPOSES
from services.identity.domain.id_number import IdNumber
from services.identity.domain.membership import LIVE, Finding, Status, status_after
from services.identity.handlers import assistance, attempts, claims, joining, ledger
from services.identity.handlers.joining import CHINA, Address
from services.identity.handlers.leaving import MembershipNotFound, OwnRequest
from services.identity.models import Assistance, Membership, PersonRow, RealName, Territory
from services.kit.uow import UnitOfWork


def register_child(
    uow: UnitOfWork, vault: Vault, cmd: RegisterChild, actor: Actor, now: datetime
) -> Assisted:
    """A guardian registers her child to the room where she lives.

    The register lets the child in at once, otherwise the committee decides.

    Raises:
        MembershipNotFound: not an active membership of the actor's.
        GuardianNeeded: whether the actor is grown up is not known here: at the committee's desk.
        Invalid: a consent that a membership needs is missing.
        NotAChild, TooManyChildren: see the domain.
        IdNumberInvalid, RealNameInvalid, IdTaken: see :mod:`claims`.
        Locked: five failures within an hour.
    """
    session = uow.session
    today = now.astimezone(CHINA).date()
    home = session.get(Membership, cmd.membership_id)
    if home is None or home.person_id != actor.person_id or home.status != Status.ACTIVE:
        raise MembershipNotFound()
    needed = [purpose for purpose in PURPOSES.values() if purpose.needed]
    if missing := [purpose.key for purpose in needed if purpose.key not in cmd.consents]:
        raise Invalid(errors=[FieldError("consents", f"须由监护人同意：{key}") for key in missing])
    repository.person(session, actor.person_id, lock=True)  # her children are counted one by one
    guardians.require_known_adult(_birth_year(uow, actor.person_id), today)
    if (session.scalar(_count_of_children(actor.person_id)) or 0) >= guardians.MOST_CHILDREN:
        raise guardians.TooManyChildren()
    claims.read(cmd, today, of_child=True)
    subject = f"child:{actor.person_id}"
    attempts.require_open(uow, subject, now)
    try:
        with session.begin_nested():
            child = _account(uow, cmd.display_name, actor.person_id, now)
            claim = claims.by_number(uow, vault, cmd, child.id, today, now, of_child=True)
    except claims.IdTaken:
        attempts.failed(uow, subject, claims.LIMIT, now)
        raise
    around = repository.nodes(
        session, [home.community_id, home.estate_id, home.building_id, home.unit_id]
    )
    community = around[home.community_id]
    unit = around.get(home.unit_id or "")
    address = Address(community, around[home.estate_id], around[home.building_id], unit, home.room)
    finding, entry = joining.look_up(uow, vault, address, claim, child.id)
    row = Membership(
        id=new_id(),
        person_id=child.id,
        community_id=home.community_id,
        estate_id=home.estate_id,
        building_id=home.building_id,
        unit_id=home.unit_id,
        room=home.room,
        room_key=home.room_key,
        relation=guardians.RELATION,
        residence=tenure.residence(community.community_kind, guardians.RELATION, None),
        status=status_after(finding).value,
        finding=finding.value,
        register_id=entry.id if entry else None,
        requested_at=now,
        requested_by=actor.person_id,
        decided_at=now if finding is Finding.MATCH else None,
        expires_at=end_of(cmd, today),
    )
    joining.keep(uow, row)
    ledger.keep(uow, child.id, needed, given_by=actor.person_id, now=now, membership_id=row.id)
    help_made = guard(
        uow,
        row,
        actor.person_id,
        relationship=guardians.KINSHIP[cmd.kinship],
        means=helping.IN_APP,
        note="",
        recorded_by=actor.person_id,
        now=now,
    )
    uow.emit(PersonRegistered(person_id=child.id))
    joining.tell(uow, row, community, now)
    return Assisted(
        person=Person(id=child.id, display_name=child.display_name),
        membership_id=row.id,
        status=row.status,
        assistance_id=help_made.id,
    )


def require_guardian_at_desk(
    uow: UnitOfWork, cmd: AssistRegistration, community: Territory, actor: Actor, today: date
) -> None:
    """See that somebody can answer for the child whom the committee registers.

    Raises:
        OwnRequest: staff register their own children at home, and another decides.
        GuardianUnknown: no member of the community, or not grown up.
        Invalid: see :func:`services.identity.domain.guardians.require_childs_registration`.
    """
    if cmd.guardian_id == actor.person_id:
        raise OwnRequest()
    guardians.require_childs_registration(cmd.phone, cmd.relation)
    member = exists().where(
        Membership.person_id == cmd.guardian_id,
        Membership.community_id == community.id,
        Membership.status == Status.ACTIVE.value,
    )
    known = select(PersonRow.id).where(
        PersonRow.id == cmd.guardian_id, PersonRow.guardian_id.is_(None), member
    )
    if uow.session.scalar(known.with_for_update(of=PersonRow)) is None:
        raise guardians.GuardianUnknown(
            errors=[FieldError("guardian_id", guardians.GuardianUnknown.zh)]
        )
    guardians.require_possible_adult(_birth_year(uow, str(cmd.guardian_id)), today)


def guard(
    uow: UnitOfWork,
    row: Membership,
    guardian_id: str,
    *,
    relationship: str,
    means: str,
    note: str,
    recorded_by: str,
    now: datetime,
) -> Assistance:
    """From now on the guardian acts for the child, until its membership ends by itself."""
    made = Assistance(
        id=new_id(),
        kind=Kind.GUARDIAN,
        helper_id=guardian_id,
        subject_id=row.person_id,
        community_id=None,
        relationship=relationship,
        consent_means=means,
        consent_note=note,
        consent_at=now,
        recorded_by=recorded_by,
        expires_at=row.expires_at,
        taken_up_at=now,
        due_at=row.expires_at,
    )
    assistance.add(uow, made, now)
    return made


def end_of(cmd: RegisterChild | AssistRegistration, today: date) -> datetime:
    """When the membership of the child ends by itself."""
    return _end(id_number.parse(cmd.id_number, today))


def end_anew(uow: UnitOfWork, child_id: str, number: IdNumber) -> None:
    """The child's number was corrected, and with it perhaps the day of birth."""
    end = _end(number)
    uow.session.execute(
        update(Membership)
        .where(Membership.person_id == child_id, Membership.status.in_(LIVE))
        .values(expires_at=end)
    )
    uow.session.execute(
        update(Assistance)
        .where(Assistance.subject_id == child_id, Assistance.ended_at.is_(None))
        .values(expires_at=end, due_at=end)
    )


def _end(number: IdNumber) -> datetime:
    return datetime.combine(guardians.ends_on(number.birth), time(), CHINA)


def answers_for(uow: UnitOfWork, actor: Actor) -> str:
    """Whose word counts for the account: its own, or in assisted mode its guardian's.

    Raises:
        NotOnBehalf: the helper is not the guardian (any more).
    """
    if actor.acted_by:
        account = repository.person(uow.session, actor.person_id)
        if account.guardian_id != actor.acted_by:
            raise NotOnBehalf()
    return actor.hand


def guardian_of(uow: UnitOfWork, person_id: str) -> str | None:
    """Who answers for the account of a child; None for everybody else's."""
    return uow.session.scalar(select(PersonRow.guardian_id).where(PersonRow.id == person_id))


def children_of(uow: UnitOfWork, guardian_id: str) -> list[PersonRow]:
    """The accounts of the guardian's children, locked."""
    query = select(PersonRow).where(
        PersonRow.guardian_id == guardian_id, PersonRow.deleted_at.is_(None)
    )
    return list(uow.session.scalars(query.order_by(PersonRow.id).with_for_update()))


def _count_of_children(guardian_id: str) -> Select[int]:
    return select(func.count()).where(
        PersonRow.guardian_id == guardian_id, PersonRow.deleted_at.is_(None)
    )


def _birth_year(uow: UnitOfWork, person_id: str) -> int | None:
    return uow.session.scalar(select(RealName.birth_year).where(RealName.person_id == person_id))


def _account(uow: UnitOfWork, name: str, guardian_id: str, now: datetime) -> PersonRow:
    child = PersonRow(
        id=new_id(),
        display_name=name,
        created_at=now,
        made_by=guardian_id,
        guardian_id=guardian_id,
    )
    uow.session.add(child)
    uow.session.flush()
    return child
