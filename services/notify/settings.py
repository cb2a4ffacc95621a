"""Settings of notify."""

from typing import ClassVar

from pydantic import Field

from services.kit.settings import ServiceSettings
from services.notify.domain.push import HOSTS, hosts_of


class Settings(ServiceSettings):
    """What notify knows besides the kit's settings.

    ``notify_push_hosts`` by commas; without it those of ``domain.push``.
    """

    SERVICE: ClassVar[str] = "notify"

    emergency_kept_days: int = Field(default=30, ge=1, le=365)

    notify_push_hosts: str = ""

    @property
    def push_hosts(self) -> tuple[str, ...]:
        """Whose push services are believed."""
        return hosts_of(self.notify_push_hosts or HOSTS)
