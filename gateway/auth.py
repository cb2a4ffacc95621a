"""Who is calling: the bearer token of the API, or the cookie of our own pages for reading files.

Everything that changes something needs the header: a cookie is sent by the browser whoever made
the page, so the pages' own writes go through forms with a CSRF token (``gateway.web``).
"""

from typing import Protocol

from starlette.requests import Request

from services.contracts.actor import Actor
from services.contracts.errors import Unauthenticated, Unavailable

ACCESS_COOKIE = "shequ_access"
"""Where the pages keep the access token (HttpOnly, SameSite=Lax)."""


class Verifier(Protocol):
    """What the gateway wants of ``services.kit.tokens.TokenVerifier``."""

    def verify(self, token: str) -> Actor:
        """The actor behind a token; Unauthenticated or TokenExpired otherwise."""

    def forget_session(self, session_id: str, at: float | None = None) -> None:
        """Refuse the tokens of a session that ended ``at`` (now, when it is not said)."""

    def forget_person(self, person_id: str, at: float | None = None) -> None:
        """Refuse the tokens that a person was given until ``at``."""

    def forget_help(self, helper_id: str, subject_id: str, at: float | None = None) -> None:
        """Refuse the tokens that a helper was given until ``at`` to act for somebody."""


def bearer(request: Request) -> str:
    """The token of the Authorization header; empty when there is none.

    Raises:
        Unauthenticated: the header speaks of something else.
    """
    header = request.headers.get("authorization", "")
    if not header:
        return ""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated()
    return token.strip()


def actor_of(
    request: Request, verifier: Verifier, *, login: bool, cookie: bool = False
) -> Actor | None:
    """Who calls; None when nobody has to.

    Where no login is needed, a token that is no good counts as none: somebody whose token has run
    out must be able to refresh it.

    Args:
        cookie: whether the pages' cookie counts, too (only for what changes nothing).

    Raises:
        Unauthenticated, TokenExpired: a login is needed.
    """
    try:
        token = bearer(request) or (request.cookies.get(ACCESS_COOKIE, "") if cookie else "")
        return verify(verifier, token) if token else None
    except Unauthenticated:
        if login:
            raise
        return None


def verify(verifier: Verifier, token: str) -> Actor:
    """The actor behind ``token``; Unavailable while the keys are not there yet."""
    try:
        return verifier.verify(token)
    except OSError:
        raise Unavailable("the public keys are not there yet", retry_after=2) from None
