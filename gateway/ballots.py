"""``castBallot``: one ballot to the service, among those that go together, and its receipt back.

A repeat with the same Idempotency-Key brings the same receipt. Who gives none gets a key of her
own here, so that a batch which the broker delivers twice counts once.
"""

import secrets

from pydantic_core import to_json
from starlette.responses import Response

from gateway.operations import Call, idempotency_key, respond
from services.contracts.errors import from_wire
from services.kit.aio_rpc import Reply


async def cast_ballot(call: Call) -> Response:
    """``castBallot``: the receipt, or why there is none.

    Raises:
        ShequError: whatever the service has to say to this ballot.
    """
    return respond(call.operation, await taken(call, idempotency_key(call.request, call.operation)))


async def taken(call: Call, key: str) -> Reply:
    """What the service answers to one ballot that passed every check here.

    Raises:
        ShequError: whatever the service has to say to it.
    """
    ballot = {name: value for name, value in call.values.items() if name != "id"}
    sent = {
        "token": call.actor.token if call.actor else "",
        "idempotency_key": key or secrets.token_hex(16),
        "body_hash": call.shape.fingerprint(call.values) if key else "",
        "ballot": ballot,
    }
    desk, poll_id = call.gate.ballots, call.values["id"]
    answer = await desk.cast(poll_id, sent, call.context)
    if answer["alone"]:
        answer = await desk.alone(poll_id, sent, call.context, call.actor)
    if answer["error"] is not None:
        raise from_wire(answer["error"])
    return Reply(to_json(answer["receipt"]), replayed=bool(answer["replayed"]))
