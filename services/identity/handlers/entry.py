"""The person who may log in: held, and asked once more for what lets her in.

::

    log-in       proof read ──▶ person held ──▶ proof read again ──▶ factor ──▶ session
    moved, deleted, recovered,
    a factor confirmed          person held ──▶ changed ──▶ every session ended

Whatever ends the sessions of a person holds her row while it does. So a log-in that overlaps it
comes either before, and its session is ended with the others, or after, and is refused.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, select

from services.identity import repository
from services.identity.crypto import Vault
from services.identity.handlers import totp
from services.identity.models import PersonRow, WechatBinding
from services.kit.uow import UnitOfWork


class Entrant(NamedTuple):
    """Somebody who may log in now; ``showed_factor`` is what her session will remember."""

    person: PersonRow
    showed_factor: bool


def by_phone(index: str) -> ColumnElement[bool]:
    """The proof of whoever has shown the code of a phone: the phone is hers."""
    return PersonRow.phone_index == index


def by_wechat(index: str) -> ColumnElement[bool]:
    """The proof of whoever has shown a WeChat account: it is bound to her."""
    return exists().where(
        WechatBinding.openid_index == index, WechatBinding.person_id == PersonRow.id
    )


def known(uow: UnitOfWork, proof: ColumnElement[bool]) -> str | None:
    """Whose proof it is at the moment, if anybody's."""
    return uow.session.scalar(select(PersonRow.id).where(proof, PersonRow.deleted_at.is_(None)))


def admit(
    uow: UnitOfWork,
    vault: Vault,
    person_id: str,
    proof: ColumnElement[bool],
    code: str | None,
    clock: datetime,
) -> Entrant | None:
    """The person, held until the commit; None when the proof is hers no more.

    Args:
        code: the second factor.

    Raises:
        TotpRequired, TotpWrong, Locked: see :func:`services.identity.handlers.totp.require`.
    """
    repository.hold(uow.session, person_id)
    # a statement of its own: it sees what was committed while the one above waited
    if known(uow, proof) != person_id:
        return None
    showed = totp.require(uow, vault, person_id, code, clock)
    return Entrant(repository.person(uow.session, person_id, lock=True), showed)
