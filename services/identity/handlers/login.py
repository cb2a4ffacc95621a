"""Logging in by phone code.

``clock`` arguments are real time: see :mod:`services.identity.domain.login`. What must be kept
although the call is refused (a counted try) is committed before the error.
"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.events import PersonRegistered
from services.contracts.ids import new_id
from services.contracts.operations.identity import CodeSent, CreateToken, RequestCode, Tokens
from services.identity.crypto import Vault
from services.identity.domain import login, names
from services.identity.handlers import entry, messages, sessions, wechat
from services.identity.handlers.sessions import Desk
from services.identity.models import (
    AttemptLock,
    LoginCode,
    PersonRow,
    SessionRow,
    WechatTicket,
)
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

_KEEP_ENDED = timedelta(days=7)
_KEEP_FAILURES = timedelta(days=1)


def request_code(
    uow: UnitOfWork, cmd: RequestCode, vault: Vault, clock: datetime, *, demo: bool
) -> CodeSent:
    """Send a code, unless one went out within the last minute, or ten unused ones did today and
    one within the last hour.

    The answer is always the same, and so is the work: nobody is looked up. In the demo no message
    is sent: its one code is known to everybody.
    """
    phone = names.phone(cmd.phone)
    answer = CodeSent(expires_in=int(login.CODE_LIFETIME.total_seconds()))
    if demo:
        return answer
    code = login.new_code()
    index = vault.index("phone", phone)
    today = login.day_of(clock)
    fresh = {
        "code_hash": _code_hash(vault, index, code),
        "tries": 0,
        "sent_at": clock,
        "expires_at": clock + login.CODE_LIFETIME,
        "used_at": None,
        "day": today,
    }
    same_day = LoginCode.day == today
    sent = uow.session.execute(
        # one statement, so that two wishes at once cannot both send
        insert(LoginCode)
        .values(phone_index=index, sent_today=1, **fresh)
        .on_conflict_do_update(
            index_elements=["phone_index"],
            set_={**fresh, "sent_today": case((same_day, LoginCode.sent_today + 1), else_=1)},
            where=and_(
                or_(
                    LoginCode.sent_at <= clock - login.RESEND_AFTER, LoginCode.used_at.is_not(None)
                ),
                or_(
                    LoginCode.day.is_(None),
                    LoginCode.day != today,
                    LoginCode.sent_today < login.CODES_A_DAY,
                    LoginCode.sent_at <= clock - login.PAST_THEM_EVERY,
                ),
            ),
        )
        .returning(LoginCode.phone_index)
    ).first()
    if sent is not None:
        message = login.code_message(code)
        messages.queue(uow, vault, phone, message, clock, useful=login.CODE_LIFETIME)
    else:
        log.info("login code not sent: too soon, or too many today")
    return answer


def create_token(
    uow: UnitOfWork, cmd: CreateToken, vault: Vault, desk: Desk, *, demo: bool
) -> Tokens:
    """Log in with the code; the first log-in of a phone registers the person.

    A right code is not used up as long as the second factor is missing or wrong.

    Raises:
        CodeWrong: the code is wrong, used, run out, or was tried five times; or the phone left
            the account in this very moment.
        TotpRequired, TotpWrong, Locked: see :func:`services.identity.handlers.totp.require`.
        WechatTicketInvalid, WechatTaken, WechatBound: see
            :func:`services.identity.handlers.wechat.bind`.
    """
    phone = names.phone(cmd.phone)
    index = vault.index("phone", phone)
    if not try_code(uow, vault, index, cmd.code, desk.clock, demo=demo):
        raise login.CodeWrong()
    proof = entry.by_phone(index)
    person_id = entry.known(uow, proof) or _register(uow, vault, phone, index, desk.now)
    entrant = entry.admit(uow, vault, person_id, proof, cmd.totp, desk.clock)
    if entrant is None:
        raise login.CodeWrong()  # the phone has left the account meanwhile
    use_code(uow, index, desk.clock)
    if cmd.wechat_ticket:
        wechat.bind(uow, person_id, cmd.wechat_ticket, desk.clock)
    return sessions.begin(uow, desk, entrant.person, showed_factor=entrant.showed_factor)


def try_code(
    uow: UnitOfWork, vault: Vault, index: str, code: str, clock: datetime, *, demo: bool
) -> bool:
    """Whether ``code`` is the phone's; a wrong one counts as a try, and that is committed.

    A right one holds the row, and is good until :func:`use_code`. In the demo its one code is
    right for every phone, any number of times.
    """
    if demo and _same(code, login.DEMO_CODE):
        return True
    tried = uow.session.execute(
        update(LoginCode)
        .where(
            LoginCode.phone_index == index,
            LoginCode.used_at.is_(None),
            LoginCode.tries < login.CODE_TRIES,
            LoginCode.expires_at > clock,
        )
        .values(tries=LoginCode.tries + 1)
        .returning(LoginCode.code_hash)
    ).scalar()
    digest = _code_hash(vault, index, code)
    if tried is not None and _same(tried, digest):
        return True
    uow.commit()  # the try counts although the call is refused
    return False


def use_code(uow: UnitOfWork, index: str, clock: datetime) -> None:
    """The phone's code has done its work, and does not count against those of the day."""
    uow.session.execute(
        update(LoginCode)
        .where(LoginCode.phone_index == index)
        .values(used_at=clock, sent_today=func.greatest(LoginCode.sent_today - 1, 0))
    )


def require_code(
    uow: UnitOfWork,
    vault: Vault,
    index: str,
    code: str,
    clock: datetime,
    *,
    field: str = "code",
    demo: bool,
) -> None:
    """Somebody who is logged in shows a fresh code; see :func:`try_code`.

    Raises:
        CodeNotRight: it is wrong, used, run out, or was tried five times.
    """
    if not try_code(uow, vault, index, code, clock, demo=demo):
        raise login.CodeNotRight(field)


def _register(uow: UnitOfWork, vault: Vault, phone: str, index: str, now: datetime) -> str:
    """The id of the account that is made; or of one that was made with the phone meanwhile."""
    session = uow.session
    person_id = new_id()
    new = session.execute(
        insert(PersonRow)
        .values(
            id=person_id,
            phone_sealed=vault.seal(phone, purpose="person.phone", owner=person_id),
            phone_index=index,
            display_name=names.first_display_name(person_id),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["phone_index"])
        .returning(PersonRow.id)
    ).first()
    if new is not None:
        uow.emit(PersonRegistered(person_id=person_id))
    return session.scalars(select(PersonRow.id).where(PersonRow.phone_index == index)).one()


def sweep(uow: UnitOfWork, clock: datetime) -> int:
    """Forget what has run out: codes, tickets, failures, sessions that ended a week ago.

    A code stays until its day is over, for it counts how many went out.
    """
    codes = uow.session.execute(
        delete(LoginCode)
        .where(
            LoginCode.expires_at < clock,
            or_(LoginCode.day.is_(None), LoginCode.day < login.day_of(clock)),
        )
        .returning(LoginCode.phone_index)
    ).all()
    tickets = uow.session.execute(
        delete(WechatTicket)
        .where(WechatTicket.expires_at < clock)
        .returning(WechatTicket.ticket_hash)
    ).all()
    failures = uow.session.execute(
        delete(AttemptLock)
        .where(
            AttemptLock.first_at < clock - _KEEP_FAILURES,
            or_(AttemptLock.locked_until.is_(None), AttemptLock.locked_until < clock),
        )
        .returning(AttemptLock.subject)
    ).all()
    ended = uow.session.execute(
        delete(SessionRow)
        .where(
            or_(
                SessionRow.expires_at < clock - _KEEP_ENDED,
                SessionRow.revoked_at < clock - _KEEP_ENDED,
            )
        )
        .returning(SessionRow.id)
    ).all()
    return len(codes) + len(tickets) + len(failures) + len(ended)


def _code_hash(vault: Vault, phone_index: str, code: str) -> str:
    return vault.index("login_code", f"{phone_index}:{code}")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
