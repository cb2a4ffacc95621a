"""The vault: seals and opens envelopes, and makes blind indexes."""

import base64
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from services.identity.crypto.algorithms import (
    A256GCM,
    CIPHERS,
    HMAC_SHA256,
    INDEX_KEY_BYTES,
    MACS,
    NONCE_BYTES,
    Aead,
    Mac,
)

_KEY_ID = re.compile(r"[A-Za-z0-9_-]+")  # no dot: the parts of an envelope stand between dots


PROOF = "proof"  # what a vault seals to try itself out; kept nowhere


class BrokenSeal(ValueError):
    """An envelope that cannot be opened: altered, of another row, or its key is gone."""


class IndexKey(NamedTuple):
    """A key of blind indexes, and its algorithm."""

    key: bytes
    algorithm: str = HMAC_SHA256


@dataclass(frozen=True)
class Vault:
    """The data keys, held by identity alone.

    Blind indexes go through every index key in turn, the oldest first: so a new one can be laid
    over the indexes as they stand, those of values that nobody holds any more (a pseudonym, an
    openid) too, and whoever has the old key and the database can still try nothing out.

    Args:
        active: id of the key that seals from now on.
        keys: every key that may be needed to open, by id.
        index_key: of the blind indexes; see ``identity.rekey`` for another one.
        algorithms: what a key seals with, by its id; AES-256-GCM when it is not named.
        index_algorithm: of ``index_key``.
        earlier_index_keys: those that the indexes went through before, the oldest first.
        reread: the vault as its file has it now, for an envelope whose key is unknown here.

    Raises:
        ValueError: a key's id has other characters than ``A-Za-z0-9_-``, a key has the wrong
            length, the active one is missing or does not open what it has sealed, or an algorithm
            is unknown or not offered by this OpenSSL.
    """

    active: str
    keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    algorithms: Mapping[str, str] = field(default_factory=dict, repr=False)
    index_algorithm: str = field(default=HMAC_SHA256, repr=False)
    earlier_index_keys: tuple[IndexKey, ...] = field(default=(), repr=False)
    reread: Callable[[], "Vault"] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise ValueError(f"the active data key {self.active!r} is not among the keys")
        if wrong := [kid for kid in self.keys if not _KEY_ID.fullmatch(kid)]:
            raise ValueError(f"ids of data keys have letters, digits, - and _ only, not {wrong}")
        self._ciphers  # noqa: B018 - what is wrong with a key is said now, not at its first use
        self._macs  # noqa: B018
        self._prove()

    @property
    def index_keys(self) -> tuple[IndexKey, ...]:
        """Every index key, the oldest first."""
        return *self.earlier_index_keys, IndexKey(self.index_key, self.index_algorithm)

    @property
    def sealed_with(self) -> str:
        """How envelopes begin that are sealed now: algorithm and key id."""
        return f"{self._algorithm(self.active)}.{self.active}."

    def seal(self, text: str, *, purpose: str, owner: str) -> str:
        """``text`` encrypted for one ``purpose`` (which column) and ``owner`` (which row)."""
        prefix, cipher = self._sealing
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, text.encode(), _bound_to(purpose, owner))
        return prefix + _encode(nonce + sealed)

    def open(self, envelope: str, *, purpose: str, owner: str) -> str:
        """The text in ``envelope``.

        Raises:
            BrokenSeal: it was altered, sealed for another purpose or owner, or its key is gone.
        """
        try:
            algorithm, kid, body = envelope.split(".")
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            cipher = self._cipher(kid, algorithm)
            opened = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(purpose, owner))
        except (ValueError, KeyError, InvalidTag):
            raise BrokenSeal(f"the envelope for {purpose} cannot be opened") from None
        return opened.decode()

    def index(self, purpose: str, value: str) -> str:
        """The blind index of ``value``; the same value has another one for another purpose."""
        first = self._macs[0](_message(purpose, value.encode()))
        return self.laid_over(_encode(first), self._macs[1:])

    def laid_over(self, index: str, macs: Iterable[Mac]) -> str:
        """An index that went through fewer keys, brought through more."""
        for mac in macs:
            index = _encode(mac(index.encode()))
        return index

    def index_after(self, keys: int, index: str) -> str:
        """``index`` as all keys make it, when it went through the first ``keys`` of them."""
        return self.laid_over(index, self._macs[keys:])

    def fingerprint(self, keys: int) -> str:
        """What tells a run of index keys from another, and nothing about any of them."""
        first = self._macs[0](_message("fingerprint", b""))
        return self.laid_over(_encode(first), self._macs[1:keys])

    def mac(self, purpose: str, message: bytes) -> bytes:
        """32 bytes that only a holder of the oldest index key can make for this message.

        It signs what hangs on notice boards: later index keys do not change it.
        """
        return self._macs[0](_message(purpose, message))

    def _prove(self) -> None:
        """What is sealed from now on can be opened: known before anything is."""
        try:
            opened = self.open(self.seal("x", purpose=PROOF, owner=""), purpose=PROOF, owner="")
        except BrokenSeal:
            opened = ""
        if opened != "x":
            raise ValueError(f"the active data key {self.active!r} does not open what it seals")

    def _algorithm(self, kid: str) -> str:
        return self.algorithms.get(kid, A256GCM)

    def _cipher(self, kid: str, algorithm: str) -> Aead:
        keyed = self._ciphers.get(kid)
        if keyed is None and self.reread is not None:
            keyed = self.reread()._ciphers.get(kid)  # sealed elsewhere with a new key
        if keyed is None or keyed.algorithm != algorithm:
            raise KeyError(kid)
        return keyed.aead

    @cached_property
    def _ciphers(self) -> dict[str, "_Keyed"]:
        return {kid: _keyed(self._algorithm(kid), key) for kid, key in self.keys.items()}

    @cached_property
    def _sealing(self) -> tuple[str, Aead]:
        return self.sealed_with, self._ciphers[self.active].aead

    @cached_property
    def _macs(self) -> tuple[Mac, ...]:
        return tuple(_mac(*index_key) for index_key in self.index_keys)


class _Keyed(NamedTuple):
    algorithm: str
    aead: Aead


def _keyed(algorithm: str, key: bytes) -> _Keyed:
    kind = CIPHERS.get(algorithm)
    if kind is None:
        raise ValueError(f"a data key is for {algorithm!r}; known are {', '.join(CIPHERS)}")
    if len(key) != kind.key_bytes:
        raise ValueError(f"a data key for {algorithm} must have {kind.key_bytes} bytes")
    return _Keyed(algorithm, kind.make(key))


def _mac(key: bytes, algorithm: str) -> Mac:
    if algorithm not in MACS:
        raise ValueError(f"an index key is for {algorithm!r}; known are {', '.join(MACS)}")
    if len(key) != INDEX_KEY_BYTES:
        raise ValueError(f"an index key must have {INDEX_KEY_BYTES} bytes")
    return MACS[algorithm](key)


def _message(purpose: str, value: bytes) -> bytes:
    return purpose.encode() + b"\0" + value


def _bound_to(purpose: str, owner: str) -> bytes:
    return f"{purpose}\0{owner}".encode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
