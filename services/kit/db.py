"""The service's own database: engine, and the proof that its driver yields.

psycopg2 is green under eventlet (through its wait callback); psycopg 3 would block the whole
process. :func:`assert_green` shows it at start-up instead of trusting it.

The server's own timeouts (of statements, of idle sessions) are worth nothing when the server, or
what lies between, falls silent: so every wait for it has a limit here, too.
"""

import time
from collections import OrderedDict
from typing import Any

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE, set_wait_callback
from psycopg2.extensions import connection as PsycopgConnection
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.kit import prepared

SILENCE_SECONDS = 13.0  # more than the statement timeout of a service, 8 s
AWAY = (OperationalError, InterfaceError, PoolTimeout)
_LOST_A_RACE = ("40001", "40P01")  # serialization failure, deadlock
_SERVER_GONE = ("57P01", "57P02", "57P03", "53300")  # shut down, crashed, starting, too many


class Bounded(PsycopgConnection):
    """A connection that gives its server up when it says nothing for ``silence_seconds``.

    ``prepared`` names what its session has prepared, the latest used last.
    """

    silence_seconds = SILENCE_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepared: OrderedDict[str, None] = OrderedDict()


class SilentDatabase(psycopg2.OperationalError):
    """The database took a question and says nothing; the connection is of no use any more."""


def wait_green(connection: Any) -> None:
    """psycopg2's wait callback: let other greenlets run, and do not wait for ever.

    Raises:
        SilentDatabase: nothing came within the connection's ``silence_seconds``; psycopg2 then
            drops the connection.
    """
    from eventlet.hubs import trampoline

    seconds = getattr(connection, "silence_seconds", SILENCE_SECONDS)
    silent = SilentDatabase(f"the database says nothing for {seconds:.0f} s")
    while (state := connection.poll()) != POLL_OK:
        if state not in (POLL_READ, POLL_WRITE):
            raise psycopg2.OperationalError(f"unexpected state {state} of a connection")
        trampoline(
            connection.fileno(),
            read=state == POLL_READ,
            write=state == POLL_WRITE,
            timeout=seconds,
            timeout_exc=silent,
        )


def be_green() -> None:
    """Make psycopg2 wait with :func:`wait_green`; for processes that eventlet has patched."""
    set_wait_callback(wait_green)


def make_engine(
    url: str,
    *,
    pool: int = 16,
    statement_timeout_ms: int = 8_000,
    application: str = "shequtong",
    prepare: bool = True,
) -> Engine:
    """An engine whose pool fits the process's workers and whose statements have a limit.

    Args:
        prepare: whether a connection keeps what is marked (:mod:`services.kit.prepared`).
    """
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=2,
        pool_timeout=4,
        pool_recycle=1800,
        hide_parameters=True,  # an error message must not quote a row into the log
        connect_args={
            "connect_timeout": 5,
            "connection_factory": Bounded,
            # The server's timeouts end with the server: a host that is gone must be noticed here.
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "application_name": application,
            "options": (
                f"-c statement_timeout={statement_timeout_ms}"
                " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
            ),
        },
    )
    seconds = statement_timeout_ms / 1000 + 5
    event.listen(engine, "connect", lambda connection, _: _allow(connection, seconds))
    if prepare:
        prepared.install(engine)
    return engine


def _allow(connection: Any, seconds: float) -> None:
    connection.silence_seconds = seconds


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code for what happened (its manual, appendix A); empty when there is none."""
    return getattr(getattr(error, "orig", None), "pgcode", None) or ""


def worth_repeating(error: BaseException) -> bool:
    """Whether the same transaction may go well at once: its connection was dead, it lost a race,
    or what it had prepared is outdated.

    After a dead connection the pool has thrown all of its age away. Instead of pinging before
    every use, the kit runs an entrypoint once more after this.
    """
    dead = bool(getattr(error, "connection_invalidated", False))
    outdated = isinstance(getattr(error, "orig", None), prepared.Outdated)
    return dead or outdated or sqlstate(error) in _LOST_A_RACE


def not_there(error: BaseException) -> bool:
    """Whether the database could not be reached at all, as against a statement that failed."""
    if not isinstance(error, AWAY):
        return False
    code = sqlstate(error)
    return not code or code in _SERVER_GONE or code.startswith("08")


def below(path: str) -> str:
    """What the paths below a node are LIKE."""
    return path.replace("_", r"\_") + ".%"


class DriverBlocks(RuntimeError):
    """A waiting query stops every other greenlet of the process."""


def assert_green(engine: Engine) -> None:
    """Raise :class:`DriverBlocks` when a query in one greenlet stops the others."""
    import eventlet

    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while True:
            eventlet.sleep(0.005)
            ticks += 1

    ticker = eventlet.spawn(tick)
    started = time.monotonic()
    with engine.connect() as connection:
        ticks = 0
        connection.execute(text("SELECT pg_sleep(0.05)"))
    ticker.kill()
    if ticks < 2 and time.monotonic() - started >= 0.05:
        raise DriverBlocks("the database driver is not green; is psycopg2 patched by eventlet?")
