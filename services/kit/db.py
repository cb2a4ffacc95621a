"""The service's own database: engine, and the proof that its driver yields.

psycopg2 is green under eventlet (its wait callback is set when the library is patched); psycopg 3
would block the whole process. :func:`assert_green` shows it at start-up instead of trusting it.
"""

import time

from sqlalchemy import Engine, create_engine, text


def make_engine(
    url: str, *, pool: int = 16, statement_timeout_ms: int = 8_000, application: str = "shequtong"
) -> Engine:
    """An engine whose pool fits the process's workers and whose statements have a limit."""
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=2,
        pool_timeout=4,
        pool_recycle=1800,
        hide_parameters=True,  # an error message must not quote a row into the log
        connect_args={
            "connect_timeout": 5,
            "application_name": application,
            "options": (
                f"-c statement_timeout={statement_timeout_ms}"
                " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
            ),
        },
    )

    return engine


def connection_was_dead(error: BaseException) -> bool:
    """Whether a pooled connection turned out dead: the pool has thrown all of its age away.

    Instead of pinging before every use, the kit runs an entrypoint once more after this.
    """
    return bool(getattr(error, "connection_invalidated", False))


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
