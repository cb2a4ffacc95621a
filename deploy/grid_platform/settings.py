"""Settings, from the environment (``SHEQU_*``)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .faults import Plan


def _step_seconds(value: object) -> object:
    """``manual``, nothing or 0 switch the automatic mode off."""
    return None if str(value).strip().lower() in {"", "manual", "none", "0", "0.0"} else value


def _plan(words: str) -> str:
    if words.strip():
        Plan.read(words)
    return words.strip()


class Settings(BaseSettings):
    """What the platform needs to know about where it runs."""

    model_config = SettingsConfigDict(env_prefix="SHEQU_", extra="ignore", frozen=True)

    env: Literal["development", "test", "production"] = "development"

    grid_amqp_url: str = ""
    """The platform's own broker user: may read its queue and write ``grid.updates``."""

    grid_database_file: Path = Path("var/grid_platform/state.sqlite3")
    """The state file; its folder is made when it is missing."""

    grid_step_seconds: Annotated[
        Annotated[float, Field(gt=0, le=86_400)] | None, BeforeValidator(_step_seconds)
    ] = 1.0
    """Pause of the automatic mode in each state; None (``manual``) switches it off."""

    grid_faults: Annotated[str, AfterValidator(_plan)] = ""
    """A drill: ``seed=7 share=0.1 kinds=delay,wrong`` (see ``faults.py``); none by default."""

    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    """Where /healthz, /readyz and /metrics are served; nowhere when the port is 0."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "console"

    @model_validator(mode="before")
    @classmethod
    def _manual_in_production(cls, values: dict[str, object]) -> dict[str, object]:
        # A work order that closes itself while nobody went there is a lie to the resident.
        if values.get("env") != "production":
            return values
        if values.get("grid_faults"):
            raise ValueError("SHEQU_GRID_FAULTS is a drill and must not be set in production")
        if _step_seconds(values.get("grid_step_seconds", "manual")) is not None:
            raise ValueError("SHEQU_GRID_STEP_SECONDS must be 'manual' in production")
        return {**values, "grid_step_seconds": None}
