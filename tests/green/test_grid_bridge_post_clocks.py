"""Ordinary posts that wait for an answer in office (发帖必响应). Needs: db."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import eventlet
import pytest

from services.contracts.errors import Forbidden, NotFound
from services.contracts.events import PostUnanswered
from services.contracts.operations.grid_bridge import IssueFromPost
from services.grid_bridge import copies
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.handlers import post_clocks, reporting
from services.grid_bridge.handlers.post_clocks import SpanOfDays
from services.kit.pages import BadCursor
from tests.support.bridge import (
    ADMIN,
    ANALYST,
    LU,
    NEXT_DOOR,
    OBSERVER,
    SHI,
    STRANGER,
    SUN,
    TOWN,
    WANG,
)
from tests.support.bridge_clocks import NEW_YEAR, Clocks, about

pytestmark = pytest.mark.db

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 here


@pytest.fixture
def bridge(db, tmp_path) -> Clocks:
    bridge = Clocks(db("grid_bridge"), tmp_path)
    bridge.now = START
    return bridge


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def cst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def take_up(bridge: Clocks, post_id: str) -> str:
    """Staff turn a post into an issue."""

    def feed(service, method, **asked):
        assert (service, method, asked) == ("feed", "get_thread_source", {"id": post_id})
        words = {"title": "电梯又停了", "body": "停了三天", "attachments": [], "hide_name": False}
        return {**about(post_id), **words, "author_id": SUN.person_id, "issue_id": None}

    with bridge.units(ask=feed) as uow:
        receipt = reporting.from_post(uow, IssueFromPost(id=post_id), SHI, bridge.now)
        uow.commit()
    return receipt.id


def test_a_post_waits_until_somebody_in_office_answers(bridge):
    for number, module in enumerate(("nearby", "hall", "mutual_aid", "neighbours", "idle")):
        bridge.post(f"p{number}", at=after(number), module=module)
    bridge.post("issue", issue_id="i1")
    bridge.post("office", official=True)
    bridge.now = after(5)
    assert [one.post_id for one in bridge.unanswered().items] == ["p0", "p1", "p2"]
    bridge.comment("p0", SUN)  # her own words answer nobody
    bridge.comment("p0", LU, at=after(3))
    bridge.comment("p1", WANG, official=True)
    bridge.comment("issue", WANG, official=True, issue_id="i1")
    first, last = bridge.unanswered().items
    assert (first.post_id, first.neighbour_replied_at) == ("p0", after(3))
    assert (first.title, first.module, first.due_at) == ("电梯又停了", "nearby", after(24))
    assert (first.overdue, first.at_risk, first.told_to, last.post_id) == (False, False, None, "p2")
    assert bridge.clock("p1").title == "", "its words are kept while the clock runs"
    page = bridge.unanswered(limit=1)
    assert [one.post_id for one in bridge.unanswered(cursor=page.next_cursor).items] == ["p2"]
    bridge.now = after(25)
    assert [one.post_id for one in bridge.unanswered(overdue=True).items] == ["p0"]
    assert [one.post_id for one in bridge.unanswered(overdue=False).items] == ["p2"]
    assert bridge.unanswered(overdue=False).items[0].at_risk
    assert bridge.recounted() == []


def test_facts_come_late_twice_and_in_any_order(bridge):
    facts = [
        lambda post: bridge.post(post, at=after(0)),
        lambda post: bridge.comment(post, LU, at=after(1)),
        lambda post: bridge.comment(post, WANG, at=after(30), official=True),
        lambda post: bridge.remove(post, at=after(40), version=900),
    ]
    for number, order in enumerate(permutations(facts)):
        for fact in (*order, order[0]):
            fact(f"p{number}")
    outcomes = bridge.rows(
        "SELECT DISTINCT published_at, due_at, neighbour_replied_at, staff_replied_at, ended_at, "
        "ended_by, next_alarm FROM post_clocks"
    )
    assert [tuple(row) for row in outcomes] == [
        (after(0), after(24), after(1), after(30), after(30), "staff", None)
    ]
    assert bridge.recounted() == []
    bridge.now = after(48)
    found = bridge.response(days=7)
    assert (found.posts, found.staff.numerator, found.staff.denominator) == (24, 24, 24)
    assert (found.staff_in_time.numerator, found.neighbour_in_time.numerator) == (0, 24)


def test_what_is_taken_away_and_comes_back_has_its_time_once_more(bridge):
    bridge.post("p1")
    bridge.remove("p1", at=after(30), version=50)
    assert bridge.unanswered().items == []
    bridge.show_again("p1", at=after(20))  # told before the removal, heard after it
    assert bridge.clock("p1").ended_by == "removed"
    bridge.heard = 60
    bridge.show_again("p1", at=after(48))
    (back,) = bridge.unanswered().items
    assert back.due_at == after(72)
    bridge.show_again("p1", at=after(50), module="idle", shown_again=False)
    assert bridge.clock("p1").ended_by == "moved"
    bridge.post("p2")
    with bridge.units() as uow:
        assert copies.held_about(uow, SUN.person_id)["post_clocks"]["items"]
        post_clocks.forget(uow, SUN.person_id, after(1))
        uow.commit()
    assert (bridge.clock("p2").author_id, bridge.clock("p2").ended_by) == (None, "left")
    assert bridge.recounted() == []


def test_a_post_that_becomes_an_issue_is_counted_there_alone(bridge):
    bridge.post("p1")
    bridge.now = after(2)
    issue_id = take_up(bridge, "p1")
    assert bridge.issue(issue_id).promise.due_at == after(26)
    take_up(bridge, "p2")
    bridge.post("p2", at=after(1))  # told before, heard after
    assert bridge.unanswered().items == []
    bridge.now = after(200)
    assert bridge.chase_posts() == 0
    found = bridge.response(days=30)
    assert (found.posts, found.handed_over, found.staff.denominator) == (2, 2, 0)
    for number in range(6):  # at the same moment
        post_id = f"race{number}"
        pool = eventlet.GreenPool(2)
        pool.spawn(bridge.post, post_id)
        pool.spawn(take_up, bridge, post_id)
        pool.waitall()
        assert bridge.clock(post_id).ended_by == "issue"
        assert bridge.clock(post_id).published_at is not None
    assert bridge.recounted() == []


def test_a_late_answer_is_told_to_the_committee_and_then_to_the_town_once(bridge):
    for number in range(4):
        bridge.post(f"p{number}")
    bridge.comment("p3", WANG, official=True)
    bridge.now = after(18)
    pool = eventlet.GreenPool(3)
    assert sum(pool.imap(lambda _: sum(iter(bridge.chase_posts, 0)), range(3))) == 3
    assert {event.standing for event in bridge.told(PostUnanswered)} == {"at_risk"}
    bridge.now = after(49)
    assert sum(iter(bridge.chase_posts, 0)) == 6
    said = [(e.standing, e.level) for e in bridge.told(PostUnanswered) if e.post_id == "p0"]
    assert said == [("at_risk", "committee"), ("broken", "committee"), ("broken", "town")]
    assert {one.told_to for one in bridge.unanswered().items} == {"town"}
    bridge.pass_days(30)
    assert bridge.chase_posts() == 0


def test_the_response_rate_counts_what_is_open_and_overdue(bridge):
    for number in range(6):
        bridge.post(f"p{number}")
    bridge.comment("p0", WANG, at=after(2), official=True)
    bridge.comment("p1", WANG, at=after(30), official=True)
    bridge.comment("p1", LU, at=after(1))
    bridge.comment("p2", LU, at=after(26))
    bridge.remove("p3", at=after(3))
    bridge.remove("p4", at=after(28))
    bridge.post("p7")
    bridge.now = after(29)
    take_up(bridge, "p7")  # too late to take its breach back
    bridge.now = after(40)
    bridge.post("p6", at=after(39))
    bridge.comment("p6", LU, at=after(39.5))
    found = bridge.response(days=7)
    assert (found.posts, found.left_out, found.open, found.open_overdue) == (8, 1, 1, 2)
    assert found.handed_over == 0
    share = lambda one: (one.numerator, one.denominator)  # noqa: E731
    assert share(found.staff_in_time) == (1, 6)
    assert share(found.staff) == (2, 6)
    assert share(found.neighbour_in_time) == (1, 6)
    assert share(found.neighbour) == (2, 6)
    assert bridge.response(days=0, from_="2026-03-03", to="2026-03-03").posts == 0
    with bridge.units(read_only=True) as uow:
        district = post_clocks.post_counts(uow, "demo", START.date(), bridge.now.date(), bridge.now)
    assert district.judged == 6
    for wrong in (
        {"to": "2026-01-01"},
        {"from_": "2020-01-01"},
        {"from_": "1999-12-31"},
        {"from_": "9999-01-01", "to": "9999-12-31"},
    ):
        with pytest.raises(SpanOfDays):
            bridge.response(**wrong)
    assert bridge.recounted() == []


def test_a_calendar_that_becomes_known_moves_a_posts_clock_and_its_limit_is_the_districts(bridge):
    bridge.now = cst("2026-12-31T10:00")
    bridge.post("p1")
    assert (bridge.clock("p1").due_at, bridge.clock("p1").provisional) == (
        cst("2027-01-01T10:00"), True,
    )  # fmt: skip
    bridge.now = cst("2027-01-01T10:00")
    assert sum(iter(bridge.chase_posts, 0)) == 2
    bridge.enter(NEW_YEAR)
    assert bridge.renew_all() == 1
    clock = bridge.clock("p1")
    assert (clock.due_at, clock.provisional, clock.rung) == (cst("2027-01-02T10:00"), False, 1)
    (waiting,) = bridge.unanswered().items
    assert (waiting.overdue, waiting.told_to) == (False, None)
    bridge.limit(post=(2, 50))
    bridge.post("p2")
    assert (bridge.clock("p2").due_at, bridge.clock("p2").warn) == (cst("2027-01-06T00:00"), 50)


def test_who_watches_over_unanswered_posts(bridge):
    bridge.post("p1")
    for who in (SHI, WANG, OBSERVER, TOWN, ADMIN, ANALYST):
        assert len(bridge.unanswered(who).items) == bridge.response(who).posts == 1
    with pytest.raises(Forbidden):
        bridge.unanswered(LU)
    for who in (STRANGER, NEXT_DOOR):
        with pytest.raises(NotFound):
            bridge.unanswered(who)
    for cursor in ("x", "WyIxIiwiMiJd"):
        with pytest.raises(BadCursor):
            bridge.unanswered(cursor=cursor)
