"""A poll's life by the clock: on time, once, in order, after any crash. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts.events import (
    CovenantAdopted,
    PollAnnounced,
    PollClosed,
    PollExtended,
    PollOpened,
    PollReminded,
    PollVoided,
    ResultPublished,
    TopicAdvanced,
)
from services.contracts.operations.votes import Bar, Quorum
from services.contracts.operations.votes.rules import Extension
from services.votes import repository
from services.votes.handlers import polls as life
from services.votes.handlers.common import Doer
from services.votes.handlers.duties import DUTIES, do_next
from tests.support.bridge import LU, NEXT_DOOR, NOW, SHI, SUN, refused
from tests.support.votes import MA, OWNERS, RULES
from tests.support.votes_polls import Polls

pytestmark = pytest.mark.db

HALF = RULES.model_copy(
    update={
        "quorum": Quorum(kind="fraction", entries=Bar(at="1/2", above=True)),
        "extension": Extension(times=1, days=3),
        "lock_days": 180,
    }
)
TOLD = (PollOpened, PollReminded, PollClosed, ResultPublished, CovenantAdopted)


@pytest.fixture
def votes(emptied):
    return Polls(emptied("votes"))


def named(events):
    return [type(event).__name__ for event in events]


def announce(votes, topic_id):
    """Announce a poll on the topic's text, as the desk does when it leads it to its notice."""

    def use_case(uow):
        row = repository.topics.topic(uow.session, topic_id, lock=True)
        return life.announce(uow, row, Doer("secretary", SHI.person_id), votes.now)

    return votes.do(use_case)


def test_the_announcement_freezes_the_text_and_never_cuts_the_notice_short(votes):
    votes.answers["draw_electorate"] = lambda **_asked: {"ticket": "t" * 20, "size": 3}
    topic = votes.topic("notice", proposal=1)
    votes.text(topic)  # which wanted voting to begin in seven days
    votes.pass_time(days=2)
    row = announce(votes, topic)
    found = votes.get(row.id, SHI)
    assert (found.state, found.roll_state, found.proposal) == ("announced", "drawing", 1)
    assert found.opens_at == votes.now + timedelta(days=7)
    assert found.closes_at == votes.now + timedelta(days=14)
    (event,) = votes.told(PollAnnounced)
    assert (event.poll_id, event.opens_at) == (row.id, found.opens_at)
    ((kind, text),) = votes.timeline(row.id)
    assert kind == "poll_announced" and "顺延" in text
    assert votes.topic_of(row.id).deadline_at == found.opens_at
    duties = dict(votes.rows("SELECT kind, due_at FROM due WHERE subject_id = :p", p=row.id))
    assert duties == {"roll.draw": votes.now, "poll.open": found.opens_at}


def test_what_was_voted_down_is_not_announced_again_before_its_lock_ends(votes):
    votes.answers["draw_electorate"] = lambda **_asked: {"ticket": "t" * 20, "size": 3}
    votes.opened(HALF)
    votes.until(days=7)
    votes.until(days=3)
    again = votes.topic("notice", proposal=1)
    votes.text(again)
    assert refused(announce, votes, again) == "votes.locked"
    votes.pass_time(days=181)
    assert announce(votes, again).state == "announced"


def test_it_opens_reminds_closes_publishes_and_is_adopted_by_itself(votes):
    poll = votes.announced(steps=["filing"])
    votes.until(days=6, hours=23)
    assert votes.get(poll).state == "announced"
    votes.until(hours=1)
    found = votes.get(poll)
    assert (found.state, found.roll_state, found.my_state) == ("open", "frozen", "free")
    assert found.rules_hash and found.head_hash and found.rules and found.arithmetic
    assert votes.topic_of(poll).state == "voting"
    assert votes.topic_of(poll).deadline_at == found.closes_at == NOW + timedelta(days=14)
    for person, choice in ((SUN, "for"), (LU, "for"), (MA, "against")):
        votes.booth.cast(poll, person, choice)
    votes.until(days=6)
    assert named(votes.told(*TOLD)) == ["PollOpened", "PollReminded"]
    votes.until(hours=23, minutes=59)
    assert votes.get(poll).state == "open"
    votes.until(minutes=1)
    assert votes.get(poll).state == "published"
    assert votes.topic_of(poll).state == "publicity"
    result = votes.result(poll)
    assert (result.passed, result.roll, result.online.for_, result.online.against) == (
        True, 3, 2, 1,
    )  # fmt: skip
    votes.until(days=7)
    assert votes.topic_of(poll).state == "adopted"
    assert named(votes.told(*TOLD)) == [
        "PollOpened", "PollReminded", "PollClosed", "ResultPublished", "CovenantAdopted",
    ]  # fmt: skip
    kinds = votes.rows("SELECT kind FROM ledger_entries WHERE poll_id = :p ORDER BY seq", p=poll)
    whole = [kind for (kind,) in kinds if kind != "leaves"]
    assert whole == ["opened", "closed", "choices", "result"]
    assert votes.rows("SELECT count(*) FROM due WHERE done_at IS NULL AND tries > 0") == [(0,)]


def test_an_opening_that_lacks_an_answer_is_held_told_once_and_lasts_as_promised(votes):
    poll = votes.announced()
    objection = votes.objection(poll)
    votes.until(days=7)
    votes.until(hours=3)
    found = votes.get(poll)
    assert found.state == "announced"
    assert [one.what for one in found.held] == ["objections"]
    assert [kind for kind, _ in votes.timeline(poll)] == ["poll_held"], "said once"
    votes.answered(objection)
    votes.do_duties()
    found = votes.get(poll)
    assert (found.state, found.held) == ("open", [])
    assert found.closes_at - votes.now == timedelta(days=7)
    assert votes.told(PollOpened)[0].closes_at == found.closes_at


@pytest.mark.parametrize(
    ("facts", "change", "missing"),
    [
        ({"roll_state": "drawing"}, None, "roll"),
        ({"voters": ()}, None, "empty_roll"),
        ({}, "UPDATE topics SET proposal = 2", "text"),
    ],
)
def test_nothing_opens_without_roll_voters_and_the_announced_text(votes, facts, change, missing):
    poll = votes.announced(**facts)
    if change:
        votes.change(change)
    votes.until(days=7)
    assert [one.what for one in votes.get(poll, SHI).held] == [missing]
    assert votes.told(PollOpened) == []


def test_an_answer_before_the_notice_ends_opens_nothing_early(votes):
    poll = votes.announced()
    objection = votes.objection(poll)
    votes.until(days=3)
    votes.answered(objection)
    votes.do_duties()
    assert votes.get(poll).state == "announced"
    votes.until(days=4)
    assert votes.get(poll).state == "open"


def test_a_jump_over_everything_does_each_duty_once_in_order(votes):
    """The machine was away for months; nobody could have voted, so voting lasts as promised."""
    poll = votes.announced(HALF)
    votes.until(days=90)
    assert votes.get(poll).state == "open"
    assert votes.get(poll).closes_at == votes.now + timedelta(days=7)
    votes.booth.cast(poll, SUN)
    votes.until(days=90)
    assert named(votes.told(*TOLD, PollExtended)) == ["PollOpened", "PollExtended"]
    votes.until(days=90)
    assert votes.get(poll).state == "published"
    assert named(votes.told(*TOLD, PollExtended)) == [
        "PollOpened", "PollExtended", "PollClosed", "ResultPublished",
    ]  # fmt: skip
    topic = votes.topic_of(poll)
    assert (topic.state, topic.outcome) == ("closed", "not_passed")
    assert topic.locked_until == votes.now + timedelta(days=180)


def test_voting_goes_on_as_often_as_the_rules_say_when_too_few_came(votes):
    poll = votes.opened(HALF)
    votes.booth.cast(poll, SUN)
    votes.until(days=7)
    found = votes.get(poll)
    assert (found.state, found.extended) == ("open", 1)
    assert found.closes_at == NOW + timedelta(days=17)
    assert votes.topic_of(poll).state == "voting"
    votes.booth.cast(poll, LU)
    votes.until(days=3)
    assert votes.get(poll).state == "published"
    assert votes.result(poll).quorum_reached
    assert [e.closes_at for e in votes.told(PollExtended)] == [NOW + timedelta(days=17)]


def test_the_database_s_clock_closes_not_the_process_s(votes):
    poll = votes.opened()
    votes.now += timedelta(days=8)  # this process is ahead
    votes.do_duties()
    assert votes.get(poll).state == "open"
    votes.booth.cast(poll, SUN)
    votes.legal()
    votes.now += timedelta(seconds=2)
    votes.do_duties()
    assert votes.get(poll).state == "published"


def killed(votes):
    """Do the next duty in a process that dies before its commit; whether one was due."""
    with votes.units() as uow:
        return bool(do_next(uow, votes.now, DUTIES))


def test_killed_before_every_commit_each_duty_is_still_done_once(votes):
    poll = votes.announced(steps=["filing"])
    for days in (7, 6, 1, 7, 31):
        votes.pass_time(days=days)
        while killed(votes):
            with votes.units() as uow:
                do_next(uow, votes.now)
                uow.commit()
        if votes.get(poll).state == "open" and not votes.get(poll).turnout.online:
            votes.booth.cast(poll, SUN)
    assert named(votes.told(*TOLD)) == [
        "PollOpened", "PollReminded", "PollClosed", "ResultPublished", "CovenantAdopted",
    ]  # fmt: skip
    states = [event.state for event in votes.told(TopicAdvanced)]
    assert states == ["voting", "publicity", "adopted"]
    lines = [kind for kind, _ in votes.timeline(poll)]
    assert len(lines) == len(set(lines)) + lines.count("advanced") - 1, "no line twice"
    assert lines[-1] == "filing_overdue"
    assert votes.rows("SELECT count(*) FROM results") == [(1,)]
    seqs = votes.rows("SELECT seq FROM ledger_entries WHERE poll_id = :p ORDER BY seq", p=poll)
    assert [seq for (seq,) in seqs] == list(range(1, len(seqs) + 1))


def test_two_timers_at_once_do_each_duty_once(votes):
    polls = [votes.announced() for _ in range(6)]
    votes.pass_time(days=7)
    errors = []

    def timer():
        try:
            votes.do_duties()
        except Exception as error:
            errors.append(error)

    timers = [threading.Thread(target=timer) for _ in range(3)]
    for one in timers:
        one.start()
    for one in timers:
        one.join(20)
    votes.do_duties()
    assert errors == []
    assert sorted(event.poll_id for event in votes.told(PollOpened)) == sorted(polls)


def test_a_ballot_that_comes_while_it_closes_is_counted_or_refused_never_lost(votes):
    people = [votes.voter(number) for number in range(40)]
    poll = votes.opened(voters=people)
    votes.pass_time(days=7, seconds=-1)
    taken, refusals = [], []
    begin = threading.Barrier(5)

    def vote(some):
        begin.wait(10)
        for person in some:
            code = votes.booth.code(poll, person)
            (refusals if code else taken).append(code)

    voters = [threading.Thread(target=vote, args=(people[n::4],)) for n in range(4)]
    for one in voters:
        one.start()
    begin.wait(10)
    votes.pass_time(seconds=1)
    votes.do_duties()
    for one in voters:
        one.join(20)
    votes.until(seconds=5)
    assert set(refusals) <= {"votes.closed"}
    assert votes.result(poll).online.for_ == len(taken)
    assert len(taken) + len(refusals) == 40


def test_the_desk_stops_a_poll_with_a_reason_and_its_duties_find_nothing_to_do(votes):
    poll = votes.announced()
    assert refused(votes.void, poll, NEXT_DOOR) == "votes.poll_not_found"
    assert refused(votes.void, poll, OWNERS) == "votes.not_your_step"
    assert refused(votes.void, poll, SUN) == "auth.forbidden"
    votes.void(poll)
    topic = votes.topic_of(poll)
    assert (votes.get(poll).state, topic.state) == ("void", "proposal")
    assert refused(votes.void, poll) == "votes.poll_refuses"
    votes.until(days=30)
    assert votes.told(PollOpened) == []
    second = votes.opened()
    votes.booth.cast(second, SUN)
    votes.void(second)
    topic = votes.topic_of(second)
    assert (votes.get(second).state, topic.state, topic.outcome) == ("void", "closed", "voided")
    assert votes.booth.code(second, LU) == "votes.closed"
    votes.until(days=30)
    assert refused(votes.result, second) == "votes.poll_void"
    assert [event.reason for event in votes.told(PollVoided)] == ["文本有误"] * 2
    last = votes.rows("SELECT kind FROM ledger_entries WHERE poll_id = :p ORDER BY seq", p=second)
    assert last[-1] == ("voided",)


def test_whoever_leads_a_topic_out_of_its_notice_takes_the_poll_with_it(votes):
    poll = votes.announced()
    topic = votes.topic_of(poll)

    def leave(uow):
        row = uow.session.merge(topic, load=True)
        life.stop(uow, row, Doer("secretary", SHI.person_id), "要改文本", votes.now)
        life.stop(uow, row, Doer("secretary", SHI.person_id), "要改文本", votes.now)

    votes.do(leave)
    assert votes.get(poll).void_reason == "要改文本"
    assert len(votes.told(PollVoided)) == 1


def test_the_list_is_a_calendar_and_says_where_i_stand_in_one_go(votes):
    first = votes.announced()
    votes.pass_time(days=20)
    second = votes.poll("open")
    assert votes.listed() == [second, first]
    soon = (votes.now + timedelta(days=1)).isoformat()
    assert votes.listed(**{"from": soon}) == [second]
    assert votes.listed(until=(votes.now - timedelta(days=1)).isoformat()) == [first]
    assert votes.listed(state="open") == [second]
    assert votes.get(second).my_state == "free"
    votes.booth.cast(second, SUN)
    assert votes.get(second).my_state == "voted"
    assert votes.get(second, SHI).my_state is None
    assert refused(votes.get, second, NEXT_DOOR) == "votes.poll_not_found"


def test_the_turnout_is_told_anew_once_a_second(votes):
    """Who asks faster learns nobody's moment."""
    poll = votes.poll("open")
    before = votes.get(poll)
    assert before.turnout.online == 0
    votes.booth.cast(poll, SUN)
    told = votes.get(poll, LU)
    assert (told.turnout.online, told.head_hash) == (0, before.head_hash), "the chain moves, too"
    votes.pass_time(seconds=1)
    told = votes.get(poll, LU)
    assert told.turnout.online == 1 and told.head_hash != before.head_hash
