"""Figures of drift from worked examples. Needs: nothing."""

from datetime import date

import pytest

from services.grid_bridge.domain import drift
from services.grid_bridge.domain.drift import Cell, Share, psi, reckon, wilson

pytestmark = pytest.mark.unit


def cell(category="consult", advised="consult", n=1, confidence=0.85, slots=(None, None), **more):
    bin = None if advised is None else min(int(confidence * 10), 9)
    total = 0.0 if advised is None else n * confidence
    version = more.get("version", "v1") if advised else None
    return Cell(category, slots[0], advised, slots[1], bin, version, n, total)


def test_wilsons_interval_is_that_of_the_books():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    assert wilson(81, 263) == (0.2553, 0.3662)
    assert wilson(15, 148) == (0.0624, 0.1605)
    assert wilson(0, 20) == (0.0, 0.1611)
    assert wilson(1, 29) == (0.0061, 0.1718)
    assert wilson(29, 29)[1] == 1.0
    assert Share(0, 0).interval is None


def test_agreement_is_counted_over_decisions_that_had_advice():
    told = reckon(
        [
            cell("consult", "consult", 6),
            cell("dispose", "consult", 3),
            cell("dispose", "dispose", 1),
            cell("advise", None, 5),
        ],
        [],
        {},
    )
    assert told.n == 15
    assert (told.agreement.numerator, told.agreement.denominator) == (7, 10)
    assert told.agreement.value == 0.7
    by_name = {one.category: one for one in told.categories}
    assert by_name["consult"].recall == Share(6, 6)
    assert by_name["consult"].precision == Share(6, 9)
    assert by_name["dispose"].recall == Share(1, 4)
    assert by_name["advise"].recall == Share(0, 0)
    assert by_name["advise"].recall.value is None


def test_a_slot_is_judged_where_both_say_8x():
    told = reckon(
        [
            cell("8x", "8x", 4, slots=("X3", "X3")),
            cell("8x", "8x", 1, slots=("X3", "S8")),
            cell("8x", "dispose", 7, slots=("X3", None)),
            cell("8x", "8x", 2, slots=(None, "S1")),
        ],
        [],
        {},
    )
    assert told.slots == {"X3": Share(4, 5)}


def test_calibration_weighs_the_gap_of_each_tenth_by_its_decisions():
    told = reckon(
        [
            cell("consult", "consult", 8, 0.95),
            cell("dispose", "consult", 2, 0.95),
            cell("consult", "consult", 5, 0.55),
            cell("advise", "consult", 5, 0.55),
        ],
        [],
        {"v1": 0.9},
    )
    low, high = told.bins
    assert (low.low, low.agreed, low.mean_confidence) == (0.5, Share(5, 10), 0.55)
    assert (high.low, high.high, high.agreed) == (0.9, 1.0, Share(8, 10))
    assert told.calibration_error == 0.1  # (10 x 0.05 + 10 x 0.15) / 20
    assert (told.mean_confidence, told.baseline_confidence) == (0.75, 0.9)


def test_the_baseline_is_weighed_by_the_versions_that_advised():
    told = reckon(
        [cell(n=30), cell(n=10, version="v2"), cell(n=5, version="unknown")],
        [],
        {"v1": 0.9, "v2": 0.7},
    )
    assert told.baseline_confidence == 0.85
    assert told.versions == {"unknown": 5, "v1": 30, "v2": 10}
    assert reckon([cell(version="unknown")], [], {"v1": 0.9}).baseline_confidence is None


def test_a_shift_of_the_population():
    # p = (60.5, 40.5) / 101, q = (50.5, 50.5) / 101: 10/101 ln(60.5/50.5) - 10/101 ln(40.5/50.5)
    assert psi([60, 40], [50, 50]) == pytest.approx(0.0397, abs=1e-4)
    assert psi([50, 50], [500, 500]) == 0.0
    assert psi([49], [500]) is None
    assert psi([500], [49]) is None
    assert psi([100, 0], [0, 100]) > 0.25


def test_what_was_before_is_what_a_span_is_held_against():
    before = [cell("consult", n=100)]
    same, other = reckon(before, before, {}), reckon([cell("8x", "8x", 100, 0.3)], before, {})
    assert (same.psi_category, same.psi_confidence) == (0.0, 0.0)
    assert other.psi_category > 0.25
    assert other.psi_confidence > 0.25
    assert reckon(before, [], {}).psi_category is None


@pytest.mark.parametrize(
    ("agreed", "n", "alert"),
    # the upper end of 60 of 100 is 0.69, of 70 of 100 0.78; of 2 of 5 it is 0.77: too few to say
    [(60, 100, True), (70, 100, False), (2, 5, False), (0, 20, True), (0, 0, False)],
)
def test_an_alert_is_raised_when_chance_does_not_explain_it(agreed, n, alert):
    cells = [cell("consult", "consult", agreed), cell("dispose", "consult", n - agreed)]
    assert reckon([one for one in cells if one.n], [], {}).alert is alert


def test_nothing_gives_no_figures_and_no_alert():
    told = reckon([], [], {})
    assert (told.n, told.agreement.value, told.bins, told.alert) == (0, None, (), False)
    assert (told.calibration_error, told.mean_confidence) == (None, None)


def test_every_figure_has_its_formula():
    assert {"agreement", "recall", "precision", "calibration_error", "psi", "alert"} <= set(
        drift.FORMULAS
    )


def test_weeks_begin_on_monday_and_months_end_when_they_do():
    assert drift.end_of(date(2026, 3, 2), "week") == date(2026, 3, 8)
    assert drift.end_of(date(2028, 2, 1), "month") == date(2028, 2, 29)
    assert drift.end_of(date(2026, 12, 1), "month") == date(2026, 12, 31)
