"""The screenings and the seconders before them; what waits at the desk, and late. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import ShequError
from services.contracts.events import (
    SecondersAsked,
    TopicAdvanced,
    TopicOverdue,
    TopicPartChanged,
)
from services.contracts.operations.votes import topics as ops
from services.votes.handlers import screening, seconding, topic_clock
from tests.support.bridge import LU, NOW, OBSERVER, SHANGYUAN, SHI, SUN, WANG, actor, refused
from tests.support.votes import HERE, MA, OWNERS
from tests.support.votes_chain import Chain, kinds
from tests.support.votes_covenants import covenant as laid_down

pytestmark = pytest.mark.db
CHILD = actor("p-child", (Role.RESIDENT, HERE))
LU_BY_HELPER = Actor(LU.person_id, "s", LU.grants, LU.expires_at, acted_by=MA.person_id)
THREE = {"steps": ["seconding", "discussion", "prior_study"], "seconders": 3, "seconding_days": 10}


@pytest.fixture
def votes(emptied) -> Chain:
    return Chain(emptied("votes"))


def at_once(*calls) -> list[str]:
    """Run the calls in threads that begin together; what each came to, in their order."""
    gate, came = threading.Barrier(len(calls)), {}

    def run(number, call):
        gate.wait(10)
        try:
            call()
            came[number] = "done"
        except ShequError as error:
            came[number] = error.code

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    return [came[number] for number in range(len(calls))]


# -- the first screening --------------------------------------------------------------------------


def test_no_question_is_told_no_without_a_reason_that_everybody_reads(votes):
    topic = votes.raise_()
    for decision in ("return", "refuse", "merge"):
        with pytest.raises(ShequError) as caught:
            votes.screen(topic.id, decision, reason=None, into=votes.topic())
        assert [error.field for error in caught.value.errors] == ["reason"]
    assert refused(votes.screen, topic.id, who=LU) == "auth.forbidden"
    assert refused(votes.screen, topic.id, who=OWNERS) == "votes.not_your_step"
    assert refused(votes.screen, topic.id, stage="proposal") == "votes.chain_refuses"
    no = votes.screen(topic.id, "refuse", reason="不属于社区事务", who=WANG)
    line = votes.get(topic.id, LU).timeline[-1]
    assert (line.was, line.state, line.reason, line.actor_role) == (
        "raised", "refused", "不属于社区事务", "committee_staff"
    )  # fmt: skip
    assert line.actor_name is not None
    assert (no.outcome, no.deadline_at) == ("refused", None)
    assert refused(votes.screen, topic.id) == "votes.chain_refuses"


def test_of_two_who_screen_at_once_one_decides(votes):
    topic = votes.raise_()
    came = at_once(
        lambda: votes.screen(topic.id, "accept", who=SHI),
        lambda: votes.screen(topic.id, "refuse", who=WANG),
    )
    assert sorted(came) == ["done", "votes.chain_refuses"]
    assert kinds(votes.get(topic.id)) == ["raised", "advanced"]
    assert len(votes.told(TopicAdvanced)) == 1


def test_a_merger_leaves_support_where_it_was_given_and_asks_its_givers(votes):
    one, other = votes.raise_(), votes.raise_(MA, title="电梯里的电动车")
    for who in (LU, MA):
        votes.second(one.id, who)
    votes.second(other.id, SUN)
    for wrong in (None, one.id, "nothing"):
        with pytest.raises(ShequError) as caught:
            votes.screen(one.id, "merge", into=wrong)
        assert [error.field for error in caught.value.errors] == ["into"]
    frozen = votes.topic("voting")
    assert refused(votes.screen, one.id, "merge", into=frozen) == "votes.chain_refuses"
    merged = votes.screen(one.id, "merge", into=other.id, reason="同一件事")
    assert (merged.state, merged.outcome, merged.merged_into) == ("closed", "merged", other.id)
    assert merged.timeline[-1].ref == {"into": other.id}
    kept = votes.get(other.id, LU)
    assert (kept.seconders, kept.my_second, kinds(kept)) == (1, False, ["raised", "merged_in"])
    assert kept.timeline[-1].ref == {"topic_id": one.id}
    (asked,) = votes.told(SecondersAsked)
    assert (asked.into_id, asked.seconder_ids) == (other.id, [LU.person_id, MA.person_id])
    (step,) = votes.get(one.id, LU).next_steps
    assert (step.do, step.topic_id) == ("second_other", other.id)
    assert votes.second(other.id, LU).seconders == 2, "she does it herself"


def test_two_topics_merged_into_each_other_at_once_leave_one(votes):
    one, other = votes.raise_(), votes.raise_(MA)
    came = at_once(
        lambda: votes.screen(one.id, "merge", into=other.id, who=SHI),
        lambda: votes.screen(other.id, "merge", into=one.id, who=WANG),
    )
    assert sorted(came) == ["done", "votes.chain_refuses"]
    assert sorted(votes.get(each).state for each in (one.id, other.id)) == ["closed", "raised"]


# -- the second -----------------------------------------------------------------------------------


def test_an_item_is_screened_before_it_becomes_a_proposal(votes):
    item = votes.topic("actionable")
    assert refused(votes.screen, item, stage="intake") == "votes.chain_refuses"
    back = votes.screen(item, "return", "proposal", reason="还要听听物业的意见")
    assert (back.state, back.timeline[-1].text) == ("discussion", "退回继续讨论")
    assert votes.screen(votes.topic("actionable"), stage="proposal").state == "prior_study"
    short = votes.topic("actionable", settings={"steps": []})
    assert refused(votes.screen, short, "return", "proposal") == "votes.chain_refuses"
    assert votes.screen(short, stage="proposal").state == "proposal"
    gone = votes.screen(votes.topic("actionable"), "refuse", "proposal")
    assert (gone.state, gone.outcome) == ("refused", "refused")
    into = votes.topic("discussion")
    assert votes.screen(votes.topic("actionable"), "merge", "proposal", into=into).merged_into


# -- seconders ------------------------------------------------------------------------------------


def test_where_seconders_are_wanted_a_question_is_screened_when_it_has_them(votes):
    votes.choose(**THREE)
    topic = votes.raise_()
    assert (topic.seconders_wanted, topic.deadline_at) == (3, NOW + timedelta(days=10))
    assert "满 3 人附议" in topic.timeline[0].text
    assert refused(votes.screen, topic.id) == "votes.waits_for_seconders"
    assert refused(votes.second, topic.id, SUN) == "votes.own_question"
    assert refused(votes.second, topic.id, OBSERVER) == "auth.observer_read_only"
    assert refused(votes.second, topic.id, SHI) == "votes.only_neighbours"
    votes.settle(CHILD, standing="child")
    assert refused(votes.second, topic.id, CHILD) == "votes.not_for_children"
    first, second = votes.neighbours(2)
    for who in (LU, LU, first):
        votes.second(topic.id, who)
    assert votes.get(topic.id, LU).seconders == 2, "once each"
    assert votes.withdraw(topic.id, first).seconders == 1
    assert votes.withdraw(topic.id, first).seconders == 1, "and once back"
    votes.second(topic.id, first)
    votes.pass_time(days=9)
    assert votes.second(topic.id, second).seconders == 3
    ready = votes.get(topic.id)
    assert kinds(ready) == ["raised", "seconded"]
    assert ready.deadline_at == votes.now + timedelta(days=7), "now it is the desk's turn"
    assert votes.withdraw(topic.id, second).seconders == 2
    told = [(one.person_id, one.part, one.taken) for one in votes.told(TopicPartChanged)]
    once, again = (first.person_id, "seconded"), (second.person_id, "seconded")
    steps = [(*once, True), (*once, False), (*once, True), (*again, True), (*again, False)]
    assert told[1:] == steps, "each second is told once, and once taken back"
    assert votes.screen(topic.id).state == "screened", "enough is enough"
    votes.pass_time(days=2)
    votes.do_duties()
    assert votes.get(topic.id).state == "screened", "the lapse finds nothing to do"


def test_a_question_that_too_few_second_lapses_and_says_why(votes):
    votes.choose(**THREE)
    topic = votes.raise_()
    votes.second(topic.id, LU)
    votes.pass_time(days=10)
    assert refused(votes.second, topic.id, MA) == "votes.seconding_over", "before the clock came"
    votes.do_duties()
    gone = votes.get(topic.id)
    line = gone.timeline[-1]
    assert (gone.state, gone.outcome, line.actor_role) == ("closed", "lapsed", "clock")
    assert line.reason == "需要 3 人附议，期限届满时为 1 人"
    assert refused(votes.second, topic.id, MA) == "votes.seconding_over"
    assert votes.do_duties() == 0


def test_a_returned_question_that_its_author_leaves_lying_lapses(votes):
    topic = votes.raise_()
    votes.screen(topic.id, "return")
    votes.pass_time(days=30)
    votes.do_duties()
    gone = votes.get(topic.id)
    assert (gone.outcome, gone.timeline[-1].reason) == ("lapsed", "提出人未在期限内修改退回的问题")


def test_seconders_at_once_bring_a_question_over_the_threshold_once(votes):
    votes.choose(**THREE)
    topic = votes.raise_()
    people = votes.neighbours(8)
    came = at_once(*(lambda who=who: votes.second(topic.id, who) for who in people * 2))
    assert came == ["done"] * 16
    ready = votes.get(topic.id)
    assert (ready.seconders, kinds(ready)) == (8, ["raised", "seconded"])
    assert votes.rows("SELECT count(*) FROM topic_seconders") == [(8,)]
    assert len(votes.told(TopicAdvanced)) == 1


def test_the_last_seconder_and_the_clock_race_and_one_of_them_wins(votes):
    votes.choose(**{**THREE, "seconders": 1})
    for _ in range(5):
        topic = votes.raise_()
        late = votes.now + timedelta(days=10)
        came = at_once(
            lambda one=topic.id: votes.second(one, LU),
            lambda at=late: votes.do_duties(at=at),
        )
        after = votes.get(topic.id)
        won = came[0] == "done"
        assert came[1] == "done"
        assert (after.state, after.seconders) == (("raised", 1) if won else ("closed", 0))
        told = kinds(after)  # a clock that comes second finds the next step late, too
        assert told[:2] == ["raised", "seconded" if won else "advanced"]
        assert told[2:] in (([], ["overdue"]) if won else ([],))


# -- the desk's board, and lateness ---------------------------------------------------------------


def test_the_desk_sees_what_waits_for_it_the_longest_overdue_first(votes):
    new = votes.raise_()
    votes.raise_(LU, convener="owners_committee")
    item = votes.topic("actionable", deadline_at=NOW - timedelta(days=1))
    votes.topic("discussion", deadline_at=NOW + timedelta(days=1))
    ripe = votes.topic("discussion", deadline_at=NOW)
    study = votes.topic("prior_study", deadline_at=NOW + timedelta(days=2))
    votes.screen(votes.raise_(MA).id, "return")
    assert votes.board(WANG) == [
        (item, "screen_item", True),
        (ripe, "form_item", False),
        (new.id, "screen_question", False),
    ]
    assert votes.board(SHI)[2] == (study, "prior_study", False)
    assert [task for _, task, _ in votes.board(OWNERS)] == ["screen_question"]
    assert [task for _, task, _ in votes.board(SHI, whose="others")] == ["screen_question"]
    assert refused(votes.board, LU) == "auth.forbidden"
    assert refused(votes.board, OBSERVER) == "auth.observer_read_only"
    cmd = ops.ListScreeningBoard(cid=SHANGYUAN, limit=2)
    page = votes.do(screening.board, cmd, WANG, votes.now)
    rest = votes.do(
        screening.board, cmd.model_copy(update={"cursor": page.next_cursor}), WANG, votes.now
    )
    assert [one.topic_id for one in rest.items] == [new.id]
    for cursor in ("bm9wZQ", "WyJ4IiwieSJd"):
        bad = cmd.model_copy(update={"cursor": cursor})
        assert refused(votes.do, screening.board, bad, WANG, votes.now) == "request.bad_cursor"


def test_a_question_that_was_asked_before_is_shown_beside_what_it_is_like(votes):
    rule = "电动自行车不进楼道、电梯和住宅"
    covenant = laid_down(votes, rule)
    refused_once = votes.raise_(LU, title="电动自行车不许进楼道", body="太危险")
    votes.screen(refused_once.id, "refuse", reason="已有公约")
    withdrawn = votes.raise_(MA, title="电动自行车不许进楼道", body="太危险")
    votes.advance(withdrawn.id, "closed", MA)
    topic = votes.raise_(title="电动自行车别推进楼道", body="楼道和电梯里都有")
    slide = votes.raise_(title="儿童滑梯旁边加护栏", body="孩子跑出来很危险")

    found = votes.alike(topic.id, WANG)
    assert {(one.kind, one.id, one.state, one.outcome) for one in found} == {
        ("topic", refused_once.id, "refused", "refused"),
        ("covenant", covenant, "in_force", None),
    }
    assert [one.percent for one in found] == sorted((one.percent for one in found), reverse=True)
    assert votes.alike(slide.id, OWNERS) == []
    cmd = ops.ListScreeningBoard(cid=SHANGYUAN)
    told = votes.do(screening.board, cmd, WANG, votes.now).items
    assert {one.topic_id: one.alike for one in told} == {topic.id: 2, slide.id: 0}
    assert refused(votes.alike, topic.id, LU) == "auth.forbidden"


def test_whoever_convenes_a_topic_is_told_so(votes):
    topic = votes.raise_(convener="owners_committee")
    assert [votes.get(topic.id, who).convenes for who in (OWNERS, SHI, SUN)] == [
        True, False, False,
    ]  # fmt: skip


def test_a_late_desk_is_shown_to_everybody_and_told_once_for_each_deadline(votes):
    topic = votes.raise_()
    votes.pass_time(days=6)
    votes.do_duties()
    assert kinds(votes.get(topic.id)) == ["raised"]
    votes.pass_time(days=1)
    for _ in range(2):
        votes.do_duties()
    late = votes.get(topic.id, LU)
    assert (late.overdue, kinds(late)) == (True, ["raised", "overdue"])
    assert late.timeline[-1].text == "居委会逾期未筛选"
    assert [event.state for event in votes.told(TopicOverdue)] == ["raised"]
    assert [one.overdue for one in votes.listed(LU)] == [True]
    assert votes.screen(topic.id).overdue is False
    votes.pass_time(days=7)
    votes.do_duties()
    assert kinds(votes.get(topic.id))[-2:] == ["advanced", "overdue"]


def test_a_discussion_that_is_over_is_the_desks_and_it_may_be_late_with_it(votes):
    topic = votes.raise_().id
    votes.screen(topic)
    votes.advance(topic, "discussion")
    votes.pass_time(days=7)
    for _ in range(2):
        votes.do_duties()
    over = votes.get(topic, LU)
    assert (over.timeline[-1].kind, over.overdue) == ("discussed", False)
    assert over.timeline[-1].text == "讨论期满，由居委会在2026年3月16日 12:00前形成可操作议题"
    assert votes.board(WANG) == [(topic, "form_item", False)]
    votes.pass_time(days=7)
    for _ in range(2):
        votes.do_duties()
    late = votes.get(topic, LU)
    assert (kinds(late)[-2:], late.overdue) == (["discussed", "overdue"], True)
    assert late.timeline[-1].text == "居委会逾期未形成可操作议题"
    assert votes.told(TopicOverdue)[-1].deadline_at == votes.now
    assert votes.board(WANG) == [(topic, "form_item", True)]
    formed = votes.advance(topic, "actionable", title="设集中充电点", body="在小区北门")
    assert not formed.overdue


def test_the_clock_leaves_a_topic_alone_that_went_on_meanwhile(votes):
    """Its duty was put for a deadline that has moved since, or is nobody's by now."""
    topic = votes.raise_()
    votes.pass_time(days=3)
    votes.screen(topic.id)
    again = votes.do(topic_clock.say_overdue, topic.id, NOW, votes.now)
    assert again == votes.now + timedelta(days=7)
    assert votes.do(topic_clock.lapse, topic.id, NOW, votes.now) is None
    assert kinds(votes.get(topic.id)) == ["raised", "advanced"]


def test_seconding_ends_when_the_text_is_frozen_and_goes_with_the_account(votes):
    topic = votes.topic("proposal")
    assert votes.second(topic, LU).seconders == 1
    votes.do(lambda uow: seconding.repository.seconders.forget(uow.session, LU.person_id))
    assert votes.get(topic).seconders == 0
    assert refused(votes.second, votes.topic("notice"), LU) == "votes.seconding_over"
    assert refused(votes.withdraw, votes.topic("closed"), LU) == "votes.seconding_over"
