"""Where everything of one checkout lives: folders below `var/`, and ports.

Two checkouts run side by side when they differ in `SHEQU_PORT` alone: every other port moves with
it. Each can also be set by itself.

    what            variable                  with SHEQU_PORT=8080
    gateway         SHEQU_PORT                8080
    PostgreSQL      SHEQU_PG_PORT             5471
    RabbitMQ        SHEQU_AMQP_PORT           5711
      distribution  SHEQU_AMQP_DIST_PORT      25711
      epmd          SHEQU_EPMD_PORT           4371
    health          SHEQU_HEALTH_BASE_PORT    18100 … 18131, one per process
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.system import Identity

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 8080
SPREAD = 211  # a prime: neighbouring and round numbers alike fall on different offsets
HEALTH_PORTS = 32  # processes that one checkout can watch


@dataclass(frozen=True)
class Ports:
    """The ports of one checkout."""

    gateway: int
    postgres: int
    amqp: int
    distribution: int
    epmd: int
    health: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The ports that `SHEQU_PORT` implies, each replaced by its own variable if set."""

        def number(name: str, otherwise: int) -> int:
            text = environment.get(name, "").strip()
            if not text:
                return otherwise
            if not text.isdigit() or not 0 < int(text) < 65536:
                raise ValueError(f"{name} is no port: {text!r}")
            return int(text)

        gateway = number("SHEQU_PORT", DEFAULT_PORT)
        offset = (gateway - DEFAULT_PORT) % SPREAD
        return cls(
            gateway=gateway,
            postgres=number("SHEQU_PG_PORT", 5471 + offset),
            amqp=number("SHEQU_AMQP_PORT", 5711 + offset),
            distribution=number("SHEQU_AMQP_DIST_PORT", 25711 + offset),
            epmd=number("SHEQU_EPMD_PORT", 4371 + offset),
            health=number("SHEQU_HEALTH_BASE_PORT", 18100 + offset * HEALTH_PORTS),
        )


@dataclass(frozen=True)
class Layout:
    """The folders and ports of one checkout."""

    root: Path
    ports: Ports

    @classmethod
    def of_this_checkout(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The layout of the checkout that this file stands in.

        While a launcher runs here its ports count, so that `SHEQU_PORT` is said once, to it.
        """
        told = cls(ROOT, Ports.from_environment(environment))
        launcher = Identity.read(told.launcher)
        if not (launcher and launcher.alive):
            return told
        try:
            numbers = json.loads(told.ports_file.read_text())
            return cls(ROOT, Ports(**numbers))
        except (OSError, ValueError, TypeError):
            return told

    @property
    def launcher(self) -> Path:
        """The record of the launcher that works here."""
        return self.var / "launcher.json"

    @property
    def ports_file(self) -> Path:
        """The ports of the launcher that works here."""
        return self.run / "ports.json"

    @property
    def var(self) -> Path:
        """Everything that running makes; deleting it starts from nothing."""
        return self.root / "var"

    @property
    def keys(self) -> Path:
        """Generated keys and passwords (mode 600 below a folder of mode 700)."""
        return self.var / "keys"

    @property
    def log(self) -> Path:
        """One log per process."""
        return self.var / "log"

    @property
    def run(self) -> Path:
        """What a run leaves for others to read (the demo's QR codes)."""
        return self.var / "run"

    @property
    def processes(self) -> Path:
        """Who runs: one record per process."""
        return self.run / "processes"
