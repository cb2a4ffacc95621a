"""Fixtures of the green lane: services in this process, on a real database and broker."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
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
    from tests.support.identity_world import World
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
