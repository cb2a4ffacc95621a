"""Where a problem is: converted where it enters, looked at against the outline. Needs: db."""

import pytest

from services.contracts.errors import Forbidden
from services.contracts.events import WorkOrderOpened
from services.contracts.operations.grid_bridge import bounds as ops
from services.grid_bridge.domain.coordinates import Point, to_gcj02
from services.grid_bridge.domain.outlines import OutsideDistrict
from services.grid_bridge.handlers import locating
from services.grid_bridge.repository_districts import DistrictNotFound
from tests.support.bridge import ADMIN, SHI, STRANGER, SUN
from tests.support.bridge_desk import Desk
from tests.support.distances import metres_between

pytestmark = pytest.mark.db

RING = [[121.2, 31.3], [121.55, 31.3], [121.55, 31.52], [121.2, 31.52]]
EDGE = Point(121.5498, 31.4)


@pytest.fixture
def desk(db, tmp_path) -> Desk:
    return Desk(db("grid_bridge"), tmp_path)


def draw(desk: Desk, by=ADMIN, **more):
    cmd = ops.PutDistrictBounds(**{"did": "demo", "ring": RING, "source": "示意图", **more})
    return desk._write(locating.put_bounds, cmd, by)


def test_what_a_chinese_map_gives_goes_out_in_wgs84(desk):
    here = Point(121.4, 31.4)
    there = to_gcj02(here)
    place = {"address": "三号楼", "lng": there.lng, "lat": there.lat, "crs": "GCJ02"}
    receipt = desk.report(SUN, location=place)
    shown = desk.issue(receipt.id, SUN).location
    assert (shown.crs, shown.given_crs, shown.doubtful) == ("WGS84", "GCJ02", None)
    desk.triage(receipt.id)
    desk.step(receipt.id, outcome="failed")
    desk.escalate(receipt.id)
    (order,) = desk.told(WorkOrderOpened)
    assert (order.location.address, order.location.crs) == ("三号楼", "WGS84")
    assert metres_between(Point(order.location.lng, order.location.lat), here) < 0.01


def test_an_outline_refuses_what_cannot_be_meant_and_marks_what_may(desk):
    assert draw(desk).ring[0] == draw(desk).ring[-1] == [121.2, 31.3]
    far = {"lng": 116.4, "lat": 39.9}
    for enter in (desk.report, desk.take_in):
        more = {"anonymous": True} if enter == desk.take_in else {}
        with pytest.raises(OutsideDistrict) as caught:
            enter(location=far, **more)
        assert [e.field for e in caught.value.errors] == ["location.lng", "location.lat"]
    assert desk.rows("SELECT id FROM issues") == []
    moved = to_gcj02(EDGE)
    doubtful = desk.report(SUN, location={"lng": moved.lng, "lat": moved.lat}).id
    seen = desk.issue(doubtful, SHI)
    assert seen.location.doubtful is True and seen.location.given_crs == "WGS84"
    assert "location_doubtful" in [line.kind for line in seen.timeline]
    hers = desk.issue(doubtful, SUN)
    assert hers.location.doubtful is None
    assert "location_doubtful" not in [line.kind for line in hers.timeline]
    certain = desk.report(SUN, location={"lng": moved.lng, "lat": moved.lat, "crs": "GCJ02"}).id
    assert desk.issue(certain, SHI).location.doubtful is False
    with desk.units() as uow:
        gone = locating.delete_bounds(uow, ops.OfDistrictBounds(did="demo"), ADMIN)
        uow.commit()
    assert gone.ring == []
    assert desk.report(SUN, location=far).id, "a district without an outline takes every point"


def test_an_outline_is_the_administrators_to_draw_and_its_peoples_to_read(desk):
    draw(desk)
    with pytest.raises(Forbidden):
        draw(desk, by=SHI)
    with pytest.raises(DistrictNotFound):
        draw(desk, did="elsewhere")
    asked = ops.OfDistrictBounds(did="demo")
    with desk.units(read_only=True) as uow:
        assert len(locating.get_bounds(uow, asked, SUN).ring) == 5
        with pytest.raises(DistrictNotFound):
            locating.get_bounds(uow, asked, STRANGER)
