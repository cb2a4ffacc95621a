"""Identity as a running service, with the demo district in it. Needs: db, broker."""

import json

import pytest

from services.contracts import demo
from services.contracts.actor import Grant, Role
from services.contracts.errors import ShequError
from services.contracts.operations import ALL
from services.identity.seed import plan as planned
from services.identity.seed import store
from services.identity.service import IdentityService
from services.kit.tokens import TokenVerifier
from tests.support.green_caller import Caller

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def guide(demo_district, vault):
    with demo_district() as uow:
        return store.guide(uow, vault, planned.build(), "https://x.example")


@pytest.fixture
def running(start_identity, demo_district, vault, amqp_url):
    start_identity(demo_district, vault)
    caller = Caller(amqp_url)
    yield caller
    caller.close()


PATIENCE = 20  # seconds, for a machine that is busy with other lanes


def log_in(running: Caller, phone: str) -> str:
    return running.call("identity", "create_token", PATIENCE, phone=phone, code="246810")["data"][
        "access_token"
    ]


def refused(running: Caller, token: str, method: str, /, **kwargs) -> ShequError:
    with pytest.raises(ShequError) as caught:
        running.call_as({"token": token} if token else {}, "identity", method, PATIENCE, **kwargs)
    return caught.value


def test_every_built_operation_of_identity_is_served():
    rows = [row for row in ALL if row.service == "identity"]
    assert [row.id for row in rows if not row.built] == []
    served = {name for name in dir(IdentityService) if not name.startswith("_")}
    by_gateway = {  # which asks poster_of, import_register_file, bring_register_file
        "get_poster", "import_register", "bring_register",
    }  # fmt: skip
    assert {row.rpc_method for row in rows if row.built} - by_gateway <= served


def test_the_journey_from_the_notice_board_to_the_neighbours(running, guide, signer):
    newcomer = next(n for n in guide["newcomers"] if n["on_register"])
    qr_token = newcomer["qr_token"]
    reply = running.wait(running.send("identity", "resolve_qr", {"token": qr_token}))
    target = json.loads(reply["result"]["json"])
    assert newcomer["building"] in [b["name"] for b in target["buildings"]]

    token = log_in(running, newcomer["phone"])
    request = {
        k: newcomer[k]
        for k in ("qr_token", "building", "unit", "room", "relation", "real_name", "id_number")
    }
    joined = running.call_as({"token": token}, "identity", "request_membership", **request)
    assert joined["data"]["status"] == "active"

    mine = running.call_as({"token": token}, "identity", "get_me")["data"]
    assert mine["memberships"][0]["community"]["name"] == "尚园居民区"
    assert mine["memberships"][0]["status"] == "active"
    fresh = TokenVerifier(signer.jwks_file).verify(log_in(running, newcomer["phone"]))
    assert fresh.grants == (Grant(Role.RESIDENT, demo.PATH_SHANGYUAN),)


def test_whom_the_register_does_not_know_is_approved_by_the_secretary(running, guide):
    newcomer = next(n for n in guide["newcomers"] if not n["on_register"])
    token = log_in(running, newcomer["phone"])
    request = {
        k: newcomer[k]
        for k in ("qr_token", "building", "unit", "room", "relation", "real_name", "id_number")
    }
    pending = running.call_as({"token": token}, "identity", "request_membership", **request)["data"]
    assert pending["status"] == "pending"

    secretary = {"token": log_in(running, "13800000003")}
    queue = running.call_as(secretary, "identity", "list_membership_requests", cid=demo.SHANGYUAN)[
        "data"
    ]
    assert [item["id"] for item in queue["items"]] == [pending["id"]]
    assert newcomer["id_number"] not in json.dumps(queue)
    running.call_as(
        secretary, "identity", "decide_membership", id=pending["id"], decision="approve"
    )
    mine = running.call_as({"token": token}, "identity", "get_me")["data"]
    assert mine["memberships"][0]["status"] == "active"
    looked = running.call_as({"token": token}, "identity", "list_my_access_log")["data"]["items"]
    assert [entry["actor"]["display_name"] for entry in looked] == ["石书记"]


REFUSALS = (
    (None, "get_me", {}, 401, "auth.token_required"),
    ("13800000001", "list_membership_requests", {"cid": demo.SHANGYUAN}, 403, "auth.forbidden"),
    ("13800000003", "list_membership_requests", {"cid": demo.HAIXING}, 403, "auth.forbidden"),
    ("13800000005", "request_membership", {}, 403, "auth.observer_read_only"),
    ("13800000005", "grant_role", {}, 403, "auth.observer_read_only"),
    ("13800000001", "request_membership", {"room": 7}, 422, "request.invalid"),
    ("13800000001", "end_membership", {"id": "none"}, 404, "identity.membership_not_found"),
    ("13800000001", "extend_membership", {"id": "none"}, 403, "auth.forbidden"),
    ("13800000003", "extend_membership", {"id": "none"}, 404, "identity.membership_not_found"),
    ("13800000001", "rotate_qr", {"token": "A" * 38}, 403, "auth.forbidden"),
    ("13800000003", "rotate_qr", {"token": "A" * 38}, 404, "identity.qr_unknown"),
    ("13800000001", "set_party_badge", {"shown": "perhaps"}, 422, "request.invalid"),
    ("13800000001", "set_party_badge", {"shown": True}, 409, "identity.badge_not_confirmed"),
    (None, "create_token", {"phone": "13800000001", "code": "1"}, 401, "identity.code_wrong"),
    (None, "create_token", {"phone": "x\x00", "code": "1"}, 422, "request.invalid"),
    (None, "refresh_token", {"refresh_token": "x"}, 401, "identity.session_ended"),
    (None, "request_code", {"phone": "0"}, 422, "identity.phone_invalid"),
    (None, "get_community", {"community_id": "nowhere"}, 404, "identity.community_not_found"),
)


def test_refusals_have_their_code(running):
    tokens = {phone: log_in(running, phone) if phone else "" for phone, *_ in REFUSALS}
    answers = []
    for phone, method, kwargs, _, _ in REFUSALS:
        error = refused(running, tokens[phone], method, **kwargs)
        answers.append((phone, method, kwargs, error.status, error.code))
    assert answers == list(REFUSALS)


def test_observers_may_still_log_out_and_ask_for_cards(running):
    token = log_in(running, "13800000005")
    card = running.call_as(
        {"token": token},
        "identity",
        "get_member_card",
        person_id=demo.OLD_LU,
        community_id=demo.SHANGYUAN,
    )["data"]
    assert (card["display_name"], card["badge_shown"]) == ("老陆", True)
    assert running.call_as({"token": token}, "identity", "revoke_token")["data"] == {}


def test_a_repeated_request_with_the_same_key_is_answered_the_same(running, guide):
    newcomer = guide["newcomers"][0]
    token = log_in(running, newcomer["phone"])
    request = {
        k: newcomer[k]
        for k in ("qr_token", "building", "unit", "room", "relation", "real_name", "id_number")
    }
    context = {"token": token, "idempotency_key": "once", "body_hash": "h"}
    first = running.call_as(context, "identity", "request_membership", **request)
    second = running.call_as(context, "identity", "request_membership", **request)
    assert second["replayed"] and second["data"] == first["data"]


def test_tokens_are_never_kept_for_repeats(running, demo_district):
    log_in(running, "13800000001")
    running.call_as(
        {"idempotency_key": "once", "body_hash": "h"},
        "identity",
        "create_token",
        phone="13800000001",
        code="246810",
    )
    with demo_district() as uow:
        kept = uow.session.connection().exec_driver_sql("SELECT operation, answer FROM kit_answer")
        assert not [row.operation for row in kept if "_token" in row.answer]


def test_a_helper_acts_in_somebodys_name_by_a_token_that_is_not_kept(
    running, demo_district, signer
):
    granny, helper = (
        {"token": log_in(running, "13800000001")},
        {"token": log_in(running, "13800000002")},
    )
    named = running.call_as(
        granny, "identity", "name_helper", phone="13800000002", relationship="邻居"
    )["data"]
    (waiting,) = running.call_as(helper, "identity", "list_assistances")["data"]["items"]
    assert waiting["id"] == named["id"]
    made = running.call_as(helper, "identity", "create_assisted_token", assistance_id=named["id"])[
        "data"
    ]
    acting = {"token": made["access_token"]}
    mine = running.call_as(acting, "identity", "get_me")["data"]
    assert (mine["person"]["display_name"], mine["acted_by"]) == ("孙奶奶", made["acted_by"])
    assert mine["roles"] == mine["badges"] == []
    assert TokenVerifier(signer.jwks_file).verify(made["access_token"]).acted_by

    served = [row for row in ALL if hasattr(IdentityService, row.rpc_method)]
    for row in served:
        if row.who.login and not row.assisted:
            error = refused(running, made["access_token"], row.rpc_method)
            assert error.code == "auth.not_on_behalf", row.id

    with demo_district() as uow:
        kept = uow.session.connection().exec_driver_sql("SELECT answer FROM kit_answer")
        assert not [row for row in kept if made["access_token"] in row.answer]
    running.call_as(granny, "identity", "end_assistance", id=named["id"])
    with pytest.raises(ShequError) as caught:
        running.call_as(helper, "identity", "create_assisted_token", assistance_id=named["id"])
    assert caught.value.code == "identity.assistance_over"


def test_newcomers_are_never_offered_twice(running, demo_district, vault, guide):
    used = guide["newcomers"][0]
    token = log_in(running, used["phone"])
    running.call_as(
        {"token": token},
        "identity",
        "request_membership",
        **{
            k: used[k]
            for k in ("qr_token", "building", "unit", "room", "relation", "real_name", "id_number")
        },
    )
    with demo_district() as uow:
        again = store.guide(uow, vault, planned.build(), "https://x.example")["newcomers"]
    assert len(again) == 20 and sum(n["on_register"] for n in again) == 10
    assert used["id_number"] not in {n["id_number"] for n in again}
    assert used["phone"] not in {n["phone"] for n in again}
