"""What was reported, by kind, way and building, told to the committee alone. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.errors import Forbidden, NotFound
from services.grid_bridge.domain.kpis import FiguresSpan
from tests.support.bridge import ADMIN, LU, NEXT_DOOR, SUN, TO_CLOSED
from tests.support.bridge_figures import Bureau

pytestmark = pytest.mark.db


@pytest.fixture
def bureau(db, tmp_path) -> Bureau:
    return Bureau(db("grid_bridge"), tmp_path)


def test_what_was_reported_is_told_by_kind_slot_way_and_score(bureau):
    order = bureau.escalated()
    bureau.walk(order.no, TO_CLOSED)
    bureau.rate(order.issue_id, score=4)
    for _ in range(3):
        bureau.report(LU)
    bureau.triage(bureau.report().id, "consult", None)
    told = bureau.breakdown()
    assert told.total == 5 and told.as_of == bureau.now
    kinds = {one.category: one.count for one in told.by_category}
    assert kinds == {None: 3, "consult": 1, "advise": 0, "dispose": 0, "8x": 1}
    assert [(one.slot, one.count) for one in told.by_slot] == [("X3", 1)]
    assert told.by_slot[0].name
    assert [(one.source, one.count) for one in told.by_source] == [("app", 5)]
    assert [(one.score, one.count) for one in told.by_score] == [
        (1, 0), (2, 0), (3, 0), (4, 1), (5, 0),
    ]  # fmt: skip
    assert sum(month.count for month in told.by_month) == 5
    for month in told.by_month:
        assert month.count == sum(one.count for one in month.by_category)


def test_its_sum_is_the_figure_of_the_same_days(bureau):
    bureau.report()
    bureau.pass_days(3)
    bureau.report(LU)
    first = bureau.today
    of_all, of_today = bureau.breakdown(), bureau.breakdown(**{"from": first})
    reported = {one.key: one.count for one in bureau.own_kpis().volumes}["issues_reported"]
    assert of_all.total == reported == 2 and of_today.total == 1


def test_a_building_is_told_from_ten_on(bureau):
    for n in range(9):
        bureau.report(SUN if n % 2 else LU)
    few = bureau.breakdown()
    assert (few.buildings, few.other_buildings, few.few) == ([], None, 1)
    bureau.report()
    told = bureau.breakdown()
    assert [(one.building, one.count) for one in told.buildings] == [("3号楼", 10)]
    assert (told.other_buildings, told.few, told.nowhere, told.floor) == (0, 0, 0, 10)


def test_it_is_for_those_who_serve_there(bureau):
    for who, refusal in ((SUN, Forbidden), (ADMIN, Forbidden), (NEXT_DOOR, NotFound)):
        with pytest.raises(refusal):
            bureau.breakdown(who)


def test_days_that_lie_ahead_or_are_too_many_are_refused(bureau):
    for days in (
        {"to": bureau.today + timedelta(days=1)},
        {"from": bureau.today - timedelta(days=400)},
    ):
        with pytest.raises(FiguresSpan):
            bureau.breakdown(**days)
