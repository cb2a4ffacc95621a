"""Settings of feed."""

from typing import ClassVar

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """What every service knows; feed needs nothing besides."""

    SERVICE: ClassVar[str] = "feed"
