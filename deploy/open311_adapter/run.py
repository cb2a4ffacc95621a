"""The running adapter: the platform's link to the broker, and the courier beside it.

``link`` (main thread) talks to the broker, ``courier`` to the city, ``health`` answers probes. Each
goes on without the other: orders wait here while the city is away, updates while the broker is.
"""

import sqlite3
import threading
from typing import Final

import structlog

from deploy.grid_platform.desk import Desk, utc_now
from deploy.grid_platform.log import reason
from deploy.grid_platform.run import STOP_SECONDS, at_work, told_to_stop
from deploy.grid_platform.status import Status
from deploy.grid_platform.store import Store
from deploy.grid_platform.wire import Link

from .city import City
from .courier import Courier
from .settings import Settings

ROUND_SECONDS: Final = 0.2

log = structlog.get_logger("open311_adapter")


class Rounds(threading.Thread):
    """Goes round between desk and city until stopped."""

    def __init__(self, settings: Settings, status: Status, stop: threading.Event) -> None:
        super().__init__(name="courier", daemon=True)
        self.settings, self.status, self.stop = settings, status, stop

    def run(self) -> None:
        """A round that fails does not beat, and /healthz tells."""
        self.status.beat("courier")
        city, parked = City(self.settings), 0
        with Store(self.settings.open311_database_file) as store:
            desk = Desk(store)
            courier = Courier(self.settings, desk, city, now=utc_now)
            while not self.stop.wait(ROUND_SECONDS):
                try:
                    desk.release()
                    courier.go_round()
                    before, parked = parked, courier.ledger.counts().get("parked", 0)
                except Exception as error:
                    log.error("courier_trouble", reason=reason(error))
                    self.stop.wait(1.0)
                else:
                    self.status.beat("courier")
                    if parked != before:
                        self.status.set(trouble=f"{parked} requests parked" if parked else "")
        city.close()


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises what keeps it from starting."""
    stop, path = told_to_stop(), settings.open311_database_file
    with at_work(path, settings.health_host, settings.health_port) as (store, status):
        rounds = Rounds(settings, status, stop)
        rounds.start()
        log.info("started", state_file=str(path), sqlite=sqlite3.sqlite_version)
        Link(settings.grid_amqp_url, Desk(store), status, stop).run()
        rounds.join(STOP_SECONDS)
    log.info("stopped")
