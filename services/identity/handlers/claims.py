"""Who somebody really is: claimed once per ID number or pseudonym, forgotten when no longer needed.

::

    name and ID number ──┐                         ┌─▶ sealed, found by the number's blind index
                         ├─▶ nobody else's, and    │
    network credential ──┘   not another than ─────┴─▶ the pseudonym's blind index alone
                             before
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.errors import Conflict, FieldError, Invalid
from services.contracts.operations.identity import (
    AssistRegistration,
    RegisterChild,
    RequestMembership,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import corrections, guardians, id_number, membership, names
from services.identity.domain.attempts import Limit
from services.identity.domain.id_number import IdNumber, IdNumberInvalid
from services.identity.handlers import attempts
from services.identity.models import CorrectionRow, RealName
from services.identity.verifier import CredentialRefused, Verifier
from services.kit.uow import UnitOfWork

MEMBERSHIP_OVER: Final = "您的社区成员关系已结束，平台不再保存您的姓名和证件号码"
LIMIT = Limit(failures=5, within=timedelta(hours=1), lock=timedelta(hours=1))


class IdTaken(Conflict):
    """One person, one account: the ID number or pseudonym belongs to another one."""

    code = "identity.id_taken"
    zh = "该证件或网络身份已绑定其他账号，如非本人操作请联系居委会"
    en = "This identity belongs to another account; please see the committee"


class IdentityDiffers(Conflict):
    """The account is bound to another name, ID number or pseudonym, or in the other way."""

    code = "identity.identity_differs"
    zh = "与本账号已登记的姓名、证件号码或网络身份不一致"
    en = "This account is bound to another name, ID number or network identity"


# What counts against the person: it may be somebody trying out other people's numbers.
_FAILURES = (IdNumberInvalid, CredentialRefused, IdTaken, IdentityDiffers)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says she is, as far as the register can be asked; nothing of it is kept here.

    ``name`` is what she gave, freely where a verifier vouches for her; ``birth_year`` and
    ``id_index`` are unknown then.
    """

    name: str | None
    birth_year: int | None = None
    id_index: str | None = None
    verified_by: str | None = None


def claim(
    uow: UnitOfWork,
    vault: Vault,
    verifier: Verifier,
    cmd: RequestMembership,
    person_id: str,
    today: date,
    now: datetime,
) -> Claim:
    """Bind the account to the person that the request names; nothing else may be written before.

    Five failures within an hour lock for an hour. A failure is counted although the call is
    refused; a mistyped name is none, because nothing can be found out by it.

    Raises:
        Locked: too many failures.
        IdNumberInvalid, RealNameInvalid: they cannot be right.
        CredentialRefused, VerifierAway, VerifierOff: see the verifier.
        GuardianNeeded: below 14.
        IdTaken, IdentityDiffers: one person, one account.
    """
    subject = f"real_name:{person_id}"
    attempts.require_open(uow, subject, now)
    try:
        if cmd.network_credential is not None:
            found = _by_verifier(uow, vault, verifier, cmd, person_id, now)
        else:
            found = by_number(uow, vault, cmd, person_id, today, now)
    except _FAILURES:
        attempts.failed(uow, subject, LIMIT, now)
        raise
    attempts.succeeded(uow, subject)
    return found


def forget(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Forget who somebody is, unless a membership still needs it (PIPL art. 19 and 47).

    At once, when the last membership has ended or was refused: what it was collected for is over,
    and a claim that was refused must not keep the number's true holder out. One person still has
    one account, because whoever wants to be a member again has to claim the number again. What
    she asked to have corrected goes with it: it holds a name or number, too.
    """
    if repository.has_live_membership(uow.session, person_id):
        return
    end_corrections(uow, CorrectionRow.person_id == person_id, MEMBERSHIP_OVER, None, now)
    known = uow.session.get(RealName, person_id)
    if known is not None:
        uow.session.delete(known)
        uow.session.flush()


def end_corrections(
    uow: UnitOfWork, whose: ColumnElement[bool], answer: str, by: str | None, now: datetime
) -> int:
    """End the corrections that wait, because nothing is left to correct or nobody to decide.

    The person reads ``answer``; how many there were.
    """
    waiting = uow.session.scalars(
        select(CorrectionRow)
        .where(whose, CorrectionRow.status == corrections.PENDING)
        .order_by(CorrectionRow.id)
        .with_for_update()
    ).all()
    for row in waiting:
        close_correction(row, corrections.REFUSED, answer, by, now)
    uow.session.flush()
    return len(waiting)


def close_correction(
    row: CorrectionRow, status: str, answer: str | None, by: str | None, now: datetime
) -> None:
    """The one way out of waiting: what was asked for is forgotten with it."""
    row.status, row.answer, row.new_sealed = status, answer, None
    row.decided_at, row.decided_by = now, by


def read(
    cmd: RequestMembership | AssistRegistration | RegisterChild,
    today: date,
    *,
    of_child: bool = False,
) -> tuple[str, IdNumber]:
    """Name and number, as far as they can be judged by themselves.

    Args:
        of_child: a guardian answers for whoever it is.

    Raises:
        IdNumberInvalid, RealNameInvalid: they cannot be right.
        GuardianNeeded, NotAChild: below 14 without a guardian, and not with one.
    """
    if not (cmd.real_name and cmd.id_number):
        raise Invalid(errors=[FieldError("id_number", "请填写姓名和证件号码")])
    name = names.real_name(cmd.real_name)
    number = id_number.parse(cmd.id_number, today)
    (guardians.require_child if of_child else membership.require_age)(number, today)
    return name, number


def by_number(
    uow: UnitOfWork,
    vault: Vault,
    cmd: RequestMembership | AssistRegistration | RegisterChild,
    person_id: str,
    today: date,
    now: datetime,
    *,
    of_child: bool = False,
) -> Claim:
    """Bind the account to a name and number; failures are not counted here, see :func:`claim`."""
    name, number = read(cmd, today, of_child=of_child)
    id_index = vault.index("id_number", number.text)
    values = _sealed(vault, person_id, name, number)
    if not _inserted(uow, person_id, given_at=now, id_index=id_index, **values):
        mine = _mine(uow, person_id)
        if mine.id_index != id_index or mine.name_sealed is None:
            raise IdentityDiffers()
        known = vault.open(mine.name_sealed, purpose="real_name.name", owner=person_id)
        if names.name_key(known) != names.name_key(name):
            raise IdentityDiffers()
    return Claim(name, number.birth.year, id_index)


def real_name(vault: Vault, known: RealName | None) -> str | None:
    """The name that somebody gave, in the open; None where none is held (网号)."""
    if known is None or known.name_sealed is None:
        return None
    return vault.open(known.name_sealed, purpose="real_name.name", owner=known.person_id)


def _sealed(vault: Vault, person_id: str, name: str, number: IdNumber) -> dict[str, Any]:
    return {
        "name_sealed": vault.seal(name, purpose="real_name.name", owner=person_id),
        "id_number_sealed": vault.seal(number.text, purpose="real_name.id_number", owner=person_id),
        "birth_year": number.birth.year,
    }


def _by_verifier(
    uow: UnitOfWork,
    vault: Vault,
    verifier: Verifier,
    cmd: RequestMembership,
    person_id: str,
    now: datetime,
) -> Claim:
    """Whom the verifier vouches for; name and number are not kept (公安部令第173号, art. 7)."""
    if cmd.id_number:
        raise Invalid(errors=[FieldError("id_number", "使用网络身份认证时无需填写证件号码")])
    name = names.real_name(cmd.real_name) if cmd.real_name else None
    pseudonym = verifier.verify(cmd.network_credential or "")
    index = vault.index("pseudonym", f"{verifier.name}\0{pseudonym}")
    proof = {"pseudonym_index": index, "verified_by": verifier.name, "verified_at": now}
    new = _inserted(uow, person_id, given_at=now, **proof)
    if not new and _mine(uow, person_id).pseudonym_index != index:
        raise IdentityDiffers()
    return Claim(name, verified_by=verifier.name)


def _inserted(uow: UnitOfWork, person_id: str, **values: Any) -> bool:
    """Whether the claim is new. Waits for a concurrent one of the same number: one of two loses."""
    statement = insert(RealName).values(person_id=person_id, **values).on_conflict_do_nothing()
    return uow.session.execute(statement.returning(RealName.person_id)).first() is not None


def _mine(uow: UnitOfWork, person_id: str) -> RealName:
    """What the account is bound to already; without it the number is somebody else's."""
    mine = uow.session.get(RealName, person_id)
    if mine is None:
        raise IdTaken()
    return mine
