"""A role taken in the middle of a session: the call, its event, the relay, the gateway."""

import time

import httpx
import pytest

from deploy.client import Client
from services.contracts import demo
from services.contracts.operations.identity import RoleView, Tokens
from tests.e2e.conftest import Login
from tests.support import lives
from tests.support.http_asks import assert_problem, send
from tests.support.platform import Platform
from tests.support.traces import tapped
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

DESK = f"/communities/{demo.SHANGYUAN}/qr"
TOLD = """
    SELECT count(*), bool_and(published_at IS NOT NULL)
    FROM kit_outbox WHERE type LIKE 'role.revoked%%' AND body::jsonb ->> 'grant_id' = %s
"""


@pytest.fixture
def office(api: Client, login: Login) -> tuple[Client, str]:
    """Somebody who serves at 尚园's desk in this moment, and the grant that lets her."""
    who = lives.somebody()
    admin = login("13800000008")
    newcomer = lives.log_in(api, who)
    told = {
        "person_id": newcomer.person_id,
        "role": "committee_staff",
        "scope": demo.PATH_SHANGYUAN,
    }
    grant = admin.post(RoleView, "/roles", told, key=lives.key())
    staff = lives.log_in(api, who)
    assert send(staff, "GET", DESK).status_code == 200
    return staff, grant.id


def test_the_gateway_refuses_the_token_once_the_event_is_told(
    platform: Platform,
    login: Login,
    secretary: Client,
    office: tuple[Client, str],
) -> None:
    staff, grant_id = office
    admin = login("13800000008")
    with tapped(platform) as traces:
        admin.send("DELETE", f"/roles/{grant_id}")
        answered = time.monotonic()
        committed = told(platform, grant_id)
        refused = until(lambda: unless_let_in(staff), what="the gateway's refusal", pause=0.005)
        took = (time.monotonic() - answered) * 1000
        heard = until(
            lambda: [
                t for t in traces.wire() if "role.revoked" in t.where and grant_id in t.content
            ],
            what="the event on the wire",
        )
    # committed with its event by the time of the answer, told once, and heard by the gateway
    assert committed[0] == 1
    assert until(lambda: told(platform, grant_id)[1], what="the relay's note")
    assert len(heard) == 1
    assert_problem(refused, 401, "auth.token_expired")
    # her session goes on without the office; whoever else serves there goes on as before
    again = until(lambda: with_a_fresh_token(staff), what="a token of the next second")
    assert_problem(again, 403, "auth.forbidden")
    assert send(secretary, "GET", DESK).status_code == 200
    print(f"\nrefused {took:.0f} ms after the role was taken")


def with_a_fresh_token(client: Client) -> httpx.Response | None:
    """The desk's answer to a token that is younger than what ended: it counts by whole seconds."""
    assert client.session
    pair = {"refresh_token": client.session.tokens.refresh_token}
    client.session.tokens = client.post(Tokens, "/auth/tokens/refresh", pair)
    answer = send(client, "GET", DESK)
    return answer if answer.status_code != 401 else None


def unless_let_in(client: Client) -> httpx.Response | None:
    """The answer, once the desk is closed to her."""
    answer = send(client, "GET", DESK)
    return answer if answer.status_code != 200 else None


def told(platform: Platform, grant_id: str) -> tuple[int, bool]:
    """How many events say that the role is gone, and whether the relay has told them."""
    with lives.connected(platform, "identity") as connection, connection.cursor() as cursor:
        cursor.execute(TOLD, (grant_id,))
        count, published = cursor.fetchone()
        return int(count), bool(published)
