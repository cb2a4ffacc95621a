"""Figures from worked examples that were reckoned by hand, and against a slow, plain reference."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from services.grid_bridge.domain import kpis, tallies
from services.grid_bridge.domain.histories import Case, Clock, Line, Order, Update
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.domain.tallies import tally
from services.grid_bridge.domain.withholding import FEWEST, withheld
from services.grid_bridge.domain.work_order import EXITS, OPEN, REFUSED, State


def at(day: int, hour: int = 12) -> datetime:
    """A moment of March 2026, by China's clock."""
    return datetime(2026, 3, day, hour, tzinfo=ZONE)


FIRST, LAST, NOW = date(2026, 3, 1), date(2026, 3, 20), at(20, 18)
LIMITS = {
    "accepted": at(3),
    "verifying": at(3),
    "dispatched": at(4),
    "disposing": at(10),
    "checking": at(12),
}


def reckoned(cases: Iterable[Case], first=FIRST, last=LAST, now=NOW) -> Counter[str]:
    """The marks of several cases between two days, as the counters would have them."""
    found: Counter[str] = Counter()
    for case in cases:
        one = tally(case)
        for (day, mark), amount in one.counted.items():
            found[mark] += amount if first <= day <= last else 0
        for mark, due in one.pending:
            found[mark] += int(due < now and first <= tallies.local_day(due) <= last)
    return found


def order(*updates: tuple[str, datetime] | Update, deadline: datetime = LIMITS["checking"]) -> Case:
    """An issue with an order that took these steps."""
    steps = [one if isinstance(one, Update) else Update(State(one[0]), one[1]) for one in updates]
    found = Order(opened_at=at(2), deadline=deadline, limits=LIMITS, updates=steps)
    return Case(created_at=at(2), status="escalated", category="8x", orders=[found])


ORDERS = (
    # all in its time, verified on site
    order(
        ("accepted", at(2, 13)), ("verifying", at(2, 14)), ("registered", at(3, 10)),
        ("dispatched", at(4, 10)), ("disposing", at(4, 11)), ("disposed", at(9, 10)),
        ("checking", at(9, 11)), ("closed", at(11)),
    ),
    # everything late, given to the wrong department first, and done twice
    order(
        ("accepted", at(2, 13)), ("registered", at(4)), ("dispatched", at(5)),
        ("returned", at(5, 13)), ("dispatched", at(6)), ("disposing", at(6, 13)),
        ("disposed", at(11)), ("checking", at(11, 13)), ("rework", at(13)),
        ("disposing", at(13, 13)), ("disposed", at(14)), ("checking", at(14, 13)),
        ("closed", at(15)),
    ),
    # given two days more, and still open: its limit of disposing is the 12th
    order(
        ("accepted", at(2, 13)), ("registered", at(3, 11)), ("dispatched", at(4, 11)),
        ("disposing", at(5)), ("extension_requested", at(9)),
        Update(State.DISPOSING, at(9, 15), deadline=at(14)),
        deadline=at(14),
    ),
    order(("rejected", at(3))),
    # somebody looks at it, and looks
    order(("accepted", at(2, 13)), ("verifying", at(2, 14))),
    # registered, and on second thoughts not
    order(("accepted", at(2, 13)), ("registered", at(3, 10)), ("not_registered", at(3, 11))),
    order(("cancelled", at(3))),
)  # fmt: skip

ISSUES = (
    Case(
        created_at=at(2, 9), status="answered", category="dispose",
        clocks=[
            Clock("first_response", at(2, 9), at(3, 9), at(2, 10), "moved"),
            Clock("dispose", at(2, 10), at(10), at(9), "kept"),
        ],
        lines=[Line(at(9), 1, "fixed"), Line(at(9, 20), 1, "fixed")],
        attempts=[(at(5), "failed"), (at(8), "solved")],
        ratings=[(at(10), 5)],
    ),
    Case(
        created_at=at(2, 9), status="reopened", category="consult",
        clocks=[
            Clock("first_response", at(2, 9), at(3, 9), at(4, 9), "moved"),
            Clock("consult", at(4, 9), at(4, 9), at(5), "kept"),
            Clock("first_response", at(6), at(9)),
        ],
        lines=[Line(at(5), 1, "answered"), Line(at(6), 2, reopens=True)],
        ratings=[(at(5, 20), 2)],
    ),
    Case(
        created_at=at(16), status="reported",
        clocks=[Clock("first_response", at(16), at(17))],
    ),
    Case(
        created_at=at(16), status="merged",
        clocks=[Clock("first_response", at(16), at(17), at(16, 15), "void")],
    ),
    Case(
        created_at=at(2), status="closed", category="8x",
        clocks=[Clock("grid", at(3), at(12), at(8), "void")],
        lines=[Line(at(8), 1, "cancelled")],
    ),
    Case(
        created_at=at(2), status="self_governing", category="dispose",
        clocks=[Clock("dispose", at(3), at(12)), ],
    ),
    Case(
        created_at=at(2), status="self_governing", category="dispose",
        clocks=[Clock("dispose", at(3), at(12), paused=True)],
        lines=[Line(at(7), 1, "solved", confirms=True)],
    ),
)  # fmt: skip

BY_HAND = {
    "disposal": "2/4",
    "disposal_on_time": "1/4",
    "closing": "2/4",
    "closing_on_time": "1/4",
    "registration_on_time": "3/4",
    "registration_accurate": "3/4",
    "dispatch_accurate": "2/4",
    "dispatch_on_time": "2/4",
    "verification_on_time": "1/2",
    "checking_on_time": "1/3",
    "reports_effective": "3/7",
    "rework": "1/4",
    "disposal_overdue": "2/4",
    "extension": "1/4",
    "disposal_time": f"{(432_000) * 2}/2",
    "satisfied": "1/2",
    "contact": "2/4",
    "finish_on_time": "1/3",
    "solved": "2/3",
    "explained": "1/3",
    "satisfaction": "140/2",
    "reopened": "1/4",
    "first_response_time": f"{3_600 + 172_800}/2",
    "issues_answered": "1/4",
    "posts_answered": None,
    "self_governance": "2/3",
}


def test_every_figure_is_what_was_reckoned_by_hand():
    sums = reckoned((*ORDERS, *ISSUES))
    # the first order: dispatched on the 4th at ten, disposed of on the 9th at ten
    told = {v.kpi.key: v.exact for v in kpis.values(kpis.row(sums)) if v.kpi.family}
    assert told == BY_HAND
    volumes = {v.kpi.key: v.numerator for v in kpis.values(kpis.row(sums)) if not v.kpi.family}
    assert volumes == {"issues_reported": 14, "issues_finished": 4, "orders_opened": 7}


def test_what_is_open_counts_from_its_limit_on_and_what_was_refused_never():
    stuck, refused, cancelled = ORDERS[4], ORDERS[3], ORDERS[6]
    limit = LIMITS["disposing"]
    for now, due in ((limit, 0), (limit + timedelta(seconds=1), 1)):
        assert reckoned([stuck], now=now)["dispose.due"] == due
    assert reckoned([stuck], last=date(2026, 3, 9))["dispose.due"] == 0
    assert reckoned([refused, cancelled])["dispose.due"] == 0


def test_an_order_that_is_opened_again_is_due_again_by_new_limits():
    again = {stage: due + timedelta(days=7) for stage, due in LIMITS.items()}
    closed = ORDERS[0].orders[0].updates
    reopened = Update(State.REOPENED, at(12), deadline=at(19), limits=again)
    sums = reckoned([order(*closed, reopened, deadline=at(19))])
    assert (sums["close.due"], sums["close.done"], sums["dispose.overdue"]) == (2, 1, 1)
    assert sums["orders.reported"] == sums["register.done"] == 1


def test_a_round_has_the_last_outcome_that_it_came_to():
    lines = [Line(at(5), 1, "answered"), Line(at(7), 1, "fixed"), Line(at(7, 15), 1, "fixed")]
    found = tally(Case(at(2), "answered", "dispose", lines=lines))
    assert found.counted[date(2026, 3, 7), "outcomes.solved"] == 1
    assert sum(n for (_, mark), n in found.counted.items() if mark == "outcomes.all") == 1


def finish(*clocks: Clock, now: datetime = NOW) -> list[int]:
    """Due, done, in time on the 5th of March, and due on other days, by these clocks."""
    found = reckoned([Case(at(2), "triaged", clocks=clocks)], now=now)
    fifth = reckoned([Case(at(2), "triaged", clocks=clocks)], date(2026, 3, 5), date(2026, 3, 5))
    marks = ("finish.due", "finish.done", "finish.on_time")
    return [*(fifth[mark] for mark in marks), found["finish.due"] - fifth["finish.due"]]


def test_who_is_late_does_not_come_to_be_in_time_by_moving_the_limit():
    late, moved = at(7), Clock("8x", at(2), at(5), at(7), "moved")
    assert finish(Clock("8x", at(2), at(5), at(4), "moved"), Clock("grid", at(4), at(9))) == [
        0, 0, 0, 1,
    ]  # fmt: skip
    assert finish(moved, Clock("grid", late, at(30))) == [1, 0, 0, 0]
    assert finish(moved, Clock("grid", late, at(9), at(8), "kept")) == [1, 1, 0, 0]
    assert finish(moved, Clock("grid", late, at(9), at(12), "moved"), Clock("8x", at(12), at(14)))[
        :3
    ] == [1, 0, 0]
    assert finish(moved, Clock("grid", late, at(9), at(8), "void")) == [0, 0, 0, 0]
    stood = Clock("grid", at(2), at(5), at(7), "moved", paused=True)
    assert finish(stood, Clock("8x", late, at(9), at(8), "kept")) == [0, 0, 0, 1]
    again = (Clock("first_response", at(9), at(10), at(9, 13), "moved"),)
    assert finish(moved, Clock("8x", late, at(9), at(8), "kept"), *again, Clock(
        "8x", at(9, 13), at(12), at(11), "kept"
    )) == [1, 1, 0, 1]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "result", "ends"),
    [
        ("answered", "answered", "kept"),
        ("closed", "grid_refused", "kept"),
        ("closed", "cancelled", "void"),
        ("merged", None, "void"),
        ("triaged", None, "moved"),
        ("escalated", None, "moved"),
    ],
)
def test_a_promise_is_kept_by_an_outcome_alone(status, result, ends):
    assert tallies.ending(status, result) == ends


def test_a_day_is_chinas():
    late = Case(datetime(2026, 3, 1, 17, tzinfo=tallies.ZONE) + timedelta(hours=8), "reported")
    assert [day for day, _ in tally(late).counted] == [date(2026, 3, 2)]


# -- values ------------------------------------------------------------------------------------


def test_values_are_exact_and_nothing_is_divided_by_nought():
    (value,) = [
        v for v in kpis.values(kpis.row({"dispose.done": 2, "dispose.due": 3}))
        if v.kpi.key == "disposal"
    ]  # fmt: skip
    assert (value.exact, value.decimal) == ("2/3", "0.6667")
    empty = kpis.values(kpis.row({}))
    assert {(v.exact, v.decimal, v.withheld) for v in empty} == {(None, None, False)}


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "from"),
        (date(2026, 3, 1), date(2026, 3, 21), "to"),
        (date(2025, 3, 19), date(2026, 3, 20), "from"),
    ],
)
def test_a_span_that_is_none_is_refused_with_its_field(first, last, field):
    with pytest.raises(kpis.FiguresSpan) as refused:
        kpis.check_span(first, last, LAST)
    assert [one.field for one in refused.value.errors] == [field]


def test_the_longest_span_and_a_single_day_are_one():
    kpis.check_span(date(2025, 3, 20), LAST, LAST)
    kpis.check_span(LAST, LAST, LAST)


@pytest.mark.parametrize("seed", range(40))
def test_months_and_days_around_them_are_the_span(seed):
    random = Random(seed)
    first = date(2024, 1, 1) + timedelta(days=random.randrange(500))
    last = first + timedelta(days=random.choice([0, 1, 27, 30, 58, 90, random.randrange(366)]))
    months, around = kpis.pieces(first, last)
    covered = [day for a, b in around for day in days(a, b)]
    for month in months:
        assert month.day == 1
        covered += [day for day in days(month, month + timedelta(days=40)) if same(day, month)]
    assert sorted(covered) == list(days(first, last))


def days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def same(one: date, other: date) -> bool:
    return (one.year, one.month) == (other.year, other.month)


# -- withholding -------------------------------------------------------------------------------


def told(*counts: int, own: Sequence[int] = ()) -> list[int | None]:
    """What is told of the communities of one town that have so many cases."""
    paths = [f"d.t.c{at}" for at in range(len(counts))]
    cases = {"d.t": [sum(counts)]} | {p: [count] for p, count in zip(paths, counts, strict=True)}
    hidden = withheld("d.t", {"d.t": paths}, cases, [paths[at] for at in own])
    return [None if hidden[path] else cases[path][0] for path in paths]


def test_few_cases_are_not_told_and_neither_is_what_would_tell_them():
    assert told(10, 12) == [10, 12]
    assert told(9, 12, 30) == [None, None, 30]  # 9 alone would be the sum less the others
    assert told(4, 6, 30) == [None, None, 30]  # ten together tell of nobody
    assert told(0, 30) == [0, 30]  # nothing was due: no value, and no secret
    assert told(9, 12, 30, own=[0]) == [9, 12, 30]
    assert told(3, 8, 30, own=[1]) == [None, 8, None]  # her own eight are no cover for three
    values = kpis.values(kpis.row({"governed.ended": 30}), {kpis.KPIS.index(kpis.KPIS[-1])})
    assert [v.kpi.key for v in values if v.withheld] == ["self_governance"]
    assert {(v.numerator, v.denominator) for v in values if v.withheld} == {(None, None)}


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_told_of_all_levels_few_cases_do_not_follow(seed):
    """Sums of what is told, taken from each other in any way, give no place of few cases."""
    random = Random(seed)
    below = {"d": [f"d.t{t}" for t in range(random.randrange(1, 5))]}
    counts: dict[str, list[int]] = {}
    for town in below["d"]:
        below[town] = [f"{town}.c{c}" for c in range(random.randrange(1, 5))]
        for path in below[town]:
            counts[path] = [random.choice([0, 1, 4, 9, 10, 12, 30])]
        counts[town] = [sum(counts[path][0] for path in below[town])]
    counts["d"] = [sum(counts[town][0] for town in below["d"])]
    leaves = [path for town in below["d"] for path in below[town]]
    own = [random.choice(leaves)] if random.random() < 0.3 else []
    hidden = withheld("d", below, counts, own)

    def parts(node: str) -> list[int]:
        """Communities of unknown cases that a node is the sum of."""
        return [
            int(f"{leaf}.".startswith(f"{node}.") and leaf not in own and counts[leaf] != [0])
            for leaf in leaves
        ]

    known = np.array([parts(node) for node in counts if not hidden[node]] or [[0] * len(leaves)])
    for node in counts:
        cases = sum(counts[leaf][0] for leaf, part in zip(leaves, parts(node), strict=True) if part)
        if 0 < cases < FEWEST:
            both = np.vstack([known, parts(node)])
            assert np.linalg.matrix_rank(both) > np.linalg.matrix_rank(known), (node, counts)
        if not hidden[node]:
            inside = [n for n in counts if n.startswith(f"{node}.") and not hidden[n]]
            left = {leaf for leaf, part in zip(leaves, parts(node), strict=True) if part}
            left -= {leaf for n in inside for leaf, p in zip(leaves, parts(n), strict=True) if p}
            assert not 0 < sum(counts[leaf][0] for leaf in left) < FEWEST


# -- against a slow and plain reference ----------------------------------------------------------


def walk(random: Random) -> Order:
    """An order that its platform moved at random, along its table, with late dates told."""
    state, moment = State.REPORTED, at(2)
    deadline, updates = LIMITS["checking"], []
    for _ in range(random.randrange(16)):
        exits = sorted(EXITS[state] - ({State.CANCELLED} if random.random() < 0.9 else set()))
        if not exits:
            break
        state = random.choice(exits)
        moment += timedelta(hours=random.randrange(1, 60))
        limits = None
        if state is State.REOPENED:
            limits = {s: moment + timedelta(days=n) for n, s in enumerate(LIMITS, 1)}
            deadline = max(deadline, limits["checking"])
        elif random.random() < 0.1:
            deadline += timedelta(days=random.randrange(1, 5))
        updates.append(Update(state, moment, deadline, limits))
    return Order(at(2), deadline, LIMITS, updates)


def plain(order: Order, now: datetime) -> Counter[str]:
    """Each question asked of each turn by itself, straight from the words of the formulas."""
    found: Counter[str] = Counter({"orders.reported": 1})
    starts = [n for n, u in enumerate(order.updates) if u.state is State.REOPENED]
    bounds = [0, *starts, len(order.updates)]
    for number, (begin, end) in enumerate(pairwise(bounds)):
        steps = order.updates[begin:end]
        states = [step.state for step in steps]
        limits = dict(LIMITS if number == 0 else steps[0].limits)
        last_turn = end == len(order.updates)
        over = bool({*states} & {*REFUSED, State.CANCELLED})

        def limit(stage, upto, limits=limits, steps=steps, last_turn=last_turn):
            """The limit of a stage as told until the step ``upto`` (None: until now)."""
            if stage in ("verifying", "dispatched"):
                return limits[stage]
            told = [s.deadline for s in steps[: len(steps) if upto is None else upto + 1]]
            if upto is None and last_turn:
                told.append(order.deadline)
            return limits[stage] + (max([*told, limits["checking"]]) - limits["checking"])

        def first(state, states=states):
            return states.index(state) if state in states else None

        for name, state, stage in (
            ("dispatch", State.DISPATCHED, "dispatched"),
            ("dispose", State.DISPOSED, "disposing"),
            ("close", State.CLOSED, "checking"),
        ):
            done = first(state)
            due = limit(stage, done)
            if done is None and (over or due >= now):
                continue
            found[f"{name}.due"] += 1
            found[f"{name}.done"] += done is not None
            found[f"{name}.on_time"] += done is not None and steps[done].at <= due
            if name == "dispatch":
                found["dispatch.accurate"] += done is not None and State.RETURNED not in states
            if name == "dispose":
                found["dispose.overdue"] += done is None
                found["dispose.extended"] += State.EXTENSION_REQUESTED in states
            if name == "close":
                found["close.reworked"] += State.REWORK in states
        checks = [n for n, s in enumerate(states) if s is State.DISPOSED]
        for n in checks:
            after = [k for k in range(n, len(states)) if states[k] in (State.CLOSED, State.REWORK)]
            due = limit("checking", after[0] if after else None)
            if after or (due < now and not over):
                found["check.due"] += 1
                found["check.on_time"] += bool(after) and steps[after[0]].at <= due
        if State.VERIFYING in states:
            n = states.index(State.VERIFYING)
            after = [k for k in range(n, len(states))
                     if states[k] in (State.REGISTERED, State.NOT_REGISTERED)]  # fmt: skip
            if after or (limits["verifying"] < now and not over):
                found["verify.due"] += 1
                found["verify.on_time"] += bool(after) and steps[after[0]].at <= limits["verifying"]
        if State.REGISTERED in states:
            n = states.index(State.REGISTERED)
            found["register.done"] += 1
            found["register.on_time"] += steps[n].at <= limits["verifying"]
            found["register.accurate"] += State.NOT_REGISTERED not in states
            if number == 0:
                found["orders.effective"] += State.NOT_REGISTERED not in states
    return +found


@pytest.mark.parametrize("seed", range(60))
def test_random_orders_are_counted_as_the_formulas_say(seed):
    random = Random(seed)
    orders = [walk(random) for _ in range(8)]
    now = at(2) + timedelta(hours=random.randrange(24 * 60))
    cases = [Case(at(2), "escalated", "8x", orders=[one]) for one in orders]
    found = reckoned(cases, date(2026, 1, 1), date(2027, 1, 1), now)
    for mark in ("issues.reported", "dispose.seconds", "dispatch.done"):
        del found[mark]
    wanted = sum((plain(one, now) for one in orders), Counter())
    del wanted["dispatch.done"]
    assert +found == wanted


def test_random_orders_reach_every_state():
    orders = [walk(Random(seed)) for seed in range(300)]
    assert {u.state for o in orders for u in o.updates} == {*State} - {State.REPORTED}
    assert any(o.updates and o.updates[-1].state in OPEN for o in orders)


def test_every_figure_is_made_of_marks_that_are_counted():
    named = {mark for kpi in kpis.KPIS for mark in (kpi.numerator, *kpi.denominator)}
    assert named <= {*tallies.Mark}
    assert len({kpi.key for kpi in kpis.KPIS}) == len(kpis.KPIS) == len(BY_HAND)
    assert all(kpi.note for kpi in kpis.KPIS if not kpi.sure)
    assert {kpi.key for kpi in kpis.KPIS if not kpi.sure} >= {
        "registration_on_time",
        "registration_accurate",
    }
    assert tallies.stands(Status.MERGED, None) == "stands.merged."
    assert kpis.rounded(1, 3) == "0.3333"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_value_is_rounded_half_to_even(seed):
    random = Random(seed)
    for _ in range(2_000):
        pair = random.randrange(10 ** random.randrange(1, 12)), random.randrange(1, 50_000)
        assert Fraction(kpis.rounded(*pair)) == round(Fraction(*pair), 4)
