"""Votes' news and subscriptions on a real database. Needs: db."""

import pytest

from services.contracts import events as e
from services.contracts.errors import NotFound
from services.contracts.ids import new_id
from services.contracts.operations.notify.templates import ListNotificationTemplates
from services.directory import NotAMember
from services.notify.domain import WORDINGS, Kind
from services.notify.handlers import subscriptions, templates
from tests.support.feed_moderators import at_once
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db


@pytest.fixture
def notify(emptied) -> Inboxes:
    notify = Inboxes(emptied("notify"))
    notify.community(sun="孙奶奶", lu="老陆", ma="马阿姨", li="小李")
    return notify


def joined(person: str, part: str = "seconded", *, taken: bool = True) -> e.TopicPartChanged:
    return say(e.TopicPartChanged, person_id=person, part=part, taken=taken)


def test_the_way_of_a_question_as_each_of_them_hears_it(notify):
    """Sun raises it, Lu seconds, Ma speaks and objects, Li only lives there; Wang is of the desk,
    Shi her secretary."""
    notify.on_duty("wang")
    notify.on_duty("shi", role="secretary")
    step = {"was": "raised", "state": "raised", "title": "电动车停放"}
    for event in (
        say(e.TopicRaised, title="（未公开）"),
        joined("lu"),
        say(e.TopicAdvanced, **step, step="seconded"),
        say(e.TopicAdvanced, **{**step, "state": "screened"}, actor_id="wang"),
        joined("ma", "spoke"),
        say(e.TopicAdvanced, **{**step, "was": "actionable", "state": "prior_study"}),
        say(e.PollAnnounced, title="电动车停放"),
        say(e.ObjectionFiled, objector_id="ma"),
        say(e.ObjectionAnswered, objector_id="ma", actor_id="wang"),
        say(e.PollOpened, title="电动车停放"),
        say(e.ResultPublished, title="电动车停放"),
        say(e.CovenantAdopted, title="电动车停放公约"),
    ):
        notify.tell(event)
    whole = [
        "新公约：「电动车停放公约」",
        "表决通过：「电动车停放」",
        "开始投票：「电动车停放」",
    ]
    study = "「电动车停放」由社区党组织先行研究"
    announced = "公示：「电动车停放」即将表决"
    assert notify.titles("li") == [*whole, announced]
    assert notify.titles("lu") == [
        *whole, announced, study, "「电动车停放」通过初审", "「电动车停放」附议人数已够",
    ]  # fmt: skip
    assert notify.titles("ma") == [
        *whole, "您对「电动车停放」的异议有了答复", announced, study,
    ]  # fmt: skip
    assert notify.titles("sun") == [
        *whole, "有人对「电动车停放」提出异议", announced, study,
        "「电动车停放」通过初审", "「电动车停放」附议人数已够",
    ]  # fmt: skip
    assert notify.titles("shi")[1] == "请先行研究「电动车停放」"
    assert notify.titles("wang")[-2:] == [
        "「电动车停放」附议人数已够，请筛选", "居民提出议题：「电动车停放」",
    ]  # fmt: skip
    assert notify.items("ma")[0].why == "因为您提出了异议", "of two parts the more personal one"
    assert notify.items("li")[1].why == "因为这是本社区的表决"
    assert notify.items("sun")[-1].link == "/topics/topic"
    assert notify.items("li")[1].link.endswith("/result")
    assert notify.drift() == []


def test_a_topic_keeps_the_title_that_its_steps_gave_it_and_polls_of_old_topics_have_one(notify):
    notify.tell(say(e.PollOpened, title="老议题"))
    assert notify.titles("li") == ["开始投票：「老议题」"]
    notify.tell(say(e.TopicAdvanced, title="新题目", topic_id="t2"))
    notify.tell(say(e.TopicRaised, title="（未公开）", topic_id="t2"))
    notify.tell(say(e.PollOpened, title="新题目", topic_id="t2"))
    assert notify.titles("sun")[0] == "开始投票：「新题目」"


def test_whoever_takes_her_second_back_hears_no_more_unless_she_takes_part_otherwise(notify):
    for person in ("lu", "ma"):
        notify.tell(joined(person))
    notify.tell(joined("ma", "spoke"))
    for person in ("lu", "ma"):
        notify.tell(joined(person, taken=False))
    notify.tell(say(e.TopicAdvanced, title="停车"))
    assert (notify.titles("lu"), notify.titles("ma")) == ([], ["「停车」通过初审"])


def test_whether_somebody_seconds_is_what_she_did_last_in_whichever_order_it_is_told(notify):
    """Lu took her second back, Ma gave hers anew after that; Li spoke besides."""
    first, back, anew = new_id(), new_id(), new_id()
    told = {first: True, back: False, anew: True}
    for person, order in (
        ("lu", (back, first)),
        ("ma", (first, anew, back)),
        ("wu", (back, anew, first)),
        ("li", (back, first)),
    ):
        for event_id in order:
            notify.tell(joined(person, taken=told[event_id]), event_id)
    notify.tell(joined("li", "spoke"), new_id())
    notify.tell(joined("lu", taken=False), back)
    notify.tell(say(e.TopicAdvanced, title="停车"))
    heard = {person: notify.titles(person) for person in ("lu", "ma", "wu", "li")}
    passed = ["「停车」通过初审"]
    assert heard == {"lu": [], "ma": passed, "wu": passed, "li": passed}
    assert notify.followed("lu").items == []
    notify.follow("lu", "topic")
    assert notify.followed("lu").items[0].part is None


def test_a_step_that_is_told_after_the_end_is_news_no_more(notify):
    notify.on_duty("wang")
    notify.tell(joined("lu"))
    seconded, overdue, closed = new_id(), new_id(), new_id()
    end = say(e.TopicAdvanced, title="停车", state="closed", outcome="withdrawn")
    notify.tell(end, closed)
    notify.tell(say(e.TopicAdvanced, title="停车", state="raised", step="seconded"), seconded)
    notify.tell(say(e.TopicOverdue, title="停车"), overdue)
    notify.tell(end, closed)
    assert len(notify.titles("lu")) == 1 == len(notify.titles("sun"))
    assert notify.titles("wang") == []
    assert notify.drift() == []


def test_whose_seconds_were_merged_away_is_asked_and_told_once(notify):
    for person in ("lu", "ma"):
        notify.tell(joined(person))
    notify.tell(say(e.TopicAdvanced, title="充电", state="closed", outcome="merged"))
    notify.tell(say(e.SecondersAsked, title="充电", seconder_ids=["lu", "ma"]))
    (told,) = notify.items("lu")
    assert told.title == "您附议的「充电」并入了「电动车充电」"
    assert told.link == "/topics/other-topic"


def test_mentions_reach_those_named_once_and_for_that_reason(notify):
    notify.tell(say(e.PostPublished, title="借梯子", mentions=["lu"]))
    notify.tell(say(e.CommentPublished, author_id="lu", mentions=["sun", "ma", "lu"]))
    assert notify.titles("lu") == ["孙奶奶在「借梯子」中提到了您"], "nobody mentions herself"
    assert notify.titles("ma") == ["老陆在「借梯子」的评论中提到了您"]
    assert [item.why for item in notify.items("sun")] == ["因为有人提到了您"], "not twice, on hers"


def test_a_hidden_author_who_mentions_somebody_stays_hidden(notify):
    notify.tell(say(e.PostPublished, title="噪音", hide_name=True, mentions=["lu"]))
    assert notify.titles("lu") == ["邻居在「噪音」中提到了您"]
    assert all("孙奶奶" not in live.title for live in notify.live())


def test_what_was_done_before_leaving_does_not_bring_back_however_late_it_is_told(notify):
    """Lu's comment is told again, Ma's for the first time, when both have left."""
    earlier, unheard = new_id(), new_id()
    notify.tell(say(e.PostPublished, title="借梯子"))
    notify.tell(say(e.CommentPublished, author_id="lu"))
    notify.unfollow("lu", "post")
    for person in ("ma", "stranger"):
        notify.unfollow(person, "post")
    with pytest.raises(NotFound):  # to leave what one never knew of tells nothing of it
        notify.mute("ma")
    notify.tell(say(e.CommentPublished, author_id="lu"), earlier)
    notify.tell(say(e.CommentPublished, author_id="ma"), unheard)
    notify.tell(say(e.CommentPublished, author_id="li"))
    assert notify.titles("lu") == notify.titles("ma") == []
    assert notify.scalar("SELECT count(*) FROM follows WHERE person_id = 'stranger'") == 0
    notify.tell(say(e.CommentPublished, author_id="ma"))
    notify.tell(say(e.CommentPublished, author_id="li"))
    assert notify.titles("ma") == ["小李评论了「借梯子」"], "her own act, after she left"


def test_what_is_adopted_has_its_own_name_and_is_muted_as_a_thread_of_its_own(notify):
    notify.tell(say(e.TopicAdvanced, title="不要再禁止遛狗"))
    repealed = say(e.CovenantAdopted, title="养犬公约", change="repealed")
    notify.tell(repealed)
    assert notify.titles("li") == ["公约废止了：「养犬公约」"]
    notify.mute("li", "covenant")
    notify.tell(repealed)
    assert len(notify.titles("li")) == 1


# -- subscriptions -------------------------------------------------------------------------------


def test_what_somebody_follows_is_listed_with_its_title_and_why(notify):
    notify.tell(say(e.PostPublished, title="借梯子", post_id="a-post"))
    notify.tell(say(e.CommentPublished, author_id="lu", post_id="a-post"))
    notify.tell(say(e.PostPublished, title="团购", post_id="b-post"))
    notify.tell(say(e.TopicAdvanced, title="停车", topic_id="c-topic"))
    notify.tell(say(e.TopicPartChanged, title="停车", topic_id="c-topic", person_id="lu"))
    assert notify.follow("lu", "b-post").why == "因为您关注了这个话题"
    notify.mute("lu", "a-post")
    page = notify.followed("lu", limit=2)
    rest = notify.followed("lu", limit=2, cursor=page.next_cursor)
    assert rest.next_cursor is None
    assert [(one.title, one.link, one.part, one.chosen, one.muted, one.why)
            for one in [*page.items, *rest.items]] == [
        ("停车", "/topics/c-topic", "seconded", False, False, "因为您附议了这个议题"),
        ("团购", "/posts/b-post", None, True, False, "因为您关注了这个话题"),
        ("借梯子", "/posts/a-post", "spoke", False, True, "因为您参与了这个话题"),
    ]  # fmt: skip
    assert [one.id for one in notify.followed("lu", thread="b-post").items] == ["b-post"]
    assert notify.followed("li", thread="b-post").items == []
    notify.tell(say(e.PostRemoved, post_id="a-post"))
    assert notify.followed("lu").items[-1].title is None


def test_whoever_chose_to_follow_hears_also_the_small_talk_and_the_end_of_an_issue(notify):
    notify.tell(say(e.PostPublished, title="停水", module="announcements"))
    notify.follow("ma", "post")
    notify.tell(say(e.CommentPublished, author_id="lu", module="announcements"))
    notify.tell(say(e.IssueClosed))
    assert notify.titles("ma") == [
        "网格平台已办结「停水」", "老陆评论了「停水」", "新公告：停水",
    ]  # fmt: skip
    assert {item.why for item in notify.items("ma")[:2]} == {"因为您关注了这个话题"}


def test_whoever_left_is_brought_back_by_her_own_act_alone(notify):
    """The author of a post leaves it: comments on it do not reach her, a reply to her does."""
    notify.tell(say(e.PostPublished, title="借梯子"))
    notify.unfollow("sun", "post")
    notify.tell(say(e.CommentPublished, author_id="lu"))
    assert notify.titles("sun") == [] and notify.followed("sun").items == []
    notify.tell(say(e.CommentPublished, author_id="lu", reply_to_author_id="sun"))
    assert notify.titles("sun") == ["老陆回复了您在「借梯子」中的评论"]
    notify.tell(say(e.CommentPublished, author_id="sun"))
    notify.tell(say(e.CommentPublished, author_id="lu"))
    assert notify.titles("sun")[0] == "老陆评论了「借梯子」"
    assert notify.followed("sun").items[0].part == "wrote"


def test_whoever_left_her_topic_is_still_told_when_it_comes_back_to_her(notify):
    notify.tell(say(e.TopicRaised, title="停车"))
    notify.unfollow("sun", "topic")
    notify.tell(say(e.TopicAdvanced, title="停车"))
    notify.tell(say(e.TopicAdvanced, title="停车", state="raised", step="returned"))
    assert notify.titles("sun") == ["「停车」退回给您修改"]


def test_threads_are_followed_by_those_who_belong_there(notify, monkeypatch):
    notify.tell(say(e.PostPublished, title="借梯子"))
    notify.tell(say(e.CovenantAdopted))
    notify.know(say(e.MemberCardChanged, person_id="gone", standing="ended"))
    monkeypatch.setattr("services.directory.queries._ask_identity", lambda *_: None)
    for person in ("gone", "stranger"):
        with pytest.raises(NotAMember):
            notify.follow(person, "post")
    for thread in ("nothing", "covenant"):
        with pytest.raises(NotFound):
            notify.follow("lu", thread)
    notify.tell(say(e.PostRemoved))
    with pytest.raises(NotFound):
        notify.follow("lu", "post")
    notify.unfollow("lu", "nothing")
    assert notify.scalar("SELECT count(*) FROM follows WHERE chosen") == 0


def test_nobody_follows_more_than_she_can_hear_of(notify, monkeypatch):
    monkeypatch.setattr(subscriptions, "MOST_CHOSEN", 1)
    for post in ("p1", "p2"):
        notify.tell(say(e.PostPublished, post_id=post))
    notify.follow("lu", "p1")
    assert notify.follow("lu", "p1").chosen, "again changes nothing"
    with pytest.raises(subscriptions.TooManyFollowed):
        notify.follow("lu", "p2")
    notify.unfollow("lu", "p1")
    assert notify.follow("lu", "p2").chosen


def test_following_and_leaving_at_once_with_news_leave_one_row_and_no_drift(notify):
    notify.tell(say(e.PostPublished, title="借梯子"))
    acts = [
        lambda: notify.follow("lu", "post"),
        lambda: notify.unfollow("lu", "post"),
        lambda: notify.tell(say(e.CommentPublished, author_id="lu")),
        lambda: notify.tell(say(e.CommentPublished, author_id="ma")),
    ] * 3
    at_once(acts)
    assert notify.scalar("SELECT count(*) FROM follows WHERE person_id = 'lu'") == 1
    assert notify.drift() == []


def test_the_words_of_all_news_can_be_looked_at(notify):
    found = templates.list_templates(ListNotificationTemplates(), "zh").items
    assert {(one.kind, one.variant) for one in found} == set(WORDINGS)
    for one in found:
        for text in (one.zh, one.en):
            assert text.title and 0 < len(text.short) <= 70
            assert not {"{", "}"} & set(text.title + text.body + text.short)
            needed = WORDINGS[Kind(one.kind), one.variant]
            assert bool(text.body) == bool(needed.zh.body), "the sample has every fact"
    (told,) = templates.list_templates(ListNotificationTemplates(kind="poll_reminder"), "en").items
    assert told.zh.short == (
        "投票快截止了：「3 号楼前电动车乱停」。3月16日18:00 截止。已经投过的，不用再投。"
    )
    assert told.reasons[-1] == "because it is your community's poll"
    assert templates.list_templates(ListNotificationTemplates(kind="x"), "zh").items == []


# -- duties --------------------------------------------------------------------------------------


def test_the_grids_operators_hear_of_orders_that_hurry_and_of_no_others(notify):
    notify.on_duty("wang")
    notify.on_duty("grid", role="grid_operator", path="demo")
    notify.tell(say(e.PostPublished, title="道路塌陷", issue_id="issue"))
    for event in (
        say(e.IssueEscalated),
        say(e.IssueEscalated, urgent=True, work_order_no="BS1"),
        say(e.IssueUrged, level="town", work_order_no="BS1", actor_id="town"),
        say(e.PromiseAtRisk),
        say(e.PromiseAtRisk, work_order_no="BS1"),
        say(e.PromiseBroken, work_order_no="BS1"),
        say(e.PromiseBroken, work_order_no="BS1", level="town"),
    ):
        notify.tell(event)
    assert notify.titles("grid") == [
        "工单 BS1 已超期：「道路塌陷」",
        "工单 BS1 即将到期：「道路塌陷」",
        "工单 BS1 被督办：「道路塌陷」",
        "紧急工单 BS1：「道路塌陷」",
    ]
    assert notify.items("grid")[0].link == "/work-orders/BS1"
    assert "上级督办了工单 BS1：「道路塌陷」" in notify.titles("wang")
