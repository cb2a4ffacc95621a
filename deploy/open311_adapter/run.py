"""The running adapter: the platform's link to the broker, and the courier beside it.

``link`` (main thread) talks to the broker, ``courier`` to the city, ``health`` answers probes. Each
goes on without the other: orders wait here while the city is away, updates while the broker is.
"""

import os
import signal
import sqlite3
import threading
from contextlib import ExitStack
from typing import Final

import structlog

from deploy.grid_platform.desk import Desk, utc_now
from deploy.grid_platform.health import HealthServer
from deploy.grid_platform.log import reason
from deploy.grid_platform.run import STOP_SECONDS, alone_with
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
    stop = threading.Event()

    def end(_signal: int, _frame: object) -> None:
        if not stop.is_set():
            stop.set()
            watchdog = threading.Timer(STOP_SECONDS, os._exit, (1,))
            watchdog.daemon = True
            watchdog.start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    status, path = Status(), settings.open311_database_file
    os.umask(0o077)  # the state file holds what residents wrote
    with ExitStack() as stack:
        stack.enter_context(alone_with(path))
        store = stack.enter_context(Store(path, create=True))
        if settings.health_port:
            server = HealthServer(settings.health_host, settings.health_port, status, path)
            stack.callback(server.close)
        rounds = Rounds(settings, status, stop)
        rounds.start()
        log.info("started", state_file=str(path), sqlite=sqlite3.sqlite_version)
        Link(settings.grid_amqp_url, Desk(store), status, stop).run()
        rounds.join(STOP_SECONDS)
    log.info("stopped")
