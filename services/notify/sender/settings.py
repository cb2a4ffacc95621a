"""The sender's settings: who delivers what; without an address a channel is not offered."""

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, SecretStr, model_validator

from services.kit.settings import InsecureSettings
from services.notify.domain.push import LOOPBACK
from services.notify.settings import Settings as NotifySettings

CHANNELS: Final = ("sms", "wechat", "mail", "dingtalk")
_OPEN: Final = ("json://", "http://", "mailto://")  # anybody between could read it


class Settings(NotifySettings):
    """Notify's database, the key that signs pushes, and providers as apprise addresses.

    ``{address}`` in a provider's address is the person's, ``{key}`` the idempotency key; a relay
    (``json://``, ``jsons://``) gets both anyway.
    """

    max_workers: int = 10
    notify_vapid_file: Annotated[Path | None, BeforeValidator(lambda named: named or None)] = None
    notify_sms_url: SecretStr = SecretStr("")
    notify_wechat_url: SecretStr = SecretStr("")
    notify_mail_url: SecretStr = SecretStr("")
    notify_dingtalk_url: SecretStr = SecretStr("")

    def url(self, channel: str) -> str:
        """The address of whoever delivers on a channel; empty: nobody does."""
        found: SecretStr = getattr(self, f"notify_{channel}_url")
        return found.get_secret_value().strip()

    @property
    def contact(self) -> str:
        """Whom a push service may ask about us (RFC 8292, 2.1)."""
        ours = self.public_url.startswith("https://")
        return self.public_url if ours else "mailto:nobody@example.org"

    @model_validator(mode="after")
    def _addresses_fit(self) -> Self:
        for channel in CHANNELS:
            url, name = self.url(channel), f"SHEQU_NOTIFY_{channel.upper()}_URL"
            relay = url.startswith(("json://", "jsons://"))
            if channel == "dingtalk" and url and not relay:
                raise InsecureSettings(f"{name} must begin with jsons://")
            if url and not relay and "{address}" not in url:
                raise InsecureSettings(f"{name} does not say where {{address}} goes")
            ours = f"://{LOOPBACK}" in url
            if self.env == "production" and url.startswith(_OPEN) and not ours:
                raise InsecureSettings(f"{name} must be encrypted in production")
        return self
