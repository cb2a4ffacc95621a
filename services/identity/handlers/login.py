"""Logging in by phone code, and sessions whose refresh tokens work once.

``clock`` arguments are real time: see :mod:`services.identity.domain.login`. What must be kept
although the call is refused (a counted try, a revoked family) is committed before the error.
"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import Actor
from services.contracts.events import PersonRegistered, SessionRevoked
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import (
    CodeSent,
    CreateToken,
    Person,
    RefreshToken,
    RequestCode,
    Tokens,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import login, names
from services.identity.domain.roles import token_grants
from services.identity.models import (
    LoginCode,
    PersonRow,
    RefreshTokenRow,
    SessionRow,
    SmsMessage,
)
from services.identity.sms import SmsSink
from services.identity.tokens import (
    ACCESS_SECONDS,
    TokenIssuer,
    new_refresh_token,
    refresh_hash,
)
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

_KEEP_ENDED = timedelta(days=7)
_RETRY_SMS = timedelta(seconds=2)


def request_code(
    uow: UnitOfWork, cmd: RequestCode, vault: Vault, clock: datetime, *, demo: bool
) -> CodeSent:
    """Send a code, unless one went out within the last minute; the answer is always the same.

    In the demo no message is sent: its one code is known to everybody.
    """
    phone = names.phone(cmd.phone)
    answer = CodeSent(expires_in=int(login.CODE_LIFETIME.total_seconds()))
    if demo:
        return answer
    code = login.new_code()
    index = vault.index("phone", phone)
    fresh = {
        "code_hash": _code_hash(vault, index, code),
        "tries": 0,
        "sent_at": clock,
        "expires_at": clock + login.CODE_LIFETIME,
        "used_at": None,
    }
    statement = insert(LoginCode).values(phone_index=index, **fresh)
    sent = uow.session.execute(
        # one statement, so that two wishes at once cannot both send
        statement.on_conflict_do_update(
            index_elements=["phone_index"],
            set_=fresh,
            where=or_(
                LoginCode.sent_at <= clock - login.RESEND_AFTER, LoginCode.used_at.is_not(None)
            ),
        ).returning(LoginCode.phone_index)
    ).first()
    if sent is not None:
        _queue_sms(uow, vault, phone, login.sms_text(code), clock)
    return answer


def _queue_sms(uow: UnitOfWork, vault: Vault, phone: str, words: str, clock: datetime) -> None:
    message_id = new_id()
    uow.session.add(
        SmsMessage(
            id=message_id,
            phone_sealed=vault.seal(phone, purpose="sms.phone", owner=message_id),
            text_sealed=vault.seal(words, purpose="sms.text", owner=message_id),
            due_at=clock,
            expires_at=clock + login.CODE_LIFETIME,
            tries=0,
        )
    )


def send_message(uow: UnitOfWork, vault: Vault, sink: SmsSink, clock: datetime) -> int:
    """Send the message that waits longest; how many were handled (0 or 1).

    A message that cannot be delivered is tried again at growing intervals, until its code has
    run out.
    """
    session = uow.session
    message = session.scalars(
        select(SmsMessage)
        .where(SmsMessage.due_at <= clock)
        .order_by(SmsMessage.due_at, SmsMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if message is None:
        return 0
    if message.expires_at <= clock:
        log.warning("text message given up", message_id=message.id, tries=message.tries)
        session.delete(message)
        return 1
    try:
        sink.send(
            vault.open(message.phone_sealed, purpose="sms.phone", owner=message.id),
            vault.open(message.text_sealed, purpose="sms.text", owner=message.id),
            message.id,
        )
    except OSError as error:
        log.warning("text message not sent", message_id=message.id, error=type(error).__name__)
        message.tries += 1
        message.due_at = clock + _RETRY_SMS * 2 ** min(message.tries, 6)
    else:
        session.delete(message)
    return 1


def create_token(
    uow: UnitOfWork,
    cmd: CreateToken,
    vault: Vault,
    issuer: TokenIssuer,
    clock: datetime,
    now: datetime,
    *,
    demo: bool,
) -> Tokens:
    """Log in with the code; the first log-in of a phone registers the person.

    Raises:
        CodeWrong: the code is wrong, used, run out, or was tried five times.
    """
    phone = names.phone(cmd.phone)
    index = vault.index("phone", phone)
    if not (demo and _same(cmd.code, login.DEMO_CODE)):
        _spend_code(uow, vault, index, cmd.code, clock)
    person = _person_of(uow, vault, phone, index, now)
    session = SessionRow(
        id=new_id(),
        person_id=person.id,
        created_at=clock,
        expires_at=clock + login.SESSION_LIFETIME,
    )
    uow.session.add(session)
    uow.session.flush()
    return _tokens(uow, issuer, person, session.id, clock, now)


def _spend_code(uow: UnitOfWork, vault: Vault, index: str, code: str, clock: datetime) -> None:
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
    if tried is None:
        raise login.CodeWrong()
    if not _same(tried, _code_hash(vault, index, code)):
        uow.commit()  # the try counts although the call is refused
        raise login.CodeWrong()
    uow.session.execute(
        update(LoginCode).where(LoginCode.phone_index == index).values(used_at=clock)
    )


def _person_of(uow: UnitOfWork, vault: Vault, phone: str, index: str, now: datetime) -> PersonRow:
    session = uow.session
    by_phone = select(PersonRow).where(PersonRow.phone_index == index)
    known = session.scalars(by_phone).first()
    if known is not None:
        return known
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
    return session.scalars(by_phone).one()


def refresh_token(
    uow: UnitOfWork, cmd: RefreshToken, issuer: TokenIssuer, clock: datetime, now: datetime
) -> Tokens:
    """Change a refresh token for a fresh pair.

    Raises:
        SessionEnded: it is unknown, or its session is over.
        RefreshTokenReused: it was used before; its session is revoked, for thief and owner alike.
    """
    session = uow.session
    digest = refresh_hash(cmd.refresh_token)
    session_id = session.execute(
        update(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == digest, RefreshTokenRow.used_at.is_(None))
        .values(used_at=clock)
        .returning(RefreshTokenRow.session_id)
    ).scalar()
    if session_id is None:
        _revoke_if_reused(uow, digest, clock)
        raise login.SessionEnded()
    row = session.scalars(
        select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    ).one()
    if row.revoked_at is not None or row.expires_at <= clock:
        raise login.SessionEnded()
    person = repository.person(session, row.person_id)
    return _tokens(uow, issuer, person, row.id, clock, now)


def _revoke_if_reused(uow: UnitOfWork, digest: str, clock: datetime) -> None:
    used = uow.session.get(RefreshTokenRow, digest)
    if used is None:
        return
    row = uow.session.scalars(select(SessionRow).where(SessionRow.id == used.session_id)).one()
    if repository.end_session(uow.session, row.id, "refresh_token_reused", clock):
        uow.emit(SessionRevoked(session_id=row.id, person_id=row.person_id))
        uow.commit()  # the family ends although the call is refused
        log.warning("refresh token reused, session revoked", session_id=row.id)
        raise login.RefreshTokenReused()


def revoke_token(uow: UnitOfWork, actor: Actor, clock: datetime) -> Empty:
    """Log out: end the session that the access token belongs to."""
    if repository.end_session(uow.session, actor.session_id, "logout", clock):
        uow.emit(SessionRevoked(session_id=actor.session_id, person_id=actor.person_id))
    return Empty()


def _tokens(
    uow: UnitOfWork,
    issuer: TokenIssuer,
    person: PersonRow,
    session_id: str,
    clock: datetime,
    now: datetime,
) -> Tokens:
    session = uow.session
    refresh = new_refresh_token()
    session.add(
        RefreshTokenRow(token_hash=refresh_hash(refresh), session_id=session_id, issued_at=clock)
    )
    held = repository.held_roles(repository.live_grants(session, person.id))
    grants = token_grants(held, repository.member_paths(session, person.id), now)
    return Tokens(
        access_token=issuer.access_token(person.id, session_id, grants),
        refresh_token=refresh,
        expires_in=ACCESS_SECONDS,
        person=Person(id=person.id, display_name=person.display_name),
    )


def sweep(uow: UnitOfWork, clock: datetime) -> int:
    """Forget codes that have run out and sessions that ended a week ago; how many rows."""
    codes = uow.session.execute(
        delete(LoginCode).where(LoginCode.expires_at < clock).returning(LoginCode.phone_index)
    ).all()
    sessions = uow.session.execute(
        delete(SessionRow)
        .where(
            or_(
                SessionRow.expires_at < clock - _KEEP_ENDED,
                SessionRow.revoked_at < clock - _KEEP_ENDED,
            )
        )
        .returning(SessionRow.id)
    ).all()
    return len(codes) + len(sessions)


def _code_hash(vault: Vault, phone_index: str, code: str) -> str:
    return vault.index("login_code", f"{phone_index}:{code}")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
