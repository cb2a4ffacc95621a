"""Notify's handlers on a real database: who finds what in the inbox. Needs: db."""

from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.ids import new_id
from services.kit.pages import BadCursor
from services.notify.handlers.telling import LIVE_AT_MOST
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import NOON, say

pytestmark = pytest.mark.db


@pytest.fixture
def notify(emptied) -> Inboxes:
    return Inboxes(emptied("notify"))


def test_the_life_of_an_issue_as_the_reporter_hears_it(notify):
    notify.community(sun="孙奶奶")
    notify.on_duty("wang")
    for event in (
        say(e.IssueReported),
        say(e.PostPublished, module="hall", issue_id="issue"),
        say(e.IssueTriaged),
        say(e.SelfGovernanceRecorded, step="site_visit"),
        say(e.SelfGovernanceRecorded, step="talk", outcome="failed"),
        say(e.IssueEscalated),
        *(
            say(e.IssueProgressed, state=state)
            for state in ("accepted", "registered", "dispatched", "disposing", "disposed")
        ),
        say(e.IssueProgressed, state="closed"),
        say(e.IssueClosed, result="grid_closed"),
        say(e.IssueRated, score=5),
    ):
        notify.tell(event)
    assert notify.titles("sun") == [
        "网格平台已办结「商铺占用绿化带」",
        "「商铺占用绿化带」已派单",
        "「商铺占用绿化带」已转交区网格平台",
        "「商铺占用绿化带」自治处置未能解决",
        "居委会已到现场查看「商铺占用绿化带」",
        "「商铺占用绿化带」已受理：8+X 事项",
    ]
    assert notify.titles("wang") == [
        "居民评价「商铺占用绿化带」：5 分",
        "网格平台已办结「商铺占用绿化带」",
        "居民反映：「商铺占用绿化带」",
    ]
    assert notify.page("sun").unread == 6
    assert notify.drift() == []


def test_an_item_says_what_why_and_where(notify):
    notify.community()
    notify.on_duty("wang")
    notify.tell(say(e.IssueReported))
    item = notify.items("wang")[0]
    assert (item.kind, item.link, item.read) == ("issue_reported", "/console/issues/issue", False)
    assert item.why == "因为您负责这里的工作"
    assert item.body == "请及时研判分类。"
    assert item.created_at == NOON
    english = notify.page("wang", "en").items[0]
    assert english.title == "A resident reported “商铺占用绿化带”"
    assert english.why == "because you are on duty here"


def test_an_event_that_comes_twice_is_told_once(notify):
    notify.on_duty("wang")
    event_id = notify.tell(say(e.IssueReported))
    notify.tell(say(e.IssueReported), event_id)
    assert notify.page("wang").unread == len(notify.items("wang")) == 1
    assert notify.scalar("SELECT count(*) FROM notices") == 1
    assert [live.unread for live in notify.live()] == [1]


def test_whoever_is_reached_by_several_rules_hears_it_once_and_personally(notify):
    """The reporter serves on the committee and follows the thread as well."""
    notify.on_duty("sun")
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.IssueClosed))
    assert [item.why for item in notify.items("sun")] == ["因为这是您反映的问题"]


def test_nobody_is_told_of_the_own_act(notify):
    notify.on_duty("wang", "shi")
    notify.tell(say(e.IssueReported, reporter_id="wang"))
    notify.tell(say(e.IssueTriaged, reporter_id="wang", actor_id="wang"))
    notify.tell(say(e.CommentPublished, author_id="wang", post_author_id="wang"))
    assert notify.titles("wang") == []
    assert len(notify.titles("shi")) == 1


def test_a_comment_reaches_author_and_those_who_took_part(notify):
    notify.community(sun="孙奶奶", lu="老陆", li="小李")
    notify.tell(say(e.PostPublished, title="借梯子"))
    notify.tell(say(e.CommentPublished, author_id="lu"))
    notify.tell(say(e.CommentPublished, author_id="li", reply_to_author_id="lu"))
    assert notify.titles("sun") == ["小李评论了「借梯子」", "老陆评论了「借梯子」"]
    assert notify.titles("lu") == ["小李回复了您在「借梯子」中的评论"]
    assert notify.titles("li") == []


def test_events_that_overtake_one_another_lose_nothing(notify):
    """The comment and the triage come before the post and the report they belong to."""
    notify.community(lu="老陆")
    notify.tell(say(e.CommentPublished, author_id="lu", module="hall"))
    notify.tell(say(e.IssueTriaged, category="advise"))
    assert notify.titles("sun") == ["「一件社区事务」已受理：建议", "邻居评论了「一件社区事务」"]
    notify.tell(say(e.IssueReported, title="停车难"))
    assert notify.titles("sun") == ["「停车难」已受理：建议", "老陆评论了「停车难」"]
    notify.tell(say(e.CommentPublished, author_id="li", module="hall"))
    assert len(notify.titles("lu")) == 1, "a follower since before the thread was known"


@pytest.mark.parametrize("first", ["post", "report"])
def test_a_hidden_author_is_not_named_in_the_own_thread(notify, first):
    notify.community(sun="孙奶奶", lu="老陆")
    opened = {
        "report": say(e.IssueReported, hide_name=True, title="噪音"),
        "post": say(e.PostPublished, module="hall", issue_id="issue", title="噪音"),
    }
    notify.tell(opened.pop(first))
    notify.tell(opened.popitem()[1])
    notify.tell(say(e.CommentPublished, author_id="lu", module="hall"))
    notify.tell(say(e.CommentPublished, author_id="sun", module="hall"))
    assert notify.titles("lu") == ["邻居评论了「噪音」"]
    assert all("孙奶奶" not in live.title for live in notify.live())


def test_the_live_stream_names_nobody_whose_wish_is_not_known_yet(notify):
    notify.community(lu="老陆")
    notify.tell(say(e.CommentPublished, author_id="lu"))
    assert [live.title for live in notify.live()] == ["邻居评论了「一件社区事务」"]


@pytest.mark.parametrize("removed_first", [False, True])
def test_a_removed_post_is_not_named_any_more(notify, removed_first):
    posts = [say(e.PostPublished, title="诽谤"), say(e.PostRemoved)]
    for event in reversed(posts) if removed_first else posts:
        notify.tell(event)
    notify.tell(say(e.CommentPublished, author_id="lu"))
    assert notify.titles("sun") == ["邻居评论了「已删除的内容」"]
    assert notify.scalar("SELECT title FROM threads") == ""


def test_a_changed_name_changes_in_every_inbox(notify):
    notify.community(lu="老陆")
    notify.tell(say(e.PostPublished, title="借梯子"))
    notify.tell(say(e.CommentPublished, author_id="lu"))
    notify.community(lu="陆师傅")
    assert notify.titles("sun") == ["陆师傅评论了「借梯子」"]


def test_duties_hold_in_their_place_and_below_while_they_last(notify):
    notify.on_duty("wang")
    notify.on_duty("elsewhere", path="demo.yuepu.juyuan")
    notify.on_duty("sibling", path="demo.yuepu.shang")
    notify.on_duty("town", path="demo.yuepu")
    notify.on_duty("analyst", role="district_analyst", path="demo")
    notify.know(
        say(e.RoleGranted, grant_id="old", person_id="former", expires_at=NOON - timedelta(days=1)),
        say(e.RoleGranted, grant_id="new", person_id="fresh", expires_at=NOON + timedelta(days=1)),
    )
    notify.tell(say(e.IssueReported))
    told = {live.person_id for live in notify.live()}
    assert told == {"wang", "town", "fresh"}


def test_who_is_named_for_a_table_hears_of_the_case_while_she_serves_there(notify):
    notify.on_duty("urban", "colleague", role="department_staff", path="demo")
    notify.on_duty("far", role="department_staff", path="demo.luodian")
    notify.tell(say(e.PostPublished, title="占用绿化带"))
    opened = {"what": "opened", "words": "多年未决", "departments": ["区城管局"]}
    named = {**opened, "guest_ids": ["urban", "far", "nobody"]}
    notify.tell(say(e.JointConsultationChanged, **named))
    assert notify.titles("urban") == ["邀请您参加联合会商：「占用绿化带」"]
    assert {live.person_id for live in notify.live()} == {"sun", "urban"}
    notify.tell(say(e.JointConsultationChanged, **opened, to_departments=True))
    assert len(notify.items("colleague")) == 1


@pytest.mark.parametrize("revoked_first", [False, True])
def test_a_revoked_duty_has_ended_in_whichever_order_it_is_heard(notify, revoked_first):
    words = [say(e.RoleGranted, person_id="wang"), say(e.RoleRevoked, person_id="wang")]
    notify.know(*(reversed(words) if revoked_first else words))
    notify.tell(say(e.IssueReported))
    assert notify.live() == []


def test_party_membership_is_kept_by_nobody_whoever_still_tells_of_it(notify):
    party = {"person_id": "sun", "role": "party_member"}
    notify.know(say(e.RoleGranted, **party), say(e.RoleRevoked, grant_id="earlier", **party))
    notify.on_duty("wang")
    with notify.units(read_only=True) as uow:
        kept = uow.session.execute(text("SELECT person_id, role FROM duties"))
        assert [tuple(row) for row in kept] == [("wang", "committee_staff")]


def test_whoever_moved_away_hears_of_the_own_issue_but_not_of_the_neighbours(notify):
    notify.community(sun="孙奶奶", lu="老陆")
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.CommentPublished, author_id="lu", module="hall"))
    for person in ("sun", "lu"):
        notify.know(say(e.MemberCardChanged, person_id=person, standing="ended"))
    notify.tell(say(e.IssueAnswered))
    assert notify.titles("sun")[0] == "居委会答复了「商铺占用绿化带」"
    assert notify.titles("lu") == []


def test_a_deleted_account_leaves_nothing_and_does_not_come_back(notify):
    notify.community(sun="孙奶奶")
    notify.on_duty("sun", "wang")
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.IssueTriaged))
    notify.know(say(e.PersonDeleted, person_id="sun"))
    notify.tell(say(e.IssueEscalated))
    notify.tell(say(e.PostPublished, module="announcements", author_id="wang"))
    for table in ("inbox", "unread_counts", "duties"):
        found = notify.scalar(f"SELECT count(*) FROM {table} WHERE person_id = 'sun'")
        assert (table, found) == (table, 0)
    assert notify.drift() == []


def test_membership_is_told_to_committee_and_newcomer(notify):
    notify.community()
    notify.on_duty("wang")
    notify.tell(say(e.MembershipRequested, person_id="new"))
    notify.tell(say(e.MembershipDecided, person_id="new"))
    notify.tell(say(e.MembershipDecided, person_id="other", status="refused"))
    assert notify.titles("wang") == ["有新的入住认证申请待审核"]
    assert notify.titles("new") == ["欢迎加入尚园居民区"]
    assert notify.titles("other") == ["您加入尚园居民区的申请未通过"]


# -- announcements ---------------------------------------------------------------------------


def settle(notify: Inboxes, count: int) -> None:
    with notify.units() as uow:
        uow.session.execute(
            text(
                "INSERT INTO directory_cards (person_id, community_id, path, standing, "
                "display_name) SELECT 'p' || n, 'shangyuan', 'demo.yuepu.shangyuan', "
                "CASE WHEN n % 10 = 0 THEN 'ended' ELSE 'active' END, '居民' || n "
                "FROM generate_series(1, :count) n"
            ),
            {"count": count},
        )
        uow.commit()


@pytest.mark.parametrize("people", [20, 20_000])
def test_an_announcement_reaches_everybody_in_the_same_few_statements(notify, people):
    notify.community(shi="石书记")
    settle(notify, people)
    statements: list[str] = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    engine = notify.units.engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", count)
    notify.tell(say(e.PostPublished, module="announcements", author_id="shi", title="停水"))
    sqlalchemy_event.remove(engine, "before_cursor_execute", count)
    assert len(statements) < 14
    assert notify.scalar("SELECT count(*) FROM inbox") == people * 9 // 10
    assert notify.scalar("SELECT count(*) FROM notices") == 1
    assert notify.drift() == []
    item = notify.items("p7")[0]
    assert (item.title, item.body, item.why) == (
        "新公告：停水",
        "尚园居民区",
        "因为您是这个社区的成员",
    )
    assert notify.titles("p10") == [], "has moved away"
    assert notify.titles("shi") == [], "wrote it"


@pytest.mark.parametrize(
    ("people", "streams"), [(LIVE_AT_MOST, LIVE_AT_MOST), (LIVE_AT_MOST + 1, 0)]
)
def test_a_small_audience_is_told_live_a_large_one_by_its_inbox(notify, people, streams):
    notify.know(
        *(say(e.MemberCardChanged, person_id=f"p{n}", display_name="邻居") for n in range(people))
    )
    notify.tell(say(e.PostPublished, module="announcements", author_id="shi"))
    live = notify.live()
    assert len(live) == len({one.person_id for one in live}) == streams
    assert notify.scalar("SELECT count(*) FROM inbox") == people


def test_a_live_event_carries_the_number_beside_the_bell(notify):
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.IssueTriaged))
    notify.tell(say(e.IssueEscalated))
    live = notify.live()
    assert [one.unread for one in live] == [1, 2]
    shown = notify.items("sun")[0]
    assert live[-1].model_dump(exclude={"unread", "person_id"}) == {
        "notification_id": shown.id,
        "kind": shown.kind,
        "title": shown.title,
        "link": shown.link,
        "why": shown.why,
        "created_at": shown.created_at,
        "lane": "ordinary",
        "silent": False,
    }


# -- pages and reading -----------------------------------------------------------------------


def fill(notify: Inboxes, count: int) -> None:
    for n in range(count):
        notify.tell(say(e.IssueEscalated, work_order_no=str(n)))


def test_pages_join_without_gap_or_overlap_while_news_comes_in(notify):
    fill(notify, 7)
    first = notify.page("sun", limit=3)
    fill(notify, 1)
    second = notify.page("sun", limit=3, cursor=first.next_cursor)
    third = notify.page("sun", limit=3, cursor=second.next_cursor)
    bodies = [item.body for page in (first, second, third) for item in page.items]
    assert bodies == [f"工单号：{n}。" for n in (6, 5, 4, 3, 2, 1, 0)]
    assert third.next_cursor is None
    assert third.unread == 8


@pytest.mark.parametrize("cursor", ["rubbish", "WyJhIiwiYiJd", "_-_"])
def test_a_tampered_cursor_is_refused(notify, cursor):
    with pytest.raises(BadCursor):
        notify.page("sun", cursor=cursor)


def test_reading_some_up_to_one_or_all(notify):
    fill(notify, 6)
    newest_first = [item.id for item in notify.items("sun")]
    assert notify.read("sun", ids=[newest_first[0], "unknown"]) == 5
    assert notify.read("sun", ids=[newest_first[0]]) == 5, "again changes nothing"
    assert notify.read("sun", up_to=newest_first[3]) == 2
    assert [item.read for item in notify.items("sun")] == [True, False, False, True, True, True]
    assert [item.id for item in notify.items("sun", unread=True)] == newest_first[1:3]
    assert len(notify.items("sun", unread=False)) == 4
    assert notify.read("sun") == 0
    assert notify.page("sun").unread == 0
    assert notify.drift() == []


def test_nobody_reads_or_marks_somebody_elses(notify):
    fill(notify, 2)
    ids = [item.id for item in notify.items("sun")]
    assert notify.read("lu", ids=ids) == 0
    assert notify.titles("lu") == []
    assert notify.page("sun").unread == 2


def test_an_empty_inbox_is_empty(notify):
    page = notify.page(new_id())
    assert (page.items, page.next_cursor, page.unread) == ([], None, 0)
