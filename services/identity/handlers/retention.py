"""Forgetting what has had its time (:mod:`services.identity.domain.retention`), piece by piece."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, inspect, not_, select, update
from sqlalchemy.orm import Session

from services.identity.domain.retention import RULES
from services.identity.models import (
    AccessLogRow,
    Assistance,
    Base,
    Consent,
    CorrectionRow,
    GrantRow,
    ImpactAssessment,
    ImportRecord,
    Membership,
    ObserverReads,
    PhoneRecovery,
    RegisterPerson,
)
from services.kit import logs, metrics
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

PIECE = 500  # rows of one rule in one transaction

Old = Callable[[datetime], ColumnElement[bool]]


def _entry_has_had_its_time(until: datetime) -> ColumnElement[bool]:
    """Whoever was let in by an entry, or looked at it, still points at it."""
    return and_(
        RegisterPerson.ended_at < until,
        not_(exists().where(Membership.register_id == RegisterPerson.id)),
        not_(exists().where(AccessLogRow.register_id == RegisterPerson.id)),
    )


# Rule -> the rows that it is about, and which of them are older than a time.
OLD: dict[str, tuple[type[Base], Old]] = {
    "refused_memberships": (
        Membership,
        lambda until: and_(Membership.status == "refused", Membership.decided_at < until),
    ),
    "ended_memberships": (
        Membership,
        lambda until: and_(Membership.status == "ended", Membership.ended_at < until),
    ),
    "ended_roles": (GrantRow, lambda until: GrantRow.revoked_at < until),
    "ended_assistances": (Assistance, lambda until: Assistance.ended_at < until),
    "withdrawn_consents": (Consent, lambda until: Consent.withdrawn_at < until),
    "phone_recoveries": (PhoneRecovery, lambda until: PhoneRecovery.ended_at < until),
    "corrections": (CorrectionRow, lambda until: CorrectionRow.decided_at < until),
    "access_log": (AccessLogRow, lambda until: AccessLogRow.at < until),
    "observer_reads": (ObserverReads, lambda until: ObserverReads.told_at < until),
    "ended_register_entries": (RegisterPerson, _entry_has_had_its_time),
    "impact_assessments": (ImpactAssessment, lambda until: ImpactAssessment.review_at < until),
}


def retain(uow: UnitOfWork, now: datetime) -> int:
    """Forget a piece of what every rule has to do with; how many rows there were."""
    done = 0
    for key, (table, old) in OLD.items():
        done += _count(key, _delete(uow.session, table, old(RULES[key].until(now))))
    until = RULES["import_reports"].until(now)
    return done + _count("import_reports", _empty_reports(uow.session, until))


def _delete(session: Session, table: type[Base], old: ColumnElement[bool]) -> int:
    key: Any = inspect(table).primary_key[0]
    picked = session.scalars(
        select(key).where(old).limit(PIECE).with_for_update(skip_locked=True, of=table)
    ).all()
    if picked:
        session.execute(
            delete(table).where(key.in_(picked)).execution_options(synchronize_session=False)
        )
    return len(picked)


def _empty_reports(session: Session, until: datetime) -> int:
    """The import itself stays, for entries of the register point at it.

    A town's import is undone by its report, and its report names nobody's data.
    """
    emptied = session.execute(
        update(ImportRecord)
        .where(ImportRecord.kind == "register", ImportRecord.at < until, ImportRecord.report != {})
        .values(report={})
        .returning(ImportRecord.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(emptied)


def _count(rule: str, rows: int) -> int:
    if rows:
        metrics.FORGOTTEN.labels(rule).inc(rows)
        log.info("forgotten, its time is over", rule=rule, rows=rows)
    return rows
