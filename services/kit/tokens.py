"""Who is calling: access tokens verified without the network.

Tokens are JWTs signed with Ed25519 (RFC 8037) by identity alone; everybody else holds the public
keys (a JWK set file). Verified claims are cached by the SHA-256 of the token until they expire,
successes only. Whoever hears that a session, a role or a person ended (the gateway does) says so
here; elsewhere a token is good until it runs out.
"""

import hashlib
import json
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, TypeVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import TokenExpired, Unauthenticated

ISSUER = "shequtong"
ALGORITHM = "Ed25519"
LIFETIME_SECONDS = 15 * 60
MAX_GRANTS = 20
K = TypeVar("K")
_ROLES = {role.value: role for role in Role}


def claims_for(
    person_id: str,
    session_id: str,
    grants: list[tuple[str, str]],
    now: float | None = None,
    acted_by: str = "",
    guards: bool = False,
) -> dict[str, Any]:
    """The claims of a fresh access token; the clock is the real one, never the demo's.

    ``acted_by`` is the helper of assisted mode, in the ``act`` claim of RFC 8693; ``guards`` says
    in it that she is the guardian of a child.
    """
    issued = int(time.time() if now is None else now)
    as_guardian = {"guards": True} if guards else {}
    actor = {"act": {"sub": acted_by, **as_guardian}} if acted_by else {}
    return {
        **actor,
        "iss": ISSUER,
        "sub": person_id,
        "sid": session_id,
        "g": [list(grant) for grant in grants[:MAX_GRANTS]],
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
    }


class TokenVerifier:
    """Turns a token into an :class:`Actor`, or says 401.

    Args:
        jwks_file: the public JWK set; read again when a token names a key it doesn't hold.
        size: how many verified tokens are remembered.
    """

    def __init__(self, jwks_file: Path, size: int = 20_000) -> None:
        self._file = jwks_file
        self._size = size
        self._cache: OrderedDict[bytes, Actor] = OrderedDict()
        self._dead_sessions: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._dead_help: dict[tuple[str, str], float] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    def verify(self, token: str) -> Actor:
        """The actor behind ``token``.

        Raises:
            Unauthenticated: it is forged, malformed or of another issuer.
            TokenExpired: it has run out, or its session was ended.
        """
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        actor = self._cache.get(digest)
        if actor is None:
            actor = self._read(token)
            self._cache[digest] = actor
            if len(self._cache) > self._size:
                self._cache.popitem(last=False)
        if actor.expires_at <= time.time():
            self._cache.pop(digest, None)
            raise TokenExpired()
        if actor.session_id in self._dead_sessions:
            raise TokenExpired()
        issued = actor.expires_at - LIFETIME_SECONDS
        for person in (actor.person_id, actor.acted_by):
            if issued <= self._not_before.get(person, -1):
                raise TokenExpired()
        if issued <= self._dead_help.get((actor.acted_by, actor.person_id), -1):
            raise TokenExpired()
        return actor

    def forget_session(self, session_id: str, at: float | None = None) -> None:
        """Refuse the tokens of a session that ended ``at`` (now), while one could still live."""
        self._dead_sessions = _with(self._dead_sessions, session_id, at)

    def forget_person(self, person_id: str, at: float | None = None) -> None:
        """Refuse what a person was given until ``at`` (now): role revoked, account deleted.

        A token refreshed afterwards carries the new roles and is good again.
        """
        self._not_before = _with(self._not_before, person_id, at)

    def forget_help(self, helper_id: str, subject_id: str, at: float | None = None) -> None:
        """Refuse what ``helper_id`` was given until ``at`` (now) to act for ``subject_id``.

        The helper's own tokens, and those for other people, stay good.
        """
        self._dead_help = _with(self._dead_help, (helper_id, subject_id), at)

    def _read(self, token: str) -> Actor:
        claims = self._decode(token)
        try:
            if claims["iss"] != ISSUER:
                raise Unauthenticated()
            grants = tuple(
                Grant(_ROLES[role], str(path)) for role, path in claims["g"] if role in _ROLES
            )
            actor = Actor(
                person_id=str(claims["sub"]),
                session_id=str(claims["sid"]),
                grants=grants,
                expires_at=int(claims["exp"]),
                acted_by=str(claims["act"]["sub"]) if "act" in claims else "",
                guards="act" in claims and claims["act"].get("guards") is True,
                token=token,
            )
        except (KeyError, TypeError, ValueError):
            raise Unauthenticated() from None
        return actor

    def _decode(self, token: str) -> dict[str, Any]:
        for fresh in (False, True):
            try:
                return dict(jwt.decode(token, self._key_set(fresh), algorithms=[ALGORITHM]).claims)
            except (JoseError, ValueError, TypeError, KeyError, UnicodeError):
                # perhaps signed with a key newer than our copy: read the file once more
                if fresh or not self._may_read_again():
                    raise Unauthenticated() from None
        raise Unauthenticated()

    def _may_read_again(self) -> bool:
        return time.monotonic() - self._read_at > 1.0

    def _key_set(self, fresh: bool) -> KeySet:
        if self._keys is None or fresh:
            self._read_at = time.monotonic()
            self._keys = KeySet.import_key_set(json.loads(self._file.read_text()))
        return self._keys


def _with(ends: dict[K, float], key: K, at: float | None) -> dict[K, float]:
    """The ends that still matter, and one more; what is learnt late undoes nothing later."""
    now = time.time()
    left = {known: since for known, since in ends.items() if _matters(since, now)}
    left[key] = max(now if at is None else at, left.get(key, 0.0))
    return left


def _matters(since: float, now: float) -> bool:
    """Whether a token from before ``since`` could still be alive."""
    return now - since < LIFETIME_SECONDS
