"""Giving an account another phone, and who has a phone already."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.contracts.events import PersonDeleted
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import recovery
from services.identity.domain.contacts import SMS
from services.identity.handlers import contacts, sessions, totp, wechat
from services.identity.models import PersonRow
from services.kit.uow import UnitOfWork


def move(uow: UnitOfWork, vault: Vault, person: PersonRow, phone: str) -> None:
    """Give the account another phone.

    Raises:
        PhoneTaken: it is somebody's.
    """
    session = uow.session
    index = vault.index("phone", phone)
    if session.scalar(select(PersonRow.id).where(PersonRow.phone_index == index)) is not None:
        raise recovery.PhoneTaken()
    try:
        with session.begin_nested():
            person.phone_sealed = vault.seal(phone, purpose="person.phone", owner=person.id)
            person.phone_index = index
            session.flush()
    except IntegrityError:  # somebody registered with it meanwhile
        session.refresh(person)
        raise recovery.PhoneTaken() from None
    contacts.revoke(uow, person.id, SMS)  # she chose to be told on the other one


def make_room(uow: UnitOfWork, index: str, clock: datetime, now: datetime) -> None:
    """An account without a name, a home or an office gives the number up.

    Whoever waits with a new phone often tries to log in with it, and so registers as somebody new.
    """
    session = uow.session
    holder = holder_of(session, index, lock=True)
    if holder is None:
        return
    if not repository.is_blank(session, holder.id):
        raise recovery.PhoneTaken()
    holder.phone_sealed = holder.phone_index = None
    holder.deleted_at = now
    totp.forget(uow, holder.id)
    wechat.forget(uow, holder.id)
    contacts.forget(uow, holder.id)
    sessions.end_all(uow, holder.id, "phone_recovered", clock)
    uow.emit(PersonDeleted(person_id=holder.id))
    session.flush()


def holder_of(session: Session, index: str, *, lock: bool = False) -> PersonRow | None:
    """Who logs in with a phone, by its blind index."""
    query = select(PersonRow).where(PersonRow.phone_index == index)
    return session.scalars(query.with_for_update() if lock else query).first()
