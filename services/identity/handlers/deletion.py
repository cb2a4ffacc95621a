"""Deleting an account (PIPL art. 47): the id stays and means nobody; everything else goes.

::

    goes     phone, name, number, memberships, roles, badge, factors, WeChat,
             addresses for messages, corrections, kept filters, the number of a recovery,
             whom I let act for me
    ends     sessions, consents, a recovery under way, whom I act for
    with it  the accounts of the children whose guardian it was
    stays    the id (votes and covenants point at it), the ledger of consents, the access log and
             who recovered the account as proof (whoever took it over must not delete the trace),
             and the register's own entry, without the account
"""

from datetime import datetime

from sqlalchemy import delete, exists, not_, or_, select, update

from services.contracts.actor import Actor
from services.contracts.events import PersonDeleted
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import DeleteMe
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import deletion
from services.identity.domain.login import CodeNotRight
from services.identity.handlers import (
    assistance,
    children,
    contacts,
    leaving,
    ledger,
    login,
    recoveries,
    roles,
    sessions,
)
from services.identity.models import (
    Assistance,
    CorrectionRow,
    GrantRow,
    KeptFilter,
    LoginCode,
    Membership,
    PartyBadge,
    PersonRow,
    RealName,
    RegisterPerson,
    TotpFactor,
    WechatBinding,
)
from services.kit.uow import UnitOfWork

OWN_TABLES = (
    CorrectionRow,
    GrantRow,
    KeptFilter,
    Membership,
    PartyBadge,
    RealName,
    TotpFactor,
    WechatBinding,
)


def delete_me(
    uow: UnitOfWork,
    vault: Vault,
    cmd: DeleteMe,
    actor: Actor,
    clock: datetime,
    now: datetime,
    *,
    demo: bool,
) -> Empty:
    """Delete the actor's account, with a login code that was sent to its phone just now.

    A child's account is deleted by its guardian, with a code of the guardian's phone.

    Args:
        clock: real time, which codes and sessions run on.

    Raises:
        CodeNotRight: the code is not, or there is no phone to send one to.
        LastAdmin: see the domain.
        NotOnBehalf: by a helper who is not the guardian.
    """
    own = not actor.acted_by
    answering = repository.person(uow.session, children.answers_for(uow, actor))
    phone_index = answering.phone_index
    if phone_index is None:
        raise CodeNotRight("code")
    login.require_code(uow, vault, phone_index, cmd.code, clock, demo=demo)
    person = repository.person(uow.session, actor.person_id, lock=True)
    if own and person.phone_index != phone_index:
        raise CodeNotRight("code")  # the account has moved to another phone meanwhile
    roles.require_successors(uow, person.id)
    _delete(uow, person, clock, now)
    return Empty()


def delete_unreachable(uow: UnitOfWork, clock: datetime, now: datetime) -> int:
    """Delete accounts without a phone that have had no tie and no role for a month; how many.

    Nobody can log in to them, and their purpose is achieved (PIPL art. 47).
    """
    since = now - deletion.UNREACHABLE_KEPT
    tied = exists().where(
        Membership.person_id == PersonRow.id,
        or_(
            Membership.status.in_(("pending", "active")),
            Membership.ended_at > since,
            Membership.decided_at > since,
        ),
    )
    serves = exists().where(GrantRow.person_id == PersonRow.id, GrantRow.revoked_at.is_(None))
    people = uow.session.scalars(
        select(PersonRow)
        .where(
            PersonRow.phone_index.is_(None),
            PersonRow.deleted_at.is_(None),
            PersonRow.created_at <= since,
            not_(tied),
            not_(serves),
        )
        .order_by(PersonRow.id)
        .limit(20)
        .with_for_update(skip_locked=True)
    ).all()
    for person in people:
        _delete(uow, person, clock, now)
    return len(people)


def _delete(uow: UnitOfWork, person: PersonRow, clock: datetime, now: datetime) -> None:
    """End and forget it all; with a guardian goes the consent to her children's accounts."""
    for child in children.children_of(uow, person.id):
        _delete(uow, child, clock, now)
    _end(uow, person.id, clock, now)
    _forget(uow, person, now)
    uow.emit(PersonDeleted(person_id=person.id))


def _end(uow: UnitOfWork, person_id: str, clock: datetime, now: datetime) -> None:
    """End what lives, as if the person had ended it all one by one: everybody hears of it."""
    session = uow.session
    sessions.end_all(uow, person_id, "deleted", clock)
    recoveries.overtake(uow, person_id, now)
    assistance.end_for(uow, person_id, person_id, now)
    assistance.end_by(uow, person_id, person_id, now)
    for row in repository.memberships_of(session, person_id):
        if row.status in ("pending", "active"):
            community = repository.community(session, row.community_id)
            leaving.end(uow, row, community, "deleted", now, by=person_id)
    for grant in repository.live_grants(session, person_id):
        roles.end(uow, grant, person_id, now)
    for purpose in dict.fromkeys(row.purpose for row in ledger.standing(session, person_id)):
        ledger.close(uow, person_id, purpose, now)


def _forget(uow: UnitOfWork, person: PersonRow, now: datetime) -> None:
    session = uow.session
    session.flush()
    session.execute(delete(LoginCode).where(LoginCode.phone_index == person.phone_index))
    session.execute(delete(Assistance).where(Assistance.subject_id == person.id))
    recoveries.forget_phones(uow, person.id)
    contacts.forget(uow, person.id)
    for table in OWN_TABLES:
        session.execute(delete(table).where(table.person_id == person.id))
    session.execute(
        update(RegisterPerson).where(RegisterPerson.person_id == person.id).values(person_id=None)
    )
    person.phone_sealed = person.phone_index = None
    person.display_name = deletion.DELETED_NAME
    person.deleted_at = now
