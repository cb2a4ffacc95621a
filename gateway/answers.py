"""Answers that more than one service takes part in."""

import asyncio
from datetime import UTC, datetime, timedelta

from pydantic_core import to_json
from starlette.responses import Response

from gateway.operations import JSON, Call, respond
from services.contracts.errors import Forbidden, ShequError
from services.kit.aio_rpc import Reply

CLOCKS = ("identity", "feed", "grid_bridge", "votes", "notify")
UNREAD_SECONDS = 0.5


class DemoOnly(Forbidden):
    """Time cannot be moved outside of the demo."""

    code = "ops.demo_only"
    zh, en = "仅演示环境可用", "This works in the demo only"


async def get_me(call: Call) -> Response:
    """Identity says who it is, notify how much news there is; without notify it stays unknown."""
    me, unread = await asyncio.gather(call.ask(), _unread(call))
    body = {**me.data, "unread": unread}
    return respond(call.operation, Reply(to_json(body), xmin=me.xmin))


async def _unread(call: Call) -> int | None:
    try:
        reply = await call.gate.backend.ask(
            "countUnread", {}, context=call.context, actor=call.actor, seconds=UNREAD_SECONDS
        )
        return int(reply.data["unread"])
    except (ShequError, LookupError, TypeError, ValueError):
        return None  # the number is a courtesy; who I am does not depend on it


async def advance_clock(call: Call) -> Response:
    """Move the clocks of all services; each adds to its own.

    When one is away the answer is 503, although the others have moved: a demo is begun anew then.
    """
    if not call.gate.settings.demo:
        raise DemoOnly()
    replies = await asyncio.gather(*(call.ask(service=service) for service in CLOCKS))
    call.gate.cache.empty()
    offset = max(float(reply.data["offset_seconds"]) for reply in replies)
    now = datetime.now(UTC) + timedelta(seconds=offset)
    return Response(to_json({"now": now, "offset_seconds": offset}), media_type=JSON)
