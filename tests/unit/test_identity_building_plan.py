"""Buildings described in one sentence, and points that cannot belong to a place."""

import pytest

from services.contracts.errors import Invalid
from services.identity.domain import building_plan, positions
from services.identity.domain.addresses import PlaceNameInvalid
from services.identity.domain.building_plan import Shape, TooManyPlaces
from services.identity.domain.positions import PlaceTooFar, Point

SHAPE = Shape("{n}号楼", 1, 24, 1, 2, 18, 4)
HOME = Point(121.3601, 31.3950)


def shape(**over) -> Shape:
    known = {name: getattr(SHAPE, name) for name in SHAPE.__slots__}
    return Shape(**{**known, **over})


def test_an_estate_is_told_in_one_sentence():
    building_plan.check(SHAPE)
    assert SHAPE.names()[:2] == ["1号楼", "2号楼"] and SHAPE.names()[-1] == "24号楼"
    assert SHAPE.unit_names() == ["1单元", "2单元"]
    rooms = SHAPE.room_names()
    assert (len(rooms), rooms[0], rooms[3], rooms[4], rooms[-1]) == (
        72, "101", "104", "201", "1804",
    )  # fmt: skip
    assert SHAPE.places == 24 + 48 + 24 * 2 * 72


def test_rooms_may_lie_right_in_a_building_and_a_building_may_have_none():
    assert shape(units=0).places == 24 + 24 * 72
    assert shape(units=0, floors=0, rooms=0).places == 24
    assert shape(units=0, floors=0, rooms=0).room_names() == []


def test_one_side_of_a_street_has_every_other_number():
    assert shape(first=3, last=8, step=2).names() == ["3号楼", "5号楼", "7号楼"]


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"pattern": "1号楼"}, "pattern"),
        ({"last": 0}, "last"),
        ({"floors": 0}, "rooms"),
        ({"rooms": 0}, "rooms"),
    ],
)
def test_what_does_not_fit_together_is_named(over, field):
    with pytest.raises(Invalid) as caught:
        building_plan.check(shape(**over))
    assert [one.field for one in caught.value.errors] == [field]


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"last": 201, "units": 0, "floors": 0, "rooms": 0}, TooManyPlaces),
        ({"last": 200}, TooManyPlaces),
        ({"pattern": "={n}"}, PlaceNameInvalid),
        ({"pattern": "{n}" + "楼" * 60}, PlaceNameInvalid),
    ],
)
def test_a_town_is_not_built_at_once_nor_under_any_name(over, error):
    with pytest.raises(error):
        building_plan.check(shape(**over))


def test_the_way_between_two_points_is_known_in_metres():
    assert positions.metres(HOME, HOME) == 0
    degree = positions.metres(Point(0, 0), Point(0, 1))
    assert degree == pytest.approx(111_195, rel=1e-4)
    assert positions.metres(Point(0, 0), Point(180, 0)) == pytest.approx(20_015_000, rel=1e-3)


def test_a_point_far_from_its_estate_is_a_slip():
    positions.require_near(Point(121.3650, 31.3990), [HOME])
    positions.require_near(Point(10, 50), [])
    for slip in (Point(121.3601, 32.3950), Point(31.3950, 85)):
        with pytest.raises(PlaceTooFar):
            positions.require_near(slip, [HOME])
