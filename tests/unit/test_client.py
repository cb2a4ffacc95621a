"""The client's patience: what it asks again, what it never does."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from deploy.client import Client, Problem
from services.contracts.operations.identity import Person, Tokens

pytestmark = pytest.mark.unit
Answer = httpx.Response | Exception


class Server:
    """Gives prepared answers, one after the other, and keeps what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self._answers: Iterator[Answer] = iter(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(server: Server, patience: float = 5.0) -> Client:
        client = Client("http://test", patience=patience, transport=httpx.MockTransport(server))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(
        status,
        text=json.dumps({"status": status, "code": code, "title": "t", "request_id": "r"}),
        headers={"content-type": "application/problem+json", **headers},
    )


def receipt() -> httpx.Response:
    return httpx.Response(201, json={"id": "i1", "post_id": "p1", "status": "reported"})


def test_write_with_a_key_is_repeated_under_the_same_key(connect: Callable[..., Client]) -> None:
    server = Server(
        problem(503, "server.unavailable", **{"retry-after": "0"}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
        receipt(),
    )
    answer = connect(server).report_issue("c1", "t", "b", key="k1")
    assert answer.id == "i1"
    assert [request.headers["idempotency-key"] for request in server.asked] == ["k1"] * 4
    assert len({request.content for request in server.asked}) == 1


def test_write_without_a_key_is_never_repeated(connect: Callable[..., Client]) -> None:
    server = Server(problem(503, "server.unavailable"), receipt())
    with pytest.raises(Problem) as no:
        connect(server).report_issue("c1", "t", "b")
    assert no.value.status == 503
    assert len(server.asked) == 1


def test_refusal_is_not_repeated(connect: Callable[..., Client]) -> None:
    server = Server(problem(422, "request.invalid"), receipt())
    with pytest.raises(Problem, match=r"request\.invalid"):
        connect(server).report_issue("c1", "t", "b", key="k1")
    assert len(server.asked) == 1


def test_patience_ends(connect: Callable[..., Client]) -> None:
    server = Server(*(problem(503, "server.unavailable") for _ in range(99)))
    with pytest.raises(Problem):
        connect(server, patience=0.3).report_issue("c1", "t", "b", key="k1")
    assert 1 < len(server.asked) < 10


def test_expired_session_is_renewed_once(connect: Callable[..., Client]) -> None:
    old = Tokens(
        access_token="old",
        refresh_token="r1",
        expires_in=1,
        person=Person(id="p", display_name="孙奶奶"),
    )
    fresh = old.model_copy(update={"access_token": "new", "refresh_token": "r2"})
    server = Server(
        problem(401, "auth.token_expired"),
        httpx.Response(200, text=fresh.model_dump_json()),
        receipt(),
    )
    person = connect(server).speaking_as(old)
    person.report_issue("c1", "t", "b")
    assert [request.headers.get("authorization") for request in server.asked] == [
        "Bearer old",
        None,
        "Bearer new",
    ]


def test_list_is_read_to_its_end(connect: Callable[..., Client]) -> None:
    def page(next_cursor: str | None) -> httpx.Response:
        card = {
            "id": next_cursor or "last",
            "kind": "urban",
            "name": "尚园",
            "path": "demo.x",
            "code12": "",
            "district_id": "demo",
            "district_name": "d",
            "town_id": "t",
            "town_name": "t",
            "modules": [],
        }
        return httpx.Response(200, json={"items": [card], "next_cursor": next_cursor})

    server = Server(page("a"), page("b"), page(None))
    found = connect(server).communities()
    assert [community.id for community in found] == ["a", "b", "last"]
    assert [request.url.params.get("cursor") for request in server.asked] == [None, "a", "b"]
