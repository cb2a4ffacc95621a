"""A gateway's cache in front of the matrix's house: it hears what feed tells when a test says."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from gateway.cache import Cache, question
from gateway.metrics import Metrics
from services.contracts import topology
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.events import REGISTRY, Envelope
from services.contracts.operations import BY_ID
from services.kit import wire
from services.kit.aio_rpc import Reply
from services.kit.verdicts import Shared
from tests.support.matrix.house import House

HEARD = {event.TYPE for event in topology.BROADCAST}


class Front:
    """One gateway: what it keeps, and how often it had to ask."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.cache = Cache(Metrics())
        self.cache.on_attached()
        self.asked = 0
        self._heard = self._last()

    def read(self, actor: Actor, operation: str, /, **values: Any) -> bytes | str:
        """What a reader gets: the bytes, or the code of the refusal."""
        row = BY_ID[operation]

        async def ask() -> Reply:
            self.asked += 1
            return self.plain(actor, operation, **values)

        async def give_pass(its_id: str, its: dict[str, Any]) -> Reply:
            return self.plain(actor, its_id, **its)

        async def answer() -> Reply:
            if not self.cache.serves(row, actor):
                return await ask()
            asked = question(row, values)
            return await self.cache.read(asked, row.service, actor, "", ask, give_pass)

        try:
            return asyncio.run(answer()).body
        except ShequError as error:
            return error.code

    def uncached(self, actor: Actor, operation: str, /, **values: Any) -> bytes | str:
        """What the service answers her itself."""
        try:
            return self.plain(actor, operation, **values).body
        except ShequError as error:
            return error.code

    def plain(self, actor: Actor, operation: str, /, **values: Any) -> Reply:
        """The service's reply, as the client of the kit reads it."""
        row = BY_ID[operation]
        headers = {wire.TOKEN: self.house.verifier.token(actor)}
        said = self.house._answer(row.service, row, values, headers)
        shared = said.get("shared")
        return Reply(
            said["json"].encode(),
            xmin=said.get("xmin", 0),
            epoch=said.get("epoch", 0),
            shared=Shared(**{**shared, "about": tuple(shared["about"])}) if shared else None,
        )

    def hear(self) -> list[str]:
        """All that feed told since the last time arrives; the types of it."""
        heard = list(self._outbox())
        for envelope in heard:
            self.cache.on_event(envelope)
        self._heard = self._last()
        return [envelope.type for envelope in heard]

    def _outbox(self) -> Iterable[Envelope]:
        with self.house.units["feed"]() as uow:
            rows = uow.session.execute(
                text(
                    "SELECT event_id, type, subject, subject_version, occurred_at, body, "
                    "xid::text AS xid FROM kit_outbox WHERE id > :last ORDER BY id"
                ),
                {"last": self._heard},
            ).all()
        for row in rows:
            if row.type in HEARD:
                yield Envelope(
                    event_id=row.event_id,
                    source="feed",
                    type=row.type,
                    subject=row.subject,
                    subject_version=row.subject_version,
                    time=row.occurred_at,
                    xid=int(row.xid),
                    event=REGISTRY[row.type].read(json.loads(row.body)),
                )

    def _last(self) -> int:
        with self.house.units["feed"]() as uow:
            return uow.session.scalar(text("SELECT coalesce(max(id), 0) FROM kit_outbox")) or 0
