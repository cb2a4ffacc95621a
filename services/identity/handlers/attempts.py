"""Counting failed attempts, and refusing more of them for a while.

::

    attempts.require_open(uow, subject, now)        # before anything is written
    if not right:
        attempts.failed(uow, subject, LIMIT, now)   # commits the count; Locked, if it was the last
        raise Wrong()
    attempts.succeeded(uow, subject)

``now`` is the real clock or business time, as the caller's rule runs; for one subject always the
same of the two.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.identity.domain import attempts
from services.identity.domain.attempts import Attempts, Limit
from services.identity.models import AttemptLock
from services.kit.uow import UnitOfWork


def require_open(uow: UnitOfWork, subject: str, now: datetime) -> None:
    """Hold ``subject`` until the transaction ends, so that attempts at once queue up.

    Raises:
        Locked: it failed too often; ``retry_after`` says when it is open again.
    """
    # a lock of its own and no row: whoever never fails leaves no trace
    key = func.hashtextextended(f"attempts {subject}", 0)
    uow.session.execute(select(func.pg_advisory_xact_lock(key)))
    attempts.require_open(_known(uow.session, subject), now)


def failed(uow: UnitOfWork, subject: str, limit: Limit, now: datetime) -> None:
    """Count a failure and commit it, as the call is about to be refused: nothing else may have
    been written by then.

    Raises:
        Locked: it was the last that is allowed.
    """
    after = attempts.failed(_known(uow.session, subject), limit, now)
    row = {
        "failures": after.failures,
        "first_at": after.first_at,
        "locked_until": after.locked_until,
    }
    uow.session.execute(
        insert(AttemptLock)
        .values(subject=subject, **row)
        .on_conflict_do_update(index_elements=["subject"], set_=row)
    )
    uow.commit()
    attempts.require_open(after, now)


def succeeded(uow: UnitOfWork, subject: str) -> None:
    """Forget the failures of ``subject``."""
    uow.session.execute(delete(AttemptLock).where(AttemptLock.subject == subject))


def _known(session: Session, subject: str) -> Attempts | None:
    row = session.execute(
        select(AttemptLock.failures, AttemptLock.first_at, AttemptLock.locked_until).where(
            AttemptLock.subject == subject
        )
    ).first()
    return None if row is None else Attempts(row.failures, row.first_at, row.locked_until)
