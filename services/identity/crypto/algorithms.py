"""The ciphers of envelopes and the MACs of blind indexes, by the names in files and rows."""

import hmac
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

A256GCM: Final = "A256GCM"
SM4GCM: Final = "SM4GCM"
HMAC_SHA256: Final = "HMAC-SHA-256"
HMAC_SM3: Final = "HMAC-SM3"

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
INDEX_KEY_BYTES: Final = 32

Mac = Callable[[bytes], bytes]


class Aead(Protocol):
    """Authenticated encryption with associated data; the tag stands behind the ciphertext."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Sm4Gcm:
    """SM4 (GB/T 32907) in Galois/Counter Mode: RFC 8998, section 3; the same calls as AESGCM's.

    Raises:
        ValueError: the OpenSSL under ``cryptography`` does not offer it.
    """

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)
        try:
            self.encrypt(bytes(NONCE_BYTES), b"", None)
        except UnsupportedAlgorithm:
            raise ValueError("this build of OpenSSL has no SM4-GCM") from None

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        sealing = Cipher(self._key, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data or b"")
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext; ``InvalidTag`` when it was altered, ``ValueError`` when it was cut."""
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        opening = Cipher(self._key, modes.GCM(nonce, tag)).decryptor()
        opening.authenticate_additional_data(associated_data or b"")
        return opening.update(body) + opening.finalize()


class CipherKind(NamedTuple):
    """A cipher, and how many bytes its key has."""

    make: Callable[[bytes], Aead]
    key_bytes: int


CIPHERS: Mapping[str, CipherKind] = {
    A256GCM: CipherKind(AESGCM, 32),
    SM4GCM: CipherKind(Sm4Gcm, 16),
}


def _sha256(key: bytes) -> Mac:
    return lambda message: hmac.digest(key, message, "sha256")


def _sm3(key: bytes) -> Mac:
    """HMAC (GB/T 15852.2, RFC 2104) with SM3; the state with the key in it is made once."""
    try:
        keyed = HMAC(key, hashes.SM3())
    except UnsupportedAlgorithm:
        raise ValueError("this build of OpenSSL has no SM3") from None

    def mac(message: bytes) -> bytes:
        state = keyed.copy()
        state.update(message)
        return state.finalize()

    return mac


MACS: Mapping[str, Callable[[bytes], Mac]] = {HMAC_SHA256: _sha256, HMAC_SM3: _sm3}
