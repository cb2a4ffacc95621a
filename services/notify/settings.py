"""Settings of notify."""

from typing import ClassVar

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """What notify knows besides the kit's settings."""

    SERVICE: ClassVar[str] = "notify"
