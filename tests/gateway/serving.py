"""The app behind a real server, on a port of its own, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from gateway.__main__ import Server
from gateway.protocol import bounded
from tests.gateway.waiting import until


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[tuple[str, Server]]:
    """Serve `app`; gives its address and the server."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        app,
        http=bounded(app.state.gate.settings.body_seconds),
        log_config=None,
        access_log=False,
        lifespan="on",
        proxy_headers=bool(app.state.gate.settings.trusted_proxies),
        forwarded_allow_ips=app.state.gate.settings.trusted_proxies or None,
        timeout_graceful_shutdown=5,
    )
    server = Server(config, app.state.gate.hub.drain)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", server
    finally:
        server.should_exit = True
        await task
        listener.close()
