"""The discussion of a topic: who speaks when, the sides in turn, a neutral moderator. Needs: db."""

import threading
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import ShequError, Unavailable
from services.contracts.events import TopicPartChanged
from services.contracts.operations.votes import discussion as ops
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.handlers import discussion, discussion_views, moderation
from services.votes.models import OpinionRow
from tests.support.bridge import (
    LU,
    NEXT_DOOR,
    OBSERVER,
    SHI,
    STRANGER,
    SUN,
    WANG,
    actor,
    refused,
)
from tests.support.explained import analyze, rows_read, statements
from tests.support.votes import HERE, MA, OWNERS, Votes

pytestmark = pytest.mark.db
CHILD = actor("p-child", (Role.RESIDENT, HERE))
SUN_HELPED = actor("p-sun", (Role.RESIDENT, HERE), acted_by="p-wang")


class Hall(Votes):
    """A votes service where topics are discussed; feed finds nothing in what is said."""

    def __init__(self, units) -> None:
        super().__init__(units)
        self.judge()

    def say(self, topic, who, stance="for", body="我的看法"):
        cmd = ops.DiscussTopic(id=topic, stance=stance, body=body)
        return self.do(discussion.discuss, cmd, who, self.now)

    def correct(self, opinion, who, body):
        cmd = ops.CorrectOpinion(id=opinion.id, body=body)
        return self.do(discussion.correct, cmd, who, self.now)

    def withdraw(self, opinion, who):
        return self.do(discussion.withdraw, ops.OfOpinion(id=opinion.id), who)

    def decide(self, opinion, who, decision="hide", reason="人身攻击"):
        cmd = ops.DecideOpinion(id=opinion.id, decision=decision, reason=reason)
        return self.do(moderation.decide, cmd, who, self.now)

    def appeal(self, opinion, who, reason="我只谈了事情"):
        cmd = ops.AppealOpinion(id=opinion.id, reason=reason)
        return self.do(moderation.appeal, cmd, who, self.now)

    def appoint(self, topic, person, by=SHI):
        cmd = ops.OfModerator(id=topic, person_id=person.person_id)
        return self.do(moderation.appoint, cmd, by, self.now)

    def end(self, topic, person, by):
        cmd = ops.OfModerator(id=topic, person_id=person.person_id)
        return self.do(moderation.end, cmd, by, self.now)

    def moderate(self, topic, who, body="请围绕议题发言"):
        return self.do(moderation.speak, ops.ModerateTopic(id=topic, body=body), who, self.now)

    def stands(self, topic, who=SUN):
        return self.do(discussion_views.get_discussion, ops.OfDiscussion(id=topic), who, self.now)

    def read(self, topic, who=SUN, **how):
        return self.do(discussion_views.list_opinions, ops.ListOpinions(id=topic, **how), who)

    def whole(self, topic, who=SUN, limit=2, between=lambda: None, **how):
        """Every page of a list, with ``between`` happening after each."""
        items, cursor = [], None
        while True:
            page = self.read(topic, who, limit=limit, cursor=cursor, **how)
            items += page.items
            cursor = page.next_cursor
            if cursor is None:
                return items
            between()


@pytest.fixture
def hall(emptied) -> Hall:
    return Hall(emptied("votes"))


def test_neighbours_speak_where_it_is_open_and_nobody_else(hall):
    hall.settle(CHILD, standing="child")
    topic = hall.topic("discussion")
    said = hall.say(topic, SUN, "for", "充电有火灾风险")
    assert (said.stance, said.nth, said.state, said.mine) == ("for", 1, "shown", True)
    assert said.author is not None and said.author.display_name == "sun"
    assert refused(hall.say, topic, OBSERVER) == "auth.observer_read_only"
    assert refused(hall.say, topic, NEXT_DOOR) == "votes.topic_not_found"
    assert refused(hall.say, topic, STRANGER) == "votes.topic_not_found"
    assert refused(hall.say, topic, CHILD) == "votes.not_for_children"
    assert refused(hall.say, "nothing", SUN) == "votes.topic_not_found"
    helped = hall.say(topic, actor("p-lu", (Role.RESIDENT, HERE), acted_by="p-wang"), "against")
    assert (helped.assisted, helped.mine) == (True, False)
    for state in ("raised", "screened", "actionable", "notice", "voting", "adopted", "refused"):
        assert refused(hall.say, hall.topic(state), SUN) == "votes.discussion_closed"
    draft = hall.topic("proposal", proposal=2)
    assert hall.say(draft, SUN, "neutral").proposal == 2
    seen = hall.stands(topic, OBSERVER)
    assert (seen.opinions_for, seen.opinions_against, seen.speakers) == (1, 1, 2)
    assert (seen.open, seen.left, seen.moderating) == (True, None, False)
    assert len(seen.rules) == 8


def test_a_page_is_told_what_may_be_done_with_ones_own_words_and_why_no_more_is_said(hall):
    hall.settle(CHILD, standing="child")
    topic = hall.topic("discussion", settings=ChainSettings(speeches=1).model_dump(mode="json"))
    assert hall.stands(topic).barred is None
    said = hall.say(topic, SUN)
    assert (said.correct_until, said.actions) == (hall.now + timedelta(minutes=15), ["withdraw"])
    (seen,) = hall.read(topic, LU).items
    assert (seen.correct_until, seen.actions) == (None, [])
    assert hall.stands(topic).barred == "spent"
    hall.appoint(topic, LU)
    assert [hall.stands(topic, who).barred for who in (LU, OBSERVER, CHILD)] == [
        "moderating", "observer", "child",
    ]  # fmt: skip
    hall.decide(said, LU)
    (mine,) = hall.read(topic, SUN).items
    assert (mine.correct_until, mine.actions) == (None, ["withdraw", "appeal"])
    hall.appeal(said, SUN)
    assert hall.read(topic, SUN).items[0].actions == ["withdraw"]
    assert hall.withdraw(said, SUN).actions == []
    assert hall.stands(hall.topic("notice")).barred == "closed"


def test_that_somebody_spoke_is_told_and_neither_her_stance_nor_her_words(hall):
    topic = hall.topic("discussion")
    hall.say(topic, SUN, "against", "我反对")
    (told,) = hall.told(TopicPartChanged)
    assert (told.topic_id, told.person_id, told.part, told.taken) == (
        topic, SUN.person_id, "spoke", True
    )  # fmt: skip
    assert "against" not in told.model_dump_json() and "反对" not in told.model_dump_json()


def test_speeches_are_counted_and_others_speak_in_between(hall):
    limits = ChainSettings(speeches=2, speech_minutes=10).model_dump(mode="json")
    topic = hall.topic("discussion", settings=limits)
    first = hall.say(topic, SUN)
    hall.pass_time(minutes=9, seconds=59.5)
    with pytest.raises(ShequError) as early:
        hall.say(topic, SUN)
    assert (early.value.code, early.value.status, early.value.retry_after) == (
        "votes.speak_later", 429, 1
    )  # fmt: skip
    assert hall.say(topic, LU).nth == 1, "she does not wait for others"
    mine = hall.stands(topic)
    assert (mine.left, mine.may_speak_at) == (1, first.created_at + timedelta(minutes=10))
    hall.pass_time(seconds=1)
    assert hall.say(topic, SUN, "against").nth == 2
    hall.withdraw(first, SUN)
    hall.pass_time(days=1)
    assert refused(hall.say, topic, SUN) == "votes.speeches_spent"
    assert (hall.stands(topic).left, hall.stands(topic).may_speak_at) == (0, None)


LAY_MANY = """
    INSERT INTO opinions (id, topic_id, no, author_id, nth, stance, body, state, created_at)
    SELECT 'o' || n, :topic, n + 1, 'p-' || n % 1000, 1 + n / 1000,
           (ARRAY['for', 'against', 'neutral'])[1 + n % 3], '话', 'shown', now()
    FROM generate_series(1, :many) AS n
"""


def test_of_two_at_once_at_the_limit_one_speaks(hall):
    limits = ChainSettings(speeches=2, speech_minutes=0).model_dump(mode="json")
    topic = hall.topic("discussion", settings=limits)
    hall.say(topic, SUN)
    both, told = threading.Barrier(2), []

    def check(cid: str, body: str) -> dict[str, bool]:
        both.wait(10)
        return {"held": False}

    def speak() -> None:
        try:
            told.append(hall.say(topic, SUN).state)
        except ShequError as error:
            told.append(error.code)

    hall.answers["check_speech"] = check
    threads = [threading.Thread(target=speak) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told) == ["shown", "votes.speeches_spent"]
    assert hall.rows("SELECT no, nth FROM opinions ORDER BY no") == [(1, 1), (2, 2)]
    assert hall.stands(topic).opinions_for == 2


def test_the_sides_take_turns_and_who_has_spoken_least_comes_first(hall):
    limits = ChainSettings(speech_minutes=0).model_dump(mode="json")
    topic = hall.topic("discussion", settings=limits)
    for who, stance in (
        (SUN, "for"), (SUN, "for"), (LU, "for"), (MA, "against"), (MA, "for"), (WANG, "neutral")
    ):  # fmt: skip
        hall.say(topic, who, stance, f"{who.person_id} {stance}")
    hall.appoint(topic, SHI)
    hall.moderate(topic, SHI)
    order = [(one.stance, one.author.display_name, one.nth) for one in hall.whole(topic)]
    assert order == [
        (None, "shi", 0),
        ("for", "sun", 1), ("against", "ma", 1), ("neutral", "wang", 1),
        ("for", "lu", 1), ("for", "sun", 2), ("for", "ma", 2),
    ]  # fmt: skip
    newest = [one.created_at for one in hall.whole(topic, order="newest")]
    assert newest == sorted(newest, reverse=True) and len(newest) == 7
    assert refused(hall.read, topic, cursor="abc") == "request.bad_cursor"
    assert refused(hall.read, topic, STRANGER) == "votes.topic_not_found"


TURNS = ("for", "against", "neutral")
SPEECHES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from((*TURNS, None))), max_size=25)


def slowly(said):
    """The order, the slow and obvious way: round by round, from each side who is next."""
    queues = {side: [] for side in TURNS}
    for number, (who, stance) in enumerate(said):
        if stance is not None:
            nth = sum(1 for w, s in said[:number] if w == who and s is not None)
            queues[stance].append((nth, number))
    order = [number for number, (_, stance) in enumerate(said) if stance is None]
    for queue in queues.values():
        queue.sort()
    while any(queues.values()):
        order += [queues[side].pop(0)[1] for side in TURNS if queues[side]]
    return order


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=SPEECHES, limit=st.integers(1, 7), meanwhile=SPEECHES)
def test_any_discussion_reads_the_same_page_by_page_whatever_is_said_meanwhile(
    hall, said, limit, meanwhile
):
    topic, numbers, spoken = hall.topic("discussion"), count(), {}

    def lay(speeches) -> None:
        with hall.units() as uow:
            for who, stance in speeches:
                number = next(numbers)
                spoken[who] = spoken.get(who, 0) + (stance is not None)
                uow.session.add(
                    OpinionRow(
                        id=f"{topic}-{number}", topic_id=topic, no=number + 1, author_id=f"p-{who}",
                        nth=spoken[who] if stance else 0, stance=stance, body="话", state="shown",
                        created_at=hall.now, earlier=[], final=False,
                    )
                )  # fmt: skip
            uow.commit()

    lay(said)
    more = iter(meanwhile)
    read = hall.whole(topic, limit=limit, between=lambda: lay([next(more, (0, "for"))]))
    assert [int(one.id.rpartition("-")[2]) for one in read] == slowly(said)


def test_words_may_be_put_better_soon_after_and_what_they_were_stays_readable(hall):
    topic = hall.topic("discussion")
    said = hall.say(topic, SUN, body="每月1500元")
    hall.pass_time(minutes=14)
    better = hall.correct(said, SUN, "每月150元")
    assert better.body == "每月150元" and better.corrected_at == hall.now
    (seen,) = hall.read(topic, LU).items
    assert [(was.body, was.at) for was in seen.earlier] == [("每月1500元", hall.now)]
    assert hall.correct(said, SUN, "每月150元").earlier == better.earlier, "nothing was changed"
    assert refused(hall.correct, said, LU, "别人的话") == "votes.opinion_not_found"
    hall.judge(held=True)
    assert refused(hall.correct, said, SUN, "要看一下的话") == "votes.too_late_to_correct"
    hall.judge()
    for body in ("二", "三"):
        hall.correct(said, SUN, body)
    assert refused(hall.correct, said, SUN, "四") == "votes.too_late_to_correct"
    other = hall.say(topic, LU)
    hall.pass_time(minutes=15)
    assert refused(hall.correct, other, LU, "晚了") == "votes.too_late_to_correct"
    gone = hall.withdraw(said, SUN)
    assert (gone.state, gone.body, gone.earlier) == ("withdrawn", "", [])
    assert refused(hall.withdraw, said, SUN) == "votes.opinion_settled"
    assert refused(hall.withdraw, other, SUN) == "votes.opinion_not_found"
    assert [one.state for one in hall.read(topic).items] == ["withdrawn", "shown"]
    assert (hall.stands(topic).opinions_for, hall.stands(topic).speakers) == (1, 2)


def test_what_feed_would_look_at_waits_until_somebody_has_looked(hall):
    topic = hall.topic("discussion")
    hall.judge(held=True)
    held = hall.say(topic, SUN, body="可疑的话")
    hall.judge(Unavailable())
    away = hall.say(topic, LU, "against")
    assert (held.state, away.state) == ("waiting", "waiting")
    assert hall.read(topic, SHI).items == [] and hall.stands(topic).speakers == 0
    queue = {who.person_id: hall.read(topic, who, shown="waiting").items for who in (SUN, MA, SHI)}
    assert {who: len(items) for who, items in queue.items()} == {"p-sun": 1, "p-ma": 0, "p-shi": 2}
    assert hall.read(topic, SUN_HELPED, shown="waiting").items == []
    hall.judge()
    assert hall.correct(held, SUN, "清楚的话").state == "shown"
    assert hall.read(topic, LU).items[0].earlier == [], "nobody had read what waited"
    assert refused(hall.decide, away, MA, "show") == "auth.forbidden"
    assert refused(hall.decide, away, OWNERS, "show") == "auth.forbidden"
    assert hall.decide(away, WANG, "show", "没有问题").state == "shown"
    assert [one.stance for one in hall.read(topic).items] == ["for", "against"]
    hall.judge(held=True)
    bad = hall.say(topic, MA, "neutral", "骂人的话")
    hall.decide(bad, WANG)
    trace = hall.read(topic, LU).items[2]
    assert (trace.state, trace.body, trace.hidden.role) == ("hidden", "", "committee_staff")
    assert (trace.hidden.reason, trace.hidden.by.display_name) == ("人身攻击", "wang")


def test_a_moderator_is_neutral_leads_and_may_hide_what_her_author_may_have_looked_at_again(hall):
    topic = hall.topic("discussion")
    attack = hall.say(topic, LU, "against", "你们都是骗子")
    assert refused(hall.appoint, topic, SUN) == "votes.moderators_are_neutral"  # she raised it
    assert refused(hall.appoint, topic, LU) == "votes.moderators_are_neutral"
    assert refused(hall.appoint, topic, NEXT_DOOR) == "votes.moderator_not_found"
    assert refused(hall.appoint, topic, MA, OWNERS) == "votes.not_your_step"
    assert refused(hall.appoint, topic, MA, SUN) == "auth.forbidden"
    assert refused(hall.appoint, hall.topic("notice"), MA) == "votes.discussion_closed"
    for _ in range(2):
        state = hall.appoint(topic, MA)
    assert [one.person.display_name for one in state.moderators] == ["ma"]
    assert hall.stands(topic, MA).moderating and hall.stands(topic, MA).left is None
    word = hall.moderate(topic, MA)
    assert (word.moderator, word.stance, word.nth) == (True, None, 0)
    assert refused(hall.say, topic, MA) == "votes.moderators_are_neutral"
    assert refused(hall.moderate, topic, SUN) == "votes.not_moderating"
    hidden = hall.decide(attack, MA, reason="对人不对事")
    assert (hidden.hidden.role, hidden.body) == ("moderator", "你们都是骗子")
    assert hall.read(topic, SUN).items[1].body == "" and hall.stands(topic).opinions_against == 0
    assert refused(hall.decide, attack, MA) == "votes.opinion_settled"
    assert refused(hall.appeal, attack, SUN) == "votes.opinion_not_found"
    mine = hall.appeal(attack, LU)
    assert mine.hidden.appeal == "我只谈了事情"
    assert refused(hall.appeal, attack, LU) == "votes.opinion_settled"
    waiting = hall.read(topic, SHI, shown="waiting").items
    assert [(one.id, one.decisions) for one in waiting] == [(attack.id, ["show", "hide"])]
    assert hall.read(topic, MA, shown="waiting").items[0].decisions == []
    assert refused(hall.decide, attack, MA, "show") == "votes.another_has_to_decide"
    hall.decide(attack, SHI, "show", "言辞激烈，但在谈事情")
    assert refused(hall.decide, attack, WANG) == "votes.opinion_settled", "that was final"
    assert hall.stands(topic).opinions_against == 1
    lines = hall.rows("SELECT kind, actor_role FROM topic_steps ORDER BY id")
    assert lines == [("moderator_appointed", "secretary")]
    hall.end(topic, MA, MA)
    assert refused(hall.end, topic, MA, SHI) == "votes.moderator_not_found"
    assert refused(hall.moderate, topic, MA) == "votes.not_moderating"
    assert hall.say(topic, MA).stance == "for"
    assert hall.stands(topic).moderators[0].ended_at == hall.now


def test_nobody_judges_her_own_words_or_an_appeal_against_herself(hall):
    topic = hall.topic("discussion")
    said = hall.say(topic, WANG, "neutral", "我个人的看法")
    assert refused(hall.decide, said, WANG) == "votes.another_has_to_decide"
    hall.decide(said, SHI)
    hall.appeal(said, WANG)
    assert refused(hall.decide, said, SHI, "show") == "votes.another_has_to_decide"
    other = hall.say(topic, LU)
    hall.decide(other, WANG)
    assert hall.decide(other, WANG, "show", "看错了").state == "shown"
    gone = hall.withdraw(other, LU)
    assert refused(hall.decide, gone, SHI) == "votes.opinion_settled"


def test_a_page_is_as_many_statements_however_long_it_is_and_however_much_was_said(hall):
    topic = hall.topic("discussion")
    hall.say(topic, SUN)
    _, few = statements(hall.engine, lambda: hall.read(topic, limit=100))
    with hall.units() as uow:
        uow.session.execute(text(LAY_MANY), {"topic": topic, "many": 3_000})
        uow.commit()
    page, many = statements(hall.engine, lambda: hall.read(topic, limit=100))
    assert len(page.items) == 100 and len(many) == len(few)
    assert [one.stance for one in page.items[:6]] == [*TURNS, *TURNS]
    analyze(hall.engine, "opinions")
    _, rows = rows_read(hall.engine, "opinions", lambda: hall.read(topic, limit=20))
    assert rows < 120, "three sides of a page, not the whole discussion"
