"""Ballots of one poll go together while others are under way, each with its own answer."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway import batches
from services.contracts.actor import Role
from services.contracts.errors import Conflict, FieldError, TimedOut, TokenExpired, Unavailable
from services.votes.domain.ballots import SubjectNeeded
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import Asked, FakeRpc, FakeVerifier
from tests.gateway.waiting import until

POLL = "/polls/poll-1/ballots"


def taken(asked: Asked) -> dict[str, Any]:
    """Everybody gets a receipt that names her key."""
    return {
        "answers": [
            {
                "receipt": {"receipt": one["idempotency_key"], "poll_id": "poll-1", "url": "u"},
                "replayed": one["idempotency_key"] == "again",
                "error": None,
                "alone": False,
            }
            for one in asked.kwargs["ballots"]
        ]
    }


class Gated:
    """Answers a batch when it is told to."""

    def __init__(self) -> None:
        self.doors: list[asyncio.Event] = []

    async def __call__(self, asked: Asked) -> dict[str, Any]:
        door = asyncio.Event()
        self.doors.append(door)
        await door.wait()
        return taken(asked)


@pytest.fixture
def gated(rpc: FakeRpc) -> Gated:
    gate = Gated()
    rpc.answers["cast_ballots"] = gate
    return gate


def sizes(rpc: FakeRpc) -> list[int]:
    return [len(asked.kwargs["ballots"]) for asked in rpc.calls if asked.method == "cast_ballots"]


async def test_a_ballot_at_an_idle_desk_goes_at_once_with_its_voters_token_and_key(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    rpc.answers["cast_ballots"] = taken
    body = {"choice": "for", "subject_id": "s-1"}
    answer = await resident.post(POLL, json=body, headers={"Idempotency-Key": "mine"})
    assert (answer.status_code, answer.json()["receipt"]) == (201, "mine")
    assert "Idempotency-Replayed" not in answer.headers
    asked = rpc.last("cast_ballots")
    (sent,) = asked.kwargs["ballots"]
    assert asked.kwargs["id"] == "poll-1" and asked.options["token"] == ""
    assert sent["token"] and sent["ballot"] == body and len(sent["body_hash"]) == 64
    again = await resident.post(POLL, json=body, headers={"Idempotency-Key": "again"})
    assert again.headers["Idempotency-Replayed"] == "true"
    await resident.post(POLL, json=body)
    (keyless,) = rpc.last("cast_ballots").kwargs["ballots"]
    assert len(keyless["idempotency_key"]) == 32


async def test_what_arrives_meanwhile_goes_together_at_most_two_batches_at_a_time(
    resident: httpx.AsyncClient, rpc: FakeRpc, gated: Gated
) -> None:
    async def cast() -> int:
        return (await resident.post(POLL, json={"choice": "for"})).status_code

    first = [asyncio.create_task(cast()) for _ in range(2)]
    await until(lambda: len(gated.doors) == 2)
    rest = [asyncio.create_task(cast()) for _ in range(batches.MOST_TOGETHER + 30)]
    other = asyncio.create_task(resident.post("/polls/poll-2/ballots", json={"choice": "for"}))
    await until(lambda: len(gated.doors) == 3)
    assert sizes(rpc) == [1, 1, 1], "another poll does not wait"
    gated.doors[0].set()
    await until(lambda: len(gated.doors) == 4)
    gated.doors[1].set()
    await until(lambda: len(gated.doors) == 5)
    assert sizes(rpc)[3:] == [batches.MOST_TOGETHER, 30]
    for door in gated.doors:
        door.set()
    assert set(await asyncio.gather(*first, *rest)) == {201}
    assert (await other).status_code == 201


async def test_each_ballot_of_a_batch_has_its_own_answer(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    def one_by_one(asked: Asked) -> dict[str, Any]:
        answers = taken(asked)["answers"]
        for one, answer in zip(asked.kwargs["ballots"], answers, strict=True):
            if one["ballot"]["choice"] == "abstain":
                wire = Conflict("no").to_wire() | {"code": "votes.already_voted"}
                answer.update(receipt=None, error=wire)
        return {"answers": answers}

    rpc.answers["cast_ballots"] = one_by_one
    asks = [resident.post(POLL, json={"choice": c}) for c in ("for", "abstain", "against")]
    got = await asyncio.gather(*asks)
    assert [answer.status_code for answer in got] == [201, 409, 201]
    assert_problem(got[1], 409, "votes.already_voted")
    bad = await resident.post(POLL, json={"choice": "perhaps"})
    assert_problem(bad, 422, "request.invalid")


async def test_an_account_that_the_roll_does_not_know_is_asked_about_in_its_own_name(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    def known_when_alone(asked: Asked) -> dict[str, Any]:
        answers = taken(asked)["answers"]
        if not asked.options["token"]:
            refused = Conflict().to_wire() | {"status": 403, "code": "votes.not_on_roll"}
            answers[0].update(receipt=None, error=refused, alone=True)
        return {"answers": answers}

    rpc.answers["cast_ballots"] = known_when_alone
    answer = await resident.post(POLL, json={"choice": "for"})
    assert answer.status_code == 201
    assert [bool(asked.options["token"]) for asked in rpc.calls] == [False, True]


@pytest.fixture
def one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a poll no more than one ballot may wait."""
    monkeypatch.setattr(batches, "MOST_WAITING", 1)


async def test_too_many_waiting_and_a_service_that_is_away_are_told_with_when_to_come_again(
    one_waits: None,
    resident: httpx.AsyncClient,
    rpc: FakeRpc,
    gated: Gated,
) -> None:
    asks = [asyncio.create_task(resident.post(POLL, json={"choice": "for"})) for _ in range(4)]
    await until(lambda: any(ask.done() for ask in asks))
    (refused,) = [ask.result() for ask in asks if ask.done()]
    assert_problem(refused, 503, "server.unavailable")
    assert refused.headers["Retry-After"] == "2"
    gated.doors[0].set()
    await until(lambda: len(gated.doors) == 3)
    for door in gated.doors:
        door.set()
    answered = await asyncio.gather(*asks)
    assert sorted(answer.status_code for answer in answered) == [201, 201, 201, 503]
    rpc.answers["cast_ballots"] = Unavailable(retry_after=2)
    away = await resident.post(POLL, json={"choice": "for"})
    assert_problem(away, 503, "server.unavailable")


async def test_a_batch_that_fails_late_in_part_or_never_leaves_the_others_alone(
    app: FastAPI, resident: httpx.AsyncClient, rpc: FakeRpc, gated: Gated
) -> None:
    async def cast() -> httpx.Response:
        return await resident.post(POLL, json={"choice": "for"})

    first = [asyncio.create_task(cast()) for _ in range(2)]
    await until(lambda: len(gated.doors) == 2)
    gone, *stay = (asyncio.create_task(cast()) for _ in range(3))
    polls = app.state.gate.ballots._gathering._queues
    await until(lambda: len(polls["poll-1"].waiting) == 3)
    gone.cancel()
    gated.doors[0].set()
    await until(lambda: len(gated.doors) == 3)
    assert sizes(rpc) == [1, 1, 3], "what was sent is cast, whoever waits for the answer"
    for door in gated.doors:
        door.set()
    assert {(await one).status_code for one in (*first, *stay)} == {201}

    def shorter(asked: Asked) -> dict[str, Any]:
        return {"answers": taken(asked)["answers"][:-1]}

    for answer, status, code in (
        (TimedOut(retry_after=2), 503, "server.timed_out"),
        (shorter, 500, "server.error"),
        ({"nothing": 1}, 500, "server.error"),
    ):
        rpc.answers["cast_ballots"] = answer
        assert_problem(await cast(), status, code)
    assert polls == {}, "nothing is kept of a poll that nobody votes in"
    rpc.answers["cast_ballots"] = taken
    assert (await cast()).status_code == 201


async def test_what_is_wrong_with_one_ballot_of_a_batch_is_told_as_anywhere(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    wire = SubjectNeeded(errors=[FieldError("subject_id", "must be given")]).to_wire()
    expired = TokenExpired().to_wire()

    def refused(asked: Asked) -> dict[str, Any]:
        answer = {"receipt": None, "replayed": False, "alone": False}
        return {"answers": [{**answer, "error": errors.pop(0)} for _ in asked.kwargs["ballots"]]}

    rpc.answers["cast_ballots"] = refused
    errors = [wire, expired]
    told = await resident.post(POLL, json={"choice": "for"})
    assert_problem(told, 422, "votes.subject_needed")
    assert told.json()["errors"] == [{"field": "subject_id", "message": "must be given"}]
    assert_problem(await resident.post(POLL, json={"choice": "for"}), 401, "auth.token_expired")


async def test_the_usual_checks_come_first(
    app: FastAPI,
    client_for: Callable[..., httpx.AsyncClient],
    verifier: FakeVerifier,
    rpc: FakeRpc,
) -> None:
    client = client_for(app)
    assert_problem(await client.post(POLL, json={"choice": "for"}), 401, "auth.token_required")
    helper = verifier.token(Role.RESIDENT, acted_by="helper")
    observer = verifier.token(Role.OBSERVER)
    for token, code in ((helper, "auth.not_on_behalf"), (observer, "auth.observer_read_only")):
        headers = {"Authorization": f"Bearer {token}"}
        answer = await client.post(POLL, json={"choice": "for"}, headers=headers)
        assert_problem(answer, 403, code)
    assert rpc.calls == []


async def test_an_export_is_streamed_piece_by_piece_in_the_name_of_whoever_asks(
    nobody: httpx.AsyncClient,
    app: FastAPI,
    client_for: Callable[..., httpx.AsyncClient],
    verifier: FakeVerifier,
    rpc: FakeRpc,
) -> None:
    def pieces(asked: Asked) -> dict[str, Any]:
        if "cursor" not in asked.kwargs:
            return {"text": '{"多":[1', "next_cursor": "c"}
        return {"text": ",2]}\n", "next_cursor": None}

    rpc.answers["export_poll_part"] = pieces
    answer = await nobody.get("/polls/poll-1/export")
    assert (answer.status_code, answer.text) == (200, '{"多":[1,2]}\n')
    assert answer.headers["content-disposition"] == 'attachment; filename="poll-poll-1.json"'
    assert [asked.kwargs["audience"] for asked in rpc.calls] == ["public", "public"]
    assert_problem(await nobody.get("/polls/poll-1/audit"), 401, "auth.token_required")
    resident = client_for(app, verifier.token(Role.RESIDENT))
    assert_problem(await resident.get("/polls/poll-1/audit"), 403, "auth.forbidden")
    auditor = client_for(app, verifier.token(Role.AUDITOR))
    assert (await auditor.get("/polls/poll-1/audit")).status_code == 200
    asked = rpc.last("export_poll_part")
    assert asked.kwargs["audience"] == "auditor" and asked.options["token"]
    rpc.answers["export_poll_part"] = Conflict()
    assert_problem(await nobody.get("/polls/poll-1/export"), 409, "request.conflict")
