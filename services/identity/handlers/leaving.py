"""Moving out, tenancies that run out or run on, and what ends with the last tie.

A person's memberships are changed with the person's row locked first, then the membership's:
so two of them that end at once know of each other, and none waits for the other in a ring.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import select, update

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import Forbidden, NotFound
from services.contracts.events import MembershipEnded
from services.contracts.operations.identity import (
    EndMembership,
    ExtendMembership,
    MembershipState,
)
from services.identity import repository
from services.identity.domain import tenure
from services.identity.domain.membership import LIVE, Status
from services.identity.handlers import cards, claims, roles
from services.identity.models import Membership, PersonRow, RegisterPerson, Territory
from services.kit.uow import UnitOfWork

Why = Literal["moved_out", "expired", "deleted", "offboarded"]


class MembershipNotFound(NotFound):
    """There is no such request or membership, or it is another community's."""

    code = "identity.membership_not_found"
    zh, en = "没有找到这个申请", "There is no such request"


class OwnRequest(Forbidden):
    """Nobody lets themselves in, or lets themselves stay."""

    code = "identity.own_request"
    zh, en = "不能审核自己的申请", "You may not decide your own request"


def held(uow: UnitOfWork, membership_id: str) -> tuple[Membership, Territory]:
    """A membership with its community, locked until the end of the transaction.

    Raises:
        MembershipNotFound: there is none.
    """
    session = uow.session
    person_id = session.scalar(select(Membership.person_id).where(Membership.id == membership_id))
    if person_id is None:
        raise MembershipNotFound()
    repository.person(session, person_id, lock=True)
    row = session.get_one(Membership, membership_id, with_for_update=True, populate_existing=True)
    return row, repository.community(session, row.community_id)


def end_membership(
    uow: UnitOfWork, cmd: EndMembership, actor: Actor, now: datetime
) -> MembershipState:
    """Move out, or take a request back; or be moved out by the committee, with a reason.

    Raises:
        MembershipNotFound: none such, or neither the actor's own nor of her community.
        MembershipOver, NotDecidedYet, ReasonNeeded: see the domain.
    """
    row, community = held(uow, cmd.id)
    own = row.person_id == actor.person_id
    if not own and not actor.holds(COMMITTEE, community.path):
        raise MembershipNotFound()
    tenure.require_endable(Status(row.status), own=own, reason=cmd.reason)
    end(uow, row, community, "moved_out", now, by=actor.person_id, reason=cmd.reason)
    return MembershipState(id=row.id, status="ended")


def extend_membership(
    uow: UnitOfWork, cmd: ExtendMembership, actor: Actor, now: datetime
) -> MembershipState:
    """Let a tenancy run until another time, or without an end.

    Raises:
        MembershipNotFound: none such, or of another community.
        OwnRequest: it is the actor's own.
        MembershipOver, NotDecidedYet, ExpiryImpossible: see the domain.
    """
    row, community = held(uow, cmd.id)
    if not actor.holds(COMMITTEE, community.path):
        raise MembershipNotFound()
    if row.person_id == actor.person_id:
        raise OwnRequest()
    tenure.require_extendable(Status(row.status), row.relation, cmd.expires_at, now)
    row.expires_at = cmd.expires_at
    return MembershipState(id=row.id, status="active")


def expire_memberships(uow: UnitOfWork, now: datetime) -> int:
    """End the memberships whose time is over; for how many people."""
    session = uow.session
    over = (Membership.status == Status.ACTIVE.value, Membership.expires_at <= now)
    people = session.scalars(
        select(PersonRow.id)
        .where(PersonRow.id.in_(select(Membership.person_id).where(*over)))
        .order_by(PersonRow.id)
        .limit(20)
        .with_for_update(skip_locked=True)
    ).all()
    query = select(Membership).where(Membership.person_id.in_(people), *over)
    for row in session.scalars(query.order_by(Membership.id).with_for_update()).all():
        if row.status == Status.ACTIVE:  # a child's may have ended with its guardian's
            end(uow, row, repository.community(session, row.community_id), "expired", now)
    return len(people)


def end(
    uow: UnitOfWork,
    row: Membership,
    community: Territory,
    why: Why,
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> None:
    """End a membership that lives (its person's row is locked) and what follows from it.

    The register's entry is free again. With the last tie to the community go the roles that
    follow from it and the memberships of her children, and the community is told that she is no
    member any more; with the last tie to any, who she is is forgotten.
    """
    session = uow.session
    was_member = row.status == Status.ACTIVE
    row.status, row.ended_at, row.ended_by, row.end_reason = "ended", now, by, reason
    session.flush()
    uow.emit(
        MembershipEnded(
            membership_id=row.id,
            person_id=row.person_id,
            community_id=community.id,
            path=community.path,
            why=why,
        )
    )
    _free_register_entry(uow, row)
    if was_member:
        if community.path not in repository.member_paths(session, row.person_id):
            _end_roles_of_the_tie(uow, row.person_id, community, by, now)
            _end_children(uow, row.person_id, community, why, now, by)
        cards.announce(uow, row.person_id, community, now)
    claims.forget(uow, row.person_id, now)


def _end_children(
    uow: UnitOfWork,
    guardian_id: str,
    community: Territory,
    why: Why,
    now: datetime,
    by: str | None,
) -> None:
    """A child belongs where its guardian does."""
    session = uow.session
    children = session.scalars(
        select(PersonRow.id)
        .where(PersonRow.guardian_id == guardian_id)
        .order_by(PersonRow.id)
        .with_for_update()
    ).all()
    theirs = select(Membership).where(
        Membership.person_id.in_(children),
        Membership.community_id == community.id,
        Membership.status.in_(LIVE),
    )
    for row in session.scalars(theirs.order_by(Membership.id).with_for_update()).all():
        end(uow, row, community, why, now, by=by)


def _free_register_entry(uow: UnitOfWork, row: Membership) -> None:
    """Somebody else of that name may be let in by it; unless another membership rests on it."""
    session = uow.session
    if row.register_id is None or repository.rests_on_entry(
        session, row.person_id, row.register_id
    ):
        return
    session.execute(
        update(RegisterPerson)
        .where(RegisterPerson.id == row.register_id, RegisterPerson.person_id == row.person_id)
        .values(person_id=None)
    )


def _end_roles_of_the_tie(
    uow: UnitOfWork, person_id: str, community: Territory, by: str | None, now: datetime
) -> None:
    grants = repository.live_grants(uow.session, person_id)
    for grant, role in zip(grants, repository.held_roles(grants), strict=True):
        if tenure.ends_with_tie(role, community.path):
            roles.end(uow, grant, by, now)
