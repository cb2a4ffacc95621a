"""What the grid platform reads and writes, held against the project's contracts."""

import json
from datetime import UTC, datetime

import pytest

from deploy.grid_platform import messages
from deploy.grid_platform.domain import Role, State, Update
from deploy.grid_platform.messages import BadMessage, Incoming, Opened, Rated, body_of, headers_of
from services.contracts import topology
from services.contracts.events.grid import WorkOrderOpened, WorkOrderUpdated
from services.contracts.ids import is_id

NOW = datetime(2026, 3, 2, 4, 0, 0, 120_000, tzinfo=UTC)

OPENED = {
    "work_order_no": "SQT-20260302-0001",
    "district": "demo",
    "category": "8x",
    "community": {"id": "c1", "name": "尚园居民区", "code12": "310113000001"},
    "catalogue": {"version": "2026.1", "slot": "X3", "name": "毁绿占绿"},
    "code": {"standard": "GB/T 47678.5-2026", "kind": "matter", "code": "06045", "name": "占绿"},
    "title": "商铺占用绿化带",
    "description": "门口绿化带堆满货物",
    "location": {"address": "尚园 3 号楼南侧", "lng": 121.4, "lat": 31.4, "crs": "WGS84"},
    "urgency": "urgent",
    "library_entry": {"no": "L-1", "slot": "X3", "entered_at": "2026-03-02T03:00:00Z"},
    "external_ref": "issue-1",
    "self_governance": [{"step": "talk", "note": "约谈未果", "at": "2026-03-01T03:00:00Z"}],
    "department": {"code": "CG", "name": "城管执法"},
    "deadlines": {
        "overall": "2026-03-20T10:00:00+08:00",
        "stages": [{"stage": "disposing", "due_at": "2026-03-10T10:00:00+08:00"}],
    },
    "reported_at": "2026-03-01T02:00:00Z",
}


def read(body: object, kind: str = messages.OPENED, **envelope: object) -> Incoming:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    wrapped: dict[str, object] = {"message_id": "m1", "kind": kind, "headers": None}
    return messages.read(raw, **{**wrapped, **envelope})  # type: ignore[arg-type]


def test_there_is_a_reader_for_everything_the_queue_is_bound_to() -> None:
    bound = {event.TYPE for event in topology.queue("gridplatform.workorders").events}
    assert messages.READERS.keys() == bound


def test_an_order_as_the_contract_writes_it_is_read() -> None:
    body = WorkOrderOpened.model_validate(OPENED).model_dump_json().encode()
    incoming = read(body, headers={"subject_version": 1, "traceparent": "00-t"})
    opened = incoming.data
    assert isinstance(opened, Opened)
    assert (incoming.work_order_no, incoming.subject_version) == ("SQT-20260302-0001", 1)
    assert incoming.traceparent == "00-t"
    assert (opened.title, opened.urgency, opened.department.name) == (
        "商铺占用绿化带",
        "urgent",
        "城管执法",
    )
    assert opened.library_entry is not None
    assert opened.library_entry.slot == "X3"
    assert opened.deadlines.overall == datetime(2026, 3, 20, 2, tzinfo=UTC)


def test_fields_of_a_later_release_are_passed_over() -> None:
    body = {**OPENED, "mood": {"of": ["the", "day"]}, "department": {"name": "房管", "x": 1}}
    assert isinstance(read(body).data, Opened)


def test_only_what_this_side_works_with_must_be_there() -> None:
    body = {"work_order_no": "1", "title": "灯坏了", "department": {"name": "房管"}}
    opened = read(body).data
    assert isinstance(opened, Opened)
    assert opened.library_entry is None
    assert opened.deadlines.overall is None


def test_id_and_type_may_stand_in_the_cloudevents_headers_alone() -> None:
    headers = {"cloudEvents:id": "e7", "cloudEvents:type": "workorder.rated.v1"}
    incoming = read({"work_order_no": "1", "score": 4}, kind=None, message_id=None, headers=headers)
    assert (incoming.message_id, incoming.kind) == ("e7", "workorder.rated.v1")
    assert isinstance(incoming.data, Rated)


SECRET = "王小明13800000001"


@pytest.mark.parametrize(
    ("body", "envelope", "reason"),
    [
        (b"\xff\xfe", {}, "not JSON"),
        (b"{", {}, "not JSON"),
        (b"[" * 100_000, {}, "not JSON"),
        (b'"\\ud800"', {}, "not JSON"),
        (b"x" * (messages.MAX_BYTES + 1), {}, "bytes"),
        ([1], {}, "body"),
        (None, {}, "body"),
        ({**OPENED, "work_order_no": ""}, {}, "work_order_no"),
        ({**OPENED, "work_order_no": 7}, {}, "work_order_no"),
        ({**OPENED, "department": None}, {}, "department"),
        ({**OPENED, "reported_at": "2026-03-01T02:00:00"}, {}, "reported_at"),
        ({**OPENED, "reported_at": SECRET}, {}, "reported_at"),
        ({"work_order_no": "1", "score": 6}, {"kind": "workorder.rated.v1"}, "score"),
        ({"work_order_no": "1", "score": SECRET}, {"kind": "workorder.rated.v1"}, "score"),
        ({"work_order_no": "1"}, {"kind": "workorder.urged.v1"}, "reason"),
        (OPENED, {"message_id": None}, "message_id"),
        (OPENED, {"kind": None}, "type"),
        (OPENED, {"kind": "workorder.opened.v2"}, "type"),
    ],
)
def test_what_can_never_be_taken_is_refused_without_quoting_it(
    body: object, envelope: dict[str, object], reason: str
) -> None:
    with pytest.raises(BadMessage, match=reason) as refusal:
        read(body, **envelope)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("version", ["2", -1, 0, None, 1.5])
def test_a_version_that_is_none_is_no_version(version: object) -> None:
    assert read(OPENED, headers={"subject_version": version}).subject_version is None


def update(**changes: object) -> Update:
    base: dict[str, object] = {
        "work_order_no": "SQT-1",
        "seq": 4,
        "state": State.DISPATCHED,
        "at": NOW,
        "actor_role": Role.DISPATCHER,
        "department": "城管执法",
        "note": "已派遣",
        "deadline": NOW,
        "attachments": ("u1",),
        "platform_ref": "GP20260302000001",
    }
    return Update(**{**base, **changes})  # type: ignore[arg-type]


def test_an_update_is_what_the_contract_asks_for() -> None:
    body = body_of(update())
    event = WorkOrderUpdated.model_validate_json(body)  # the strict reading: no field too many
    assert event.model_dump() == {
        "work_order_no": "SQT-1",
        "seq": 4,
        "state": "dispatched",
        "at": NOW,
        "actor_role": "dispatcher",
        "department": "城管执法",
        "note": "已派遣",
        "deadline": NOW,
        "attachments": ["u1"],
        "platform_ref": "GP20260302000001",
    }
    assert "已派遣" in body, "readable on the wire"


def test_no_date_is_sent_when_none_is_promised() -> None:
    assert "deadline" not in json.loads(body_of(update(deadline=None)))


def test_the_envelope_is_cloudevents_in_binary_mode() -> None:
    assert headers_of(update(), "m-1", "00-abc-def-01") == {
        "cloudEvents:id": "m-1",
        "cloudEvents:source": WorkOrderUpdated.SOURCE,
        "cloudEvents:type": WorkOrderUpdated.TYPE,
        "cloudEvents:specversion": "1.0",
        "cloudEvents:subject": "SQT-1",
        "cloudEvents:time": "2026-03-02T04:00:00.120000Z",
        "subject_version": 4,
        "traceparent": "00-abc-def-01",
    }
    assert "traceparent" not in headers_of(update(), "m-1", "")


def test_message_ids_are_uuids_of_version_7_and_sort_by_time() -> None:
    ids = [messages.new_message_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(is_id(one) and one[14] == "7" and one[19] in "89ab" for one in ids)
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)
