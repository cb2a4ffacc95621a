"""Registering somebody on her behalf (代办): the committee vouches, she is a member at once.

With a phone the account logs in and votes by itself. So the phone has to be in the person's hands,
and a second of the staff lets her in: nobody makes a voter of a phone of her own. A child below 14
is registered with its guardian, whose consent is recorded and who alone acts for it.
"""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError, RuleBroken
from services.contracts.events import MembershipDecided, MembershipRequested, PersonRegistered
from services.contracts.ids import new_id
from services.contracts.operations.identity import Assisted, AssistRegistration, Person
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import guardians, tenure
from services.identity.domain.assistance import Kind
from services.identity.domain.attempts import Limit
from services.identity.domain.consents import PURPOSES
from services.identity.domain.login import CodeNotRight
from services.identity.domain.membership import Status
from services.identity.domain.names import phone as e164
from services.identity.domain.recovery import PhoneTaken
from services.identity.handlers import (
    assistance,
    attempts,
    cards,
    children,
    claims,
    joining,
    ledger,
    login,
)
from services.identity.handlers.claims import Claim
from services.identity.handlers.joining import CHINA
from services.identity.models import Assistance, Membership, PersonRow, Territory
from services.kit.uow import UnitOfWork

# Whoever tries out numbers learns whether they have an account; a desk on a busy day does not.
LIMIT = Limit(failures=10, within=timedelta(hours=1), lock=timedelta(hours=1))
RELATIONSHIP = "居委会"


class EstateUnknown(RuleBroken):
    """The community has no such estate."""

    code = "identity.estate_unknown"
    zh, en = "该社区没有这个小区", "The community has no such estate"


def assist_registration(
    uow: UnitOfWork,
    vault: Vault,
    cmd: AssistRegistration,
    actor: Actor,
    clock: datetime,
    now: datetime,
    *,
    demo: bool,
) -> Assisted:
    """Make an account and a membership for somebody, and help her from now on.

    Name and number are held against the same rules as her own request would be: one person, one
    account. What the register says is kept as the finding, but the committee vouches for her.
    With a phone she can log in herself later, and her membership waits for another of the staff.
    For a child it is the guardian who agrees, and who helps from now on.

    Raises:
        CommunityNotFound, Forbidden: not the actor's community.
        EstateUnknown, BuildingUnknown, UnitUnknown, RelationImpossible: no such home.
        PhoneInvalid: it cannot be a mobile number.
        IdNumberInvalid, RealNameInvalid, GuardianNeeded, NotAChild, IdTaken: see :mod:`claims`.
        GuardianUnknown, OwnRequest: see :mod:`children`.
        CodeNotRight: the code of the phone (``phone_code``).
        PhoneTaken: the number is somebody's; said only about a phone whose code was shown.
        Locked: ten numbers or phones of other accounts within an hour.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    address = joining.locate(uow, _estate(uow, community, cmd.estate).id, None, community.id, cmd)
    residence = tenure.residence(community.community_kind, cmd.relation, None)
    today = now.astimezone(CHINA).date()
    if cmd.guardian_id is not None:
        children.require_guardian_at_desk(uow, cmd, community, actor, today)
    person, claim = _account(uow, vault, cmd, actor, clock, now, demo=demo)
    waits = person.phone_index is not None
    finding, entry = joining.look_up(uow, vault, address, claim, person.id)
    row = Membership(
        id=new_id(),
        person_id=person.id,
        community_id=community.id,
        estate_id=address.estate.id,
        building_id=address.building.id,
        unit_id=address.unit.id if address.unit else None,
        room=address.room,
        room_key=address.room_key,
        relation=cmd.relation,
        residence=residence,
        status=(Status.PENDING if waits else Status.ACTIVE).value,
        finding=finding.value,
        register_id=entry.id if entry else None,
        requested_at=now,
        requested_by=actor.person_id,
        decided_at=None if waits else now,
        decided_by=None if waits else actor.person_id,
        expires_at=children.end_of(cmd, today) if cmd.guardian_id else None,
    )
    joining.keep(uow, row)
    needed = [purpose for purpose in PURPOSES.values() if purpose.needed]
    ledger.keep(uow, person.id, needed, given_by=actor.person_id, now=now, membership_id=row.id)
    help_made = _help(uow, cmd, row, actor, now)
    uow.emit(PersonRegistered(person_id=person.id))
    about = {
        "membership_id": row.id,
        "person_id": person.id,
        "community_id": community.id,
        "path": community.path,
    }
    if waits:
        uow.emit(MembershipRequested(**about))
    else:
        uow.emit(MembershipDecided(**about, status="active", by="committee"))
        cards.announce(uow, person.id, community, now)
    return Assisted(
        person=Person(id=person.id, display_name=person.display_name),
        membership_id=row.id,
        status=row.status,
        assistance_id=help_made.id,
    )


def _help(
    uow: UnitOfWork, cmd: AssistRegistration, row: Membership, actor: Actor, now: datetime
) -> Assistance:
    """Who acts for her from now on: whoever registered her, or the guardian of a child."""
    if cmd.guardian_id is not None:
        return children.guard(
            uow,
            row,
            cmd.guardian_id,
            relationship=guardians.KINSHIP["guardian"],
            means=cmd.consent_means,
            note=cmd.consent_note,
            recorded_by=actor.person_id,
            now=now,
        )
    made = Assistance(
        id=new_id(),
        kind=Kind.STAFF,
        helper_id=actor.person_id,
        subject_id=row.person_id,
        community_id=row.community_id,
        relationship=RELATIONSHIP,
        consent_means=cmd.consent_means,
        consent_note=cmd.consent_note,
        consent_at=now,
        recorded_by=actor.person_id,
        taken_up_at=now,
    )
    assistance.add(uow, made, now)
    return made


def _estate(uow: UnitOfWork, community: Territory, id_or_name: str) -> Territory:
    for estate in repository.children(uow.session, [community.id], "estate"):
        if id_or_name in (estate.id, estate.name):
            return estate
    raise EstateUnknown(errors=[FieldError("estate", EstateUnknown.zh)])


def _account(
    uow: UnitOfWork,
    vault: Vault,
    cmd: AssistRegistration,
    actor: Actor,
    clock: datetime,
    now: datetime,
    *,
    demo: bool,
) -> tuple[PersonRow, Claim]:
    """A new account with its claim; neither is left behind when the claim fails."""
    today = now.astimezone(CHINA).date()
    phone = None if cmd.phone is None else e164(cmd.phone)
    of_child = cmd.guardian_id is not None
    # what needs nobody's data is refused before any is asked about
    claims.read(cmd, today, of_child=of_child)
    subject = f"assisted_registration:{actor.person_id}"
    attempts.require_open(uow, subject, now)
    if phone is not None:
        index, code = vault.index("phone", phone), cmd.phone_code
        if not code:
            raise CodeNotRight("phone_code")
        login.require_code(uow, vault, index, code, clock, field="phone_code", demo=demo)
    try:
        with uow.session.begin_nested():
            person = _person(uow, vault, cmd, phone, actor, now)
            claim = claims.by_number(uow, vault, cmd, person.id, today, now, of_child=of_child)
    except (claims.IdTaken, PhoneTaken):
        attempts.failed(uow, subject, LIMIT, now)
        raise
    if person.phone_index is not None:
        login.use_code(uow, person.phone_index, clock)
    return person, claim


def _person(
    uow: UnitOfWork,
    vault: Vault,
    cmd: AssistRegistration,
    phone: str | None,
    actor: Actor,
    now: datetime,
) -> PersonRow:
    person_id = new_id()
    sealed = index = None
    if phone is not None:
        sealed = vault.seal(phone, purpose="person.phone", owner=person_id)
        index = vault.index("phone", phone)
    made = uow.session.execute(
        insert(PersonRow)
        .values(
            id=person_id,
            phone_sealed=sealed,
            phone_index=index,
            display_name=cmd.display_name,
            created_at=now,
            made_by=actor.person_id,
            guardian_id=cmd.guardian_id,
        )
        .on_conflict_do_nothing(index_elements=["phone_index"])
        .returning(PersonRow.id)
    ).first()
    if made is None:
        raise PhoneTaken(errors=[FieldError("phone", PhoneTaken.zh)])
    return repository.person(uow.session, person_id)
