"""Logging in at a running service: second factor, offices that wait, keys that rotate.

Needs: db, broker.
"""

import base64
import json
import time

import pyotp
import pytest

from deploy.local.keys import PUBLIC_KEYS, TOKEN_KEY, make_keys
from services.contracts.actor import Role
from services.contracts.errors import ShequError
from services.identity import token_keys
from tests.support.green_caller import Caller
from tests.support.identity_world import C_HOME, HOME, World
from tests.support.waiting import until

pytestmark = [pytest.mark.db, pytest.mark.broker]
SECRETARY = "13800000003"


@pytest.fixture
def world(shared_db) -> World:
    world = World(shared_db("identity"))
    world.person(SECRETARY, (Role.SECRETARY, HOME))
    return world


@pytest.fixture
def keys(tmp_path):
    make_keys(tmp_path)
    return tmp_path / TOKEN_KEY, tmp_path / PUBLIC_KEYS


@pytest.fixture
def running(start_identity, world, keys, amqp_url):
    start_identity(
        world.units, world.vault, staff_totp="required", token_key_file=keys[0], jwks_file=keys[1]
    )
    caller = Caller(amqp_url)
    yield caller
    caller.close()


def log_in(running: Caller, **more: str) -> dict:
    return running.call("identity", "create_token", 20, phone=SECRETARY, code="246810", **more)[
        "data"
    ]


def code_of(error: pytest.ExceptionInfo[ShequError]) -> tuple[int, str]:
    return error.value.status, error.value.code


def test_an_office_waits_until_its_holder_has_a_second_factor(running, world):
    first = log_in(running)
    me = {"token": first["access_token"]}
    assert first["totp_needed"]
    with pytest.raises(ShequError) as refused:
        running.call_as(me, "identity", "list_membership_requests", cid=C_HOME)
    assert code_of(refused) == (403, "auth.forbidden")
    mine = running.call_as(me, "identity", "get_me")["data"]
    assert mine["totp"] == {"enrolled": False, "required": True}

    once = {**me, "idempotency_key": "once", "body_hash": "h"}
    secret = running.call_as(once, "identity", "enrol_totp")["data"]["secret"]
    totp = pyotp.TOTP(secret)
    codes = running.call_as(once, "identity", "confirm_totp", code=totp.now())["data"]["codes"]
    second = running.call("identity", "refresh_token", 20, refresh_token=first["refresh_token"])[
        "data"
    ]
    assert not second["totp_needed"]
    me = {"token": second["access_token"]}
    assert running.call_as(me, "identity", "list_membership_requests", cid=C_HOME)["data"]

    with pytest.raises(ShequError) as refused:
        log_in(running)
    assert code_of(refused) == (401, "identity.totp_required")
    with pytest.raises(ShequError) as refused:
        log_in(running, totp="000000" if totp.now() != "000000" else "000001")
    assert code_of(refused) == (401, "identity.totp_wrong")
    assert log_in(running, totp=codes[0])["access_token"]

    kept = str([tuple(row) for row in world.rows("SELECT * FROM kit_answer")])
    assert secret not in kept and codes[1] not in kept


def test_the_lock_reaches_the_caller_with_its_words_and_its_time(running):
    first = log_in(running)
    me = {"token": first["access_token"]}
    running.call_as(me, "identity", "enrol_totp")
    for _ in range(4):
        with pytest.raises(ShequError) as refused:
            running.call_as(me, "identity", "confirm_totp", code="x")
        assert code_of(refused) == (422, "identity.totp_invalid")
    with pytest.raises(ShequError) as refused:
        running.call_as(me, "identity", "confirm_totp", code="x")
    assert code_of(refused) == (429, "identity.locked")
    assert 890 <= refused.value.retry_after <= 900 and "15 分钟" in refused.value.zh


def test_without_an_app_at_wechat_it_is_said_so(running):
    with pytest.raises(ShequError) as refused:
        running.call("identity", "login_by_wechat", 20, code="x")
    assert code_of(refused) == (404, "identity.wechat_off")


def test_keys_rotate_while_the_service_runs(running, keys):
    old = log_in(running)["access_token"]
    kid = token_keys.rotate(*keys, time.time())

    def fresh() -> str | None:
        token = log_in(running)["access_token"]
        head = token.split(".")[0]
        signed_by = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
        return token if signed_by == kid else None

    new = until(fresh, what="the new key signs", limit=20)
    for token in (old, new):
        assert running.call_as({"token": token}, "identity", "get_me")["data"]["person"]["id"]
