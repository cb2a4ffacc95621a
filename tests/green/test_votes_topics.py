"""Questions: raised, from a post or not, read, worded anew, handed over. Needs: db."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import ShequError
from services.contracts.events import (
    PersonDeleted,
    TopicAdvanced,
    TopicHandedOver,
    TopicRaised,
)
from services.contracts.operations.votes import follow_ups as following
from services.contracts.operations.votes import topics as ops
from services.contracts.operations.votes.objections import FileObjection
from services.votes import copies
from services.votes.domain.waiting import MOST_WAITING
from services.votes.handlers import follow_ups, leaving, objections, topics
from tests.support.bridge import (
    JUYUAN,
    LU,
    NEXT_DOOR,
    NOW,
    OBSERVER,
    SHANGYUAN,
    SHI,
    STRANGER,
    SUN,
    WANG,
    actor,
    refused,
)
from tests.support.explained import statements
from tests.support.votes import HERE, MA, OWNERS
from tests.support.votes_chain import POST, Chain, kinds

pytestmark = pytest.mark.db
LU_FOR_SUN = Actor(SUN.person_id, "s", SUN.grants, SUN.expires_at, acted_by=LU.person_id)
CHILD = actor("p-child", (Role.RESIDENT, HERE))


@pytest.fixture
def votes(emptied) -> Chain:
    return Chain(emptied("votes"))


def test_a_question_from_a_post_begins_its_timeline_with_the_post(votes):
    topic = votes.raise_(from_post_id="post-1")
    assert (topic.state, topic.from_post_id, topic.mine) == ("raised", "post-1", True)
    first, second = topic.timeline
    assert (first.kind, first.ref, first.at) == (
        "post", {"post_id": "post-1"}, datetime.fromisoformat(POST["created_at"])
    )  # fmt: skip
    assert first.text == "源自居民帖子“楼道里的电动车”"
    assert first.actor_name is None, "a post may hide its author"
    assert (second.kind, second.was, second.state) == ("raised", "raised", "raised")
    assert topic.deadline_at == second.deadline_at == NOW + timedelta(days=7)
    (told,) = votes.told(TopicRaised)
    assert (told.topic_id, told.from_post_id) == (topic.id, "post-1")
    assert [(one.kind, one.title) for one in topic.wordings] == [("question", "电动车不进楼")]


@pytest.mark.parametrize(
    "post",
    [
        None,
        {**POST, "community_id": JUYUAN},
        {**POST, "state": "waiting"},
    ],
    ids=["unknown or not hers to see", "of another community", "not shown"],
)
def test_a_wrong_post_is_refused_with_its_field_and_nothing_is_stored(votes, post):
    votes.posts = {"post-2": post} if post else {}
    with pytest.raises(topics.topic_sources.UnknownPost) as caught:
        votes.raise_(from_post_id="post-2")
    assert [error.field for error in caught.value.errors] == ["from_post_id"]
    assert votes.rows("SELECT id FROM topics") == []
    assert votes.told(TopicRaised) == []


def test_who_raises_and_who_reads(votes):
    votes.settle(CHILD, standing="child")
    assert refused(votes.raise_, STRANGER) == "identity.not_a_member"
    assert refused(votes.raise_, OBSERVER) == "auth.observer_read_only"
    assert refused(votes.raise_, NEXT_DOOR) == "identity.not_a_member"
    helped = votes.raise_(LU_FOR_SUN)
    assert (helped.author_name, helped.assisted_by_name, helped.mine) == (
        votes.get(helped.id, LU).author_name, votes.get(helped.id, LU).assisted_by_name, False
    )  # fmt: skip
    assert helped.assisted_by_name is not None
    assert votes.raise_(CHILD).state == "raised", "a child may ask"
    for reader in (LU, WANG, OWNERS, OBSERVER):
        assert votes.get(helped.id, reader).id == helped.id
    for foreigner in (STRANGER, NEXT_DOOR):
        assert refused(votes.get, helped.id, foreigner) == "votes.topic_not_found"
        assert refused(votes.listed, foreigner) == "identity.community_not_found"
    assert refused(votes.get, "nothing") == "votes.topic_not_found"


def test_topics_are_listed_newest_first_page_by_page_and_narrowed(votes):
    first = votes.raise_(title="充电桩")
    second = votes.raise_(LU, title="外墙渗水", convener="owners_committee")
    third = votes.raise_(MA, body="百分号 100% 与下划线 _")
    votes.second(first.id, LU)
    assert [one.id for one in votes.listed()] == [third.id, second.id, first.id]
    assert [one.id for one in votes.listed(convener="owners_committee")] == [second.id]
    assert [one.id for one in votes.listed(LU, mine=True)] == [second.id, first.id]
    assert [one.my_second for one in votes.listed(LU, mine=True)] == [False, True]
    assert [one.id for one in votes.listed(q="充电桩")] == [first.id]
    assert [one.id for one in votes.listed(q="0%")] == [third.id], "words, not a pattern"
    votes.screen(first.id, "refuse")
    assert [one.id for one in votes.listed(state="refused")] == [first.id]
    cmd = ops.ListTopics(cid=SHANGYUAN, limit=2)
    page = votes.do(topics.list_topics, cmd, SUN, votes.now)
    rest = votes.do(
        topics.list_topics, cmd.model_copy(update={"cursor": page.next_cursor}), SUN, votes.now
    )
    assert ([one.id for one in rest.items], rest.next_cursor) == ([first.id], None)
    bad = cmd.model_copy(update={"cursor": "bm9wZQ"})
    assert refused(votes.do, topics.list_topics, bad, SUN, votes.now) == "request.bad_cursor"


def test_a_returned_question_is_amended_by_its_author_and_screened_anew(votes):
    topic = votes.raise_()
    assert refused(votes.amend, topic.id) == "votes.not_returned"
    returned = votes.screen(topic.id, "return", reason="请写明地点")
    assert (returned.state, returned.returned) == ("raised", True)
    assert returned.deadline_at == NOW + timedelta(days=30), "the author's days"
    assert not returned.overdue
    assert refused(votes.amend, topic.id, LU) == "votes.not_your_step"
    assert "amend" in [step.do for step in votes.get(topic.id).next_steps]
    votes.pass_time(days=2)
    amended = votes.amend(topic.id)
    assert (amended.title, amended.returned) == ("电动车停放与充电", False)
    assert [one.version for one in amended.wordings] == [1, 2]
    assert amended.deadline_at == votes.now + timedelta(days=7)
    assert kinds(amended) == ["raised", "returned", "amended"]
    told = votes.told(TopicAdvanced)
    assert [event.reason for event in told] == ["请写明地点", None]
    assert [(event.actor_id, event.actor_role) for event in told] == [
        (SHI.person_id, "secretary"), (SUN.person_id, "resident")
    ], "whose act it was"  # fmt: skip
    assert votes.screen(topic.id).state == "screened"


def test_what_belongs_to_all_owners_goes_to_their_committee_and_back_with_a_reason(votes):
    topic = votes.raise_(title="外墙渗水")
    assert refused(votes.hand, topic.id, "owners_committee", OWNERS) == "votes.not_your_step"
    assert refused(votes.hand, topic.id, "owners_committee", LU) == "auth.forbidden"
    assert refused(votes.hand, topic.id, "residents_committee") == "votes.convenes_already"
    handed = votes.hand(topic.id, "owners_committee")
    line = handed.timeline[-1]
    assert (line.kind, line.reason, line.ref) == (
        "handed_over", "属于共有部分",
        {"was": "residents_committee", "convener": "owners_committee"},
    )  # fmt: skip
    (told,) = votes.told(TopicHandedOver)
    assert (told.was_convener, told.convener, told.reason) == (
        "residents_committee", "owners_committee", "属于共有部分"
    )  # fmt: skip
    assert refused(votes.screen, topic.id) == "votes.not_your_step", "it is told, and sees"
    assert votes.get(topic.id, SHI).next_steps == []
    assert votes.screen(topic.id, who=OWNERS).state == "screened"
    back = votes.hand(topic.id, "residents_committee", OWNERS, "不涉及共有部分")
    assert (back.convener, back.state) == ("residents_committee", "screened")
    frozen = votes.topic("notice")
    assert refused(votes.hand, frozen, "owners_committee") == "votes.chain_refuses"


def test_what_was_voted_down_comes_back_when_its_lock_ends(votes):
    down = votes.topic("closed", outcome="not_passed", locked_until=NOW + timedelta(days=90))
    free = votes.topic("closed", outcome="withdrawn")
    assert refused(votes.raise_, again_of=down) == "votes.locked"
    assert refused(votes.raise_, again_of="nothing") == "votes.unknown_topic"
    quiet = votes.raise_()
    assert refused(votes.screen, quiet.id, "refuse", locked_by=free) == "votes.not_locked"
    no = votes.screen(quiet.id, "refuse", locked_by=down)
    assert no.timeline[-1].ref == {"locked_by": down}
    votes.pass_time(days=90)
    again = votes.raise_(again_of=down)
    assert again.timeline[0].ref == {"again_of": down}
    assert votes.get(down).timeline[-1].ref == {"topic_id": again.id}
    other = votes.raise_()
    assert refused(votes.screen, other.id, "refuse", locked_by=down) == "votes.not_locked"


def test_words_that_may_not_be_said_are_no_question(votes):
    votes.judge(topics.NotYourStep())
    assert refused(votes.raise_) == "votes.not_your_step"
    assert votes.rows("SELECT id FROM topics") == []


def test_words_that_somebody_has_to_look_at_are_the_desks_alone_until_it_accepts_them(votes):
    votes.judge(held=True)
    topic = votes.raise_(title="某某是骗子")
    hidden = votes.get(topic.id, LU)
    assert (hidden.title, hidden.body, hidden.wordings, hidden.held) == (
        "（内容待居委会查看）", "", [], True
    )  # fmt: skip
    assert "骗子" not in hidden.model_dump_json()
    assert votes.listed(LU)[0].title == hidden.title
    assert votes.listed(LU, q="骗子") == []
    for reader in (SUN, WANG, OWNERS):
        assert votes.get(topic.id, reader).title == "某某是骗子"
        assert [one.id for one in votes.listed(reader, q="骗子")] == [topic.id]
    votes.screen(topic.id, "return", reason="请就事论事")
    votes.amend(topic.id)
    assert votes.get(topic.id, LU).held, "the new words wait, too"
    other = votes.raise_(title="某某是骗子").id
    votes.screen(other, "return", reason="请就事论事")
    votes.judge()
    amended = votes.amend(other)
    assert (amended.held, len(amended.wordings)) == (False, 2)
    told = [one for one in votes.told(TopicRaised, TopicAdvanced) if one.topic_id == topic.id]
    assert {event.title for event in told} == {hidden.title}
    votes.screen(topic.id)
    seen = votes.get(topic.id, LU)
    assert (seen.title, seen.held) == ("电动车停放与充电", False)
    for read in (seen, votes.get(other, LU)):
        assert [one.version for one in read.wordings] == [2], "what was sent back stays there"
        assert "骗子" not in read.model_dump_json()
    assert [len(votes.get(topic.id, who).wordings) for who in (SUN, WANG)] == [2, 2]
    assert votes.told(TopicAdvanced)[-1].title == seen.title


def test_nobody_floods_the_desk_with_questions(votes):
    first = votes.raise_().id
    for _ in range(MOST_WAITING - 2):
        votes.topic()
    calls = [votes.raise_, votes.raise_, votes.raise_]
    with ThreadPoolExecutor(3) as pool:
        came = list(pool.map(answered, calls))
    assert sorted(came) == ["raised", "votes.too_many_questions", "votes.too_many_questions"]
    assert votes.raise_(LU).state == "raised", "others may ask"
    votes.screen(first)
    assert votes.raise_().state == "raised"


def answered(call) -> str:
    """The state of what was raised, or why it was not."""
    try:
        return call().state
    except ShequError as error:
        return error.code


def test_words_that_nobody_else_has_read_go_with_the_account(votes):
    read = votes.raise_().id
    votes.judge(held=True)
    waiting, refused_ = (votes.raise_(title="某某是骗子").id for _ in range(2))
    votes.screen(refused_, "refuse", reason="不是公共事务")
    votes.do(leaving.follow, PersonDeleted(person_id=SUN.person_id), votes.now)
    gone = votes.get(waiting, WANG)
    assert (gone.state, gone.outcome, gone.body) == ("closed", "withdrawn", "")
    assert votes.board(WANG) == [(read, "screen_question", False)]
    assert votes.get(read, LU).body == "楼道里充电太危险", "what everybody has read stays"
    assert votes.get(refused_, WANG).state == "refused"
    assert "骗子" not in str(votes.rows("SELECT * FROM topics, topic_wordings, topic_steps"))
    votes.pass_time(days=40)
    votes.do_duties()
    assert kinds(votes.get(waiting, LU)) == ["raised", "advanced"]


def test_what_follows_from_a_refusal_does_not_tell_the_words_that_were_refused(votes):
    votes.judge(held=True)
    topic = votes.raise_(title="某某是骗子").id
    votes.screen(topic, "refuse", reason="不是公共事务")
    cmd = following.AddFollowUp(id=topic, what="上门调解", who="居委会")
    votes.do(follow_ups.add, cmd, WANG, votes.now)
    (item,) = votes.do(
        follow_ups.list_follow_ups, following.ListFollowUps(cid=SHANGYUAN), LU, votes.now
    ).items
    assert item.topic_title == votes.get(topic, LU).title == "（内容待居委会查看）"


def test_a_topic_says_where_it_stands_whose_turn_it_is_and_who_takes_no_part(votes):
    votes.settle(CHILD, standing="child")
    topic = votes.raise_()
    assert (topic.waits_for, topic.way[0].until) == ("desk", topic.deadline_at)
    assert topic.way[0].actor_name == "sun"
    assert [votes.get(topic.id, who).barred for who in (SUN, CHILD, OBSERVER)] == [
        None, "child", "observer",
    ]  # fmt: skip
    votes.screen(topic.id, "refuse", reason="不是公共事务")
    ended = votes.get(topic.id)
    assert (ended.waits_for, ended.objecting) == (None, None)
    assert [(one.state, one.standing, one.reason) for one in ended.way] == [
        ("raised", "past", None), ("refused", "now", "不是公共事务"),
    ]  # fmt: skip


def test_a_topic_in_its_notice_says_when_it_is_voted_on_and_until_when_one_objects(votes):
    votes.register(SUN, LU)
    topic = votes.topic("proposal")
    votes.put_text(topic)
    found = votes.advance(topic, "notice")
    (here,) = (one for one in found.way if one.standing == "now")
    assert (here.state, here.until) == ("notice", found.versions[0].opens_at)
    assert found.objecting is not None
    assert (found.objecting.period, found.objecting.open) == ("notice", True)
    left = found.objecting.left
    votes.do(objections.file, FileObjection(id=topic, kind="text", body="第三条写错了"), LU)
    mine = votes.get(topic, LU).objecting
    assert mine is not None and mine.left == left - 1


def test_topics_are_counted_by_where_they_stand_and_asked_for_by_it(votes):
    votes.register(SUN, LU)
    own, talked = votes.raise_(), votes.topic("discussion")
    votes.second(own.id, LU)
    votes.raise_(LU)
    assert [one.id for one in votes.listed(stage="discussed")] == [talked]
    assert [one.id for one in votes.listed(LU, part="seconded")] == [own.id]
    assert [one.my_second for one in votes.listed(LU, part="raised")] == [False]
    page = votes.do(topics.list_topics, ops.ListTopics(cid=SHANGYUAN, q="没有"), SUN, votes.now)
    assert page.items == [] and page.stages == {
        "asked": 2, "discussed": 1, "drafted": 0, "decided": 0, "adopted": 0, "ended": 0,
    }  # fmt: skip


def test_a_list_is_one_statement_however_many_topics_it_shows(votes):
    def counted() -> int:
        _, sent = statements(votes.engine, lambda: votes.listed(LU))
        return sum("FROM topics" in statement for statement, _ in sent)

    for _ in range(3):
        votes.raise_()
    few, total = counted(), len(votes.listed(LU))
    assert (few, total) == (2, 3), "the other one counts them"
    _, sent = statements(votes.engine, lambda: votes.board(WANG))
    reads = sum("FROM topics" in statement for statement, _ in sent)
    assert reads == 2, "the other one reads the titles that they may be like"


def test_a_topic_reads_no_text_of_its_proposals_and_objections(votes):
    votes.register(SUN, LU)
    topic = votes.topic("proposal")
    votes.put_text(topic)
    votes.advance(topic, "notice")
    objection = FileObjection(id=topic, kind="text", body="第三条写错了")
    votes.do(objections.file, objection, LU)
    found, sent = statements(votes.engine, lambda: votes.get(topic))
    assert (found.versions[0].articles, found.versions[0].base) == (2, "residents_assembly")
    assert (found.objections[0].owed, found.objections[0].kind) == (True, "text")
    read = " ".join(statement for statement, _ in sent)
    assert "objections.id" in read and "objections.body" not in read
    assert read.count("proposal_versions.articles") == 1
    assert "jsonb_array_length(proposal_versions.articles)" in read


def test_her_copy_holds_what_she_raised_and_seconded_and_her_account_takes_her_seconds_along(votes):
    own, other = votes.raise_(), votes.raise_(LU)
    votes.second(other.id, SUN)
    votes.second(own.id, LU)
    held = votes.do(copies.held_about, SUN.person_id)
    assert [one["id"] for one in held["topics"]["items"]] == [own.id]
    assert [one["topic_id"] for one in held["topics_seconded"]["items"]] == [other.id]
    assert [one["kind"] for one in held["topic_wordings"]["items"]] == ["question"]
    assert [one["kind"] for one in held["topic_steps"]["items"]] == ["raised"]
    votes.screen(own.id)
    votes.choose()
    office = votes.do(copies.held_about, SHI.person_id)
    assert [one["state"] for one in office["topic_steps"]["items"]] == ["screened"]
    assert [one["version"] for one in office["chain_settings"]["items"]] == [1]
    votes.do(leaving.follow, PersonDeleted(person_id=SUN.person_id), votes.now)
    assert votes.get(other.id, LU).seconders == 0
    assert votes.get(own.id, LU).seconders == 1, "what others said of hers stays"
    assert votes.do(copies.held_about, SUN.person_id)["topics_seconded"]["items"] == []
