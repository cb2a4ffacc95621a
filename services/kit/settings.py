"""Settings from the environment, refused when they would be unsafe.

Every name begins with ``SHEQU_``; secrets are files, named by ``…_FILE``. In production a demo
switch, a guest password or a missing secret stops the process before it serves anything.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.bucket import Style, bucket_of

LOOSE_PASSWORDS = ("guest:guest@", "postgres:postgres@", ":changeme@", ":password@", ":demo@")


class InsecureSettings(ValueError):
    """The settings would be unsafe where they are used."""


class KitSettings(BaseSettings):
    """What every process of ours knows.

    ``retry_scale`` multiplies the waiting times of the retry ladder (tests).
    """

    model_config = SettingsConfigDict(env_prefix="SHEQU_", extra="ignore", populate_by_name=True)

    env: Literal["development", "test", "production"] = "development"
    demo: bool = False
    var: Path = Path("var")
    amqp_url: str = "amqp://guest:guest@127.0.0.1:5672/"
    jwks_file: Path = Path("var/keys/jwks.json")
    upload_secret_file: Path = Path("var/keys/upload.secret")
    storage_url: str = "file://var/uploads"
    storage_endpoint: str = ""
    storage_region: str = "us-east-1"
    storage_style: Style = "path"
    storage_credentials_file: Annotated[
        Path | None, BeforeValidator(lambda named: named or None)
    ] = None
    public_url: str = "http://127.0.0.1:8080"
    log_level: str = "INFO"
    log_format: Literal["json", "console"] = "json"
    health_host: str = "127.0.0.1"
    health_port: int = 0
    retry_scale: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        if self.env != "production":
            return self
        if self.demo:
            raise InsecureSettings("SHEQU_DEMO must be off in production")
        for name, value in self._urls().items():
            if any(loose in value for loose in LOOSE_PASSWORDS):
                raise InsecureSettings(f"{name} carries a default password")
        if not self.public_url.startswith("https://"):
            raise InsecureSettings("SHEQU_PUBLIC_URL must be https in production")
        return self

    @model_validator(mode="after")
    def _storage_can_be_found(self) -> Self:
        """A bucket without a name or credentials is refused everywhere (StorageUnclear)."""
        bucket = bucket_of(self)
        if bucket is None or self.env != "production":
            return self
        if bucket.unencrypted:
            raise InsecureSettings("SHEQU_STORAGE_ENDPOINT must be https in production")
        if bucket.loose:
            raise InsecureSettings("the storage's credentials are those a server comes with")
        return self

    def _urls(self) -> dict[str, str]:
        return {"SHEQU_AMQP_URL": self.amqp_url}


class ServiceSettings(KitSettings):
    """What a service process knows besides.

    ``SERVICE`` names the service; the database comes from ``SHEQU_<SERVICE>_DATABASE_URL``.
    ``max_workers`` bounds how many calls one process works on at a time; the connection pool has
    the same size. ``prepare`` lets connections keep statements, which takes a session of their own
    (:mod:`services.kit.prepared`).
    """

    SERVICE: ClassVar[str] = ""

    database_url: str = ""
    max_workers: int = 16
    heartbeat: int = 10
    statement_timeout_ms: int = 8_000
    prepare: bool = True
    stop_seconds: float = 10.0

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        field = cls.model_fields["database_url"]
        name = f"SHEQU_{cls.SERVICE.upper()}_DATABASE_URL"
        field.validation_alias = AliasChoices(name, "database_url")
        cls.model_rebuild(force=True)

    @model_validator(mode="after")
    def _needs_a_database(self) -> Self:
        if not self.database_url:
            raise InsecureSettings(f"SHEQU_{self.SERVICE.upper()}_DATABASE_URL is not set")
        return self

    def _urls(self) -> dict[str, str]:
        return {**super()._urls(), "SHEQU_…_DATABASE_URL": self.database_url}
