"""The file of the data keys, read again when it changes, so that no service has to be restarted.

::

    {"active": "k2",
     "keys": {"k1": base64, "k2": {"alg": "SM4GCM", "key": base64}},
     "index_key": base64, "index_alg": "HMAC-SM3",
     "earlier_index_keys": [{"alg": "HMAC-SHA-256", "key": base64}]}

A key that is given as text alone is for AES-256-GCM. ``index_alg`` (HMAC-SHA-256) and
``earlier_index_keys`` (none) may be left out. The index keys of a process are those of its first
reading: with others it would find nobody, and everybody would get a second account.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.identity.crypto.algorithms import A256GCM, HMAC_SHA256
from services.identity.crypto.vault import IndexKey, Vault
from services.kit import logs

log = logs.get(__name__)

LOOK_EVERY_SECONDS = 1.0

Stamp = tuple[int, int, int]


def parse(text: str) -> Vault:
    """The vault that a key file describes.

    Raises:
        ValueError: it is no such file; the words name the place and never quote a key.
    """
    try:
        raw: dict[str, Any] = json.loads(text)
        keys = {str(kid): _entry(entry, A256GCM) for kid, entry in raw["keys"].items()}
        earlier = [_entry(e, HMAC_SHA256) for e in raw.get("earlier_index_keys", [])]
        return Vault(
            str(raw["active"]),
            {kid: key for kid, (key, _) in keys.items()},
            _decoded(raw["index_key"]),
            algorithms={kid: alg for kid, (_, alg) in keys.items() if alg != A256GCM},
            index_algorithm=str(raw.get("index_alg", HMAC_SHA256)),
            earlier_index_keys=tuple(earlier),
        )
    except KeyError as error:
        raise ValueError(f"the key file has no {error}") from None
    except (TypeError, AttributeError, json.JSONDecodeError):
        raise ValueError("the key file does not have the form of one") from None


def _entry(entry: str | Mapping[str, str], usual: str) -> IndexKey:
    if isinstance(entry, str):
        return IndexKey(_decoded(entry), usual)
    return IndexKey(_decoded(entry["key"]), str(entry.get("alg", usual)))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a key of the key file is not base64") from None


class KeyFile:
    """A key file and the vault in it.

    Args:
        clock: seconds that never go back; the file is looked at once in a second of it at most.

    Raises:
        OSError, ValueError: it cannot be read the first time. Later on the vault stays as it is
            until the file can be read again.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._clock = clock
        self._stamp = _stamp(path)
        self._vault = replace(parse(path.read_text()), reread=self.reread)
        self._looked_at = clock()

    def vault(self) -> Vault:
        """The vault, as the file had it a second ago at the latest."""
        if self._clock() - self._looked_at >= LOOK_EVERY_SECONDS:
            self.reread()
        return self._vault

    def reread(self) -> Vault:
        """The vault as the file has it now."""
        self._looked_at = self._clock()
        try:
            stamp = _stamp(self.path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._take(parse(self.path.read_text()))
        except (OSError, ValueError) as error:
            log.error("data keys not read again", error=type(error).__name__, detail=str(error))
        return self._vault

    def _take(self, fresh: Vault) -> None:
        mine = self._vault
        if fresh.index_keys != mine.index_keys:
            log.warning("index keys have changed: they count from the next start")
        self._vault = replace(
            fresh,
            index_key=mine.index_key,
            index_algorithm=mine.index_algorithm,
            earlier_index_keys=mine.earlier_index_keys,
            reread=self.reread,
        )
        log.info("data keys read again", active=fresh.active, keys=sorted(fresh.keys))


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=8)
def key_file(path: Path) -> KeyFile:
    """The one reader of ``path`` in this process."""
    return KeyFile(path)


def vault(path: Path) -> Vault:
    """The vault in ``path`` as it is now."""
    return key_file(path).vault()
