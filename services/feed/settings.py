"""Settings of feed."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """The operator's list of words, and how long the evidence of decided cases is kept.

    ``lexicon_file`` stands beside the house's own list. ``evidence_days`` are at least half a
    year, as the law wants of records (网络安全法).
    """

    SERVICE: ClassVar[str] = "feed"

    lexicon_file: Annotated[Path | None, BeforeValidator(lambda named: named or None)] = None
    evidence_days: int = Field(default=183, ge=183, le=3_650)
