"""Objections as threads: in time, answered with reasons, marked by the objector. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, RuleBroken, ShequError, Unavailable
from services.contracts.events import ObjectionAnswered, ObjectionFiled
from services.contracts.operations.votes import objections as ops
from services.votes import repository
from services.votes.domain.objections import MOST_MARKS
from services.votes.handlers import objections
from tests.support.bridge import (
    LU,
    NEXT_DOOR,
    NOW,
    OBSERVER,
    SHI,
    STRANGER,
    SUN,
    WANG,
    actor,
    refused,
)
from tests.support.votes import HERE, OWNERS, RULES, Votes

pytestmark = pytest.mark.db
CHILD = actor("p-child", (Role.RESIDENT, HERE))
SUN_HELPED = actor("p-sun", (Role.RESIDENT, HERE), acted_by="p-wang")
REASON = "依据议事规则第五条，公示期不少于七天。"
FIVE_DAYS = RULES.model_copy(update={"objection_days": 5})


class Silenced(Forbidden):
    code = "feed.silenced"


class WordsRefused(RuleBroken):
    code = "feed.words_refused"


class Court(Votes):
    """A votes service where objections are filed; feed finds nothing in them."""

    def __init__(self, units) -> None:
        super().__init__(units)
        self.judge()

    def announced(self, **facts) -> str:
        """A topic in its notice: a week, of which five days for objections; its id."""
        poll = self.poll("announced", FIVE_DAYS, **facts)
        ((topic,),) = self.rows("SELECT topic_id FROM polls WHERE id = :id", id=poll)
        self.poll_id = poll
        return topic

    def lead(self, topic, state) -> None:
        """The topic came into another state just now."""
        with self.units() as uow:
            row = repository.topics.topic(uow.session, topic, lock=True)
            row.state, row.since = state, self.now
            uow.commit()

    def object(self, topic, who=SUN, body="公示期太短", kind="publicity_period"):
        cmd = ops.FileObjection(id=topic, kind=kind, body=body)
        return self.do(objections.file, cmd, who)

    def answer(self, one, who=SHI, body=REASON):
        cmd = ops.AnswerObjection(id=one.id, body=body)
        return self.do(objections.answer, cmd, who, self.now)

    def reply(self, one, who=SUN, body="没有回答我的问题"):
        return self.do(objections.reply, ops.ReplyToObjection(id=one.id, body=body), who)

    def mark(self, one, mark="satisfied", who=SUN):
        return self.do(objections.mark, ops.MarkObjection(id=one.id, mark=mark), who)

    def withdraw(self, one, who=SUN):
        return self.do(objections.withdraw, ops.OfObjection(id=one.id), who)

    def read(self, topic, who=LU, **how):
        return self.do(objections.list_objections, ops.ListObjections(id=topic, **how), who)

    def waits(self, topic, during="notice"):
        """The ids of those that wait for an answer."""
        return [one.id for one in self.do(objections.unanswered, topic, during)]

    def standing(self, topic):
        return [one.id for one in self.read(topic, standing=True).items]


@pytest.fixture
def court(emptied) -> Court:
    return Court(emptied("votes"))


def test_neighbours_object_in_the_legal_window_and_nobody_else(court):
    court.settle(CHILD, standing="child")
    topic = court.announced()
    filed = court.object(topic)
    assert (filed.period, filed.kind, filed.owed, filed.stands, filed.mark) == (
        "notice", "publicity_period", True, True, None
    )  # fmt: skip
    assert filed.mine and filed.objector is not None and filed.objector.display_name == "sun"
    assert refused(court.object, topic, OBSERVER) == "auth.observer_read_only"
    assert refused(court.object, topic, NEXT_DOOR) == "votes.topic_not_found"
    assert refused(court.object, topic, STRANGER) == "votes.topic_not_found"
    assert refused(court.object, topic, CHILD) == "votes.not_for_children"
    helped = court.object(topic, SUN_HELPED, "看不清")
    assert (helped.assisted, helped.mine) == (True, False)
    for state in ("raised", "discussion", "proposal", "voting", "adopted"):
        assert refused(court.object, court.topic(state)) == "votes.no_objections_now"
    told = court.told(ObjectionFiled)
    assert [(one.objection_id, one.kind, one.convener) for one in told] == [
        (filed.id, "publicity_period", "residents_committee"),
        (helped.id, "publicity_period", "residents_committee"),
    ]
    assert [one.id for one in court.read(topic, OBSERVER).items] == [helped.id, filed.id]
    first, second = court.read(topic, limit=1), None
    second = court.read(topic, limit=1, cursor=first.next_cursor)
    assert [first.items[0].id, second.items[0].id, second.next_cursor] == [
        helped.id,
        filed.id,
        None,
    ]
    assert refused(court.read, topic, STRANGER) == "votes.topic_not_found"


def test_the_databases_clock_decides_whether_an_objection_is_in_time(court):
    topic = court.announced()
    court.now = NOW + timedelta(days=5, seconds=-5)
    court.legal()
    assert court.object(topic).filed_at < NOW + timedelta(days=5)
    court.now = NOW + timedelta(days=5)
    court.legal()
    court.now = NOW  # the business clock of a process that is behind helps nobody
    assert refused(court.object, topic) == "votes.no_objections_now"
    assert refused(court.object, court.topic("notice")) == "votes.no_objections_now"  # no poll


def test_publicity_has_a_window_and_limits_of_its_own(court):
    topic = court.announced()
    for number in range(5):
        court.object(topic, body=f"异议{number}")
    assert refused(court.object, topic) == "votes.too_many_objections"
    assert court.object(topic, LU).owed
    court.pass_time(days=14)
    court.lead(topic, "publicity")
    late = court.object(topic, kind="mechanism")
    assert late.period == "publicity"
    assert court.waits(topic, "publicity") == [late.id] and len(court.waits(topic)) == 6
    assert [one.id for one in court.read(topic, period="publicity").items] == [late.id]
    court.pass_time(days=5)
    assert refused(court.object, topic, LU) == "votes.no_objections_now"


def test_each_objection_gets_a_reasoned_answer_of_the_convening_body(court):
    topic = court.announced()
    one = court.object(topic)
    assert refused(court.answer, one, SUN) == "auth.forbidden"
    assert refused(court.answer, one, OWNERS) == "votes.not_your_step"
    assert refused(court.answer, one, NEXT_DOOR) == "votes.objection_not_found"
    assert refused(court.answer, one, SHI, "公示期 太短。") == "votes.answer_without_reason"
    assert refused(court.answer, one, SHI, "不同意") == "votes.answer_without_reason"
    assert court.waits(topic) == [one.id]
    answered = court.answer(one)
    assert (answered.owed, answered.stands, court.waits(topic)) == (False, True, [])
    assert refused(court.answer, one, WANG, REASON) == "votes.answer_without_reason"
    more = court.answer(one, WANG, "补充：公示栏的通知也张贴了七天。")
    assert [(note.side, note.role, note.by.display_name) for note in more.thread] == [
        ("answer", "secretary", "shi"), ("answer", "committee_staff", "wang")
    ]  # fmt: skip
    told = court.told(ObjectionAnswered)
    assert [one.objector_id for one in told] == ["p-sun", "p-sun"]
    assert [one.actor_id for one in told] == [SHI.person_id, WANG.person_id]
    common = court.announced(convener="owners_committee")
    with court.units() as uow:
        repository.topics.topic(uow.session, common, lock=True).convener = "owners_committee"
        uow.commit()
    theirs = court.object(common)
    assert refused(court.answer, theirs, SHI) == "votes.not_your_step"
    assert court.answer(theirs, OWNERS).thread[0].role == "owners_committee"


def test_the_mark_is_the_objectors_alone_and_a_reply_asks_again_once(court):
    topic = court.announced()
    one = court.object(topic)
    assert refused(court.mark, one) == "votes.not_answered_yet"
    assert refused(court.reply, one) == "votes.not_answered_yet"
    court.answer(one)
    assert refused(court.mark, one, "satisfied", LU) == "votes.objection_not_found"
    assert refused(court.reply, one, SHI) == "votes.objection_not_found"
    again = court.reply(one)
    assert (again.owed, court.waits(topic)) == (True, [one.id])
    assert not court.answer(one, body="您问的延长，议事规则没有规定，可另行提出。").owed
    assert not court.reply(one, body="仍然不同意").owed, "nobody puts the vote off for ever"
    assert court.mark(one).stands is False and court.standing(topic) == []
    kept = court.mark(one, "stands")
    assert kept.stands and court.standing(topic) == [one.id]
    assert court.read(topic, standing=False).items == []
    assert [note.side for note in kept.thread] == ["answer", "reply", "answer", "reply"]
    for number in range(3):
        court.reply(one, body=f"还有{number}")
    assert refused(court.reply, one) == "votes.too_many_objections"
    kinds = [kind for (kind,) in court.rows("SELECT kind FROM topic_steps ORDER BY id")]
    assert kinds == [
        "objection_filed", "objection_answered", "objection_asked_again", "objection_answered",
        "objection_marked", "objection_marked",
    ]  # fmt: skip
    for number in range(MOST_MARKS - 2):
        court.mark(one, ("satisfied", "stands")[number % 2])
    assert court.mark(one, "stands").stands, "as it is marked already"
    assert refused(court.mark, one, "satisfied") == "votes.too_many_objections"
    court.lead(topic, "voting")
    for change in (court.mark, court.withdraw, court.reply):
        assert refused(change, one) == "votes.objection_settled"
    assert court.standing(topic) == [one.id]


def test_a_page_is_told_what_the_objector_may_do_and_nobody_else(court):
    topic = court.announced()
    one = court.object(topic)
    assert (one.actions, one.may_ask_again) == (["withdraw"], False)
    court.answer(one)
    (mine,), (others,) = court.read(topic, SUN).items, court.read(topic, LU).items
    assert (mine.actions, mine.may_ask_again) == (["reply", "mark", "withdraw"], True)
    assert (others.actions, others.may_ask_again) == ([], False)
    asked = court.reply(one)
    assert (asked.actions, asked.may_ask_again) == (["reply", "mark", "withdraw"], False)
    for number in range(4):
        court.reply(one, body=f"还有{number}")
    (mine,) = court.read(topic, SUN).items
    assert mine.actions == ["mark", "withdraw"]
    assert court.withdraw(one).actions == []


def test_what_was_objected_to_a_text_is_answered_before_the_next_one_is_voted_on(court):
    """The notice was broken off and came again: the objector may say now that she is satisfied."""
    topic = court.announced()
    one = court.object(topic)
    court.lead(topic, "proposal")
    assert refused(court.object, topic) == "votes.no_objections_now"
    second = court.poll("announced", FIVE_DAYS, topic_id=topic)
    court.lead(topic, "notice")
    with court.units() as uow:
        repository.topics.topic(uow.session, topic, lock=True).poll_id = second
        uow.commit()
    assert court.waits(topic) == [one.id]
    court.answer(one)
    assert not court.mark(one).stands
    for number in range(5):
        assert court.object(topic, body=f"新文本{number}").poll_id == second


def test_a_reply_after_the_window_asks_for_nothing_and_satisfaction_ends_the_duty(court):
    topic = court.announced()
    one, other = court.object(topic), court.object(topic)
    for objection in (one, other):
        court.answer(objection)
    court.reply(one)
    court.pass_time(days=5)
    assert not court.reply(other).owed
    assert court.waits(topic) == [one.id]
    assert court.mark(one).owed is False and court.waits(topic) == []


def test_what_was_taken_back_is_owed_no_answer_and_stays_readable(court):
    topic = court.announced()
    one = court.object(topic)
    assert refused(court.withdraw, one, LU) == "votes.objection_not_found"
    gone = court.withdraw(one)
    assert (gone.stands, gone.owed, gone.body) == (False, False, "公示期太短")
    assert court.waits(topic) == [] and court.standing(topic) == []
    assert refused(court.withdraw, one) == "votes.objection_settled"
    assert refused(court.answer, one) == "votes.objection_settled"
    assert [item.id for item in court.read(topic, owed=False).items] == [one.id]


def test_no_silence_and_no_word_to_be_looked_at_takes_the_right_away(court):
    topic = court.announced()
    for word in (Silenced(), Unavailable()):
        court.judge(word)
        assert court.object(topic).owed
    court.judge(held=True)
    assert court.object(topic).owed
    court.judge(WordsRefused())
    assert refused(court.object, topic) == "feed.words_refused"


def test_an_answer_lets_the_clock_look_at_what_was_held(court):
    topic = court.announced()
    one = court.object(topic)
    later = NOW + timedelta(hours=1)
    court.do(lambda uow: repository.due.put(uow.session, "poll.open", court.poll_id, later))
    court.answer(one)
    assert court.rows("SELECT try_at FROM due WHERE kind = 'poll.open'") == [(NOW,)]


def test_of_an_answer_and_a_withdrawal_at_once_both_are_told_or_the_answer_is_refused(court):
    """Whichever comes first: nothing is owed afterwards, and nobody answers what was withdrawn."""
    for _ in range(5):
        topic = court.announced()
        one = court.object(topic)
        start, told = threading.Barrier(2), []

        def run(change, who, start=start, told=told, one=one):
            start.wait(10)
            try:
                change(one, who)
            except ShequError as error:
                told.append(error.code)

        threads = [
            threading.Thread(target=run, args=args)
            for args in ((court.answer, SHI), (court.withdraw, SUN))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        ((answers, owed, withdrawn),) = court.rows(
            "SELECT answers, owed, withdrawn_at IS NOT NULL FROM objections WHERE id = :id",
            id=one.id,
        )
        assert (owed, withdrawn) == (False, True)
        assert told == ([] if answers else ["votes.objection_settled"])
