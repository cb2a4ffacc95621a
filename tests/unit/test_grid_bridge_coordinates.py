"""From the systems of Chinese maps to WGS84, and what an outline makes of a point."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.operations.grid_bridge.common import Place
from services.grid_bridge.domain import outlines
from services.grid_bridge.domain.coordinates import (
    Point,
    read_as,
    to_bd09,
    to_gcj02,
    to_wgs84,
    within,
)
from tests.support.distances import metres_between

pytestmark = pytest.mark.unit

# Published with two widely used libraries, eviltransform (Shanghai, Shenzhen, Beijing) and
# coordtransform (the fourth): that both agree makes it the usual function. The state's own
# reference points are not published.
PUBLISHED = [
    (Point(121.5272106, 31.1774276), Point(121.531541859215, 31.17530398364597)),
    (Point(113.912316, 22.543847), Point(113.9171764808363, 22.540796131694766)),
    (Point(116.377817, 39.911954), Point(116.38404722455657, 39.91334545536069)),
    (Point(116.404, 39.915), Point(116.41024449916938, 39.91640428150164)),
]
CHINA = st.builds(Point, st.floats(74, 134), st.floats(18, 53))
BAOSHAN = [[121.2, 31.3], [121.55, 31.3], [121.55, 31.52], [121.2, 31.52]]
RING = outlines.outline(BAOSHAN, "WGS84")


@pytest.mark.parametrize(("gps", "on_the_map"), PUBLISHED)
def test_published_points_come_out_both_ways(gps, on_the_map):
    assert metres_between(to_gcj02(gps), on_the_map) < 0.001
    assert metres_between(to_wgs84(on_the_map, "GCJ02"), gps) < 0.001


def test_baidus_published_points_come_out():
    assert metres_between(
        to_bd09(Point(116.404, 39.915)), Point(116.41036949371029, 39.92133699351021)
    ) < 0.001  # fmt: skip
    # The libraries' inverse of BD-09 is a single step, ours goes on: they part by a metre.
    theirs = to_wgs84(Point(116.39762729119315, 39.90865673957631), "GCJ02")
    assert metres_between(to_wgs84(Point(116.404, 39.915), "BD09"), theirs) < 1.5


@settings(max_examples=200, deadline=None)
@given(CHINA)
def test_there_and_back_is_less_than_a_centimetre(point):
    assert metres_between(to_wgs84(to_gcj02(point), "GCJ02"), point) < 0.01
    assert metres_between(to_wgs84(to_bd09(to_gcj02(point)), "BD09"), point) < 0.01
    assert to_wgs84(point, "CGCS2000") == to_wgs84(point, "WGS84") == point


@pytest.mark.parametrize(
    "abroad", [Point(2.35, 48.85), Point(-104.99, 39.74), Point(0, 0), Point(180, -90)]
)
def test_abroad_no_map_moves_anything(abroad):
    assert to_gcj02(abroad) == abroad == to_wgs84(abroad, "GCJ02")


def test_in_shanghai_the_wrong_system_is_half_a_kilometre_off():
    assert 400 < metres_between(PUBLISHED[0][0], to_gcj02(PUBLISHED[0][0])) < 600


def test_a_point_is_kept_in_wgs84_with_what_was_given():
    inside = Point(121.4, 31.4)
    on_the_map = to_gcj02(inside)
    kept = outlines.settled(Place(lng=on_the_map.lng, lat=on_the_map.lat, crs="GCJ02"), RING)
    assert metres_between(Point(kept["lng"], kept["lat"]), inside) < 0.01
    assert (kept["crs"], kept["given"]["crs"]) == ("WGS84", "GCJ02")
    assert kept["given"]["lng"] == on_the_map.lng and "doubtful" not in kept
    assert outlines.in_wgs84(kept) == Point(kept["lng"], kept["lat"])
    # As version N-1 kept it: in the system in which it was given.
    old = {"address": "", "lng": on_the_map.lng, "lat": on_the_map.lat, "crs": "GCJ02"}
    found = outlines.in_wgs84(old)
    assert found is not None and metres_between(found, inside) < 0.01


def test_near_the_outline_a_confusion_is_marked_and_far_away_refused():
    edge = Point(121.5498, 31.4)  # 20 m inside; on a map it stands 400 m further east
    moved = to_gcj02(edge)
    assert not within(moved, RING) and within(edge, RING)
    kept = outlines.settled(Place(lng=moved.lng, lat=moved.lat), RING)
    assert (kept["doubtful"], kept["meant"]) == (True, "GCJ02")
    assert (kept["lng"], kept["lat"]) == (round(moved.lng, 9), round(moved.lat, 9)), "not put right"
    with pytest.raises(outlines.OutsideDistrict) as caught:
        outlines.settled(Place(lng=121.7, lat=31.4), RING)
    assert [e.field for e in caught.value.errors] == ["location.lng", "location.lat"]
    assert "doubtful" not in outlines.settled(Place(lng=121.7, lat=31.4), None)
    assert outlines.settled(Place(address="三号楼"), RING)["lng"] is None


@pytest.mark.parametrize(
    ("ring", "why"),
    [
        ([[121, 31], [122, 31], [121, 31]], "three corners"),
        ([[121, 31], [122, 32], [121, 32], [122, 31]], "cross"),
        ([[121, 31], [122, 31], [121, 31], [122, 32]], "none twice"),
        ([[121, 31], [121.5, 31], [122, 31]], "encloses nothing"),
        ([[100, 20], [120, 20], [120, 40]], "wider"),
        ([[31, 121], [32, 121], [32, 122]], "lng, lat"),
    ],
)
def test_an_outline_is_a_proper_polygon(ring, why):
    with pytest.raises(outlines.BadOutline) as caught:
        outlines.outline(ring, "WGS84")
    assert why in caught.value.errors[0].message


def test_an_outline_drawn_on_a_chinese_map_is_moved_too():
    drawn = [list(to_gcj02(Point(*corner))) for corner in BAOSHAN]
    moved = outlines.outline([*drawn, drawn[0]], "GCJ02")
    assert len(moved) == len(RING) == 5 and moved[0] == moved[-1]
    assert all(
        metres_between(Point(*a), Point(*b)) < 0.01 for a, b in zip(moved, RING, strict=True)
    )


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.sampled_from(["WGS84", "GCJ02", "CGCS2000", "BD09"]),
)
def test_any_point_is_inside_doubtful_or_refused(lng, lat, crs):
    meant = read_as(Point(lng, lat), crs, RING)
    place = Place(lng=lng, lat=lat, crs=crs)
    if meant is None:
        with pytest.raises(outlines.OutsideDistrict):
            outlines.settled(place, RING)
    else:
        assert outlines.settled(place, RING).get("doubtful", False) == (meant != crs)
