"""Throw-away signing keys and tokens for tests."""

import json
import time
from pathlib import Path
from typing import Self

from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.local.keys import PUBLIC_KEYS, TOKEN_KEY
from services.kit import tokens


class Signer:
    """Signs access tokens as identity does; its keys lie in ``jwks_file`` and ``key_file``."""

    def __init__(self, folder: Path, kid: str = "test") -> None:
        self.key = OKPKey.generate_key("Ed25519", parameters={"kid": kid})
        self.jwks_file = folder / "jwks.json"
        self.jwks_file.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))
        self.key_file = folder / TOKEN_KEY
        self.key_file.write_text(json.dumps({"keys": [self.key.as_dict(private=True)]}))

    @classmethod
    def of(cls, keys: Path) -> Self:
        """Signs with the keys of an installation, as its identity does."""
        signer = cls.__new__(cls)
        signer.key_file = keys / TOKEN_KEY
        signer.key = OKPKey.import_key(json.loads(signer.key_file.read_text())["keys"][0])
        signer.jwks_file = keys / PUBLIC_KEYS
        return signer

    def token(
        self,
        person_id: str = "p-1",
        grants: list[tuple[str, str]] | None = None,
        session_id: str = "s-1",
        age: float = 0,
        **extra: object,
    ) -> str:
        """A token issued ``age`` seconds ago; ``extra`` overrides claims."""
        claims = tokens.claims_for(person_id, session_id, grants or [], now=time.time() - age)
        header = {"alg": tokens.ALGORITHM, "kid": self.key.kid}
        return jwt.encode(header, {**claims, **extra}, self.key, algorithms=[tokens.ALGORITHM])
