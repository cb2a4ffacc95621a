"""Settings of votes."""

from typing import ClassVar

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """What votes knows besides the kit's settings."""

    SERVICE: ClassVar[str] = "votes"
