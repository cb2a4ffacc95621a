"""A token for our own commands: whoever can read identity's private key may sign one.

Only operators can. The token says ``service`` and holds at no node of the tree: it opens what the
operation table keeps for our own processes, and nothing of a community.
"""

import json
import time
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.contracts.actor import Role
from services.kit.tokens import ALGORITHM, LIFETIME_SECONDS, claims_for

NOWHERE = "-"  # covers no path: labels of the tree are joined by dots


class NoKey(ValueError):
    """The private JWK set cannot be read."""


class ServiceToken:
    """Signs for one command, and anew while it runs.

    Args:
        key_file: identity's private JWK set; its first key signs.
        name: of the command, as the subject of the token.

    Raises:
        NoKey: there is no such file, or no private key in it.
    """

    def __init__(self, key_file: Path, name: str) -> None:
        try:
            self._key = KeySet.import_key_set(json.loads(key_file.read_text())).keys[0]
        except (OSError, ValueError, KeyError, TypeError, IndexError, JoseError) as error:
            raise NoKey(f"no private key in {key_file}: {type(error).__name__}") from None
        if not self._key.is_private:
            raise NoKey(f"no private key in {key_file}: it holds public ones")
        self._name = name
        self._token = ""
        self._signed_at = float("-inf")

    def text(self) -> str:
        """A token that is good for another five minutes at least."""
        if time.monotonic() - self._signed_at > LIFETIME_SECONDS / 3:
            claims = claims_for(f"service-{self._name}", "", [(Role.SERVICE.value, NOWHERE)])
            header = {"alg": ALGORITHM, "kid": self._key.kid}
            self._token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
            self._signed_at = time.monotonic()
        return self._token
