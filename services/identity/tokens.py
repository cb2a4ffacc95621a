"""Access tokens are signed here and nowhere else; refresh tokens are random and kept hashed.

The private JWK set may hold several keys: the first one signs, all of them are in the public set
while their tokens live. So a key is rotated by putting a new one in front.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.kit import logs
from services.kit.tokens import ALGORITHM, LIFETIME_SECONDS, claims_for

log = logs.get(__name__)

ACCESS_SECONDS = LIFETIME_SECONDS
LOOK_EVERY_SECONDS = 1.0


class KeyFile:
    """The private JWK set in a file, read again when the file has changed.

    So keys rotate (:mod:`services.identity.token_keys`) while identity runs. The file is looked at
    once a second at most; as long as it cannot be read, the keys known before go on signing.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._looked_at = clock()
        self._changed, self._keys = self._read()

    def keys(self) -> KeySet:
        """The keys as the file has them now."""
        if self._clock() - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = self._clock()
            try:
                if self._path.stat().st_mtime_ns != self._changed:
                    self._changed, self._keys = self._read()
                    log.info("token keys read again", kid=self._keys.keys[0].kid)
            except (OSError, ValueError) as error:
                log.error("token keys cannot be read", error=type(error).__name__)
        return self._keys

    def _read(self) -> tuple[int, KeySet]:
        """When the file was changed, and its keys; ``ValueError`` when there are none."""
        changed = self._path.stat().st_mtime_ns
        try:
            keys = KeySet.import_key_set(json.loads(self._path.read_text()))
        except (JoseError, KeyError, TypeError) as error:
            raise ValueError(f"no JWK set: {error}") from None
        if not keys.keys:
            raise ValueError("a JWK set without keys")
        return changed, keys


class TokenIssuer:
    """Signs access tokens.

    Args:
        keys: the private JWK set, or the file that it is in.
        clock: seconds since the epoch; the real clock, never the demo's.
    """

    def __init__(self, keys: KeySet | KeyFile, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._clock = clock

    def access_token(
        self,
        person_id: str,
        session_id: str,
        grants: list[tuple[str, str]],
        acted_by: str = "",
        *,
        guards: bool = False,
    ) -> str:
        """A token of 15 minutes for a person, in a session, with at most 20 grants.

        Args:
            acted_by: the helper who acts for the person, in a session of the helper's.
            guards: the helper is the guardian of the person, a child.
        """
        claims = claims_for(
            person_id, session_id, grants, now=self._clock(), acted_by=acted_by, guards=guards
        )
        keys = self._keys.keys() if isinstance(self._keys, KeyFile) else self._keys
        key = keys.keys[0]
        header = {"alg": ALGORITHM, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


@lru_cache(maxsize=4)
def issuer(path: Path) -> TokenIssuer:
    """The issuer with the keys in ``path``."""
    return TokenIssuer(KeyFile(path))


def new_refresh_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> str:
    """What is kept of a refresh token; it is random, so a plain hash cannot be tried out."""
    return hashlib.sha256(token.encode()).hexdigest()
