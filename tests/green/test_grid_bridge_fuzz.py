"""Whatever an update or a place says, the bridge keeps its rules and answers. Needs: db."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.contracts.events import WorkOrderUpdated
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import bounds
from services.grid_bridge.domain.coordinates import Point, to_wgs84, within
from services.grid_bridge.domain.outlines import OutsideDistrict
from services.grid_bridge.domain.work_order import State
from services.grid_bridge.handlers import grid, locating
from tests.support.bridge import ADMIN, SHI, SUN, Bridge

pytestmark = pytest.mark.db

RING = [[121.2, 31.3], [121.55, 31.3], [121.55, 31.52], [121.2, 31.52]]
FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXT = st.text(max_size=40)
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
UPDATE = st.fixed_dictionaries(
    {
        "seq": st.one_of(st.integers(1, 12), st.integers(1, 10**30)),
        "state": st.sampled_from([str(state) for state in State]),
        "at": st.datetimes(timezones=ZONES),
        "actor_role": TEXT,
        "department": TEXT,
        "note": st.text(max_size=4_000),
        "deadline": st.none() | st.datetimes(),
        "attachments": st.lists(TEXT, max_size=30),
        "platform_ref": TEXT,
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
DEGREES = st.one_of(st.floats(121.1, 121.6), st.floats(31.2, 31.6), st.floats(), JSON)
PLACE = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "lng": DEGREES,
            "lat": DEGREES,
            "crs": st.sampled_from(["WGS84", "GCJ02", "BD09", "CGCS2000", "wgs84", 4326]),
            "address": TEXT,
        },
    ),
)


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def test_any_update_is_applied_held_or_passed_over(bridge):
    no = bridge.escalated().no
    sent: set[tuple[int, str]] = set()

    @FEW
    @given(UPDATE)
    def take(facts):
        try:
            event = WorkOrderUpdated(work_order_no=no, **facts)
        except ValidationError:
            return  # what cannot be read never comes to the handler
        with bridge.units() as uow:
            grid.take_update(uow, event, new_id(), bridge.files, bridge.now)
            uow.commit()
        sent.add((event.seq, event.state))

    take()
    assert len(sent) > 10
    known = {
        (int(row.seq), row.state)
        for row in bridge.rows(
            "SELECT seq, state FROM work_order_updates UNION SELECT seq, state FROM held_updates"
        )
    }
    assert known <= sent
    order = bridge.order(no, SHI)
    applied = [step.seq for step in order.steps]
    assert applied == sorted(applied) and (not applied or order.state == order.steps[-1].state)
    assert bridge.issue(order.issue_id, SHI).work_order_no == no


def test_any_place_is_kept_in_wgs84_or_refused(bridge):
    bridge._write(
        locating.put_bounds, bounds.PutDistrictBounds(did="demo", ring=RING, source="图"), ADMIN
    )
    kept: list[str] = []

    @FEW
    @given(PLACE)
    def report(location):
        try:
            kept.append(bridge.report(SUN, location=location).id)
        except (ValidationError, OutsideDistrict):
            return

    report()
    assert kept
    rows = bridge.rows("SELECT location FROM issues WHERE location IS NOT NULL")
    for (place,) in rows:
        assert place["crs"] == "WGS84"
        if place["lng"] is None or place.get("doubtful"):
            continue
        given_at = Point(place["given"]["lng"], place["given"]["lat"])
        assert within(to_wgs84(given_at, place["given"]["crs"]), RING + RING[:1])
