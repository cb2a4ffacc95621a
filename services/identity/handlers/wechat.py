"""Logging in by WeChat, binding a WeChat account to a person, and letting it go."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.errors import Conflict, FieldError, Invalid
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import LoginByWechat, WechatLogin
from services.identity.crypto import Vault
from services.identity.handlers import entry, sessions
from services.identity.handlers.sessions import Desk
from services.identity.models import WechatBinding, WechatTicket
from services.identity.wechat import Wechat
from services.kit.uow import UnitOfWork

TICKET_LIFETIME = timedelta(minutes=10)


class WechatTicketInvalid(Invalid):
    """The ticket is unknown, was used, or is older than ten minutes."""

    code = "identity.wechat_ticket_invalid"
    zh, en = "微信授权已过期，请重新授权", "The WeChat ticket is no longer valid"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("wechat_ticket", self.zh)])


class WechatTaken(Conflict):
    """The WeChat account logs in another person; whom, is not told."""

    code = "identity.wechat_taken"
    zh, en = "这个微信已绑定其他账号", "This WeChat account is bound to another person"


class WechatBound(Conflict):
    """The person logs in with another WeChat account; that one is let go first."""

    code = "identity.wechat_bound"
    zh, en = "您的账号已绑定其他微信，请先解绑", "Your account is bound to another WeChat account"


def login_by_wechat(
    uow: UnitOfWork, cmd: LoginByWechat, vault: Vault, wechat: Wechat, desk: Desk
) -> WechatLogin:
    """Tokens for the person bound to the WeChat account; otherwise a ticket to bind it.

    WeChat is asked before the first row is read, so that a slow answer holds nothing up.

    Raises:
        WechatOff, WechatCodeWrong, Unavailable: see :mod:`services.identity.wechat`.
        TotpRequired, TotpWrong, Locked: the second factor is asked for here, too.
    """
    index = vault.index("wechat.openid", wechat.openid(cmd.code))
    session = uow.session
    proof = entry.by_wechat(index)
    person_id = entry.known(uow, proof)
    if person_id is not None:
        entrant = entry.admit(uow, vault, person_id, proof, cmd.totp, desk.clock)
        if entrant is not None:
            person, showed = entrant
            return WechatLogin(tokens=sessions.begin(uow, desk, person, showed_factor=showed))
    ticket = secrets.token_urlsafe(32)
    session.add(
        WechatTicket(
            ticket_hash=_hash(ticket),
            openid_index=index,
            expires_at=desk.clock + TICKET_LIFETIME,
        )
    )
    return WechatLogin(ticket=ticket)


def bind(uow: UnitOfWork, person_id: str, ticket: str, clock: datetime) -> None:
    """Bind the WeChat account behind a ticket to a person; the ticket is used up.

    Raises:
        WechatTicketInvalid, WechatTaken, WechatBound: see there.
    """
    session = uow.session
    index = session.scalar(
        delete(WechatTicket)
        .where(WechatTicket.ticket_hash == _hash(ticket), WechatTicket.expires_at > clock)
        .returning(WechatTicket.openid_index)
    )
    if index is None:
        raise WechatTicketInvalid()
    session.execute(
        insert(WechatBinding)
        .values(openid_index=index, person_id=person_id, bound_at=clock)
        .on_conflict_do_nothing()
    )
    owner = session.scalar(
        select(WechatBinding.person_id).where(WechatBinding.openid_index == index)
    )
    if owner is None:
        raise WechatBound()
    if owner != person_id:
        raise WechatTaken()


def unbind_wechat(uow: UnitOfWork, actor: Actor) -> Empty:
    """Log in by WeChat no more."""
    forget(uow, actor.person_id)
    return Empty()


def forget(uow: UnitOfWork, person_id: str) -> None:
    """No WeChat account logs the person in any more."""
    uow.session.execute(delete(WechatBinding).where(WechatBinding.person_id == person_id))


def _hash(ticket: str) -> str:
    """What is kept of a ticket; it is random, so a plain hash cannot be tried out."""
    return hashlib.sha256(ticket.encode()).hexdigest()
