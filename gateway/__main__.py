"""``python -m gateway``: serve until told to stop, then finish what is under way.

The app listens on ``SHEQU_HOST:SHEQU_PORT`` and, for probes, on the loopback's
``SHEQU_HEALTH_PORT``. On SIGTERM it says that it is not ready, sends live streams away, after
``leave_seconds`` accepts nothing new, and gives requests ``drain_seconds`` to finish.
"""

import asyncio
import gc
import resource
import socket
import sys
from collections.abc import Callable

import uvicorn
from pydantic import ValidationError

from gateway.app import create_app
from gateway.protocol import bounded
from gateway.settings import Settings
from services.kit import logs

BACKLOG = 2048
OTHER_FILES = 1_024
"""What a process may have open besides its live streams: requests, links, uploads."""
log = logs.get("gateway")


class Server(uvicorn.Server):
    """uvicorn, with streams that end when the process does, and an end that is no failure."""

    def __init__(
        self, config: uvicorn.Config, drain: Callable[[], None], leave_seconds: float = 0.0
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._leave_seconds = leave_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, wait until nobody comes any more, then stop."""
        self._drain()
        await asyncio.sleep(self._leave_seconds)
        await super().shutdown(sockets)
        self._captured_signals.clear()


def main() -> int:
    """Run the gateway; the exit code."""
    try:
        settings = Settings()
    except ValidationError as error:
        for found in error.errors(include_input=False, include_url=False):
            names = ".".join(str(part) for part in found["loc"])
            sys.stderr.write(f"gateway: {names} {found['msg']}\n")
        return 2
    logs.configure("gateway", level=settings.log_level, fmt=settings.log_format)
    _want_files(settings.max_streams + OTHER_FILES)
    app = create_app(settings)
    gc.collect()
    gc.freeze()  # what the start made stays: looking through it held requests up for 0.2 s at times
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=bounded(settings.body_seconds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
        backlog=BACKLOG,
    )
    sockets = [_listen(settings.host, settings.port)]
    if settings.health_port and settings.health_port != settings.port:
        sockets.append(_listen(settings.health_host, settings.health_port))
    log.info("gateway listens", host=settings.host, port=sockets[0].getsockname()[1])
    Server(config, app.state.gate.hub.drain, settings.leave_seconds).run(sockets)
    return 0


def _want_files(wanted: int) -> None:
    """Have as many files open as streams need, or say how many streams will find room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        room = max(0, most - OTHER_FILES)
        log.warning("too few open files allowed", allowed=most, wanted=wanted, streams=room)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


if __name__ == "__main__":
    sys.exit(main())
