"""The running platform: three loops around one state file.

``link`` (main thread) talks to the broker, ``clock`` makes what is due, ``health`` answers
probes. SIGTERM or SIGINT ends all of them within :data:`STOP_SECONDS`; whatever was not said by
then lies in the outbox, whatever was not acknowledged is given to the next run.
"""

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from .desk import Desk
from .faults import Faults, Journal, Plan
from .health import HealthServer
from .log import reason
from .settings import Settings
from .status import Status
from .store import Store
from .wire import Link

STOP_SECONDS = 10.0
CLOCK_SECONDS = 0.1

log = structlog.get_logger("grid_platform")


class AlreadyRunning(Exception):
    """Another process runs on the same state file."""


class Clock(threading.Thread):
    """Makes automatic steps and releases messages that waited long enough."""

    def __init__(self, settings: Settings, status: Status, stop: threading.Event) -> None:
        super().__init__(name="clock", daemon=True)
        self.settings = settings
        self.status = status
        self.stop = stop

    def run(self) -> None:
        """Go round until stopped. A round that fails does not beat, and /healthz tells."""
        self.status.beat("clock")
        with Store(self.settings.grid_database_file) as store:
            desk = Desk(store)
            while not self.stop.wait(CLOCK_SECONDS):
                try:
                    desk.release()
                    if self.settings.grid_step_seconds is not None:
                        desk.walk(self.settings.grid_step_seconds)
                except Exception as error:
                    log.error("clock_trouble", reason=reason(error))
                    self.stop.wait(1.0)
                else:
                    self.status.beat("clock")


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """One running process per state file; the lock goes with the process, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"{path} is in use by another running process") from None
        yield


def told_to_stop() -> threading.Event:
    """Set by SIGTERM or SIGINT; what still runs :data:`STOP_SECONDS` later is ended."""
    stop = threading.Event()

    def end(_signal: int, _frame: object) -> None:
        if not stop.is_set():
            stop.set()
            watchdog = threading.Timer(STOP_SECONDS, _give_up)
            watchdog.daemon = True
            watchdog.start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


@contextmanager
def at_work(path: Path, health_host: str, health_port: int) -> Iterator[tuple[Store, Status]]:
    """The state file for one process alone, and the health pages beside it.

    Raises:
        AlreadyRunning: another process runs on it.
    """
    os.umask(0o077)  # the state file holds what residents wrote
    with ExitStack() as stack:
        stack.enter_context(alone_with(path))
        store = stack.enter_context(Store(path, create=True))
        status = Status()
        if health_port:
            server = HealthServer(health_host, health_port, status, path)
            stack.callback(server.close)
        yield store, status


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises what keeps it from starting."""
    stop, path = told_to_stop(), settings.grid_database_file
    with at_work(path, settings.health_host, settings.health_port) as (store, status):
        clock = Clock(settings, status, stop)
        clock.start()
        mode = settings.grid_step_seconds
        log.info("started", automatic_step_seconds=mode, state_file=str(path))
        desk = Desk(store)
        faults = None
        if settings.grid_faults:
            faults = Faults(Plan.read(settings.grid_faults), Journal.beside(path))
            log.warning("drill", faults=settings.grid_faults, journal=str(faults.journal.path))
        Link(settings.grid_amqp_url, desk, status, stop, faults).run()
        clock.join(STOP_SECONDS)
    log.info("stopped")


def _give_up() -> None:
    log.error("stop_took_too_long", seconds=STOP_SECONDS)
    os._exit(1)
