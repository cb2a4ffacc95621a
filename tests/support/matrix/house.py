"""All services in this process, each on its own database, called through the kit's worker.

::

    House.ask(actor, operation, **command) ─▶ Worker.answer ─▶ permit, shape, handler, commit
                                                  └─ uow.ask ─▶ the other service's worker

No broker: a question of one service to another goes straight to the other one's worker, with the
same token. What a test builds is built by asking, too, so that it is what the services make.
"""

import json
import secrets
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from services.contracts import events as e
from services.contracts.actor import Actor, Role
from services.contracts.errors import ShequError, Unauthenticated, Unavailable, from_wire
from services.contracts.operations import BY_ID, by_method
from services.contracts.operations.base import Operation
from services.feed.service import FeedService
from services.feed.settings import Settings as FeedSettings
from services.grid_bridge.service import GridBridgeService
from services.grid_bridge.settings import Settings as BridgeSettings
from services.identity.crypto import Vault
from services.identity.models import (
    Territory,
)
from services.identity.service import IdentityService
from services.identity.settings import Settings as IdentitySettings
from services.kit import wire
from services.kit.blobs import BlobStore
from services.kit.nameko_bridge import RpcFailure
from services.kit.uow import UnitOfWorkFactory
from services.kit.watching import Watching
from services.kit.worker import Worker
from services.notify.service import NotifyService
from services.notify.settings import Settings as NotifySettings
from services.votes.crypto import keys as keys_of_votes
from services.votes.service import VotesService
from services.votes.settings import Settings as VotesSettings
from tests.support.identity_world import HOME, World, vault_file_content
from tests.support.matrix.people import COMMUNITIES, FAR, FAR_BUILDING, FAR_ESTATE, FAR_ID, People
from tests.support.votes_keys import votes_keys_file

SERVICES: dict[str, tuple[Any, Any]] = {
    "identity": (IdentityService, IdentitySettings),
    "feed": (FeedService, FeedSettings),
    "grid_bridge": (GridBridgeService, BridgeSettings),
    "notify": (NotifyService, NotifySettings),
    "votes": (VotesService, VotesSettings),
}
CODE = "246810"  # of the demo
FARTHEST = "d2"
ELSEWHERE = (
    ("d2", "district", None, "d2", "另一区"),
    ("t2", "town", "d", "d.t2", "另一镇"),
    (FAR_ID, "community", "t2", FAR, "远处居民区"),
    (FAR_ESTATE, "estate", FAR_ID, f"{FAR}.e", "远处苑"),
    (FAR_BUILDING, "building", FAR_ESTATE, f"{FAR}.e.b", "1号楼"),
)


class Verifier:
    """Knows the actors whose tokens it gave out."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}

    def token(self, actor: Actor) -> str:
        """A token for this actor."""
        token = f"t{len(self.actors)}"
        self.actors[token] = actor
        return token

    def verify(self, token: str) -> Actor:
        """The actor behind it."""
        try:
            return self.actors[token]
        except KeyError:
            raise Unauthenticated() from None


class House(People):
    """Five services and the people of a district; every call is a transaction of its own."""

    def __init__(
        self, units: dict[str, UnitOfWorkFactory], folder: Path, vault: Vault, keys: str
    ) -> None:
        self.verifier = Verifier()
        super().__init__(units, vault, datetime.now(UTC))
        self.world = World(units["identity"], vault)
        self.world.now = self.world.clock = self.now
        self.onlookers: dict[tuple[Role, str, bool], Actor] = {}
        self._chassis = {name: self._made(name, folder) for name in SERVICES}
        (folder / "data.keys.json").write_text(vault_file_content(vault))
        (folder / "token.jwk.json").write_text(keys)
        (folder / "upload.secret").write_bytes(secrets.token_bytes(32))
        keys_of_votes.use(votes_keys_file())
        self._settle_territory()
        self.secretary = self.person((Role.SECRETARY, HOME))
        self.resident = self.person((Role.RESIDENT, HOME))
        for district in ("d", FARTHEST):  # the last administrator of a district may not leave
            self.person((Role.DISTRICT_ADMIN, district))

    def _made(self, name: str, folder: Path) -> SimpleNamespace:
        """What a worker wants of a chassis."""
        url = self.units[name].engine.url.render_as_string(hide_password=False)
        settings = SERVICES[name][1](
            env="test",
            demo=True,
            database_url=url,
            var=folder,
            jwks_file=folder / "jwks.json",
            upload_secret_file=folder / "upload.secret",
            storage_url=f"file://{folder / 'files'}",
            **(
                {
                    "data_keys_file": folder / "data.keys.json",
                    "token_key_file": folder / "token.jwk.json",
                }
                if name == "identity"
                else {}
            ),
        )
        return SimpleNamespace(
            settings=settings,
            engine=self.units[name].engine,
            units=self.units[name],
            verifier=self.verifier,
            replies=SimpleNamespace(ask=self._between),
            watching=Watching(self.units[name], name),
            now=lambda: self.now,
            move_clock=lambda _uow, seconds: seconds,
        )

    def _settle_territory(self) -> None:
        with self.units["identity"]() as uow:
            for position, (node, kind, parent, path, name) in enumerate(ELSEWHERE, 100):
                uow.session.execute(
                    insert(Territory).values(
                        id=node,
                        kind=kind,
                        parent_id=parent,
                        path=path,
                        name=name,
                        position=position,
                        code12="310199102001" if kind == "community" else None,
                        community_kind="urban" if kind == "community" else None,
                    )
                )
            uow.commit()
        for path, community_id in COMMUNITIES.items():
            town = path.rpartition(".")[0]
            self.tell(
                e.CommunityChanged(
                    community_id=community_id,
                    path=path,
                    name=community_id,
                    kind="urban",
                    code12="310199101001",
                    district_id="d",
                    district_name="样例区",
                    town_id=town.rpartition(".")[2],
                    town_name=town,
                )
            )

    # -- asking --------------------------------------------------------------------------------

    def ask(
        self, actor: Actor | None, operation: str | Operation, service: str = "", **command: Any
    ) -> Any:
        """The answer, as a caller over RPC gets it; the error that it gets, raised."""
        row = BY_ID[operation] if isinstance(operation, str) else operation
        headers = {wire.TOKEN: self.verifier.token(actor)} if actor else {}
        reply = self._answer(service or row.service, row, command, headers)
        return json.loads(reply["json"]) if "json" in reply else reply["data"]

    def refusal(
        self, actor: Actor | None, row: Operation, service: str, command: dict[str, Any]
    ) -> ShequError | None:
        """What the service says no with; None when it does what was asked."""
        try:
            self.ask(actor, row, service, **command)
        except ShequError as error:
            return error
        return None

    def _answer(
        self, service: str, row: Operation, command: dict[str, Any], headers: dict[str, Any]
    ) -> dict[str, Any]:
        if service not in SERVICES:
            raise Unavailable()
        headers = {**headers, wire.CORRELATION_ID: str(uuid.uuid4())}
        worker = Worker(self._chassis[service], headers)  # type: ignore[arg-type]
        instance = SERVICES[service][0]()
        instance.chassis = self._chassis[service]
        spec = getattr(instance, row.rpc_method).spec
        try:
            return worker.answer(instance, spec, command)
        except RpcFailure as failure:
            raise from_wire(failure.args[0]) from None

    def _between(
        self, service: str, method: str, command: Any, headers: dict[str, Any], _seconds: float
    ) -> dict[str, Any]:
        token = {wire.TOKEN: headers.get(wire.TOKEN)}
        return self._answer(service, by_method(method), command, token)

    def picture(self, who: Actor) -> str:
        """An upload of somebody's; its id."""
        store = BlobStore(self._chassis["votes"].settings)
        return store.put(b"\xff\xd8", content_type="image/jpeg", owner=who.person_id).id
