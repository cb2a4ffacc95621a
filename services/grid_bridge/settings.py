"""The bridge's settings."""

from typing import ClassVar

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the bridge knows besides: nothing yet. Limits are tables of the domain."""

    SERVICE: ClassVar[str] = "grid_bridge"
