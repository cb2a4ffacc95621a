"""The box of a poll: ballots are sealed to its X25519 key, which opens at the close alone.

::

    sealed = sender's public key (32) ‖ nonce (12) ‖ AES-256-GCM(choice …), bound to the poll's id
    key    = HKDF-SHA-256(X25519(sender, box), salt = both public keys)

Each process draws one sender for a poll, derives the key, and forgets the sender's private half at
once: a hundred thousand ballots are opened by a hundred exchanges at most instead of as many.
"""

import base64
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.votes.crypto.keys import NONCE_BYTES, derived

PUBLIC_BYTES: Final = 32
_INFO: Final = "shequtong ballot 1"


def new() -> tuple[bytes, bytes]:
    """A new box: what opens it, and what seals for it."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


@lru_cache(maxsize=256)
def _sender(box: bytes) -> tuple[bytes, AESGCM]:
    private = X25519PrivateKey.generate()
    mine = private.public_key().public_bytes_raw()
    shared = private.exchange(X25519PublicKey.from_public_bytes(box))
    return mine, AESGCM(derived(shared, _INFO, salt=mine + box))


def seal(box: bytes, poll_id: str, text: bytes) -> bytes:
    """``text``, which only the box's owner reads."""
    mine, cipher = _sender(box)
    nonce = os.urandom(NONCE_BYTES)
    return mine + nonce + cipher.encrypt(nonce, text, poll_id.encode())


def as_text(sealed: bytes) -> str:
    """A sealed ballot as it is stored: base64."""
    return base64.b64encode(sealed).decode()


def as_bytes(text: str) -> bytes:
    """A sealed ballot that was stored (:func:`as_text`)."""
    return base64.b64decode(text)


def open_all(private: bytes, poll_id: str, sealed: list[str]) -> list[bytes]:
    """What is in each of them (:func:`as_text`), in the same order.

    Raises:
        ValueError: one was altered, or sealed for another box or poll.
    """
    key = X25519PrivateKey.from_private_bytes(private)
    box = key.public_key().public_bytes_raw()
    ciphers: dict[bytes, AESGCM] = {}
    opened = []
    for text in sealed:
        raw = as_bytes(text)
        sender, rest = raw[:PUBLIC_BYTES], raw[PUBLIC_BYTES:]
        if sender not in ciphers:
            shared = key.exchange(X25519PublicKey.from_public_bytes(sender))
            ciphers[sender] = AESGCM(derived(shared, _INFO, salt=sender + box))
        nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            opened.append(ciphers[sender].decrypt(nonce, body, poll_id.encode()))
        except InvalidTag:
            raise ValueError("a ballot cannot be opened") from None
    return opened
