"""The keys of votes: one signs the heads of ledgers, one guards the boxes of polls.

::

    {"active": "v1", "keys": {"v1": {"sign": base64, "guard": base64}}}

Both are 32 random bytes: the seed of an Ed25519 key (RFC 8032), and a key from which AES-256-GCM
keys are derived (RFC 5869). The active pair is used for what begins now; a poll goes on with the
pair it began with, so a pair stays in the file as long as one of its polls may be asked about.
What everybody checks signatures with is public; its id is the beginning of its hash.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
DIFFERENT_BYTES: Final = 10
"""Random keys have some thirty different bytes; a made-up one, as all zeros, has few."""


def derived(secret: bytes, info: str, salt: bytes = b"") -> bytes:
    """A key of 32 bytes for one purpose."""
    return HKDF(SHA256(), KEY_BYTES, salt or None, info.encode()).derive(secret)


def sealed(key: bytes, text: bytes, bound_to: str) -> str:
    """``text`` under AES-256-GCM, bound to what it belongs to."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text, bound_to.encode())).decode()


def unsealed(key: bytes, envelope: str, bound_to: str) -> bytes:
    """What :func:`sealed` sealed.

    Raises:
        ValueError: it was altered, belongs elsewhere, or was sealed with another key.
    """
    raw = base64.b64decode(envelope)
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        raise ValueError(f"what is sealed for {bound_to} cannot be opened") from None


@lru_cache(maxsize=64)
def _guarding(guard: bytes, purpose: str) -> bytes:
    return derived(guard, f"shequtong votes {purpose}")


@dataclass(frozen=True)
class Pair:
    """One pair of keys."""

    id: str
    sign: bytes = field(repr=False)
    guard: bytes = field(repr=False)

    @property
    def public(self) -> str:
        """The key that signatures are checked with, as hex."""
        key = Ed25519PrivateKey.from_private_bytes(self.sign).public_key()
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def signature(self, text: bytes) -> str:
        """An Ed25519 signature, as hex."""
        return Ed25519PrivateKey.from_private_bytes(self.sign).sign(text).hex()

    def guarding(self, purpose: str) -> bytes:
        """The key that seals for ``purpose``."""
        return _guarding(self.guard, purpose)


def key_id(public: str) -> str:
    """What a public key is called: the first 16 signs of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


@dataclass(frozen=True)
class Ring:
    """All pairs, by their names in the file; ``active`` is the one that begins polls."""

    active: str
    pairs: Mapping[str, Pair] = field(repr=False)

    @property
    def now(self) -> Pair:
        """The pair for what begins now."""
        return self.pairs[self.active]

    def pair(self, name: str) -> Pair:
        """The pair that something began with.

        Raises:
            KeyError: the file has it no more.
        """
        return self.pairs[name]


def parse(text: str) -> Ring:
    """The ring that a key file describes.

    Raises:
        ValueError: it is no such file; the words name the place and never quote a key.
    """
    try:
        raw: dict[str, Any] = json.loads(text)
        pairs = {
            str(name): Pair(str(name), _key(entry["sign"]), _key(entry["guard"]))
            for name, entry in raw["keys"].items()
        }
        active = str(raw["active"])
    except KeyError as error:
        raise ValueError(f"the key file of votes has no {error}") from None
    except (TypeError, AttributeError, json.JSONDecodeError):
        raise ValueError("the key file of votes does not have the form of one") from None
    if active not in pairs:
        raise ValueError(f"the active pair {active!r} is not in the key file of votes")
    return Ring(active, pairs)


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a key of votes is not base64") from None
    if len(key) != KEY_BYTES or len(set(key)) < DIFFERENT_BYTES:
        raise ValueError(f"a key of votes is not {KEY_BYTES} random bytes")
    return key


_ring: list[Ring] = []


def use(path: Path) -> None:
    """From now on this process has the keys in ``path``; what is wrong with them is said now.

    Raises:
        OSError, ValueError: they cannot be read.
    """
    _ring[:] = [parse(path.read_text())]


def ring() -> Ring:
    """The keys of this process.

    Raises:
        RuntimeError: nobody said which file they are in.
    """
    if not _ring:
        raise RuntimeError("votes has no key file")
    return _ring[0]
