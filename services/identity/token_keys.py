"""The keys that sign access tokens, rotated while everything runs.

::

    python -m services.identity.token_keys rotate   a new key signs from now on
    python -m services.identity.token_keys prune    keys whose tokens have all run out are dropped
    python -m services.identity.token_keys list     which keys there are

Private set (``SHEQU_TOKEN_KEY_FILE``) and public set (``SHEQU_JWKS_FILE``) are replaced whole, the
public one first: nobody meets a token whose key is not published. Identity notices the new file
within a second, whoever verifies reads its copy again at the first token of an unknown key. A key
that was replaced says when (``retired_at``, seconds since the epoch) and stays for as long as one
of its tokens may live, and some minutes for clocks that differ.

Where the two files are copies (secrets of containers, several machines) bring the public one
everywhere first, then the private one, and restart identity.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from joserfc.jwk import OKPKey

from services.kit.settings import KitSettings
from services.kit.tokens import LIFETIME_SECONDS

KEEP_SECONDS: Final = LIFETIME_SECONDS + 5 * 60
_PUBLIC: Final = ("kty", "crv", "x", "kid", "use", "alg")

Jwk = dict[str, Any]
app = typer.Typer(add_completion=False, no_args_is_help=True, help="Keys of access tokens")


class Paths(KitSettings):
    """Where the key files are; as identity is told."""

    token_key_file: Path = Path("var/keys/token.jwk.json")


def rotate(private: Path, public: Path, now: float) -> str:
    """Put a new key in front; its id.

    Args:
        private: the private JWK set.
        public: the public one.
        now: seconds since the epoch.
    """
    with _alone(private):
        keys = _read(private)
        new = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True, auto_kid=True)
        keys[0].setdefault("retired_at", int(now))
        _publish([new.as_dict(private=True), *_living(keys, now)], private, public)
    return str(new.kid)


def prune(private: Path, public: Path, now: float) -> list[str]:
    """Drop the keys whose tokens have all run out; their ids. The first key always stays."""
    with _alone(private):
        keys = _read(private)
        left = _living(keys, now)
        if len(left) < len(keys):
            # the private set first: what is published must cover what signs
            _replace(private, {"keys": left})
            _replace(public, {"keys": [_published(key) for key in left]})
    return [str(key["kid"]) for key in keys if key not in left]


def _publish(keys: list[Jwk], private: Path, public: Path) -> None:
    _replace(public, {"keys": [_published(key) for key in keys]})
    _replace(private, {"keys": keys})


def _living(keys: list[Jwk], now: float) -> list[Jwk]:
    return [key for key in keys if now - key.get("retired_at", now) < KEEP_SECONDS]


def _published(key: Jwk) -> Jwk:
    """The public half: what is named here and nothing else."""
    return {name: key[name] for name in _PUBLIC if name in key}


def _read(path: Path) -> list[Jwk]:
    keys = json.loads(path.read_text())["keys"]
    if not keys:
        raise ValueError(f"there is no key in {path}")
    return list(keys)


def _replace(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, and on the disk before it is seen; mode and owner stay."""
    old = path.stat()
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(content))
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(old.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(fresh, old.st_uid, old.st_gid)
    fresh.replace(path)


@contextmanager
def _alone(private: Path) -> Iterator[None]:
    """One rotation at a time; the folder is locked, for the file itself is replaced."""
    folder = os.open(private.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@app.command("rotate")
def rotate_command() -> None:
    """A new key signs from now on."""
    paths = Paths()
    kid = rotate(paths.token_key_file, paths.jwks_file, time.time())
    typer.echo(f"{kid} signs from now on; {_told(paths)}")


@app.command("prune")
def prune_command() -> None:
    """Drop the keys whose tokens have all run out."""
    paths = Paths()
    gone = prune(paths.token_key_file, paths.jwks_file, time.time())
    typer.echo(f"{len(gone)} dropped; {_told(paths)}")


@app.command("list")
def list_command(
    now: Annotated[float, typer.Option(hidden=True)] = 0.0,
) -> None:
    """Which keys there are, the one that signs first."""
    paths = Paths()
    for number, key in enumerate(_read(paths.token_key_file)):
        since = (now or time.time()) - key.get("retired_at", 0)
        state = "signs" if number == 0 else f"replaced {int(since // 60)} minutes ago"
        typer.echo(f"{key['kid']}  {state}")


def _told(paths: Paths) -> str:
    return f"{len(_read(paths.jwks_file))} keys are published in {paths.jwks_file}"


if __name__ == "__main__":
    app()
