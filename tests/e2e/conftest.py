"""People of the demo district, logged in over HTTP on the session's running system; the border to
a city's system on a vhost of its own."""

from collections.abc import Callable, Iterator

import pytest

from deploy.client import Client
from deploy.demo.people import CODE
from services.kit import topology
from tests.support import infra
from tests.support.grid_rig import Bridge
from tests.support.platform import Platform
from tests.support.stored import Stored
from tests.support.waiting import until

Login = Callable[[str], Client]


@pytest.fixture(scope="session")
def api(platform: Platform) -> Iterator[Client]:
    """The running system, seen by nobody in particular."""
    with Client(platform.url) as client:
        yield client


@pytest.fixture(scope="session")
def login(api: Client) -> Login:
    """`login("13800000003")` is that person's client; each logs in once."""
    known: dict[str, Client] = {}

    def log_in(phone: str) -> Client:
        if phone not in known:
            known[phone] = api.login(phone, CODE)
        return known[phone]

    return log_in


@pytest.fixture(scope="session")
def secretary(login: Login) -> Client:
    """石书记, secretary and committee of 尚园."""
    return login("13800000003")


@pytest.fixture(scope="session")
def granny_sun(login: Login) -> Client:
    """孙奶奶, resident of 尚园."""
    return login("13800000001")


@pytest.fixture(scope="session")
def stored(platform: Platform, secretary: Client, granny_sun: Client) -> Iterator[Stored]:
    """Counts what is stored; the people are here because logging in is stored as well."""
    counting = Stored(platform)
    until(counting.is_still, what="the demo's past, told and heard", limit=90, pause=0.2)
    yield counting
    counting.close()


@pytest.fixture
def nothing_is_stored(stored: Stored) -> Iterator[None]:
    """The databases are as they were before the test."""
    before = stored.rows()
    yield
    assert stored.rows() == before


@pytest.fixture
def vhost(vhosts: infra.Vhosts) -> str:
    """A fresh vhost with the whole topology, as the operator declares it."""
    name = vhosts.fresh()
    topology.declare(infra.amqp_url(name))
    return name


@pytest.fixture
def bridge(vhost: str) -> Iterator[Bridge]:
    """Our side of the border."""
    side = Bridge(infra.amqp_url(vhost))
    yield side
    side.close()
