"""Batches of ballots at the running service: real tokens, and messages that come twice.

Needs: db, broker.
"""

import secrets

import pytest

from services.votes.service import VotesService
from services.votes.settings import Settings
from tests.support.bridge import LU, SUN
from tests.support.green_caller import Caller
from tests.support.votes import HERE, MA
from tests.support.votes_polls import Polls

pytestmark = [pytest.mark.db, pytest.mark.broker]
RESIDENT = [("resident", HERE)]


def test_a_batch_is_taken_once_however_often_its_message_comes(db, start, amqp_url, signer):
    units = db("votes")
    votes = Polls(units)
    poll = votes.opened()
    url = units.engine.url.render_as_string(hide_password=False)
    start(VotesService, Settings, url, amqp_url, public_url="https://shequ.example")
    tokens = [signer.token(who.person_id, RESIDENT, f"s-{who.person_id}") for who in (SUN, LU)]
    stale = signer.token(MA.person_id, RESIDENT, "s-ma", age=3_600)
    sent = [
        {
            "token": token,
            "idempotency_key": secrets.token_hex(16),
            "body_hash": "ab" * 32,
            "ballot": {"choice": "for"},
        }
        for token in (*tokens, stale, "nonsense")
    ]
    caller = Caller(amqp_url)
    try:
        first = caller.call("votes", "cast_ballots", id=poll, ballots=sent)["data"]["answers"]
        again = caller.call("votes", "cast_ballots", id=poll, ballots=sent)["data"]["answers"]
    finally:
        caller.close()
    assert [one["error"]["code"] if one["error"] else "" for one in first] == [
        "", "", "auth.token_expired", "auth.token_required",
    ]  # fmt: skip
    receipts = [one["receipt"]["receipt"] for one in first[:2]]
    assert [one["receipt"]["receipt"] for one in again[:2]] == receipts
    assert [one["replayed"] for one in again] == [True, True, False, False]
    assert first[0]["receipt"]["url"] == f"https://shequ.example/verify#{receipts[0]}"
    assert votes.rows("SELECT leaves FROM poll_heads WHERE poll_id = :p", p=poll) == [(2,)]
    assert votes.rows("SELECT count(*) FROM kit_answer") == [(0,)], "nothing of it is kept there"
