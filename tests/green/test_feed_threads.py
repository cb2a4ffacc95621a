"""An issue's story on its thread: once each, in order, however it came in. Needs: db."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.events.grid_bridge import Attachment
from services.contracts.ids import new_id
from services.feed import threads
from services.feed.domain import posts
from services.feed.models import Post
from tests.support.feed_street import CID, LU, NOON, OBSERVER, PATH, SUN, WANG, Street, actor
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db

LU_FOR_SUN = actor("sun", (Role.RESIDENT, PATH), acted_by="lu")
PHOTO = Attachment(
    id="photo",
    url="/u/photo",
    content_type="image/jpeg",
    bytes=9,
    sha256="0" * 64,
    thumbnail_url="/u/photo/thumbnail",
)


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


class Case:
    """One issue of 尚园, told event by event."""

    def __init__(self) -> None:
        self.post_id, self.issue_id = new_id(), new_id()

    def say(self, kind, **facts):
        where = {"community_id": CID, "path": PATH, "post_id": self.post_id}
        return say(kind, **{**where, "issue_id": self.issue_id, **facts})

    def whole(self):
        """The article's hard case from the report to the rating."""
        return [
            self.say(e.IssueReported, attachments=[PHOTO]),
            self.say(e.IssueTriaged),
            self.say(e.SelfGovernanceRecorded, step="site_visit", note="确有其事"),
            self.say(e.SelfGovernanceRecorded, step="talk", note="店主不肯", outcome="failed"),
            self.say(e.IssueEscalated, reason="自治未果"),
            self.say(e.IssueProgressed, state="accepted"),
            self.say(e.IssueProgressed, state="disposed", attachments=[PHOTO]),
            self.say(e.IssueClosed, note="绿地已恢复"),
            self.say(e.IssueRated),
        ]


STEPS = [
    "triaged",
    "site_visit",
    "talk",
    "escalated",
    "accepted",
    "disposed",
    "issue_closed",
    "rated",
]


@pytest.fixture
def case() -> Case:
    return Case()


def steps(street: Street, case: Case) -> list[str]:
    return [comment["step"] for comment in street.comments(case.post_id)["items"]]


def test_a_report_becomes_a_post(street, case):
    street.story(case.say(e.IssueReported, title=" 商铺占绿\u200b ", attachments=[PHOTO]))
    post = street.get(case.post_id, LU)
    assert (post["id"], post["issue_id"]) == (case.post_id, case.issue_id)
    assert (post["module"], post["title"]) == ("nearby", "商铺占绿")
    assert post["author"]["display_name"] == "孙奶奶"
    assert post["attachments"][0]["thumbnail_url"] == "/u/photo/thumbnail"
    assert post["created_at"].startswith("2026-03-02T04:00:00")
    assert street.comments(case.post_id)["items"] == []
    kind, body = street.emitted()[0]
    assert (kind, body["issue_id"]) == ("post.published.v1", case.issue_id)


def test_a_reporter_may_hide(street, case):
    street.story(case.say(e.IssueReported, hide_name=True))
    street.story(case.say(e.IssueRated))
    assert street.get(case.post_id, LU)["author"]["display_name"] == "匿名邻居"
    rating = street.comments(case.post_id, LU)["items"][0]
    assert (rating["author"]["display_name"], rating["official"]) == ("匿名邻居", False)
    assert street.emitted()[0][1]["hide_name"] is True


def test_a_case_taken_in_is_posted_by_the_committee_in_office(street, case):
    taken_in = {"source": "phone", "taken_up_by": "wang", "hide_name": True}
    street.story(case.say(e.IssueReported, reporter_id="sun", **taken_in))
    street.story(case.say(e.IssueRated, reporter_id="sun", nameless=True))
    post = street.get(case.post_id, LU)
    assert (post["author"]["id"], post["official"], post["hide_name"]) == ("wang", True, False)
    rating = street.comments(case.post_id, LU)["items"][0]
    assert (rating["author"]["display_name"], rating["official"]) == ("反映人", False)
    assert "sun" not in str(street.emitted()[0][1])


def test_a_thread_says_who_reported_it_for_whom(street, case):
    street.story(case.say(e.IssueReported, assisted_by="lu"))
    for reader in (SUN, LU, OBSERVER):
        post = street.get(case.post_id, reader)
        assert (post["author"]["display_name"], post["assisted_by"]) == (
            "孙奶奶",
            {"id": "lu", "display_name": "老陆"},
        )
        assert street.posts(reader)["items"][0]["assisted_by"] == post["assisted_by"]
    assert street.get(case.post_id)["mine"] is True


def test_a_thread_of_ones_own_names_no_helper(street, case):
    street.story(case.say(e.IssueReported))
    assert street.get(case.post_id)["assisted_by"] is None


def test_a_helper_without_a_card_is_called_a_helper(street, case):
    street.story(case.say(e.IssueReported, assisted_by="daughter"))
    assert street.get(case.post_id)["assisted_by"]["display_name"] == "代办人"


def test_a_hidden_author_hides_the_helper_too(street, case):
    street.story(case.say(e.IssueReported, hide_name=True, assisted_by="lu"))
    assert street.get(case.post_id, SUN)["assisted_by"]["id"] == "lu"
    for reader in (LU, WANG, LU_FOR_SUN):
        post = street.get(case.post_id, reader)
        assert (post["assisted_by"], post["author"]["id"]) == (None, None)


def test_a_helper_sees_what_any_neighbour_sees_and_nothing_as_her_own(street, case):
    street.story(case.say(e.IssueReported))
    hidden = street.post(hide_name=True)["id"]
    street.like(case.post_id, SUN)
    street.comment(hidden, SUN, "是我")
    thread, secret = street.get(case.post_id, LU_FOR_SUN), street.get(hidden, LU_FOR_SUN)
    assert (thread["mine"], thread["liked_by_me"]) == (False, False)
    assert (secret["mine"], secret["author"]["id"]) == (False, None)
    (said,) = street.comments(hidden, LU_FOR_SUN)["items"]
    assert (said["mine"], said["author"]["id"]) == (False, None)
    modules = street.modules(LU_FOR_SUN).values()
    assert not any(m.may_post or m.may_comment or m.may_moderate for m in modules)


@pytest.mark.parametrize("state", ["waiting", "refused", "taken_down"])
def test_a_helper_does_not_learn_which_unshown_post_is_hers_whom_she_helps(street, state):
    hers, other = street.post(hide_name=True)["id"], street.post(LU, hide_name=True)["id"]
    with street.units() as uow:
        uow.session.execute(text("UPDATE feed_posts SET state = :state"), {"state": state})
        uow.commit()
    for post in (hers, other):
        for look in (street.get, street.comments):
            with pytest.raises(posts.PostNotFound):
                look(post, LU_FOR_SUN)
    assert street.get(hers)["state"] == state, "she herself does"


def test_the_whole_story_stands_on_the_thread(street, case):
    for event in case.whole():
        street.later(minutes=1)
        street.story(event)
    assert steps(street, case) == STEPS
    told = street.comments(case.post_id)["items"]
    assert told[3]["body"].startswith("【上报网格】已生成网格工单")
    assert told[0]["author"]["display_name"] == "小王"
    assert told[0]["author"]["role_badges"] == ["committee_staff"]
    assert [c["author"]["display_name"] for c in told[4:7]] == ["城管", "城管", "网格管理平台"]
    assert [c["official"] for c in told] == [True] * 7 + [False]
    assert told[5]["attachments"][0]["id"] == "photo"
    assert street.get(case.post_id)["comment_count"] == 8
    assert street.drift() == []


def test_a_story_told_twice_is_told_once(street, case):
    for event in case.whole():
        street.later(minutes=1)
        event_id = street.story(event)
        before = len(street.emitted())
        street.story(event, event_id)
        assert len(street.emitted()) == before
    assert steps(street, case) == STEPS
    assert street.types().count("post.published.v1") == 1
    assert street.drift() == []


def test_a_report_delivered_under_another_id_makes_no_second_post(street, case):
    street.story(case.say(e.IssueReported))
    street.story(case.say(e.IssueReported, title="别的"))
    assert street.get(case.post_id)["title"] == "商铺占用绿化带"
    assert street.types() == ["post.published.v1"]


def test_a_step_before_its_report_waits(street, case):
    answer = case.say(e.IssueAnswered, body="已经处理")
    with pytest.raises(threads.ThreadNotHereYet):
        street.story(answer)
    assert street.emitted() == []
    street.story(case.say(e.IssueReported))
    street.story(answer)
    assert steps(street, case) == ["answered"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_the_thread_shows_the_order_of_events_not_of_arrival(street, case, order):
    events = case.whole()[:4]
    waiting = [(n, events[n], new_id()) for n in order]
    for _ in range(4):  # what is refused comes again, as from the retry ladder
        again = []
        for number, event, event_id in waiting:
            try:
                street.story(event, event_id, NOON + timedelta(minutes=number))
            except threads.ThreadNotHereYet:
                again.append((number, event, event_id))
        waiting = again
    assert waiting == []
    assert steps(street, case) == STEPS[:3]


def test_talk_of_neighbours_stands_between_the_steps(street, case):
    street.story(case.say(e.IssueReported))
    street.later(minutes=1)
    street.comment(case.post_id, LU, "我也看到了")
    street.later(minutes=1)
    street.story(case.say(e.IssueAnswered, body="明天去看"))
    street.later(minutes=1)
    answer = street.comments(case.post_id)["items"][1]
    street.comment(case.post_id, SUN, "谢谢", reply_to=answer["id"])
    told = street.comments(case.post_id)["items"]
    assert [c["body"] for c in told] == ["我也看到了", "明天去看", "谢谢"]
    assert told[2]["reply_to_name"] == "小王"
    assert street.emitted()[-1][1]["issue_id"] == case.issue_id


def test_staff_without_a_card_speak_as_their_office(street, case):
    street.story(case.say(e.IssueReported))
    street.story(case.say(e.IssueAnswered, actor_id="newcomer", actor_role="secretary"))
    author = street.comments(case.post_id)["items"][0]["author"]
    assert author["display_name"] == "社区书记"


def test_a_post_that_staff_took_up_keeps_its_module_and_words(street, case):
    case.post_id = street.post(module="hall", title="路灯坏了")["id"]
    street.story(case.say(e.IssueReported, from_post=True, taken_up_by="wang", title="路灯坏了"))
    street.later(minutes=1)
    street.story(case.say(e.IssueTriaged, category="dispose"))
    post = street.get(case.post_id)
    assert (post["module"], post["title"], post["issue_id"]) == ("hall", "路灯坏了", case.issue_id)
    assert steps(street, case) == ["reported", "triaged"]
    assert street.comments(case.post_id)["items"][0]["author"]["display_name"] == "小王"
    assert street.types().count("post.published.v1") == 1


def test_taking_up_a_post_that_is_not_here_waits(street, case):
    with pytest.raises(threads.ThreadNotHereYet):
        street.story(case.say(e.IssueReported, from_post=True))


def test_the_words_of_a_reported_problem_stay(street, case):
    street.story(case.say(e.IssueReported))
    with pytest.raises(posts.ThreadOfAnIssue):
        street.update(case.post_id, SUN, title="没事了")
    with pytest.raises(posts.ThreadOfAnIssue):
        street.delete(case.post_id, SUN)
    assert street.update(case.post_id, WANG, pinned=True)["pinned"] is True


def test_the_story_of_a_deleted_thread_goes_on_unseen(street, case):
    street.story(case.say(e.IssueReported))
    with street.units() as uow:  # deleted while that was still possible
        uow.session.get_one(Post, case.post_id).state = "deleted"
        uow.commit()
    before = street.types()
    street.story(case.say(e.IssueAnswered))
    assert street.types() == before
    assert street.drift() == []
    with pytest.raises(posts.PostNotFound):
        street.comments(case.post_id)


def test_observers_see_the_story(street, case):
    for event in case.whole():
        street.story(event)
    assert len(street.comments(case.post_id, OBSERVER)["items"]) == 8
    assert street.types().count("post.changed.v1") == 8
