"""The second factor: enrolled, confirmed, asked for, given up."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import (
    ConfirmTotp,
    RecoveryCodes,
    RemoveTotp,
    TotpSecret,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import totp
from services.identity.handlers import attempts, sessions
from services.identity.models import TotpFactor
from services.kit.uow import UnitOfWork


def enrol_totp(uow: UnitOfWork, vault: Vault, actor: Actor, clock: datetime) -> TotpSecret:
    """A new secret, in place of one that was never confirmed.

    Raises:
        TotpEnrolled: a confirmed factor is there.
    """
    person = repository.person(uow.session, actor.person_id)
    secret = totp.new_secret()
    fresh = {
        "secret_sealed": vault.seal(secret, purpose="totp.secret", owner=person.id),
        "created_at": clock,
        "confirmed_at": None,
        "last_step": 0,
        "recovery_hashes": [],
    }
    kept = uow.session.execute(
        insert(TotpFactor)
        .values(person_id=person.id, **fresh)
        .on_conflict_do_update(
            index_elements=["person_id"], set_=fresh, where=TotpFactor.confirmed_at.is_(None)
        )
        .returning(TotpFactor.person_id)
    ).first()
    if kept is None:
        raise totp.TotpEnrolled()
    return TotpSecret(secret=secret, otpauth_url=totp.address(secret, person.display_name))


def confirm_totp(
    uow: UnitOfWork, cmd: ConfirmTotp, vault: Vault, actor: Actor, clock: datetime
) -> RecoveryCodes:
    """The factor counts from now on; the other sessions, which never showed it, end.

    Raises:
        TotpNotEnrolled: there is no secret to confirm.
        TotpEnrolled: it is confirmed already.
        TotpCodeInvalid, Locked: the digits are wrong, or were five times.
    """
    repository.person(uow.session, actor.person_id, lock=True)  # in the order of a log-in
    attempts.require_open(uow, _subject(actor.person_id), clock)
    factor = _factor(uow, actor.person_id)
    if factor is None:
        raise totp.TotpNotEnrolled()
    if factor.confirmed_at is not None:
        raise totp.TotpEnrolled()
    step = totp.step_of(_secret(vault, factor), cmd.code, clock, factor.last_step)
    if step is None:
        _count(uow, actor.person_id, clock)
        raise totp.TotpCodeInvalid()
    codes = totp.new_recovery_codes()
    factor.confirmed_at, factor.last_step = clock, step
    factor.recovery_hashes = [totp.recovery_hash(code) for code in codes]
    attempts.succeeded(uow, _subject(actor.person_id))
    sessions.mark_factor_shown(uow, actor.session_id, clock)
    sessions.end_all(uow, actor.person_id, "totp_enrolled", clock, besides=actor.session_id)
    return RecoveryCodes(codes=codes)


def remove_totp(
    uow: UnitOfWork, cmd: RemoveTotp, vault: Vault, actor: Actor, clock: datetime
) -> Empty:
    """Give the factor up; where an office asks for one, the office waits from the next token on.

    Raises:
        TotpNotEnrolled: there is none.
        TotpCodeInvalid, Locked: the code is wrong, or was five times.
    """
    attempts.require_open(uow, _subject(actor.person_id), clock)
    factor = _factor(uow, actor.person_id)
    if factor is None or factor.confirmed_at is None:
        raise totp.TotpNotEnrolled()
    if not _spend(vault, factor, cmd.code, clock):
        _count(uow, actor.person_id, clock)
        raise totp.TotpCodeInvalid()
    attempts.succeeded(uow, _subject(actor.person_id))
    forget(uow, actor.person_id)
    return Empty()


def require(
    uow: UnitOfWork, vault: Vault, person_id: str, code: str | None, clock: datetime
) -> bool:
    """Let somebody in who has shown the first factor: the second one's turn, if there is one.

    Returns:
        Whether there is one, and it was shown.

    Raises:
        TotpRequired: she has one and gave no code.
        TotpWrong, Locked: the code is wrong, or was five times.
    """
    if not repository.has_factor(uow.session, person_id):
        return False
    if not code:
        raise totp.TotpRequired()
    attempts.require_open(uow, _subject(person_id), clock)
    factor = _factor(uow, person_id)
    if factor is None or factor.confirmed_at is None:
        return False  # given up while we waited for our turn
    if not _spend(vault, factor, code, clock):
        _count(uow, person_id, clock)
        raise totp.TotpWrong()
    attempts.succeeded(uow, _subject(person_id))
    return True


def forget(uow: UnitOfWork, person_id: str) -> None:
    """The person has no second factor any more."""
    uow.session.flush()
    uow.session.execute(delete(TotpFactor).where(TotpFactor.person_id == person_id))


def _spend(vault: Vault, factor: TotpFactor, code: str, clock: datetime) -> bool:
    """Whether ``code`` is right; it is not right again."""
    step = totp.step_of(_secret(vault, factor), code, clock, factor.last_step)
    if step is not None:
        factor.last_step = step
        return True
    digest = totp.recovery_hash(code)
    if digest not in factor.recovery_hashes:
        return False
    factor.recovery_hashes = [h for h in factor.recovery_hashes if h != digest]
    return True


def _factor(uow: UnitOfWork, person_id: str) -> TotpFactor | None:
    """The factor as it is now, held until the commit: a code that comes twice counts once."""
    return uow.session.scalars(
        select(TotpFactor)
        .where(TotpFactor.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _secret(vault: Vault, factor: TotpFactor) -> str:
    return vault.open(factor.secret_sealed, purpose="totp.secret", owner=factor.person_id)


def _count(uow: UnitOfWork, person_id: str, clock: datetime) -> None:
    attempts.failed(uow, _subject(person_id), totp.LIMIT, clock)


def _subject(person_id: str) -> str:
    return f"totp:{person_id}"
