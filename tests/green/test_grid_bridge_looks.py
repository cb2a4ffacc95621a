"""A hidden name that the committee sees is told to identity, once a day. Needs: db."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from services.contracts.actor import Role
from services.contracts.events import ReporterSeen
from services.contracts.operations import by_method
from tests.support import bridge as people
from tests.support.bridge import (
    ANALYST,
    LU,
    NEXT_DOOR,
    OBSERVER,
    SHANGYUAN,
    SHI,
    SUN,
    WANG,
    Bridge,
    actor,
)

pytestmark = pytest.mark.db

LU_FOR_SUN = actor("p-sun", (Role.RESIDENT, people.PATHS[SHANGYUAN]), acted_by="p-lu")
SHI_AT_HOME = actor("p-shi", (Role.RESIDENT, people.PATHS[SHANGYUAN]))


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def told(bridge: Bridge) -> list[tuple[str, str, str]]:
    """Who saw whom behind which issue, in the order of the telling."""
    return [(e.actor_id, e.person_id, e.issue_id) for e in bridge.told(ReporterSeen)]


def test_staff_who_open_it_leave_their_office_and_the_place(bridge):
    issue = bridge.report(SUN, hide_name=True)
    assert bridge.issue(issue.id, SHI).reporter.person_id == "p-sun"
    (seen,) = bridge.told(ReporterSeen)
    assert seen == ReporterSeen(
        issue_id=issue.id,
        person_id="p-sun",
        actor_id="p-shi",
        actor_role="secretary",
        community_id=SHANGYUAN,
        path=people.PATHS[SHANGYUAN],
        reason="handling",
    )


def test_lists_and_decisions_show_it_too_and_a_day_is_one_line_for_each_reader(bridge):
    issue = bridge.report(SUN, hide_name=True)
    for _ in range(3):
        bridge.issues(SHI)
        bridge.issue(issue.id, SHI)
    bridge.triage(issue.id, "consult", None, by=SHI)
    bridge.answer(issue.id, by=WANG)
    assert told(bridge) == [("p-shi", "p-sun", issue.id), ("p-wang", "p-sun", issue.id)]
    assert [e.actor_role for e in bridge.told(ReporterSeen)] == ["secretary", "committee_staff"]


def test_another_day_in_china_is_another_line(bridge):
    issue = bridge.report(SUN, hide_name=True)
    bridge.issue(issue.id, SHI)
    bridge.pass_days(11.9 / 24)  # from noon to shortly before midnight
    bridge.issue(issue.id, SHI)
    assert len(told(bridge)) == 1
    bridge.pass_days(0.2 / 24)
    bridge.issue(issue.id, SHI)
    assert told(bridge) == [("p-shi", "p-sun", issue.id)] * 2


def test_who_helped_is_hidden_with_her_and_told_with_her(bridge):
    issue = bridge.report(LU_FOR_SUN, hide_name=True)
    bridge.issue(issue.id, SHI)
    assert sorted(told(bridge)) == [
        ("p-shi", "p-lu", issue.id),
        ("p-shi", "p-sun", issue.id),
    ]


def test_nothing_is_told_where_nothing_was_uncovered(bridge):
    bridge.report(SUN)
    hidden = bridge.report(SUN, hide_name=True)
    own = bridge.report(SHI_AT_HOME, hide_name=True)
    for reader in (SUN, LU, OBSERVER, ANALYST, LU_FOR_SUN):
        bridge.issues(reader)
        bridge.issue(hidden.id, reader)
    bridge.issue(own.id, SHI)
    for watching in (OBSERVER, ANALYST):
        assert bridge.issue(hidden.id, watching).reporter is None
    assert told(bridge) == []
    with pytest.raises(people.ShequError):
        bridge.issue(hidden.id, NEXT_DOOR)
    assert told(bridge) == []


def test_a_page_of_a_hundred_is_one_statement_and_its_second_look_writes_nothing(bridge):
    for _ in range(100):
        bridge.report(SUN, hide_name=True)
    said: list[str] = []
    event.listen(bridge.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    bridge.issues(SHI, limit=100)
    assert sum("reporter_looks" in statement for statement in said) == 1
    first = len(said)
    assert len(told(bridge)) == 100
    written = bridge.rows("SELECT count(*), max(xmin::text) FROM reporter_looks")
    said.clear()
    bridge.issues(SHI, limit=100)
    assert len(said) < first, "nothing is emitted"
    assert bridge.rows("SELECT count(*), max(xmin::text) FROM reporter_looks") == written
    assert len(told(bridge)) == 100


def test_of_looks_at_the_same_moment_one_is_told(bridge):
    issue = bridge.report(SUN, hide_name=True)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bridge.issue(issue.id, SHI), range(8)))
    assert told(bridge) == [("p-shi", "p-sun", issue.id)]


@pytest.mark.parametrize("method", ["list_issues", "get_issue"])
def test_reading_may_write_that_it_was_read(method):
    assert by_method(method).audited
