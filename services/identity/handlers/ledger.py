"""The ledger of consents: lines are added and closed, never changed or taken out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.contracts.events import ConsentChanged
from services.contracts.ids import new_id
from services.identity.domain import consents
from services.identity.domain.consents import Given, Purpose
from services.identity.models import Consent
from services.kit.uow import UnitOfWork


def standing(session: Session, person_id: str) -> Sequence[Consent]:
    """The person's consents that nobody has withdrawn, the newest first."""
    return session.scalars(
        select(Consent)
        .where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id.desc())
    ).all()


def counts(session: Session, person_id: str, purpose: str) -> bool:
    """Whether the person consents to ``purpose`` now, in today's words."""
    return consents.counts(
        purpose, (Given(row.purpose, row.notice) for row in standing(session, person_id))
    )


def keep(
    uow: UnitOfWork,
    person_id: str,
    purposes: Iterable[Purpose],
    *,
    given_by: str,
    now: datetime,
    membership_id: str | None = None,
) -> list[Consent]:
    """Write down consents to purposes in today's words.

    Args:
        given_by: who said it: the person, or the helper who recorded it.
        membership_id: the request that they came with, if one did.
    """
    rows = []
    for purpose in purposes:
        row = Consent(
            id=new_id(),
            person_id=person_id,
            membership_id=membership_id,
            purpose=purpose.key,
            notice=purpose.current.version,
            given_at=now,
            given_by=given_by,
        )
        if not counts(uow.session, person_id, purpose.key):
            uow.emit(ConsentChanged(person_id=person_id, purpose=purpose.key, given=True))
        uow.session.add(row)
        uow.session.flush()
        rows.append(row)
    return rows


def close(uow: UnitOfWork, person_id: str, purpose: str, now: datetime) -> None:
    """Withdraw every consent to a purpose: who takes it back takes all of it back."""
    closed = uow.session.execute(
        update(Consent)
        .where(
            Consent.person_id == person_id,
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
        .returning(Consent.id)
    ).all()
    if closed:
        uow.emit(ConsentChanged(person_id=person_id, purpose=purpose, given=False))
