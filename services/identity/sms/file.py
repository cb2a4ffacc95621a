"""Messages into a file: development and the demo."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.identity.domain.messages import Message


@dataclass(frozen=True, slots=True)
class FileSink:
    """Messages are lines of a file that only its owner reads, and no log line."""

    path: Path

    def send(self, phone: str, message: Message, key: str) -> None:
        """Append the message."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        at = datetime.now(UTC).isoformat()
        line = {"at": at, "key": key, "phone": phone, "text": message.text}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
