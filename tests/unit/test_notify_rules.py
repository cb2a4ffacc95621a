"""Who is told of what: the table of rules."""

from typing import get_args

import pytest

from services.contracts import events as e
from services.contracts import topology
from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.feed import HandshakeState
from services.contracts.events.grid import WorkOrderState
from services.notify.domain import (
    RULES,
    Audience,
    Follow,
    Followers,
    Kind,
    Members,
    OnDuty,
    Part,
    Persons,
    Thread,
    Unfollow,
    Why,
    actor_of,
    ancestors,
    follows_of,
    news_of,
    thread_id_of,
    threads_of,
)
from tests.support.neighbourhood import SHANGYUAN, say

pytestmark = pytest.mark.unit

REPORTER = Persons(("sun",))
FOLLOWERS = Followers("post")
CHOOSERS = Followers("post", Part.CHOSE)
AUTHOR = Persons(("sun",), "post")
COMMITTEE_HERE = OnDuty(COMMITTEE, SHANGYUAN)
ASKER = Persons(("lu",))
GRID = OnDuty(frozenset({Role.GRID_OPERATOR}), SHANGYUAN)
BOTH = Persons(("sun", "lu"))
OWNERS_HERE = OnDuty(frozenset({Role.OWNERS_COMMITTEE}), SHANGYUAN)
OWNERS_AND_COMMITTEE = OnDuty(COMMITTEE | {Role.OWNERS_COMMITTEE}, SHANGYUAN)
HANDSHAKE_MOVES = ("agreed", "declined", "done", "thanked", "no_show", "cancelled")


def audiences(event: e.Event) -> list[Audience]:
    return [news.audience for news in news_of(event)]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (say(e.MembershipRequested), [COMMITTEE_HERE]),
        (say(e.MembershipDecided), [REPORTER]),
        (say(e.MembershipDecided, status="refused"), [REPORTER]),
        (say(e.PostPublished, module="announcements"), [Members("shangyuan")]),
        (say(e.PostPublished, module="mutual_aid"), []),
        (say(e.PostPublished, module="hall", issue_id="issue"), []),
        (say(e.PostRemoved), []),
        (say(e.IssueReported), [COMMITTEE_HERE]),
        (say(e.IssueReported, from_post=True), [REPORTER, COMMITTEE_HERE]),
        (say(e.IssueTriaged), [REPORTER]),
        (say(e.IssueAnswered), [REPORTER, FOLLOWERS, CHOOSERS]),
        (say(e.SelfGovernanceRecorded, outcome=None), [REPORTER]),
        (say(e.SelfGovernanceRecorded, outcome="failed"), [REPORTER]),
        (say(e.SelfGovernanceRecorded, outcome="solved"), [REPORTER, FOLLOWERS, CHOOSERS]),
        (say(e.IssueEscalated), [REPORTER]),
        (say(e.IssueProgressed, state="dispatched"), [REPORTER]),
        (say(e.IssueClosed), [REPORTER, FOLLOWERS, CHOOSERS, COMMITTEE_HERE]),
        (
            say(e.IssueClosed, result="grid_refused"),
            [REPORTER, FOLLOWERS, CHOOSERS, COMMITTEE_HERE],
        ),
        (say(e.IssueRated), [COMMITTEE_HERE]),
        (say(e.IssueReopened), [COMMITTEE_HERE, FOLLOWERS, CHOOSERS]),
        (say(e.PromiseAtRisk), [COMMITTEE_HERE]),
        (say(e.PromiseAtRisk, work_order_no="BS1"), [COMMITTEE_HERE, GRID]),
        (say(e.PromiseBroken, work_order_no="BS1"), [COMMITTEE_HERE, GRID]),
        (
            say(e.PromiseBroken, work_order_no="BS1", level="town"),
            [OnDuty(frozenset({Role.TOWN_ADMIN}), SHANGYUAN)],
        ),
        (say(e.IssueUrged), [GRID]),
        (say(e.IssueUrged, level="town"), [GRID, COMMITTEE_HERE]),
        (say(e.IssueEscalated, urgent=True), [REPORTER, GRID]),
        (say(e.PromiseMoved), [REPORTER]),
        (say(e.PostUnanswered, standing="at_risk", level="committee"), [COMMITTEE_HERE]),
        (
            say(e.PostUnanswered, standing="broken", level="town"),
            [OnDuty(frozenset({Role.TOWN_ADMIN}), SHANGYUAN)],
        ),
        (say(e.PlanChanged, state="open"), [Members("shangyuan")]),
        (say(e.PlanChanged, state="draft"), []),
        (say(e.PlanCommentAnswered), [REPORTER]),
        (say(e.IssueReported, source="phone", taken_up_by="wang"), [REPORTER, COMMITTEE_HERE]),
        (say(e.IssueAnswered, supporter_ids=["lu"]), [REPORTER, FOLLOWERS, CHOOSERS, ASKER]),
        (say(e.IssueConfirmed, solved=True, supporter_ids=["lu"]), [ASKER, COMMITTEE_HERE]),
        (say(e.IssueConfirmed, solved=False), [COMMITTEE_HERE]),
        (say(e.IssueConfirmed, solved=True, merged_into="other"), [REPORTER]),
        (
            say(e.ReferralChanged, party="property", state="open"),
            [REPORTER, OnDuty(frozenset({Role.PROPERTY_MANAGER}), SHANGYUAN)],
        ),
        (
            say(e.ReferralChanged, party="property", state="done", supporter_ids=["lu"]),
            [ASKER, REPORTER, COMMITTEE_HERE],
        ),
        (say(e.MergeChanged, side="merged", state="asked"), [REPORTER]),
        (say(e.MergeChanged, side="into", state="asked"), []),
        (
            say(e.MergeChanged, side="merged", state="refused", actor_role="resident"),
            [COMMITTEE_HERE],
        ),
        (say(e.IssueAssigned, assignee_id="lu"), [ASKER]),
        (say(e.IssueReminder, assignee_id="lu"), [ASKER]),
        (say(e.IssueReminder), [COMMITTEE_HERE]),
        (say(e.PostPublished, praised_id="lu"), [ASKER]),
        (
            say(e.PostPublished, module="announcements", praised_id="lu"),
            [ASKER, Members("shangyuan")],
        ),
        (say(e.SignUpChanged, moved_up=True), [REPORTER]),
        (say(e.SignUpChanged, state="invited", invited_by="lu"), [REPORTER]),
        (say(e.SignUpChanged, state="cancelled", called_off=True), [REPORTER]),
        (say(e.SignUpChanged, state="waiting", invited_by="lu"), [REPORTER]),
        (say(e.SignUpChanged, invited_by="lu"), [ASKER]),
        (say(e.SignUpChanged, because="alone"), [REPORTER]),
        (say(e.SignUpChanged, state="cancelled", invited_by="lu", because="lapsed"), [REPORTER]),
        (say(e.SignUpChanged, state="waiting", invited_by="lu", because="lapsed"), [REPORTER]),
        (say(e.SignUpChanged, called_off=True), [REPORTER]),
        (say(e.SignUpChanged, state="cancelled", because="left"), []),
        (say(e.SignUpChanged, invited_by="lu", checked_in=True), []),
        (say(e.SignUpChanged), []),
        (say(e.SignUpChanged, state="waiting"), []),
        (say(e.SignUpChanged, state="cancelled"), []),
        (say(e.SignUpChanged, checked_in=True), []),
        (say(e.HandshakeChanged), [BOTH]),
        (say(e.HandshakeChanged, state="cancelled", by=None), [BOTH]),
        (say(e.ProjectAdvanced, step="apply", state="applied"), [COMMITTEE_HERE]),
        (say(e.ProjectAdvanced), [REPORTER]),
        (say(e.ProjectAdvanced, step="recruit", state="recruiting"), []),
        (say(e.ProjectAdvanced, step="done", state="done", volunteer_ids=["lu"]), [ASKER]),
        (
            say(e.ProjectAdvanced, step="cancel", state="cancelled", volunteer_ids=["lu"]),
            [REPORTER, ASKER],
        ),
        (say(e.ContentReported), [COMMITTEE_HERE]),
        (say(e.ContentReported, module="owners"), [OWNERS_AND_COMMITTEE]),
        (
            say(e.ContentReported, appealed=True, for_town=True),
            [OnDuty(COMMITTEE | {Role.TOWN_ADMIN}, SHANGYUAN)],
        ),
        (say(e.ContentDecided), [REPORTER]),
        (say(e.SilenceChanged), [REPORTER]),
        (say(e.QuestionAsked, module="village_affairs"), [COMMITTEE_HERE]),
        (say(e.QuestionAsked, module="owners"), [OWNERS_HERE]),
        (
            say(e.QuestionAsked, module="property"),
            [OnDuty(frozenset({Role.PROPERTY_MANAGER}), SHANGYUAN)],
        ),
        (say(e.QuestionAnswered), [ASKER]),
        (say(e.QuestionOverdue, module="village_affairs"), [ASKER, COMMITTEE_HERE]),
        (say(e.QuestionOverdue, module="owners"), [ASKER, OWNERS_AND_COMMITTEE]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_event_reaches_those_whom_it_concerns(event: e.Event, told: list[Audience]) -> None:
    assert audiences(event) == told


@pytest.mark.parametrize("result", ["solved", "answered", "refused"])
def test_an_end_that_was_told_already_is_not_told_again(result: str) -> None:
    assert news_of(say(e.IssueClosed, result=result)) == ()


def test_a_work_order_is_told_in_few_words() -> None:
    told = {
        state for state in get_args(WorkOrderState) if news_of(say(e.IssueProgressed, state=state))
    }
    assert told == {"dispatched", "suspended", "rework"}


@pytest.mark.parametrize(
    ("level", "roles"),
    [
        ("committee", COMMITTEE),
        ("town", {Role.TOWN_ADMIN}),
        ("district", {Role.DISTRICT_ADMIN}),
    ],
)
def test_a_broken_promise_climbs(level: str, roles: frozenset[Role]) -> None:
    assert audiences(say(e.PromiseBroken, level=level)) == [OnDuty(frozenset(roles), SHANGYUAN)]


@pytest.mark.parametrize(
    ("event", "variant"),
    [
        (say(e.HandshakeChanged, kind="offer"), "asked_offer"),
        (say(e.HandshakeChanged, kind="idle"), "asked_idle"),
        *((say(e.HandshakeChanged, state=state), state) for state in HANDSHAKE_MOVES),
        (say(e.HandshakeChanged, state="cancelled", by=None), "lapsed"),
        (say(e.ContentReported, opened_by="module"), "waiting"),
        (say(e.ContentReported, opened_by="lexicon"), "waiting"),
        (say(e.ContentReported, appealed=True), "appealed"),
        (say(e.ContentDecided, decision="keep"), "post_keep"),
        (say(e.ContentDecided, target="comment", final=True), "comment_final_take_down"),
        (say(e.SilenceChanged), "set"),
        (say(e.SilenceChanged, until=None), "lifted"),
    ],
)
def test_news_say_what_came_of_it(event: e.Event, variant: str) -> None:
    assert [news.variant for news in news_of(event)] == [variant]


def test_every_state_of_a_handshake_is_told() -> None:
    assert {"asked", *HANDSHAKE_MOVES} == set(get_args(HandshakeState))


def test_a_reply_is_told_to_the_person_meant_before_the_others() -> None:
    news = news_of(say(e.CommentPublished, author_id="lu", reply_to_author_id="li"))
    assert [(n.rank, n.audience, n.why) for n in news] == [
        (0, Persons(("li",)), Why.MY_COMMENT),
        (1, AUTHOR, Why.MY_POST),
        (2, FOLLOWERS, Why.I_TOOK_PART),
        (3, CHOOSERS, Why.I_FOLLOW),
    ]


def test_small_talk_under_an_announcement_is_told_to_whoever_is_meant_only() -> None:
    event = say(e.CommentPublished, module="announcements", author_id="lu", reply_to_author_id="li")
    assert audiences(event) == [Persons(("li",)), AUTHOR, CHOOSERS]


def test_an_answer_in_office_is_told_as_one() -> None:
    variants = [n.variant for n in news_of(say(e.CommentPublished, official=True))]
    assert variants == ["reply", "official", "official", "official"]


@pytest.mark.parametrize(
    ("event", "actor"),
    [
        (say(e.IssueReported), "sun"),
        (say(e.IssueReported, from_post=True, taken_up_by="wang"), "wang"),
        (say(e.IssueReported, from_post=True), None),
        (say(e.IssueReported, source="phone", taken_up_by="wang"), "wang"),
        (say(e.IssueTriaged), "wang"),
        (say(e.IssueAnswered), "wang"),
        (say(e.SelfGovernanceRecorded), "wang"),
        (say(e.IssueEscalated), "wang"),
        (say(e.IssueRated), "sun"),
        (say(e.IssueReopened), "sun"),
        (say(e.CommentPublished, author_id="lu"), "lu"),
        (say(e.PostPublished, author_id="lu"), "lu"),
        (say(e.MembershipRequested), "sun"),
        (say(e.MembershipDecided), None),
        (say(e.IssueProgressed), None),
        (say(e.IssueClosed), None),
        (say(e.PromiseBroken), None),
        (say(e.SignUpChanged), "sun"),
        (say(e.SignUpChanged, moved_up=True), None),
        (say(e.SignUpChanged, state="invited", invited_by="lu"), "lu"),
        (say(e.SignUpChanged, state="waiting", invited_by="lu"), "lu"),
        (say(e.SignUpChanged, invited_by="lu"), "sun"),
        (say(e.SignUpChanged, state="waiting", invited_by="lu", because="lapsed"), None),
        (say(e.SignUpChanged, because="alone"), None),
        (say(e.SignUpChanged, state="cancelled", called_off=True), "wang"),
        (say(e.HandshakeChanged, by="lu"), "lu"),
        (say(e.HandshakeChanged, state="cancelled", by=None), None),
        (say(e.ProjectAdvanced), "wang"),
        (say(e.ContentReported), None),
        (say(e.ContentDecided), "wang"),
        (say(e.SilenceChanged), None),
        (say(e.QuestionAsked), "lu"),
        (say(e.QuestionAnswered), "wang"),
        (say(e.QuestionOverdue), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whose_act_it_was(event: e.Event, actor: str | None) -> None:
    assert actor_of(event) == actor


def test_every_event_of_the_queue_has_a_meaning_here() -> None:
    listened = set(topology.queue("notify.news").events)
    assert {rule.event for rule in RULES} | {e.PostRemoved, e.TopicPartChanged} == listened


def test_staff_are_led_to_the_desk_and_residents_to_the_thread() -> None:
    links = {news.why: news.link for news in news_of(say(e.IssueClosed))}
    assert links == {
        Why.MY_ISSUE: "/issues/issue",
        Why.I_TOOK_PART: "/issues/issue",
        Why.I_FOLLOW: "/issues/issue",
        Why.ON_DUTY: "/console/issues/issue",
    }


def test_news_of_a_plan_lead_to_the_plan() -> None:
    for told in (say(e.PlanChanged, state="open"), say(e.PlanCommentAnswered)):
        assert [news.link for news in news_of(told)] == ["/plans/plan"]


def test_facts_are_not_personal() -> None:
    news = news_of(say(e.IssueAnswered, body="请致电 13800000003"))[0]
    assert news.kind is Kind.ISSUE_ANSWERED
    assert dict(news.facts) == {"actor_role": "committee_staff"}


def test_a_thread_is_opened_by_its_post_or_by_the_report_behind_it() -> None:
    hidden = (Thread("post", "商铺占用绿化带", "sun", True),)
    assert threads_of(say(e.IssueReported, hide_name=True)) == hidden
    assert threads_of(say(e.PostPublished, hide_name=True)) == hidden
    assert threads_of(say(e.IssueReported, from_post=True)) == ()
    taken_in = say(e.IssueReported, source="visit", taken_up_by="wang", hide_name=True)
    assert threads_of(taken_in) == (Thread("post", "商铺占用绿化带", "wang", False),)
    assert threads_of(say(e.CommentPublished)) == ()


def test_a_topic_is_a_thread_whose_steps_know_its_title_best() -> None:
    (advanced,), (raised,) = threads_of(say(e.TopicAdvanced)), threads_of(say(e.TopicRaised))
    assert (advanced.id, advanced.kind, advanced.by_the_way) == ("topic", "topic", False)
    assert (raised.author_id, raised.by_the_way) == ("sun", True)
    (poll,) = threads_of(say(e.PollOpened))
    assert (poll.id, poll.author_id, poll.by_the_way) == ("topic", None, True)
    assert [one.id for one in threads_of(say(e.CovenantAdopted))] == ["covenant"]
    assert threads_of(say(e.CovenantBreachReported, title="")) == ()
    assert [
        thread_id_of(say(event))
        for event in (e.IssueClosed, e.PollOpened, e.CovenantAdopted, e.SurveyOpened)
    ] == ["post", "topic", "covenant", "survey"]
    assert thread_id_of(say(e.MembershipDecided)) is None


def test_whoever_writes_takes_part() -> None:
    assert follows_of(say(e.PostPublished)) == (Follow("post", "sun", Part.WROTE),)
    assert follows_of(say(e.IssueReported)) == (Follow("post", "sun", Part.WROTE),)
    assert follows_of(say(e.IssueReported, reporter_id="")) == ()
    assert follows_of(say(e.CommentPublished, author_id="lu")) == (
        Follow("post", "sun", Part.WROTE, anew=False),
        Follow("post", "lu", Part.SPOKE),
    )
    assert follows_of(say(e.IssueRated)) == ()


def test_whoever_raises_objects_speaks_or_seconds_follows_the_topic() -> None:
    assert follows_of(say(e.TopicRaised)) == (Follow("topic", "sun", Part.WROTE),)
    assert follows_of(say(e.TopicAdvanced)) == (Follow("topic", "sun", Part.WROTE, anew=False),)
    assert follows_of(say(e.ObjectionFiled)) == (Follow("topic", "lu", Part.OBJECTED),)
    assert follows_of(say(e.TopicPartChanged, part="spoke")) == (
        Follow("topic", "sun", Part.SPOKE),
    )
    assert follows_of(say(e.TopicPartChanged, taken=False)) == (
        Unfollow("topic", "sun", Part.SECONDED),
    )


def test_a_duty_above_reaches_what_is_beneath() -> None:
    assert ancestors("demo.yuepu.shangyuan") == ("demo.yuepu.shangyuan", "demo.yuepu", "demo")
    assert ancestors("demo") == ("demo",)
