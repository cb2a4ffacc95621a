"""Fixtures that every lane may use: fresh databases and vhosts on the run's own servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support import infra, s3

if TYPE_CHECKING:
    from tests.support.platform import Platform


# How long a case takes says how many lanes share the cores, not whether it is right.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def vhosts() -> Iterator[infra.Vhosts]:
    """The session's supply of fresh vhosts; all are deleted at its end."""
    supply = infra.Vhosts()
    yield supply
    supply.close()


@pytest.fixture
def amqp_url(vhosts: infra.Vhosts) -> Iterator[str]:
    """The URL of a vhost that only this test uses."""
    name = vhosts.fresh()
    yield infra.amqp_url(name)
    vhosts.give_back(name)


@pytest.fixture(scope="module")
def module_amqp_url(vhosts: infra.Vhosts) -> Iterator[str]:
    """The URL of a vhost that only this module uses."""
    name = vhosts.fresh()
    yield infra.amqp_url(name)
    vhosts.give_back(name)


@pytest.fixture
def make_database() -> Iterator[Callable[[str | None], str]]:
    """Makes databases for this test: `make_database("feed")` is migrated, `(None)` is empty."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(infra.database(service))


@pytest.fixture(scope="module")
def make_module_database() -> Iterator[Callable[[str | None], str]]:
    """As `make_database`; the databases live as long as the module's tests."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(infra.database(service))


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3]:
    """A bucket on an S3-compatible server of this session."""
    with s3.server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Platform]":
    """The whole system with the demo district, from outside; see tests/support/platform.py."""
    from tests.support.platform import on_shared_servers

    with on_shared_servers(tmp_path_factory.mktemp("platform")) as running:
        yield running
