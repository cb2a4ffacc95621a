"""What one writes with nameko alone: the other side of the RPC comparison."""

# ruff: noqa: E402 - the patch has to come before every other import
import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet

eventlet.monkey_patch()

import os
from typing import Any

from nameko.containers import ServiceContainer
from nameko.rpc import rpc
from sqlalchemy import create_engine, text

ENGINE = create_engine(os.environ["SHEQU_PROBE_DATABASE_URL"], pool_size=16)


class PlainService:
    """Echo, and one row read in a transaction."""

    name = "plain"

    @rpc
    def echo(self, word: str) -> dict[str, Any]:
        return {"data": {"word": word, "by": ""}}

    @rpc
    def read(self, word: str) -> dict[str, Any]:
        with ENGINE.begin() as connection:
            row = connection.execute(
                text("SELECT author FROM note WHERE thing = :thing LIMIT 1"), {"thing": word}
            ).first()
        return {"data": {"word": word, "by": row.author if row else ""}}


if __name__ == "__main__":
    container = ServiceContainer(
        PlainService, {"AMQP_URI": os.environ["SHEQU_AMQP_URL"], "max_workers": 16}
    )
    container.start()
    container.wait()
