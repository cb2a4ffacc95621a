"""Fixtures of the green lane: services in this process, on a real database and broker."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import KeySet, OKPKey
from nameko.containers import ServiceContainer
from sqlalchemy import text

from services.kit import db as kit_db
from services.kit import schema, topology
from services.kit.runner import nameko_config
from services.kit.settings import ServiceSettings
from services.kit.uow import UnitOfWorkFactory
from tests.support.keys import Signer
from tests.support.on_database import empty
from tests.support.votes_keys import votes_keys_file

if TYPE_CHECKING:
    from services.contracts.actor import Actor
    from services.identity.crypto import Vault
    from tests.support.identity_world import World
    from tests.support.matrix.house import House
    from tests.support.votes import Votes

Db = Callable[[str], UnitOfWorkFactory]


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Signs access tokens that the services of the test accept."""
    return Signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def db(make_database: Callable[..., str]) -> Iterator[Db]:
    """``db("feed")``: units of work of a service on a fresh, migrated database of its own."""
    engines = []

    def units(service: str) -> UnitOfWorkFactory:
        engine = kit_db.make_engine(make_database(service), pool=20)
        engines.append(engine)
        return UnitOfWorkFactory(engine, service)

    yield units
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def shared_db(make_module_database: Callable[..., str]) -> Iterator[Db]:
    """As ``db``, but the module's tests have one database: a new one takes a fifth of a second."""
    found: dict[str, UnitOfWorkFactory] = {}

    def units(service: str) -> UnitOfWorkFactory:
        if service not in found:
            engine = kit_db.make_engine(make_module_database(service), pool=20)
            found[service] = UnitOfWorkFactory(engine, service)
        return found[service]

    yield units
    for one in found.values():
        one.engine.dispose()


@pytest.fixture
def emptied(shared_db: Db) -> Db:
    """As ``shared_db``, where each test finds the database as good as new."""

    def units(service: str) -> UnitOfWorkFactory:
        found = shared_db(service)
        empty(found)
        return found

    return units


@pytest.fixture
def world(shared_db: Db) -> "World":
    """Identity's small district, which empties the database that it finds."""
    from tests.support.identity_world import World

    return World(shared_db("identity"))


@pytest.fixture
def staff(world: "World") -> "Actor":
    """Somebody of the small district's committee."""
    return world.staff()


@pytest.fixture(scope="module")
def vault() -> "Vault":
    """The keys that the demo district is sealed with."""
    from tests.support.identity_world import random_vault

    return random_vault()


@pytest.fixture(scope="module")
def demo_district(shared_db: Db, vault: "Vault") -> UnitOfWorkFactory:
    """Identity's units of work on the demo district, made once for the module's tests."""
    from services.identity.seed import plan, store

    units = shared_db("identity")
    with units() as uow:
        store.put(uow, vault, plan.build())
        uow.commit()
    return units


@pytest.fixture(scope="module")
def house(shared_db: Db, tmp_path_factory: pytest.TempPathFactory) -> "House":
    """All services behind the permission matrix, each on a database of the module's."""
    from tests.support.identity_world import random_vault
    from tests.support.matrix.house import SERVICES, House

    units = {service: shared_db(service) for service in SERVICES}
    keys = KeySet([OKPKey.generate_key("Ed25519", {"kid": "k"})]).as_dict(private=True)
    return House(units, tmp_path_factory.mktemp("house"), random_vault(), json.dumps(keys))


@pytest.fixture
def votes(emptied: Db) -> "Votes":
    """A votes service; a module that wants more of it has a ``votes`` of its own."""
    from tests.support.votes import Votes

    return Votes(emptied("votes"))


@pytest.fixture
def probe_database(make_database: Callable[..., str]) -> str:
    """A database with the kit's tables and the probe's."""
    from tests.support import probe

    url = make_database(None)
    engine = kit_db.make_engine(url, pool=2)
    with engine.begin() as connection:
        for statement in (*schema.DDL, *probe.DDL):
            connection.execute(text(statement))
    engine.dispose()
    return url


@pytest.fixture
def start(signer: Signer) -> Iterator[Callable[..., ServiceContainer]]:
    """``start(ServiceClass, SettingsClass, database_url, amqp_url)``: a running container."""
    containers: list[ServiceContainer] = []

    def run(
        service: type,
        settings: type[ServiceSettings],
        database_url: str,
        amqp_url: str,
        **extra: Any,
    ) -> ServiceContainer:
        values: dict[str, Any] = {
            "env": "test",
            "database_url": database_url,
            "amqp_url": amqp_url,
            "jwks_file": Path(signer.jwks_file),
            "retry_scale": 0.02,
            "heartbeat": 4,
            "votes_keys_file": votes_keys_file(),
            **extra,
        }
        config = settings(**values)
        topology.declare(amqp_url, config.retry_scale)
        container = ServiceContainer(service, nameko_config(config))
        container.start()
        containers.append(container)
        return container

    yield run
    import eventlet

    for container in containers:
        with eventlet.Timeout(10, False):
            container.stop()


@pytest.fixture
def start_identity(
    start: Callable[..., ServiceContainer], signer: Signer, amqp_url: str, tmp_path: Path
) -> Callable[..., ServiceContainer]:
    """``start_identity(units, vault)``: identity, running; the tokens it gives are the signer's."""
    from services.identity.service import IdentityService
    from services.identity.settings import Settings
    from tests.support.identity_world import vault_file_content

    def run(units: UnitOfWorkFactory, vault: "Vault", **extra: Any) -> ServiceContainer:
        data_keys = tmp_path / "data.keys.json"
        data_keys.write_text(vault_file_content(vault))
        database_url = units.engine.url.render_as_string(hide_password=False)
        files = {"var": tmp_path, "data_keys_file": data_keys, "token_key_file": signer.key_file}
        values = {"demo": True, **files, **extra}
        return start(IdentityService, Settings, database_url, amqp_url, **values)

    return run
