"""What is replayed: messages from a file, each said by a resident of the demo."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESIDENTS = tuple(f"138{number:08d}" for number in range(12, 41))
TITLE_LENGTH = 200  # the contract's limit


class BadFile(Exception):
    """The file is not there, or holds something else than messages."""


@dataclass(frozen=True)
class Message:
    """One line of the file."""

    id: str
    user: str
    title: str
    body: str

    @property
    def resident(self) -> str:
        """The phone of the demo's resident who says it; the same user is always the same one."""
        return RESIDENTS[zlib.crc32(self.user.encode()) % len(RESIDENTS)]

    @property
    def text(self) -> tuple[str, str]:
        """What it can be recognised by."""
        return fingerprint(self.title, self.body)


def fingerprint(title: str, body: str) -> tuple[str, str]:
    """Title and body without the differences that storing them may make."""
    return " ".join(title.split()), " ".join(body.split())


def read(path: Path, count: int) -> list[Message]:
    """The first `count` messages (JSON Lines with id, title, body and, if known, user).

    Raises:
        BadFile: no such file, or a line that is no message.
    """
    messages: list[Message] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if len(messages) == count:
                    break
                if line.strip():
                    messages.append(_message(json.loads(line), path, number))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise BadFile(f"{path}: {error}") from None
    if not messages:
        raise BadFile(f"{path} holds no message")
    return messages


def _message(raw: Any, path: Path, number: int) -> Message:
    if not isinstance(raw, dict) or raw.get("id") in (None, ""):
        raise BadFile(f"{path}, line {number}: no message with an id")
    title, body = str(raw.get("title") or "").strip(), str(raw.get("body") or "").strip()
    if not title and not body:
        raise BadFile(f"{path}, line {number}: neither title nor body")
    return Message(
        id=str(raw["id"]),
        user=str(raw.get("user") or raw["id"]),
        title=(title or body)[:TITLE_LENGTH],
        body=body or title,
    )
