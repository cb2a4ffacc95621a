"""A system on servers of its own, which the tests here may stop, kill and cut."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.local.devinfra import DevInfra
from tests.support.platform import Platform, on_own_servers


@dataclass
class Shaken:
    """The system and what it stands on."""

    platform: Platform
    servers: DevInfra


@pytest.fixture(scope="session")
def shaken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shaken]:
    """One system for all tests of chaos: each leaves it whole."""
    with on_own_servers(tmp_path_factory.mktemp("chaos")) as (platform, servers):
        yield Shaken(platform, servers)


@pytest.fixture(autouse=True)
def whole_again(shaken: Shaken) -> Iterator[None]:
    """After each test everything is ready again, by itself."""
    yield
    shaken.platform.await_ready()
