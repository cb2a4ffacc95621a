"""Everything wrong that a platform can send, over the real border, as its own user. Needs: db,
broker.

The orders that are told of rightly go on at the same time. In the end nothing is lost or half
stored, what is bad lies in quarantine or among the dead letters and nowhere else, and the service
answers as before.
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from kombu import Connection, Producer

from deploy.local.rabbitmq import GRID_USER
from services.contracts import events as e
from services.contracts.errors import Invalid, ShequError
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import bounds
from services.grid_bridge.handlers import locating
from services.grid_bridge.service import GridBridgeService
from services.grid_bridge.settings import Settings
from services.kit import dead_letters, topology
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.support import infra
from tests.support.bridge import ADMIN, SHANGYUAN, SUN, TO_CLOSED, Bridge
from tests.support.green_caller import Caller
from tests.support.keys import Signer

pytestmark = [pytest.mark.db, pytest.mark.broker]

UPDATES = "grid_bridge.grid_updates"
ON_WAY = (UPDATES, *(name for name, _ in topology.RUNGS), topology.LOST)
RING = [[121.2, 31.3], [121.55, 31.3], [121.55, 31.52], [121.2, 31.52]]


class Border:
    """A running bridge, and the platform's user at its border."""

    def __init__(self, bridge: Bridge, vhost: str, signer: Signer) -> None:
        self.bridge = bridge
        self.ours = infra.amqp_url(vhost)
        self.theirs = infra.amqp_url(vhost, GRID_USER)
        self.caller = Caller(self.ours)
        self.signer = signer

    def send(self, *bodies: bytes | str, **properties: Any) -> None:
        """Raw bodies, one message each, as the platform's user."""
        with Connection(self.theirs) as connection:
            producer = Producer(connection.channel())
            for body in bodies:
                event_id = new_id()
                usual = {
                    "headers": {
                        "cloudEvents:id": event_id,
                        "cloudEvents:source": "grid_platform",
                        "cloudEvents:type": e.WorkOrderUpdated.TYPE,
                        "cloudEvents:specversion": "1.0",
                        "cloudEvents:time": datetime.now(UTC).isoformat(),
                    },
                    "message_id": event_id,
                    "content_type": "application/json",
                    "content_encoding": "utf-8",
                }
                producer.publish(
                    body,
                    exchange=e.WorkOrderUpdated.EXCHANGE,
                    routing_key=e.WorkOrderUpdated.TYPE,
                    **{**usual, **properties},
                )

    def waiting(self, queue: str) -> int:
        with Connection(self.ours) as connection:
            return int(connection.channel().queue_declare(queue, passive=True).message_count)

    def call(self, method: str, **command: Any) -> Any:
        grants = [(grant.role.value, grant.path) for grant in SUN.grants]
        token = self.signer.token(SUN.person_id, grants)
        return self.caller.call_as({"token": token}, "grid_bridge", method, **command)["data"]

    def steps(self, no: str) -> list[tuple[int, str]]:
        """What took effect."""
        rows = self.bridge.rows(
            "SELECT seq, state FROM work_order_updates WHERE work_order_no = :no ORDER BY seq",
            no=no,
        )
        return [(row.seq, row.state) for row in rows]

    def held(self) -> set[tuple[str, int, str, str, str]]:
        """What is held, with its standing and the reason."""
        rows = self.bridge.rows(
            "SELECT work_order_no, seq, state, standing, reason FROM held_updates "
            "WHERE standing IN ('waiting', 'quarantined')"
        )
        return {(r.work_order_no, int(r.seq), r.state, r.standing, r.reason) for r in rows}

    def until(self, condition: Callable[[], object], seconds: float = 40) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, "did not happen in time"
            time.sleep(0.05)


@pytest.fixture
def border(make_database, start, vhosts, signer, tmp_path) -> Iterator[Border]:
    vhost = vhosts.fresh()
    url = make_database("grid_bridge")
    start(
        GridBridgeService,
        Settings,
        url,
        infra.amqp_url(vhost),
        upload_secret_file=tmp_path / "upload.secret",
        storage_url=f"file://{tmp_path / 'files'}",
    )
    engine = make_engine(url, pool=4)
    bridge = Bridge(UnitOfWorkFactory(engine, "grid_bridge"), tmp_path)
    bridge.now = datetime.now(UTC)
    border = Border(bridge, vhost, signer)
    yield border
    border.caller.close()
    engine.dispose()


def update(no: str, seq: int, state: str, **more: Any) -> str:
    """The body of an update, whatever it says."""
    facts = {
        "work_order_no": no,
        "seq": seq,
        "state": state,
        "at": datetime.now(UTC).isoformat(),
        "actor_role": "dispatcher",
        "department": "区城管执法局",
        "note": f"第{seq}步",
        **more,
    }
    return json.dumps(facts)


def unreadable(no: str) -> list[bytes | str]:
    """What is no update at all; each would be the first of this order."""
    good = update(no, 1, "accepted")
    return [
        b"",
        b"\xff\xfe\x00not json",
        b"{",
        b"[]",
        b'"accepted"',
        b"null",
        b"[" * 100_000,
        good.replace('"seq": 1', '"seq": NaN'),
        good.replace('"seq": 1', '"seq": "eins"'),
        good.encode("utf-16"),
        update(no, 1, "exploded"),
        update(no, 0, "accepted"),
        update(no, -1, "accepted"),
        update(no, 1, "accepted", note="灯" * 1_000_000),
        update(no, 1, "accepted", note="\ud800"),
        update(no, 1, "accepted", at="yesterday"),
        update(no, 1, "accepted", attachments={"a": 1}),
        json.dumps({"work_order_no": no, "seq": 1}),
    ]


def test_nothing_bad_is_lost_or_half_stored_and_nothing_good_waits_for_it(border):
    order, gap, wrong = (border.bridge.escalated().no for _ in range(3))
    bad = unreadable(wrong)
    walk = list(enumerate(TO_CLOSED, 1))
    for number, (seq, state) in enumerate(walk):  # a good one between every two or three bad ones
        border.send(*bad[number :: len(walk)], update(order, seq, state))
    # A gap that is filled, one that is not, and numbers that nobody gives.
    border.send(update(gap, 3, "registered"), update(gap, 2, "verifying"))
    border.send(update(gap, 5, "disposing"), update(gap, 1, "accepted"))
    border.send(update(wrong, 10**9, "accepted"))
    # Orders that we never opened, of any name; what cannot follow; one number, two opinions.
    border.send(update("BS2026NOBODY", 1, "accepted"), update("\x00" + "Ø" * 5_000, 1, "accepted"))
    border.send(update(wrong, 1, "closed"), update(order, 2, "rejected"))
    # Right in all that counts, odd in the rest.
    border.send(
        update(
            wrong,
            2,
            "accepted",
            note="\x00第二步\x00",
            actor_role="\udfff",
            at="0001-01-01T00:00:00+14:00",
            deadline="9999-12-31T23:59:59-14:00",
            attachments=["nowhere", "../../etc/passwd", *map(str, range(10_000))],
            surprise={"nested": ["unknown", "fields"]},
        )
    )
    border.until(lambda: border.steps(wrong) == [(2, "accepted")])
    border.until(lambda: border.waiting(f"{UPDATES}.dlq") == len(bad))
    border.until(lambda: border.steps(order) == walk)
    border.until(lambda: len(border.steps(gap)) == 3 and len(border.held()) == 6)
    border.until(lambda: not any(map(border.waiting, ON_WAY)))
    assert border.steps(gap) == [(1, "accepted"), (2, "verifying"), (3, "registered")]
    long_name = "Ø" * 99  # its first hundred characters, less the one that is no text
    assert border.held() == {
        (gap, 5, "disposing", "waiting", "wait"),
        (wrong, 10**9, "accepted", "quarantined", "too_far"),
        (wrong, 1, "closed", "quarantined", "impossible"),
        (order, 2, "rejected", "quarantined", "conflict"),
        ("BS2026NOBODY", 1, "accepted", "quarantined", "unknown_order"),
        (long_name, 1, "accepted", "quarantined", "unknown_order"),
    }
    letters, _ = dead_letters.look(border.ours, [UPDATES], 200)
    assert {one.why for one in letters} == {"unreadable", "rejected"}, "none was tried for long"
    stood = border.bridge.order(wrong)
    assert (stood.state, stood.steps[0].note, stood.steps[0].attachments) == (
        "accepted", "第二步", []
    )  # fmt: skip
    assert border.bridge.rows("SELECT count(*) AS n FROM work_orders")[0].n == 3
    assert border.call("list_issues", cid=SHANGYUAN, limit=1)["items"], "it answers as before"


def test_a_message_without_its_head_harms_no_other(border):
    no = border.bridge.escalated().no
    border.send(update(no, 1, "accepted"), headers={}, message_id=None)
    border.send(update(no, 1, "accepted"), content_type="text/plain")
    border.send(update(no, 1, "accepted"), headers={"cloudEvents:type": "person.deleted.v1"})
    border.send(update(no, 1, "accepted").encode(), content_encoding="gzip")
    border.send(update(no, 1, "accepted"), update(no, 2, "verifying"))
    border.until(lambda: border.steps(no) == [(1, "accepted"), (2, "verifying")])
    border.until(lambda: not any(map(border.waiting, ON_WAY)))
    assert border.held() == set()
    assert border.bridge.rows("SELECT count(*) AS n FROM work_order_updates")[0].n == 2
    assert border.waiting(f"{UPDATES}.dlq") <= 4


# What is no place here, and the fields that are named.
NO_PLACES: list[tuple[Any, set[str]]] = [
    ({"lng": 31.4, "lat": 121.4}, {"location.lat"}),  # the other way round
    ({"lng": 116.4, "lat": 39.9}, {"location.lng", "location.lat"}),  # Beijing
    ({"lng": 0, "lat": 0, "crs": "GCJ02"}, {"location.lng", "location.lat"}),
    ({"lng": 121.4}, {"location"}),
    ({"lng": 121.4, "lat": 31.4, "crs": "EPSG:4326"}, {"location.crs"}),
    ({"lng": "east", "lat": 31.4}, {"location.lng"}),
    ({"lng": 1e309, "lat": 31.4}, {"location.lng"}),
    ([121.4, 31.4], {"location"}),
    ({"address": "长" * 300}, {"location.address"}),
]


def test_a_place_that_is_none_is_refused_by_its_field(border):
    cmd = bounds.PutDistrictBounds(did="demo", ring=RING, source="示意图")
    border.bridge._write(locating.put_bounds, cmd, ADMIN)
    for location, fields in NO_PLACES:
        with pytest.raises(ShequError) as caught:
            border.call("report_issue", cid=SHANGYUAN, title="灯", body="不亮", location=location)
        assert caught.value.status == Invalid.status, location
        assert {error.field for error in caught.value.errors} == fields
    assert border.bridge.rows("SELECT id FROM issues") == []
