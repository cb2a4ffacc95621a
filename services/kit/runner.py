"""One service per process: patch, wait for broker and database, run, stop within a limit.

``services/<name>/__main__.py`` imports nothing of ours before :func:`run`, because eventlet must
patch the standard library first.
"""

# ruff: noqa: E402 - the patch has to come before every other import
import os
import warnings

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # greendns overlooks /etc/hosts (defect L)
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # known: ADR 0002

import eventlet

eventlet.monkey_patch()

import gc

gc.disable()  # what the start makes stays: looking through it again and again took a sixth of it

import contextlib
import importlib
import signal
import sys
import time
from types import FrameType
from typing import Any

from nameko.constants import AMQP_URI_CONFIG_KEY, MAX_WORKERS_CONFIG_KEY
from nameko.containers import ServiceContainer
from pydantic import ValidationError
from sqlalchemy import text

from services.kit import db, logs, topology
from services.kit.publishing import BROKER_LOST
from services.kit.settings import ServiceSettings

log = logs.get(__name__)
db.be_green()


def nameko_config(settings: ServiceSettings) -> dict[str, Any]:
    """The configuration of a nameko container, from our settings."""
    return {
        AMQP_URI_CONFIG_KEY: settings.amqp_url,
        MAX_WORKERS_CONFIG_KEY: settings.max_workers,
        "HEARTBEAT": settings.heartbeat,
        "RETRY_SCALE": settings.retry_scale,
        "KIT_SETTINGS": settings,
    }


def run(service: str, settings: str) -> None:
    """Run the service named ``module:Class`` with its settings class until SIGTERM or SIGINT.

    Exits 0 after an ordinary stop, 1 when the container died of an error (the supervisor starts
    it again), 2 when the settings are refused.
    """
    settings_class = _load(settings)
    try:
        config: ServiceSettings = settings_class()
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):  # values are secrets
            where = ".".join(map(str, fault["loc"])) or "settings"
            print(f"settings refused: {where}: {fault['msg']}", file=sys.stderr)
        sys.exit(2)
    service_class = _load(service)
    logs.configure(service_class.name, level=config.log_level, fmt=config.log_format)
    service_class.prepare()
    _wait_for_broker(config)
    _wait_for_database(config)
    container = ServiceContainer(service_class, nameko_config(config))
    _end_on_signal()
    gc.collect()
    gc.freeze()  # looking through what stays held calls up for 0.2 s at times
    gc.enable()
    try:
        container.start()
        log.info("service is up", pid=os.getpid(), workers=config.max_workers)
        container.wait()
    except KeyboardInterrupt:
        _stop(container, config.stop_seconds)
        log.info("service has stopped")
        logs.flush()
        os._exit(0)
    except BaseException:
        log.exception("service died")
        logs.flush()
        os._exit(1)


def _end_on_signal() -> None:
    """Let the first SIGTERM or SIGINT interrupt the main greenlet, when it is its turn.

    A handler runs in whichever greenlet the signal finds running, and what it raises would tear
    a worker out of the middle of its call.
    """
    main = eventlet.getcurrent()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        eventlet.hubs.get_hub().schedule_call_global(0, main.throw, KeyboardInterrupt)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def _stop(container: ServiceContainer, seconds: float) -> None:
    """Stop gracefully; past the limit leave it to the broker, which gives unacked work again."""
    with contextlib.suppress(Exception), eventlet.Timeout(seconds, False):
        container.stop()


def _wait_for_broker(settings: ServiceSettings) -> None:
    """Declare the topology as soon as there is a broker (nameko would exit)."""
    pause = 0.1
    while True:
        try:
            topology.declare(settings.amqp_url, settings.retry_scale)
            return
        except BROKER_LOST as error:
            if getattr(error, "reply_code", 0) in (403, 406):
                raise  # waiting does not mend a refusal
            log.warning("waiting for the broker", error=type(error).__name__)
            time.sleep(pause)
            pause = min(pause * 2, 2.0)


def _wait_for_database(settings: ServiceSettings) -> None:
    engine = db.make_engine(settings.database_url, pool=2)
    pause = 0.1
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1 FROM kit_state LIMIT 1"))
            db.assert_green(engine)
            engine.dispose()
            return
        except db.DriverBlocks:
            raise
        except Exception as error:
            log.warning("waiting for the database", error=type(error).__name__)
            time.sleep(pause)
            pause = min(pause * 2, 2.0)


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)
