"""Settings of votes."""

from pathlib import Path
from typing import ClassVar

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """What votes knows besides the kit's settings: the keys that nobody else has.

    They sign the heads of ledgers and guard the boxes of polls; see ``crypto.keys``.
    """

    SERVICE: ClassVar[str] = "votes"

    votes_keys_file: Path = Path("var/keys/votes.keys.json")
