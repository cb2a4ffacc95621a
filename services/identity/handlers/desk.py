"""The committee's desk: requests to join, looked at and decided. Each look is written down."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.events import MembershipDecided
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    Beside,
    CountMembershipRequests,
    DecideMembership,
    ListMembershipRequests,
    MembershipRequest,
    MembershipState,
    WaitingRequests,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import membership, names
from services.identity.domain.membership import FINDING_TEXT, Finding, Status
from services.identity.domain.recovery import SecondPersonNeeded
from services.identity.handlers import access, beside, cards, claims, places, queues
from services.identity.handlers.access import Subject
from services.identity.handlers.leaving import MembershipNotFound, OwnRequest, held
from services.identity.handlers.register import SEEN_MASKED
from services.identity.models import (
    Membership,
    PersonRow,
    RealName,
    Territory,
)
from services.kit.uow import UnitOfWork

WHAT_WAS_SEEN = "住址，以及隐去中段的姓名、证件号码、手机号"
PURPOSE = "审核入住申请"
GONE = "—"  # a refused person's name and number are not kept


def list_membership_requests(
    uow: UnitOfWork, vault: Vault, cmd: ListMembershipRequests, actor: Actor, now: datetime
) -> Page[MembershipRequest]:
    """The community's requests with one status, the longest waiting first, data masked."""
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    query = select(Membership).where(
        Membership.community_id == community.id, Membership.status == cmd.status
    )
    page, next_cursor = queues.page_of(session, Membership, query, cmd)
    known = repository.real_names(session, [row.person_id for row in page])
    waiting = [row for row in page if row.status == Status.PENDING.value]
    compared, shown = beside.of_requests(uow, vault, waiting, known)
    items = _views(uow, vault, page, known, compared)
    asking = [Subject(row.person_id, row.register_id) for row in page]
    for subjects, what in ((asking, WHAT_WAS_SEEN), (shown, SEEN_MASKED)):
        access.write_down(
            uow, actor, now, subjects=subjects, community=community, what=what, purpose=PURPOSE
        )
    return Page[MembershipRequest](items=items, next_cursor=next_cursor)


def count_membership_requests(
    uow: UnitOfWork, cmd: CountMembershipRequests, actor: Actor
) -> WaitingRequests:
    """How many requests wait for a decision; nobody's data is looked at."""
    community = repository.community(uow.session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    waiting = select(func.count()).where(
        Membership.community_id == community.id, Membership.status == Status.PENDING.value
    )
    return WaitingRequests(pending=uow.session.scalar(waiting) or 0)


def decide_membership(
    uow: UnitOfWork, cmd: DecideMembership, actor: Actor, now: datetime
) -> MembershipState:
    """Approve or refuse a request of the actor's own community.

    Raises:
        MembershipNotFound: none such, or of another community.
        AlreadyDecided, ReasonNeeded: see the domain.
        OwnRequest: it is the actor's own.
        SecondPersonNeeded: the actor asked for the person, or registered her.
    """
    row, community = held(uow, cmd.id)
    if not actor.holds(COMMITTEE, community.path):
        raise MembershipNotFound()
    if row.person_id == actor.person_id:
        raise OwnRequest()
    if row.requested_by == actor.person_id:
        raise SecondPersonNeeded()
    after = membership.decide(Status(row.status), cmd.decision, cmd.reason)
    row.status, row.reason = after.value, cmd.reason
    row.decided_at, row.decided_by = now, actor.person_id
    uow.emit(
        MembershipDecided(
            membership_id=row.id,
            person_id=row.person_id,
            community_id=community.id,
            path=community.path,
            status="active" if after is Status.ACTIVE else "refused",
            by="committee",
        )
    )
    if after is Status.ACTIVE:
        cards.announce(uow, row.person_id, community, now)
    else:
        uow.session.flush()
        claims.forget(uow, row.person_id, now)
    return MembershipState(id=row.id, status=after.value)


def _views(
    uow: UnitOfWork,
    vault: Vault,
    rows: Sequence[Membership],
    known: Mapping[str, RealName],
    compared: Mapping[str, Beside],
) -> list[MembershipRequest]:
    session = uow.session
    around = repository.nodes(
        session, [i for r in rows for i in (r.estate_id, r.building_id, r.unit_id)]
    )
    people = repository.people(
        session, [i for r in rows for i in (r.person_id, r.requested_by) if i]
    )
    return [
        _view(vault, row, people, known.get(row.person_id), around, compared.get(row.id))
        for row in rows
    ]


def _view(
    vault: Vault,
    row: Membership,
    people: dict[str, PersonRow],
    claim: RealName | None,
    around: dict[str, Territory],
    compared: Beside | None,
) -> MembershipRequest:
    person = people[row.person_id]
    helper = people.get(row.requested_by or "")
    name = number = GONE
    if claim is not None:
        name = _masked(vault, claim.name_sealed, "real_name.name", person.id, names.mask_name)
        number = _masked(
            vault, claim.id_number_sealed, "real_name.id_number", person.id, names.mask_id_number
        )
    return MembershipRequest(
        id=row.id,
        status=row.status,
        person=access.person(person),
        relation=row.relation,
        estate=places.place(around[row.estate_id]),
        building=places.place(around[row.building_id]),
        unit=places.place(around[row.unit_id]) if row.unit_id else None,
        room=row.room,
        real_name=name,
        id_number=number,
        phone=_masked(vault, person.phone_sealed, "person.phone", person.id, names.mask_phone),
        finding=row.finding,
        finding_text=FINDING_TEXT[Finding(row.finding)],
        residence=row.residence,
        verified_by=claim.verified_by if claim else None,
        requested_by=access.person(helper) if helper else None,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        reason=row.end_reason or row.reason,
        birth_year=claim.birth_year if claim else None,
        beside=compared,
    )


def _masked(
    vault: Vault, sealed: str | None, purpose: str, owner: str, mask: Callable[[str], str]
) -> str:
    return mask(vault.open(sealed, purpose=purpose, owner=owner)) if sealed else GONE
