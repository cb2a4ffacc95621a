"""A register of persons is imported over the broker. Needs: db, broker."""

import base64
import json

import pytest

from tests.support.green_caller import Caller
from tests.support.identity_world import C_HOME, HOME
from tests.support.registers import SUN, entries, file_of

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def running(start_identity, world, amqp_url):
    start_identity(world.units, world.vault)
    caller = Caller(amqp_url)
    yield caller
    caller.close()


def test_other_calls_are_answered_while_a_large_file_is_read(running, world, signer):
    who = world.staff()
    me = {"token": signer.token(who.person_id, [("committee_staff", HOME)])}
    rows = [
        f"样例苑,{1 + n // 200}号楼,,{n % 200 // 2},孙桂芳,{1900 + n % 2},业主,,"
        for n in range(3_000)
    ]
    content = base64.b64encode(file_of(*rows)).decode()
    kwargs = {"cid": C_HOME, "filename": "a.csv", "content": content}
    large = running.send("identity", "import_register_file", kwargs, **me)
    quick = [running.send("identity", "get_community", {"community_id": C_HOME}) for _ in range(3)]
    for call in quick:
        assert running.wait(call, 30)["error"] is None
    assert large not in running.replies, "the quick ones were to overtake it"
    report = json.loads(running.wait(large, 60)["result"]["json"])
    assert (report["imported"], report["added"]) == (True, 3_000)


def test_a_dry_run_over_the_broker_leaves_nothing(running, world, signer):
    who = world.staff()
    me = {"token": signer.token(who.person_id, [("committee_staff", HOME)])}
    content = base64.b64encode(file_of(SUN)).decode()
    kwargs = {"cid": C_HOME, "filename": "a.csv", "content": content, "dry_run": True}
    report = running.call_as(me, "identity", "import_register_file", 30, **kwargs)["data"]
    assert (report["added"], report["imported"]) == (1, False)
    assert entries(world) == []
    assert [row.kind for row in world.rows("SELECT kind FROM imports")] == ["trial"]
