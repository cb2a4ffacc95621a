"""Sessions: the tokens of one log-in, renewed, ended.

``clock`` arguments are real time: see :mod:`services.identity.domain.login`. What must be kept
although the call is refused (a revoked family) is committed before the error.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert, select, update

from services.contracts.actor import Actor
from services.contracts.events import SessionRevoked
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import Person, RefreshToken, Tokens
from services.identity import repository
from services.identity.domain import login, roles
from services.identity.models import PersonRow, RefreshTokenRow, SessionRow
from services.identity.tokens import ACCESS_SECONDS, TokenIssuer, new_refresh_token, refresh_hash
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

# Written past the ORM: these are the busiest writes, and its flush costs a sixth of a log-in.
_SESSIONS = cast(Table, SessionRow.__table__)
_REFRESH_TOKENS = cast(Table, RefreshTokenRow.__table__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What giving out tokens takes: who signs, both times, and the rule for offices.

    Attributes:
        clock: real time.
        now: business time, which grants run on.
        staff_totp: whether an office asks for a second factor.
    """

    issuer: TokenIssuer
    clock: datetime
    now: datetime
    staff_totp: bool = False


def begin(uow: UnitOfWork, desk: Desk, person: PersonRow, *, showed_factor: bool = False) -> Tokens:
    """A new session of ``person``, who has proved herself and is held (see :mod:`entry`).

    Args:
        showed_factor: she has shown the second factor, too: the session remembers it.
    """
    session_id = new_id()
    uow.session.execute(
        insert(_SESSIONS).values(
            id=session_id,
            person_id=person.id,
            created_at=desk.clock,
            expires_at=desk.clock + login.SESSION_LIFETIME,
            factor_shown_at=desk.clock if showed_factor else None,
        )
    )
    return _tokens(uow, desk, person, session_id, showed_factor=showed_factor)


def refresh_token(uow: UnitOfWork, cmd: RefreshToken, desk: Desk) -> Tokens:
    """Change a refresh token for a fresh pair; once more when the reply got lost.

    Raises:
        SessionEnded: it is unknown, or its session is over.
        RefreshTokenReused: somebody else holds a copy; its session is revoked, for thief and
            owner alike.
    """
    session, clock = uow.session, desk.clock
    digest = refresh_hash(cmd.refresh_token)
    session_id = session.scalar(
        select(RefreshTokenRow.session_id).where(RefreshTokenRow.token_hash == digest)
    )
    if session_id is None:
        raise login.SessionEnded()
    # one at a time for a family: what is asked about brothers and children holds until the commit
    family = session.scalars(
        select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    ).first()
    if family is None or family.revoked_at is not None or family.expires_at <= clock:
        raise login.SessionEnded()
    token = session.scalars(
        select(RefreshTokenRow).where(RefreshTokenRow.token_hash == digest)
    ).one()
    if not login.may_refresh(
        used_at=token.used_at,
        brother_used=repository.refresh_token_used(session, token.parent_hash),
        child_used=repository.refresh_token_used(session, digest),
        clock=clock,
    ):
        end(uow, family.id, "refresh_token_reused", clock)
        uow.commit()  # the family ends although the call is refused
        log.warning("refresh token reused, session revoked", session_id=family.id)
        raise login.RefreshTokenReused()
    token.used_at = token.used_at or clock
    person = repository.person(session, family.person_id)
    showed = family.factor_shown_at is not None
    return _tokens(uow, desk, person, family.id, showed_factor=showed, parent_hash=digest)


def mark_factor_shown(uow: UnitOfWork, session_id: str, clock: datetime) -> None:
    """The session has shown the second factor: an office is in its tokens from the next one on."""
    uow.session.execute(
        update(SessionRow).where(SessionRow.id == session_id).values(factor_shown_at=clock)
    )


def revoke_token(uow: UnitOfWork, actor: Actor, clock: datetime) -> Empty:
    """Log out: end the session that the access token belongs to."""
    end(uow, actor.session_id, "logout", clock)
    return Empty()


def end(uow: UnitOfWork, session_id: str, why: str, clock: datetime) -> None:
    """End a session, unless it has ended before."""
    person_id = repository.end_session(uow.session, session_id, why, clock)
    if person_id is not None:
        uow.emit(SessionRevoked(session_id=session_id, person_id=person_id))


def end_all(
    uow: UnitOfWork, person_id: str, why: str, clock: datetime, *, besides: str = ""
) -> None:
    """End every session of a person, but not ``besides``; none begins until the commit.

    She is held: a log-in that was first is seen here, a later one waits and asks again what
    lets it in (:mod:`services.identity.handlers.entry`).
    """
    repository.hold(uow.session, person_id)
    live = uow.session.scalars(
        select(SessionRow.id).where(
            SessionRow.person_id == person_id,
            SessionRow.revoked_at.is_(None),
            SessionRow.expires_at > clock,
            SessionRow.id != besides,
        )
    )
    for session_id in sorted(live):
        end(uow, session_id, why, clock)


def _tokens(
    uow: UnitOfWork,
    desk: Desk,
    person: PersonRow,
    session_id: str,
    *,
    showed_factor: bool,
    parent_hash: str | None = None,
) -> Tokens:
    session = uow.session
    refresh = new_refresh_token()
    session.execute(
        insert(_REFRESH_TOKENS).values(
            token_hash=refresh_hash(refresh),
            session_id=session_id,
            issued_at=desk.clock,
            parent_hash=parent_hash,
        )
    )
    held = repository.held_roles(repository.live_grants(session, person.id))
    waits = (
        desk.staff_totp
        and roles.holds_office(held, desk.now)
        # the person's factor frees the office only where it was shown
        and not (showed_factor and repository.has_factor(session, person.id))
    )
    grants = roles.token_grants(
        roles.without_offices(held) if waits else held,
        repository.member_paths(session, person.id),
        desk.now,
    )
    return Tokens(
        access_token=desk.issuer.access_token(person.id, session_id, grants),
        refresh_token=refresh,
        expires_in=ACCESS_SECONDS,
        person=Person(id=person.id, display_name=person.display_name),
        totp_needed=waits,
    )
