"""Personal data at rest: sealed envelopes, and blind indexes to find them by.

::

    envelope   A256GCM . <key id> . <base64url(nonce ‖ ciphertext ‖ tag)>
    index      base64url(HMAC-SHA-256(index key, purpose ‖ 0 ‖ value))

The envelope names its algorithm and key, so that keys rotate and other algorithms (SM4) can stand
beside this one without touching what is there. What was sealed for one purpose and owner opens
for no other: a ciphertext copied into somebody else's row is worth nothing. A blind index answers
"is there a row with this value" and nothing else; without the key it cannot be tried out.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALGORITHM = "A256GCM"
NONCE_BYTES = 12
KEY_BYTES = 32


class Aead(Protocol):
    """Authenticated encryption with associated data."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


# Algorithm id in the envelope -> its cipher for a key of 32 bytes.
ALGORITHMS: Mapping[str, type[AESGCM]] = {ALGORITHM: AESGCM}


class BrokenSeal(ValueError):
    """An envelope that cannot be opened: altered, of another row, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The data keys, held by identity alone.

    Args:
        active: id of the key that seals from now on.
        keys: every key that may be needed to open, by id.
        index_key: of the blind indexes; it cannot be rotated without rewriting them.
    """

    active: str
    keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The vault in a file: ``{"active": id, "keys": {id: base64}, "index_key": base64}``.

        Raises:
            ValueError: a key is not 32 bytes long, or the active one is missing.
        """
        raw = json.loads(path.read_text())
        keys = {kid: _key(text) for kid, text in raw["keys"].items()}
        if raw["active"] not in keys:
            raise ValueError(f"the active data key {raw['active']!r} is not among the keys")
        return cls(raw["active"], keys, _key(raw["index_key"]))

    def seal(self, text: str, *, purpose: str, owner: str) -> str:
        """``text`` encrypted for one ``purpose`` (which column) and ``owner`` (which row)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = ALGORITHMS[ALGORITHM](self.keys[self.active])
        sealed = cipher.encrypt(nonce, text.encode(), _bound_to(purpose, owner))
        return f"{ALGORITHM}.{self.active}.{_encode(nonce + sealed)}"

    def open(self, envelope: str, *, purpose: str, owner: str) -> str:
        """The text in ``envelope``.

        Raises:
            BrokenSeal: it was altered, sealed for another purpose or owner, or its key is gone.
        """
        try:
            algorithm, kid, body = envelope.split(".")
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            cipher = ALGORITHMS[algorithm](self.keys[kid])
            opened = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(purpose, owner))
        except (ValueError, KeyError, InvalidTag):
            raise BrokenSeal(f"the envelope for {purpose} cannot be opened") from None
        return opened.decode()

    def index(self, purpose: str, value: str) -> str:
        """The blind index of ``value``; the same value has another one for another purpose."""
        return _encode(self.mac(purpose, value.encode()))

    def mac(self, purpose: str, message: bytes) -> bytes:
        """32 bytes that only a holder of the index key can make for this message."""
        return hmac.digest(self.index_key, purpose.encode() + b"\0" + message, "sha256")


@lru_cache(maxsize=4)
def vault(path: Path) -> Vault:
    """The vault in ``path``, read once per process."""
    return Vault.read(path)


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a data key must have {KEY_BYTES} bytes")
    return key


def _bound_to(purpose: str, owner: str) -> bytes:
    return f"{purpose}\0{owner}".encode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
