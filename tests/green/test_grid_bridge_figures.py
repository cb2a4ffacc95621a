"""Figures of the bridge: what of a case they say, told to whom, read at what cost. Needs: db."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from services.contracts.errors import Forbidden
from services.grid_bridge import recount
from services.grid_bridge import repository_figures as store
from services.grid_bridge.domain import tallies
from services.grid_bridge.domain.kpis import FiguresSpan
from services.grid_bridge.repository_districts import DistrictNotFound
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.bench import grid_history
from tests.support.bridge import (
    ADMIN,
    ANALYST,
    JUYUAN,
    NEXT_DOOR,
    SHANGYUAN,
    SHI,
    SUN,
    TO_CLOSED,
    TOWN,
)
from tests.support.bridge_figures import Bureau, exact, factory
from tests.support.explained import analyze, rows_read
from tests.support.hot_topics import Street

pytestmark = pytest.mark.db


@pytest.fixture
def bureau(db, tmp_path) -> Bureau:
    return Bureau(db("grid_bridge"), tmp_path)


def test_a_case_is_counted_from_its_report_to_its_rating(bureau):
    order = bureau.escalated()
    bureau.walk(order.no, TO_CLOSED)
    bureau.rate(order.issue_id, score=4)
    waiting = bureau.report().id
    bureau.pass_days(30)  # every limit has passed
    told = exact(bureau.own_kpis())
    assert told == {
        **dict.fromkeys(told, "1/1"),
        "contact": "1/2",
        "issues_answered": "1/2",
        "disposal_overdue": "0/1",
        "extension": "0/1",
        "rework": "0/1",
        "explained": "0/1",
        "reopened": "0/1",
        "disposal_time": "0/1",
        "first_response_time": "0/1",
        "satisfaction": "80/1",
        "self_governance": "0/1",
        "posts_answered": None,
    }
    assert bureau.reopen(order.issue_id).status == "reopened"
    bureau.pass_days(30)
    told = exact(bureau.own_kpis())
    assert (told["reopened"], told["contact"]) == ("1/1", "1/3")
    item = next(i for i in bureau.own_kpis().items if i.key == "registration_on_time")
    assert (item.sure, item.unit, item.as_of) == (False, "share", bureau.now)
    assert item.formula == "按时立案 / 立案" and "未核实" in item.note and item.source
    counts = bureau.counts()
    assert (counts.total, counts.open, counts.overdue) == (2, 2, 2)
    assert {c.category: c.open for c in counts.by_category if c.open} == {None: 1, "8x": 1}
    assert {s.status: (s.count, s.overdue) for s in counts.by_status if s.count} == {
        "reported": (1, 1),
        "reopened": (1, 1),
    }
    bureau.triage(waiting, "consult", None)
    bureau.answer(waiting)
    assert bureau.counts().open == 1 and bureau.counts().overdue == 1


def test_an_undertaking_after_the_limit_does_not_make_a_case_in_time(bureau):
    """The resident is promised a later day, and the figures keep the one that was broken."""
    one = bureau.triaged()
    bureau.pass_days(30)
    assert exact(bureau.own_kpis())["finish_on_time"] == "0/1"
    bureau.step(one, "undertaking", due_at=bureau.now + timedelta(days=5))
    assert exact(bureau.own_kpis())["finish_on_time"] == "0/1"
    clocks = bureau.rows(
        "SELECT ending, ended_at IS NULL, due_at > :now FROM promises "
        "WHERE stage <> 'first_response' ORDER BY id".replace(":now", f"'{bureau.now}'")
    )
    assert clocks == [("moved", False, False), (None, True, True)]
    assert bureau.counts().overdue == 0
    bureau.pass_days(20)
    assert bureau.counts().overdue == 1
    assert exact(bureau.own_kpis())["finish_on_time"] == "0/1"
    bureau.step(one, "check", outcome="solved", attachments=[bureau.photo(SHI)])
    assert exact(bureau.own_kpis())["finish_on_time"] == "0/1"
    assert recount.check(factory(bureau)) == 0


# -- to whom -------------------------------------------------------------------------------------


def put_sums(bureau: Bureau, *rows: tuple[str, date, str, int]) -> None:
    """Counters, as if so much had happened."""
    with bureau.units() as uow:
        store.append(uow.session, [(path, day.isoformat(), mark, n) for path, day, mark, n in rows])
        uow.commit()
    bureau.roll_up()


def governed(report) -> list[str | None]:
    return [
        next(v.value for v in one.values if v.key == "self_governance") for one in report.breakdown
    ]


def test_who_watches_is_told_of_her_part_and_of_no_few_cases(bureau):
    day = bureau.today
    put_sums(
        bureau,
        ("demo.yuepu.shangyuan", day, "governed.ended", 9),
        ("demo.yuepu.shangyuan", day, "governed.solved", 3),
        ("demo.yuepu.juyuan", day, "governed.ended", 30),
        ("demo.yuepu.juyuan", day, "issues.reported", 12),
    )
    report = bureau.kpis(who=ANALYST)
    assert [p.id for p in report.places] == ["demo"] and exact(report)["self_governance"] == "3/39"
    report = bureau.kpis(who=TOWN)
    assert [p.id for p in report.places] == ["t-yuepu"]
    beside = bureau.kpis(by="community")
    assert [one.place.id for one in beside.breakdown] == [JUYUAN, SHANGYUAN]
    assert governed(beside) == [None, None]  # 9 would be 39 less 30
    few = exact(bureau.own_kpis(who=ANALYST))["self_governance"]
    own = exact(bureau.own_kpis(who=SHI))["self_governance"]
    assert (few, own) == (None, "3/9")
    item = next(i for i in bureau.own_kpis(who=TOWN).items if i.key == "self_governance")
    assert item.withheld and item.numerator is None and item.denominator is None
    with pytest.raises(Forbidden):
        bureau.own_kpis(who=NEXT_DOOR)
    with pytest.raises(Forbidden):
        bureau.kpis(who=SHI)
    with pytest.raises(DistrictNotFound):
        bureau.kpis(did="nowhere")
    with pytest.raises(DistrictNotFound):
        bureau.kpis(town="t-far")
    with pytest.raises(Forbidden):
        bureau.counts(who=ADMIN)


def test_few_cases_do_not_follow_from_other_levels(bureau):
    """A town of five beside one of twelve: 17 in all, so neither is told, whichever way."""
    path = Street(bureau).community("c-far", "luodian")
    put_sums(
        bureau,
        (path, bureau.today, "governed.ended", 5),
        ("demo.yuepu.shangyuan", bureau.today, "governed.ended", 12),
        ("demo.yuepu.juyuan", bureau.today, "governed.ended", 11),
    )
    assert exact(bureau.kpis())["self_governance"] == "0/28"
    assert governed(bureau.kpis(by="town")) == [None, None]
    assert exact(bureau.kpis(town="t-yuepu"))["self_governance"] is None
    assert exact(bureau.kpis(town="t-luodian"))["self_governance"] is None
    # 11 and 12 would be the town; one of them less would leave a community of few and the other
    assert governed(bureau.kpis(by="community")) == [None, None, "0/12"]
    assert governed(bureau.kpis(town="t-yuepu", by="community")) == [None, "0/12"]
    assert exact(bureau.own_kpis(who=ANALYST, cid=JUYUAN))["self_governance"] is None
    assert exact(bureau.own_kpis(who=ANALYST))["self_governance"] == "0/12"
    assert exact(bureau.own_kpis(who=SHI))["self_governance"] == "0/12"


def test_per_thousand_where_it_is_known_how_many_live_there(bureau):
    put_sums(bureau, ("demo.yuepu.juyuan", bureau.today, "issues.reported", 12))
    nobody = bureau.kpis(by="community").breakdown[0].volumes[0]
    assert (nobody.count, nobody.per_1000) == (12, None)
    bureau.residents = {JUYUAN: 1_560, SHANGYUAN: 0}
    beside = bureau.kpis(by="community")
    told = beside.breakdown[0]
    assert told.residents == 1_560 and beside.residents is None  # of one it is not known
    assert (told.volumes[0].per_1000, told.volumes[0].per_1000_decimal) == ("12000/1560", "7.6923")


def test_posts_are_counted_by_their_own_clocks(bureau):
    """Seven in time, two late, one gone late; of two that wait one is past its limit."""
    with bureau.units() as uow:
        uow.session.execute(
            text(
                "INSERT INTO post_clock_days (community_id, path, day, posts, staff_in_time, "
                "staff_late, gone_late, left_out) VALUES (:cid, :path, :day, 14, 7, 2, 1, 2)"
            ),
            {"cid": SHANGYUAN, "path": "demo.yuepu.shangyuan", "day": bureau.today},
        )
        for post, hours in (("waits", 1), ("late", -1)):
            uow.session.execute(
                text(
                    "INSERT INTO post_clocks (post_id, community_id, path, module, title, "
                    "published_at, started_at, due_at) "
                    "VALUES (:post, :cid, :path, 'nearby', '', :now, :now, :due)"
                ),
                {
                    "post": post,
                    "cid": SHANGYUAN,
                    "path": "demo.yuepu.shangyuan",
                    "now": bureau.now - timedelta(hours=2),
                    "due": bureau.now + timedelta(hours=hours),
                },
            )
        uow.commit()
    assert exact(bureau.own_kpis())["posts_answered"] == "7/11"
    assert exact(bureau.kpis())["posts_answered"] == "7/11"
    yesterday = bureau.today - timedelta(days=1)
    assert exact(bureau.kpis(to=yesterday))["posts_answered"] is None


def test_a_span_is_of_whole_days_in_china(bureau):
    last = date(2025, 12, 31)
    put_sums(
        bureau,
        *(
            ("demo.yuepu.juyuan", last - timedelta(days=n), "issues.reported", 1)
            for n in range(100)
        ),
    )
    for first, days in ((date(2025, 10, 5), 88), (date(2025, 12, 1), 31), (date(2025, 9, 1), 100)):
        report = bureau.kpis(**{"from": first, "to": last})
        assert (report.from_, report.to, report.volumes[0].count) == (first, last, days)
    november = bureau.kpis(**{"from": date(2025, 11, 1), "to": date(2025, 11, 30)})
    assert november.volumes[0].count == 30
    bureau.now = datetime(2026, 3, 1, 23, 59, tzinfo=tallies.ZONE)
    for query, field in (
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "2026-03-01", "to": "2026-03-02"}, "to"),
        ({"from": "2024-03-01", "to": "2026-03-01"}, "from"),
    ):
        with pytest.raises(FiguresSpan) as refused:
            bureau.kpis(**query)
        assert refused.value.errors[0].field == field


# -- flat ----------------------------------------------------------------------------------------


def test_figures_read_no_more_when_more_has_happened(bureau):
    """Ten times the cases on the same days: the same rows of sums, none of the logs."""
    order = bureau.escalated()
    bureau.walk(order.no, TO_CLOSED)
    bureau.roll_up()
    read = []
    for _ in range(2):
        analyze(bureau.engine, "figure_sums", "figure_pending", "figure_deltas", "issues")
        _, sums = rows_read(bureau.engine, "figure_sums", bureau.kpis)
        _, logs = rows_read(bureau.engine, "work_order_updates", bureau.kpis)
        _, issues = rows_read(bureau.engine, "issues", bureau.counts)
        read.append((sums, logs, issues))
        for _ in range(9):
            bureau.walk(bureau.escalated(SUN).no, TO_CLOSED)
        while bureau.roll_up():
            pass
    assert read[0] == read[1]
    assert read[0][0] > 0 and read[0][1:] == (0, 0)


@pytest.mark.parametrize(
    ("ask", "table", "most"),
    [
        (lambda b: b.issues(SHI, source="visit"), "issues", 0),
        (lambda b: b.issues(SHI), "issues", 63),
        (lambda b: b.orders(SHI, state="verifying"), "work_orders", 0),
        (lambda b: b.library(SHI, standing="entered"), "library_entries", 0),
        (lambda b: b.referrals(SHI, state="declined"), "issue_referrals", 0),
    ],
)
def test_a_filter_that_nothing_passes_reads_nothing(filled, ask, table, most):
    _, read = rows_read(filled.engine, table, lambda: ask(filled))
    assert read <= most


@pytest.fixture(scope="module")
def filled(make_module_database, tmp_path_factory):
    engine = make_engine(make_module_database("grid_bridge"), pool=2)
    bureau = Bureau(UnitOfWorkFactory(engine, "grid_bridge"), tmp_path_factory.mktemp("filled"))
    assert grid_history.follows_the_table()
    grid_history.fill(bureau, 2_000)
    yield bureau
    engine.dispose()


def test_a_bench_of_cases_is_counted_and_agrees(filled):
    assert recount.run(factory(filled)) == (2_000, 0)
    told = exact(filled.kpis(**{"from": date(2025, 3, 2), "to": filled.today}))
    assert told["reports_effective"] == "1991/1991"  # the last went to the city a moment ahead
