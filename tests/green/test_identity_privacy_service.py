"""The privacy desk over the wire, with the demo district in it. Needs: db, broker."""

import pytest

from services.contracts.errors import ShequError
from services.feed.service import FeedService
from services.feed.settings import Settings as FeedSettings
from services.votes.service import VotesService
from services.votes.settings import Settings as VotesSettings
from tests.support.green_caller import Caller

pytestmark = [pytest.mark.db, pytest.mark.broker]

SUN, STAFF = "13800000001", "13800000004"
PATIENCE = 30  # seconds, for a machine that is busy with other lanes


@pytest.fixture
def running(start_identity, demo_district, vault, amqp_url):
    start_identity(demo_district, vault)
    caller = Caller(amqp_url)
    yield caller
    caller.close()


def log_in(running: Caller, phone: str) -> dict[str, str]:
    told = running.call("identity", "create_token", PATIENCE, phone=phone, code="246810")
    return {"token": told["data"]["access_token"]}


def test_the_copy_gathers_what_runs_and_names_what_does_not(
    running, start, make_database, amqp_url
):
    start(FeedService, FeedSettings, make_database("feed"), amqp_url)
    start(VotesService, VotesSettings, make_database("votes"), amqp_url)
    me = log_in(running, SUN)
    copy = running.call_as(me, "identity", "export_my_data", PATIENCE)["data"]
    # the services that there are; other tests of this process may have brought one of their own
    assert [one for one in copy["missing"] if one != "probe"] == ["grid_bridge", "notify"]
    assert copy["services"]["feed"]["posts"] == {"items": [], "left_out": 0}
    cards = copy["services"]["votes"]["cards"]["items"]  # as far as it has heard of her
    assert {card["person_id"] for card in cards} <= {copy["person_id"]}
    assert copy["identity"]["account"]["items"][0]["phone"] == "+8613800000001"
    assert copy["identity"]["memberships"]["items"][0]["status"] == "active"
    part = running.call_as(me, "identity", "export_person", PATIENCE)["data"]
    assert part["real_name"] == copy["identity"]["real_name"]


def test_handing_somebody_to_the_grid_is_written_down_though_it_is_a_question(running):
    me, staff = log_in(running, SUN), log_in(running, STAFF)
    person_id = running.call_as(me, "identity", "get_me", PATIENCE)["data"]["person"]["id"]

    def reporter() -> dict:
        return running.call_as(
            staff, "identity", "reporter_for_grid", PATIENCE, person_id=person_id
        )["data"]

    assert reporter() == {"consented": False, "name": None, "phone": None}
    given = running.call_as(me, "identity", "give_consent", PATIENCE, purpose="grid_platform")[
        "data"
    ]
    found = reporter()
    assert (found["consented"], found["phone"]) == (True, "138****0001")
    assert found["name"].endswith("*")
    looked = running.call_as(me, "identity", "list_my_access_log", PATIENCE)["data"]["items"]
    assert ["网格化管理平台" in look["what"] for look in looked] == [True]
    running.call_as(me, "identity", "withdraw_consent", PATIENCE, id=given["id"])
    assert reporter()["consented"] is False


def test_an_account_is_deleted_and_its_owner_comes_back_as_somebody_else(running):
    phone = "13900009999"
    me = log_in(running, phone)
    before = running.call_as(me, "identity", "get_me", PATIENCE)["data"]["person"]["id"]
    with pytest.raises(ShequError) as refused:
        running.call_as(me, "identity", "delete_me", PATIENCE, code="000000")
    assert (refused.value.status, [e.field for e in refused.value.errors]) == (422, ["code"])
    running.call_as(me, "identity", "delete_me", PATIENCE, code="246810")
    with pytest.raises(ShequError) as gone:
        running.call_as(me, "identity", "get_me", PATIENCE)
    assert gone.value.status in (401, 404)
    again = log_in(running, phone)
    after = running.call_as(again, "identity", "get_me", PATIENCE)["data"]["person"]["id"]
    assert after != before
