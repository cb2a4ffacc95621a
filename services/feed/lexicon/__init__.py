"""The lists of words: the house's own beside this file, the operator's in a file of his.

::

    words.txt ────────────┐
    SHEQU_LEXICON_FILE ───┴─▶ Lexicon ─▶ every post, comment and note before it is shown
         └─ looked at every 15 s; read again, beside the calls, when it has changed

A file that cannot be read, or is larger than it may be, changes nothing: what was read last goes
on being looked for, and the log says so. The format stands in docs/operations.md.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.feed.domain.lexicon import Entry, Lexicon, parse
from services.kit import logs
from services.kit.aside import aside

log = logs.get(__name__)

OWN: Final = Path(__file__).parent / "words.txt"
MOST_BYTES: Final = 8_000_000
_REPORTED: Final = 20  # broken lines named in the log, at most


class TooLarge(ValueError):
    """The operator's file is larger than it may be."""


@dataclass
class Words:
    """What is looked for in this process."""

    path: Path | None = None
    current: Lexicon = field(default_factory=lambda: Lexicon.of(own()))
    _seen: tuple[int, int, int] | None = None

    def follow(self, path: Path | None) -> bool:
        """Read the operator's list if it has changed; whether something else is looked for now."""
        if path is None and self.path is None:
            return False
        try:
            stamp = None if path is None else _stamp(path)
            if path == self.path and stamp == self._seen:
                return False
            made = aside(_made, path)
        except (OSError, ValueError) as error:
            log.error("lexicon not read, the old one stays", why=type(error).__name__)
            return False
        self.path, self._seen, self.current = path, stamp, made
        log.info("lexicon read", words=len(made.entries))
        return True


def own() -> list[Entry]:
    """The house's own list."""
    with OWN.open(encoding="utf-8") as lines:
        entries, broken = parse(lines)
    if broken:
        raise ValueError(f"{OWN.name}: {broken}")
    return entries


def read(path: Path) -> list[Entry]:
    """The operator's list; lines that cannot be read are in the log, by number.

    Raises:
        OSError: there is no such file, or it may not be read.
        TooLarge: it has more than ``MOST_BYTES`` bytes.
        UnicodeDecodeError: it is not UTF-8.
    """
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"more than {MOST_BYTES} bytes")
    entries, broken = parse(raw.decode("utf-8-sig").splitlines())
    for line in broken[:_REPORTED]:
        log.warning("lexicon line passed over", line=line.line, why=line.why)
    if len(broken) > _REPORTED:
        log.warning("lexicon lines passed over", more=len(broken) - _REPORTED)
    return entries


def _made(path: Path | None) -> Lexicon:
    return Lexicon.of([*own(), *(read(path) if path else [])])


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


WORDS: Final = Words()
