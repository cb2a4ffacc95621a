"""The gateway's settings, from the environment like everybody's."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import NoDecode

from services.kit.blobs import SECRET_BYTES
from services.kit.settings import InsecureSettings, KitSettings

GRID_KEY_LENGTH = 32
GRID_KEY_SIGNS = 10
"""Different signs: a random key of that length has some twenty, a made-up one like ``xxx…`` few."""


class Settings(KitSettings):
    """What the gateway knows besides what every process knows.

    Attributes:
        cors_origins: origins whose pages may call the API, separated by commas; none by default.
        rate_limits: ``auto`` is on, except for loopback in demo mode.
        redis_url: where several gateways count rate limits together (``redis://``, ``rediss://``,
            ``unix://``); without it each counts its own.
        trusted_proxies: addresses whose ``X-Forwarded-For`` is believed, separated by commas.
        body_seconds: within which a request must have arrived entirely.
        leave_seconds: between saying that it is not ready and accepting nothing new, for load
            balancers that go by ``/readyz``.
        drain_seconds: which a stopping process gives to what is under way.
        upload_workers: pictures that are worked on at a time; each may take 400 MB.
        font: the font of posters, ``regular`` or ``regular:bold``; found by itself otherwise.
        cache_bytes: what kept answers may take in this process; 0 keeps none.
        stream_beat_seconds: between two signs of life on an idle stream.
        max_streams: open live streams in this process.
        grid_key_file: holds the API key with which the grid platform uploads result photos; no
            platform may without one.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    rate_limits: Literal["auto", "on", "off"] = "auto"
    redis_url: str = Field(default="", pattern=r"^((rediss?|unix)://.+)?$")
    trusted_proxies: str = ""
    body_seconds: float = Field(default=20.0, gt=0)
    leave_seconds: float = Field(default=0.0, ge=0)
    drain_seconds: float = Field(default=10.0, ge=0)
    upload_workers: int = Field(default=2, ge=1, le=32)
    font: str = ""
    cache_bytes: int = Field(default=64_000_000, ge=0)
    stream_beat_seconds: float = Field(default=15.0, gt=0)
    max_streams: int = Field(default=5_000, ge=1)
    grid_key_file: Annotated[Path | None, BeforeValidator(lambda named: named or None)] = None

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    def _urls(self) -> dict[str, str]:
        return {**super()._urls(), "SHEQU_REDIS_URL": self.redis_url}

    @model_validator(mode="after")
    def _refuse_what_is_unsafe_at_the_door(self) -> Self:
        if self.env != "production":
            return self
        if "*" in self.cors_origins:
            raise InsecureSettings("SHEQU_CORS_ORIGINS must name its origins in production")
        if self.trusted_proxies.strip() == "*":
            raise InsecureSettings("SHEQU_TRUSTED_PROXIES must name its proxies in production")
        if self.rate_limits == "off":
            raise InsecureSettings("SHEQU_RATE_LIMITS must not be off in production")
        secret = self.upload_secret_file
        if not secret.is_file() or secret.stat().st_size < SECRET_BYTES:
            raise InsecureSettings("SHEQU_UPLOAD_SECRET_FILE must hold a secret of 32 bytes")
        if self.grid_key_file and not _is_secret(self.grid_key_file):
            raise InsecureSettings("SHEQU_GRID_KEY_FILE must hold a key of at least 32 characters")
        if not self.jwks_file.is_file():
            raise InsecureSettings("SHEQU_JWKS_FILE must hold identity's public keys")
        return self


def _is_secret(file: Path) -> bool:
    """Whether the file holds a key that nobody guesses: long enough, and of many signs."""
    try:
        key = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return False
    return len(key) >= GRID_KEY_LENGTH and len(set(key)) >= GRID_KEY_SIGNS
