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
from joserfc.jwk import KeySet

from services.kit.tokens import ALGORITHM, LIFETIME_SECONDS, claims_for

ACCESS_SECONDS = LIFETIME_SECONDS


class TokenIssuer:
    """Signs access tokens.

    Args:
        keys: the private JWK set.
        clock: seconds since the epoch; the real clock, never the demo's.
    """

    def __init__(self, keys: KeySet, clock: Callable[[], float] = time.time) -> None:
        self._key = keys.keys[0]
        self._clock = clock

    def access_token(self, person_id: str, session_id: str, grants: list[tuple[str, str]]) -> str:
        """A token of 15 minutes for a person, in a session, with at most 20 grants."""
        claims = claims_for(person_id, session_id, grants, now=self._clock())
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


@lru_cache(maxsize=4)
def issuer(path: Path) -> TokenIssuer:
    """The issuer with the keys in ``path``, read once per process."""
    return TokenIssuer(KeySet.import_key_set(json.loads(path.read_text())))


def new_refresh_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> str:
    """What is kept of a refresh token; it is random, so a plain hash cannot be tried out."""
    return hashlib.sha256(token.encode()).hexdigest()
