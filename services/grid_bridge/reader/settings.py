"""The reader's settings."""

from typing import ClassVar

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """The bridge's database; few workers, as there is one thread of arithmetic.

    More than one, because what comes in is kept while texts are being reckoned, and so that the
    broker's heartbeats are never behind them.
    """

    SERVICE: ClassVar[str] = "grid_bridge"

    max_workers: int = 4
