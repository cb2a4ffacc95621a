"""Files that are written whole or not at all, for their owner alone; with people, encrypted."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import pyzipper

SHORTEST_PASSWORD: Final = 12  # characters; the encryption is as good as this
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


class InTheWay(ValueError):
    """There is a file already, or no folder for it."""


def free(target: Path) -> Path:
    """The target, when nothing stands there and something can.

    Raises:
        InTheWay: it cannot be written.
    """
    if target.exists():
        raise InTheWay(f"{target} is there already; nothing is overwritten")
    if not target.parent.is_dir():
        raise InTheWay(f"{target.parent} is no folder")
    return target


@contextmanager
def fresh(target: Path) -> Iterator[IO[bytes]]:
    """A new file that takes its name when the block ends well, and is gone when it does not."""
    draft = free(target).with_name(f".{target.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    try:
        os.link(draft, target)  # fails when somebody was faster; `replace` would not
    except OSError:
        raise InTheWay(f"{target} cannot be written; the file is {draft}") from None
    draft.unlink()


def write_zip(file: IO[bytes], files: Mapping[str, bytes], password: str = "") -> None:
    """A zip of the files; with a password AES-256 (WinZip AE-2, which 7-Zip opens).

    Names of members are not encrypted: they must not say anything about anybody.
    """
    how = {"compression": pyzipper.ZIP_DEFLATED}
    if password:
        how["encryption"] = pyzipper.WZ_AES
    with pyzipper.AESZipFile(file, "w", **how) as archive:
        if password:
            archive.setpassword(password.encode())
        for name, data in files.items():
            archive.writestr(name, data)


def new_password() -> str:
    """One that can be read out over the phone: 5 groups of 5, 120 bits and more."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(5))
