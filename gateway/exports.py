"""``exportPoll`` and ``auditPoll``: a poll as one JSON file, sent as the service writes it.

A poll of a hundred thousand ballots is some ten megabytes: the service gives them piece by piece,
and none of them is kept here. The first piece is asked for before anything is answered, so that a
refusal is a refusal; when a later one fails the connection is broken off, and a file that has no
end is none to the verifier.
"""

from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from gateway.operations import Call


async def export_poll(call: Call) -> Response:
    """What everybody may have.

    Raises:
        ShequError: what the service has to say.
    """
    return await _streamed(call, "public")


async def audit_poll(call: Call) -> Response:
    """What auditors see besides.

    Raises:
        ShequError: what the service has to say.
    """
    return await _streamed(call, "auditor")


async def _streamed(call: Call, audience: str) -> Response:
    first = await _piece(call, audience, None)
    return StreamingResponse(
        _texts(call, audience, first),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="poll-{call.values["id"]}.json"',
            "Cache-Control": "no-store",
        },
    )


async def _texts(call: Call, audience: str, piece: dict[str, Any]) -> AsyncIterator[bytes]:
    yield piece["text"].encode()
    while piece["next_cursor"] is not None:
        piece = await _piece(call, audience, piece["next_cursor"])
        yield piece["text"].encode()


async def _piece(call: Call, audience: str, cursor: str | None) -> dict[str, Any]:
    wanted = {"id": call.values["id"], "audience": audience, "cursor": cursor}
    reply = await call.gate.backend.ask(
        "exportPollPart",
        {name: value for name, value in wanted.items() if value is not None},
        context=call.context,
        actor=call.actor,
    )
    piece: dict[str, Any] = reply.data
    return piece
