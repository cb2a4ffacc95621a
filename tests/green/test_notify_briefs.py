"""The weekly brief: counted by events, made on Monday, read by who watches. Needs: db."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Forbidden, NotFound, ShequError
from services.contracts.operations.notify import briefs as ops
from services.notify import copies
from services.notify.domain import briefs as rules
from services.notify.domain.digests import CHINA, DAY, WEEK
from services.notify.handlers import brief_views, briefs, clock
from tests.support.feed_moderators import at_once
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import SHANGYUAN, say

pytestmark = pytest.mark.db
TOWN, DISTRICT = "demo.yuepu", "demo"
TUESDAY = datetime(2026, 3, 3, 12, tzinfo=CHINA)
MONDAY = datetime(2026, 3, 9, 8, tzinfo=CHINA)  # the brief of Tuesday's week
TEN = "2026-W10"
FAR = {"community_id": "far", "path": "demo.yuepu.far"}


def holder(role: Role, path: str, person: str = "") -> Actor:
    return Actor(person or f"{role}", "session", (Grant(role, path),), 0)


WANG = holder(Role.COMMITTEE_STAFF, SHANGYUAN, "wang")
TOWNS_EYE = holder(Role.OBSERVER, TOWN, "eye")
ADMIN = holder(Role.DISTRICT_ADMIN, DISTRICT, "admin")


class Weeks(Inboxes):
    """Notify, as a week goes by."""

    now = TUESDAY - WEEK

    def happen(self, event: e.Event, at: datetime = TUESDAY) -> None:
        with self.units() as uow:
            briefs.count(uow, event, at, max(at, self.now))
            uow.commit()

    def several(
        self, event: type[e.Event], count: int, at: datetime = TUESDAY, **facts: Any
    ) -> None:
        """So many of them, each of its own thing."""
        for _ in range(count):
            self.number += 1
            own = f"thing-{self.number}"
            ids = {"issue_id", "post_id"} & event.model_fields.keys()
            self.happen(say(event, **dict.fromkeys(ids, own), **facts), at)

    number = 0

    def duty(self, now: datetime) -> int:
        with self.units() as uow:
            done = clock.do_next(uow, now)
            uow.commit()
        return done

    def morning(self, now: datetime) -> None:
        """All that is due by now."""
        self.now = now
        with self.units() as uow:
            clock.stand(uow, now - WEEK)
            uow.commit()
        while self.duty(now):
            pass

    def ask(
        self, view: Callable[..., Any], cmd: Any, who: Actor, now: datetime | None = None
    ) -> Any:
        now = now or max(self.now, MONDAY)
        with self.units() as uow:
            timeless = view is brief_views.list_reads
            found = view(uow, cmd, who) if timeless else view(uow, cmd, who, now)
            uow.commit()
        return found

    def community_brief(self, who: Actor = WANG, cid: str = "shangyuan", **more: Any) -> ops.Brief:
        return self.ask(brief_views.of_community, ops.CommunityBrief(cid=cid, **more), who)

    def town_brief(self, who: Actor = TOWNS_EYE, **more: Any) -> ops.Brief:
        return self.ask(brief_views.of_town, ops.TownBrief(tid="yuepu", **more), who)


@pytest.fixture
def notify(emptied) -> Weeks:
    notify = Weeks(emptied("notify"))
    notify.know(say(e.CommunityChanged), say(e.CommunityChanged, **FAR, name="远处居民区"))
    return notify


def figures(brief: ops.Brief) -> dict[str, int | None]:
    return {one.key: one.value for one in brief.figures}


def test_a_week_in_figures_each_with_its_definition_and_last_weeks(notify):
    notify.several(e.IssueReported, 4, TUESDAY - WEEK)
    notify.several(e.IssueReported, 2)
    notify.several(e.IssueReopened, 1)
    notify.several(e.PostPublished, 5, praise=True)
    notify.several(e.IssueAnswered, 2)
    notify.several(e.IssueClosed, 1)
    for level in ("committee", "town", "district"):  # one limit, told on three rungs
        notify.happen(say(e.PromiseBroken, level=level))
    notify.happen(say(e.PromiseBroken))
    edition = {"run_id": "r", "month": "2026-02", "edition": 1, "topics": 7}
    for level, node in (("community", "shangyuan"), ("town", "yuepu")):
        hot = say(e.HotTopicsPublished, level=level, node_id=node, published_at=MONDAY, **edition)
        notify.happen(hot)
    notify.morning(MONDAY)
    brief = notify.community_brief()
    assert figures(brief) == {
        "reported": 2, "closed": 3, "reopened": 1, "broken": 1, "unanswered": 0, "praise": 5,
    }  # fmt: skip
    assert (brief.week, f"{brief.from_}", f"{brief.to}") == (TEN, "2026-03-02", "2026-03-08")
    closed = next(one for one in brief.figures if one.key == "closed")
    assert {one.key: one.count for one in closed.by} == {"answered": 2, "grid_closed": 1}
    assert all(one.definition and one.definition_en for one in brief.figures)
    assert {one.key: one.last_week for one in brief.figures}["reported"] is None
    assert [one.link for one in brief.hot_topics] == [
        "/communities/shangyuan/hot-topics?month=2026-02"
    ]
    notify.morning(MONDAY + WEEK)
    after = notify.community_brief()
    assert {one.key: one.last_week for one in after.figures}["praise"] == 5
    weeks = notify.ask(
        brief_views.weeks_of_community, ops.CommunityBriefWeeks(cid="shangyuan", limit=1), WANG
    )
    more = notify.ask(
        brief_views.weeks_of_community,
        ops.CommunityBriefWeeks(cid="shangyuan", limit=1, cursor=weeks.next_cursor),
        WANG,
    )
    assert [one.week for one in (*weeks.items, *more.items)] == ["2026-W11", TEN]
    assert more.next_cursor is None


def test_few_are_told_to_the_committee_alone_and_not_by_subtraction_either(notify):
    notify.several(e.PostPublished, 2, praise=True)
    notify.several(e.PostPublished, 6, praise=True, **FAR)
    notify.several(e.PostUnanswered, 1, standing="broken")
    notify.morning(MONDAY)
    assert figures(notify.community_brief())["praise"] == 2
    seen = notify.community_brief(TOWNS_EYE)
    assert (figures(seen)["praise"], figures(seen)["unanswered"], seen.exact) == (None, 1, False)
    town = notify.town_brief()
    assert figures(town)["praise"] == 6  # eight would tell of the two
    values = {part.id: {v.key: v.value for v in part.values} for part in town.parts}
    assert {name: part["praise"] for name, part in values.items()} == {"shangyuan": None, "far": 6}
    assert {name: part["unanswered"] for name, part in values.items()} == {"shangyuan": 1, "far": 0}
    district = notify.ask(brief_views.of_district, ops.DistrictBrief(did="demo"), ADMIN)
    assert figures(district)["praise"] == 6
    assert [(part.level, part.id) for part in district.parts] == [("town", "yuepu")]


def test_a_pain_point_is_what_grew_under_the_districts_own_name(notify):
    for weeks in range(1, 5):
        notify.several(e.IssueTriaged, 3, TUESDAY - weeks * WEEK, category="dispose", slot=None)
        notify.several(e.IssueTriaged, 1, TUESDAY - weeks * WEEK, slot="S4")
    for weeks in range(4, 0, -1):
        notify.morning(MONDAY - weeks * WEEK)
    notify.several(e.IssueTriaged, 3, category="dispose", slot=None)
    notify.several(e.IssueTriaged, 5, slot="S4", slot_name="占用楼道")
    notify.happen(say(e.IssueTriaged, issue_id="again", category="dispose", slot=None))
    notify.happen(say(e.IssueTriaged, issue_id="again", slot="S4"))  # decided anew
    notify.morning(MONDAY)
    (point,) = notify.community_brief().pain_points.items
    assert (point.category, point.slot, point.name) == ("8x", "S4", "占用楼道")
    assert (point.value, point.last_week, point.mean_of_four, point.direction) == (
        6, 1, 1.0, "rising",
    )  # fmt: skip
    seen = notify.community_brief(TOWNS_EYE).pain_points.items
    assert [(one.value, one.last_week) for one in seen] == [(6, 0)]


def test_posts_that_wait_are_linked_until_they_are_answered_and_only_within_the_scope(notify):
    def waits(post: str, **facts: Any) -> None:
        notify.happen(say(e.PostUnanswered, post_id=post, standing="broken", **facts))

    waits("old", due_at=TUESDAY - 9 * DAY)
    waits("new")
    waits("elsewhere", **FAR)
    notify.happen(say(e.CommentPublished, post_id="early", official=True))
    waits("early")  # the answer was heard of before
    waits("gone")
    waits("back")
    for post in ("gone", "back"):
        notify.happen(say(e.PostRemoved, post_id=post), TUESDAY + DAY)
    notify.happen(say(e.PostChanged, post_id="back", shown_again=True), TUESDAY + 2 * DAY)
    notify.morning(MONDAY)
    waiting = notify.community_brief().waiting
    assert [one.post_id for one in waiting.posts] == ["old", "back", "new"]
    assert (waiting.count, waiting.oldest_due_at) == (3, TUESDAY - 9 * DAY)
    assert waiting.posts[0].link == "/posts/old"
    assert {one.community_id for one in notify.town_brief().waiting.posts} == {"shangyuan", "far"}
    notify.happen(say(e.CommentPublished, post_id="old", official=True), MONDAY)
    assert notify.community_brief().waiting.count == 2
    assert figures(notify.community_brief())["unanswered"] == 5  # the week's figure stays


def test_what_comes_late_is_told_in_the_next_brief_and_marked(notify):
    notify.several(e.PostPublished, 3, praise=True)
    notify.morning(MONDAY)
    before = notify.community_brief()
    notify.several(e.PostPublished, 1, praise=True)  # of Tuesday, heard of after Monday
    notify.several(e.PostPublished, 2, MONDAY, praise=True)
    assert notify.community_brief().figures == before.figures
    notify.morning(MONDAY + WEEK)
    praise = next(one for one in notify.community_brief().figures if one.key == "praise")
    assert (praise.value, praise.last_week, praise.late) == (3, 3, True)


def test_once_per_week_and_place_after_any_crash_and_wherever_the_clock_stands(notify):
    notify.on_duty("eye", role="observer", path=TOWN)
    notify.on_duty("admin", role="district_admin", path=DISTRICT)
    notify.on_duty("wang")
    notify.know(
        say(e.RoleGranted, grant_id="g-2", person_id="admin", role="observer", path=SHANGYUAN)
    )
    notify.happen(say(e.PromiseBroken))
    with notify.units() as uow:
        clock.stand(uow, TUESDAY)
        uow.commit()
    for _ in range(3):  # each duty is begun, and broken off before the commit
        with notify.units() as uow:
            clock.do_next(uow, MONDAY)
        notify.duty(MONDAY)
    notify.morning(MONDAY)
    assert notify.scalar("SELECT count(*) FROM briefs") == 4
    (news,) = notify.items("eye")
    assert (news.kind, news.title, news.link) == (
        "brief", "月浦样例镇周报（2026-W10）已生成", "/towns/yuepu/briefs?week=2026-W10",
    )  # fmt: skip
    assert [one.link for one in notify.items("admin")] == ["/districts/demo/briefs?week=2026-W10"]
    assert notify.items("wang") == []
    with notify.units() as uow:  # the clock was set back: the same Monday comes again
        uow.session.execute(text("UPDATE due SET due_at = :at, try_at = :at"), {"at": MONDAY})
        uow.commit()
    notify.morning(MONDAY)
    assert notify.scalar("SELECT count(*) FROM briefs") == 4
    notify.morning(MONDAY + 3 * WEEK)  # and three Mondays were missed
    assert notify.scalar("SELECT count(*) FROM briefs") == 16
    assert [one.link[-3:] for one in notify.items("eye")] == ["W13", "W10"]
    assert notify.drift() == []


def test_weeks_that_a_clock_closed_that_ran_ahead_are_open_when_it_is_right_again(notify):
    notify.on_duty("eye", role="observer", path=TOWN)
    notify.morning(MONDAY - WEEK)
    notify.several(e.PostPublished, 3, praise=True)
    notify.morning(MONDAY + 4 * WEEK)  # for an hour the clock is five weeks ahead
    weeks = "SELECT count(*) FROM brief_weeks"
    assert notify.scalar(weeks) == 6
    notify.now = TUESDAY
    notify.several(e.PostPublished, 4, praise=True)
    with notify.units() as uow:
        clock.stand(uow, TUESDAY)
        uow.commit()
    due_at = "SELECT due_at FROM due WHERE kind = 'briefs' AND done_at IS NULL"
    assert notify.scalar(due_at) == MONDAY

    def praised(now: datetime) -> list[tuple[Any, bool]]:
        notify.now = now
        while notify.duty(now):
            pass
        found = notify.ask(brief_views.of_community, ops.CommunityBrief(cid="shangyuan"), WANG, now)
        return [(one.value, one.late) for one in found.figures if one.key == "praise"]

    assert praised(MONDAY) == [(7, False)], "what happened in the week counts in it, none late"
    notify.several(e.PostPublished, 5, TUESDAY + WEEK, praise=True)
    assert praised(MONDAY + WEEK) == [(5, False)]
    assert notify.scalar(weeks) == 6, "each week once"
    told = [one.link[-3:] for one in notify.items("eye") if one.kind == "brief"]
    assert told == ["W11", "W10", "W14", "W09"]


def test_nothing_is_counted_in_a_week_while_it_is_closed(notify):
    ready = threading.Barrier(3)
    failed: list[BaseException] = []

    def count(lane: int) -> None:
        try:
            ready.wait()
            for n in range(25):
                notify.happen(say(e.PostPublished, post_id=f"p-{lane}-{n}", praise=True))
        except BaseException as error:
            failed.append(error)

    lanes = [threading.Thread(target=count, args=(n,)) for n in range(2)]
    for lane in lanes:
        lane.start()
    ready.wait()
    notify.morning(MONDAY)
    made = notify.scalar("SELECT counts->'praise'->>'' FROM briefs WHERE node_id = 'shangyuan'")
    for lane in lanes:
        lane.join()
    assert failed == []
    week = "SELECT count FROM brief_counts WHERE week = '2026-03-02'"
    assert (notify.scalar(week) or 0) == int(made or 0)
    assert notify.scalar("SELECT sum(count) FROM brief_counts") == 50


def test_what_is_told_of_one_thing_at_once_is_counted_once(notify):
    """An answer and the end of the same problem, and others whose outcomes cross."""

    def happens(issue: str, *outcomes: str) -> Callable[[], None]:
        def go() -> None:
            for outcome in outcomes:
                notify.happen(say(e.IssueAnswered, issue_id=issue, outcome=outcome))

        return go

    outcomes = ("answered", "refused")
    crossing = [happens(f"i-{n}", *outcomes[:: (1, -1)[n % 2]]) for n in range(8)]
    same = [happens(f"same-{n}", outcome) for n in range(8) for outcome in outcomes]
    at_once([*crossing, *same])
    counted = "SELECT sum(count) FROM brief_counts WHERE figure = 'closed'"
    assert notify.scalar(counted) == notify.scalar("SELECT count(*) FROM brief_facts") == 16


def test_who_reads_is_written_down_for_the_districts_administrators(notify):
    notify.several(e.IssueReported, 3)
    notify.morning(MONDAY)
    notify.town_brief()
    notify.community_brief()

    def reads(who: Actor = ADMIN, **more: Any) -> Any:
        return notify.ask(brief_views.list_reads, ops.ListBriefReads(did="demo", **more), who)

    page = reads(limit=1)
    (newest,) = page.items
    assert (newest.person_id, newest.role, newest.path) == ("wang", "committee_staff", SHANGYUAN)
    (first,) = reads(limit=1, cursor=page.next_cursor).items
    assert (first.person_id, first.level, first.node, first.week) == ("eye", "town", "yuepu", TEN)
    assert reads(week="2026-W09").items == []
    with notify.units(read_only=True) as uow:
        held = copies.held_about(uow, "eye")["brief_reads"]["items"]
    assert [one["name"] for one in held] == ["月浦样例镇"]
    notify.know(say(e.PersonDeleted, person_id="eye"))
    assert [one.person_id for one in reads().items] == ["wang", None]
    for who in (TOWNS_EYE, holder(Role.DISTRICT_ADMIN, "other")):
        with pytest.raises(Forbidden):
            reads(who)


def test_each_reads_within_the_own_scope_and_asks_for_weeks_that_there_are(notify):
    notify.several(e.IssueReported, 3)
    notify.morning(MONDAY)
    assert notify.town_brief(holder(Role.AUDITOR, DISTRICT)).node == "yuepu"
    for who in (
        holder(Role.OBSERVER, "demo.other"),
        WANG,
        holder(Role.DEPARTMENT_STAFF, DISTRICT),
        holder(Role.OBSERVER, SHANGYUAN),
    ):
        with pytest.raises(Forbidden):
            notify.town_brief(who)
    with pytest.raises(Forbidden):
        notify.community_brief(WANG, "far")
    refused: list[tuple[str, type[ShequError], dict[str, Any]]] = [
        ("notify.no_such_week", brief_views.NoSuchWeek, {"week": "2025-W53"}),
        ("notify.brief_not_found", brief_views.BriefNotFound, {"week": "2026-W09"}),
    ]
    for code, kind, more in refused:
        with pytest.raises(kind) as error:
            notify.town_brief(**more)
        assert error.value.code == code
    with pytest.raises(NotFound):
        notify.ask(brief_views.of_district, ops.DistrictBrief(did="nowhere"), ADMIN)
    assert notify.scalar("SELECT count(*) FROM brief_reads") == 1  # of what was really read


def test_no_brief_names_a_resident_or_quotes_one(notify):
    notify.several(e.IssueReported, 3, title="私房话", body="不外传", reporter_id="secret-sun")
    notify.several(e.PostPublished, 3, title="谢谢老陆", author_id="secret-lu", praised_id="lu-1")
    notify.several(e.PostUnanswered, 2, standing="broken")
    notify.morning(MONDAY)
    said = notify.community_brief().model_dump_json() + notify.town_brief().model_dump_json()
    kept = notify.scalar("SELECT string_agg(f::text, '') FROM brief_facts f") + notify.scalar(
        "SELECT string_agg(b::text, '') FROM briefs b"
    )
    for word in ("私房话", "不外传", "secret", "老陆", "lu-1"):
        assert word not in said + kept
    assert rules.FLOOR == 3
