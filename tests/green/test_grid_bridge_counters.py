"""Counters of the bridge: kept as things happen, reckoned anew, with others beside. Needs: db."""

import importlib.util
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random

import pytest
from sqlalchemy import text

from services.grid_bridge import recount
from services.grid_bridge import repository_figures as store
from services.grid_bridge import repository_recounts as recounts
from services.grid_bridge.domain.tallies import tally
from services.grid_bridge.handlers import counting
from services.grid_bridge.migrations import __path__ as migrations
from tests.support.bridge import SHI, TO_CLOSED
from tests.support.bridge_figures import Bureau, exact, factory, live

pytestmark = pytest.mark.db


@pytest.fixture
def bureau(db, tmp_path) -> Bureau:
    return Bureau(db("grid_bridge"), tmp_path)


def as_written(bureau: Bureau) -> Counter[str]:
    """The marks of all issues, from what is written down, without any counter."""
    found: Counter[str] = Counter()
    with bureau.units(read_only=True) as uow:
        ids = list(uow.session.scalars(text("SELECT id FROM issues")))
        for *_, case in store.histories(uow.session, ids):
            one = tally(case)
            for (day, mark), amount in one.counted.items():
                found[mark] += amount if day <= bureau.today else 0
            for mark, due in one.pending:
                found[mark] += int(due < bureau.now)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_counters_and_logs_agree_after_whatever_happened(bureau, seed):
    live(bureau, Random(seed), 120)
    marks = as_written(bureau)
    first = date(2026, 1, 1)
    with bureau.units(read_only=True) as uow:
        sums = store.sums(
            uow.session, ["demo", "demo.yuepu"], ["demo"], first, bureau.today, bureau.now
        )
    assert +Counter(sums["demo"]) == +marks == +Counter(sums["demo.yuepu"])
    assert bureau.drift() == 0
    before = bureau.rows("SELECT issue_id, facts, pending FROM figure_cases ORDER BY issue_id")
    stands = bureau.counts()
    for status, count in bureau.rows("SELECT status, count(*) FROM issues GROUP BY status"):
        assert next(s.count for s in stands.by_status if s.status == status) == count
    done, differed = recount.run(factory(bureau))
    assert (done, differed) == (len(before), 0)
    assert before == bureau.rows(
        "SELECT issue_id, facts, pending FROM figure_cases ORDER BY issue_id"
    )
    with bureau.units(read_only=True) as uow:
        again = store.sums(uow.session, ["demo"], ["demo"], first, bureau.today, bureau.now)
    assert +Counter(again["demo"]) == +marks


def test_what_was_damaged_is_found_and_mended(bureau):
    order = bureau.escalated()
    bureau.walk(order.no, TO_CLOSED)
    bureau.roll_up()
    right = exact(bureau.own_kpis())
    with bureau.units() as uow:
        uow.session.execute(text("UPDATE figure_sums SET amount = 7 WHERE mark = 'register.done'"))
        uow.session.execute(text("UPDATE figure_cases SET facts = '{}' WHERE true"))
        uow.commit()
    assert recount.check(factory(bureau)) > 0
    assert exact(bureau.own_kpis()) != right
    recount.run(factory(bureau))
    assert recount.check(factory(bureau)) == 0
    assert exact(bureau.own_kpis()) == right


def test_what_stood_before_the_counters_is_counted_by_the_timer(bureau):
    """What older rows do not say is inferred, and every issue is counted."""
    order = bureau.escalated()
    bureau.walk(order.no, TO_CLOSED)
    bureau.reopen(order.issue_id)
    for outcome in ("answered", "fixed", "refused"):
        one = bureau.report().id
        bureau.triage(one, "consult", None)
        bureau.answer(one, outcome)
    merged, into = bureau.report().id, bureau.report().id
    bureau.merge(merged, into)
    bureau.consent(merged)
    solved = bureau.triaged()
    bureau.step(solved, "check", outcome="solved", attachments=[bureau.photo(SHI)])
    bureau.pass_days(40)
    right, facts = exact(bureau.own_kpis()), _facts(bureau)
    older = _migration("0013_figures")
    with bureau.units() as uow:
        for statement in (
            "UPDATE promises SET ending = NULL",
            "UPDATE issue_timeline SET round = NULL, result = NULL",
            "DELETE FROM figure_cases",
            "DELETE FROM figure_pending",
            "DELETE FROM figure_deltas",
            "DELETE FROM figure_sums",
            older.COUNTERS[-1],
        ):
            uow.session.execute(text(statement))
        uow.commit()
    assert exact(bureau.own_kpis()) != right
    assert count_again(bureau) == 7
    assert _facts(bureau) == facts
    assert exact(bureau.own_kpis()) == right
    assert count_again(bureau) == 0


def test_what_version_n_minus_1_writes_beside_is_counted(bureau):
    """It says neither rounds nor outcomes nor how a promise ended, and counts nothing."""
    one, other = bureau.triaged(category="consult"), bureau.triaged(category="consult")
    counted = _facts(bureau)
    for issue_id in (one, other):
        bureau.answer(issue_id, "fixed")
    bureau.pass_days(40)
    right, facts = exact(bureau.own_kpis()), _facts(bureau)
    with bureau.units() as uow:
        for statement in (
            "UPDATE promises SET ending = NULL WHERE id IN "
            "(SELECT max(id) FROM promises GROUP BY issue_id)",
            "UPDATE issue_timeline SET round = NULL, result = NULL WHERE kind = 'answered'",
        ):
            uow.session.execute(text(statement))
        for issue_id, before in counted:
            uow.session.execute(
                text("UPDATE figure_cases SET facts = cast(:facts AS jsonb) WHERE issue_id = :id"),
                {"id": issue_id, "facts": json.dumps(before)},
            )
        uow.session.execute(text("TRUNCATE figure_deltas, figure_sums"))
        recounts.mend(uow.session)
        uow.commit()
    assert exact(bureau.own_kpis()) != right
    assert count_again(bureau) == 2
    assert (_facts(bureau), exact(bureau.own_kpis())) == (facts, right)
    assert count_again(bureau) == 0


def count_again(bureau: Bureau) -> int:
    """One turn of the timer that counts again."""
    with bureau.units() as uow:
        counted = counting.recount(uow)
        uow.commit()
    return counted


def _facts(bureau: Bureau) -> list[object]:
    return bureau.rows("SELECT issue_id, facts FROM figure_cases ORDER BY issue_id")


def _migration(name: str):
    spec = importlib.util.spec_from_file_location(name, f"{migrations[0]}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- at once -------------------------------------------------------------------------------------


def test_two_who_count_for_one_community_do_not_wait_for_each_other(bureau):
    """Both have counted, neither has committed; one is killed, and counted nothing."""
    one, other = bureau.triaged(), bureau.triaged()
    bureau.roll_up()
    with bureau.units() as first, bureau.units() as second:
        for uow, issue_id in ((first, one), (second, other)):
            uow.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            uow.session.execute(
                text("UPDATE issues SET status = 'answered' WHERE id = :id"), {"id": issue_id}
            )
            assert counting.count(uow.session, [issue_id]) == 1
        assert bureau.roll_up() == 0  # the timer does not wait for them either
        second.commit()
        first.rollback()
    counts = {s.status: s.count for s in bureau.counts().by_status if s.count}
    assert counts == {"triaged": 1, "answered": 1}
    assert recount.check(factory(bureau)) == 0


def test_sums_are_mended_while_others_count(bureau):
    """One has counted and not committed, and nobody waits; what she counted is not doubled."""
    ids = [bureau.triaged() for _ in range(3)]
    bureau.roll_up()
    bureau.triage(ids[1], "consult", None)
    right = bureau.counts()
    with bureau.units() as uow:
        uow.session.execute(text("UPDATE figure_sums SET amount = amount + 5"))
        uow.session.execute(text("DELETE FROM figure_sums WHERE node = 'demo.yuepu'"))
        uow.commit()
    assert recount.check(factory(bureau)) > 0
    with bureau.units() as first, bureau.units() as second:
        first.session.execute(
            text("UPDATE issues SET status = 'answered' WHERE id = :id"), {"id": ids[0]}
        )
        assert counting.count(first.session, [ids[0]]) == 1
        second.session.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert recounts.mend(second.session) > 0
        second.commit()
        assert bureau.roll_up() > 0
        assert bureau.counts().by_status == right.by_status
        first.commit()
    assert recount.check(factory(bureau)) == 0
    assert {s.status: s.count for s in bureau.counts().by_status if s.count} == {
        "triaged": 2, "answered": 1,
    }  # fmt: skip


def test_many_hands_and_two_timers_lose_nothing(bureau):
    ids = [bureau.report().id for _ in range(12)]

    def handle(issue_id: str) -> None:
        bureau.triage(issue_id, "consult", None)
        bureau.roll_up()
        bureau.answer(issue_id)
        bureau.roll_up()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(handle, ids))
    while bureau.roll_up():
        pass
    assert bureau.drift() == 0
    assert bureau.rows(
        "SELECT node, amount FROM figure_sums WHERE mark = 'outcomes.all' AND grain = 'month' "
        "ORDER BY node"
    ) == [("demo", 12), ("demo.yuepu", 12), ("demo.yuepu.shangyuan", 12)]


def test_a_timer_that_is_killed_has_moved_nothing(bureau):
    bureau.report()
    waiting = bureau.rows("SELECT count(*) FROM figure_deltas")
    with bureau.units() as uow:
        assert counting.roll_up(uow) > 0
    assert bureau.rows("SELECT count(*) FROM figure_deltas") == waiting
    assert bureau.rows("SELECT count(*) FROM figure_sums") == [(0,)]
