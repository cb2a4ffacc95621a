"""Settings, from the environment (``SHEQU_*``)."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Service(BaseModel):
    """What the city calls one of our slots, and what it must be told with it."""

    service_code: str = Field(min_length=1)
    attributes: dict[str, str] = {}


def _table(value: Any) -> Any:
    return json.loads(value or "{}") if isinstance(value, str) else value


def _service(value: Any) -> Any:
    return {"service_code": value} if isinstance(value, str) else value


class Settings(BaseSettings):
    """What the adapter needs to know about the city's server and where it runs itself."""

    model_config = SettingsConfigDict(env_prefix="SHEQU_", extra="ignore", frozen=True)

    env: Literal["development", "test", "production"] = "development"

    grid_amqp_url: str = ""
    """The grid platform's broker user: the adapter stands in its place."""

    open311_url: str = ""
    """The city's GeoReport v2 server, up to and with its ``/v2``; https in production."""

    open311_api_key: SecretStr = SecretStr("")
    open311_jurisdiction: str = ""
    open311_format: Literal["json", "xml"] = "json"

    open311_services: Annotated[
        dict[str, Annotated[Service, BeforeValidator(_service)]], NoDecode, BeforeValidator(_table)
    ] = {}
    """JSON: our slot to the city's service code, or ``{"service_code": …, "attributes": {…}}``;
    ``*`` is for every other slot. A slot that is not there is parked."""

    open311_words: bool = False
    """Whether title and description are sent as well. What a city's server holds, anybody can read
    (PIPL art. 25): switch it on only where the city keeps them to itself."""

    open311_poll_seconds: float = Field(default=60.0, gt=0, le=86_400)
    open311_settle_seconds: float = Field(default=60.0, ge=0, le=3_600)
    """How long after a request of which nobody knows whether it arrived it is looked for."""

    open311_timeout_seconds: float = Field(default=20.0, gt=0, le=120)
    """How long an answer of the city is waited for."""

    open311_database_file: Path = Path("var/open311_adapter/state.sqlite3")

    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "console"

    @model_validator(mode="after")
    def _nobody_listens_in(self) -> Self:
        scheme = urlsplit(self.open311_url).scheme
        if self.open311_url and scheme not in ("http", "https"):
            raise ValueError("SHEQU_OPEN311_URL must be an http or https address")
        if self.env == "production" and scheme == "http":
            raise ValueError("SHEQU_OPEN311_URL must be https in production: the key goes with it")
        return self
