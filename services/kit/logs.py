"""Structured logs: one JSON object a line, with the request and trace they belong to.

Payloads are never logged, so no personal data can be. ``bind`` sets the ids for the rest of
the call; they travel over AMQP in the headers of ``services.kit.wire``.
"""

import json
import logging
import secrets
import sys
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

import structlog

NOISY = ("nameko", "amqp", "kombu", "pamqp", "aiormq", "aio_pika", "alembic", "fontTools")
_encode = json.JSONEncoder(ensure_ascii=False).encode
_lines: "logging.StreamHandler[Any] | None" = None  # where lines go, when they are JSON
_begin = "{"


def configure(service: str, *, level: str = "INFO", fmt: str = "json") -> None:
    """Send the logs of this process to standard output as JSON (or readable, ``console``)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _name, event: {"service": service, **event},
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_frames),
                renderer,
            ],
        )
    )
    global _lines, _begin
    _lines = handler if fmt == "json" else None
    _begin = _encode({"service": service})[:-1]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # nameko logs every failed worker with its traceback; the kit logs it once, with its ids.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)


def _frames(exc_info: Any) -> str:
    """A traceback whose messages are cut to their first line."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in extract_tb(error.__traceback__)]
        lines.append(f"{type(error).__name__}: {first_line(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def first_line(error: BaseException) -> str:
    """What an error says, as far as it may be logged: the lines beneath may quote a row."""
    return (str(error).splitlines() or [""])[0][:200]


def get(name: str) -> Any:
    """A structured logger."""
    return structlog.get_logger(name)


class Often:
    """A line that is logged so often that making it took longer than what it tells of.

    It says what any other line would. In JSON, what is the same each time is rendered once, and no
    record is made; in another form, or where somebody else listens, it goes the way of all lines.

    Args:
        name: of the logger.
        event: what happened.
        known: the fields that are the same each time.
    """

    def __init__(self, name: str, event: str, **known: Any) -> None:
        self._plain, self._log = logging.getLogger(name), get(name)
        self._event, self._known = event, known
        same = {**known, "event": event, "level": "info", "logger": name}
        self._said = _encode(same)[1:-1]

    def info(self, **fields: str | int | float) -> None:
        """Log it, with these fields; of what ``bind`` set it says only what is among them."""
        lines = _lines
        if lines is None or logging.getLogger().handlers != [lines]:
            self._log.info(self._event, **self._known, **fields)
            return
        if not self._plain.isEnabledFor(logging.INFO):
            return
        own, now = _encode(fields)[1:-1], datetime.now(UTC).isoformat()[:-6]
        line = f'{_begin}, {self._said}, {own}, "timestamp": "{now}Z"}}\n'
        lines.acquire()
        try:
            lines.stream.write(line)
            lines.stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads it any more: that stops no work
        finally:
            lines.release()


def bind(**ids: str) -> None:
    """Forget the ids of the last call and set these for what this call logs."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{k: v for k, v in ids.items() if v})


def new_traceparent(parent: str = "") -> str:
    """A W3C trace context header: the parent's trace with a new span, or a new trace.

    Source: W3C Trace Context, section 3.2 (``00-<trace-id>-<span-id>-<flags>``).
    """
    parts = parent.split("-")
    new = secrets.token_hex(24)
    trace = parts[1] if len(parts) == 4 and len(parts[1]) == 32 else new[:32]
    return f"00-{trace}-{new[32:]}-01"


def flush() -> None:
    """Write out what is buffered, before the process ends the short way."""
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
