"""Logging: one line per event, JSON or readable. Order numbers and states only: no title, no
place, no words of a resident."""

import logging
import sqlite3
import sys
import traceback
from pathlib import Path

import structlog
from pika.exceptions import AMQPError


def set_up(level: str, form: str, service: str = "grid_platform") -> None:
    """Send structlog and the standard library's loggers (pika) to standard output."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _name, event: {"service": service, **event},
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # pika tells every failed connection three times over; we tell it once, with the reason.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def reason(error: Exception) -> str:
    """What went wrong, in a line. The text of an error that nobody foresaw may quote a message;
    its place in the code says enough."""
    if isinstance(error, AMQPError | OSError | sqlite3.Error):
        return repr(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
