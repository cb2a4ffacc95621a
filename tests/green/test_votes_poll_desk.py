"""What the desk is told of a poll beforehand is what doing it would say. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Actor
from services.contracts.operations.votes import results as result_ops
from services.contracts.operations.votes import rolls as roll_ops
from services.contracts.operations.votes.polls import OfPoll
from services.votes import repository, texts_polls
from services.votes.handlers import publicity, roll_desk, rolls
from tests.support.bridge import LU, NOW, SHI, SUN, refused
from tests.support.explained import statements
from tests.support.votes import AUDITOR, MA, OWNERS, RULES, SUPERVISOR
from tests.support.votes_polls import Polls

pytestmark = pytest.mark.db
PROXIES = RULES.model_copy(update={"proxies": "written", "proxies_each": 1})


@pytest.fixture
def votes(emptied):
    return Polls(emptied("votes"))


def told(votes, poll, who=SHI, language="zh-CN"):
    """Each step that somebody is told of, with the code of why not."""
    return {
        one.do: one.why_not and one.why_not.code for one in votes.get(poll, who, language).steps
    }


def passed(votes, **facts):
    poll = votes.opened(**facts)
    for person in (SUN, LU, MA):
        votes.booth.cast(poll, person)
    votes.until(days=7)
    return poll


def test_only_those_in_office_are_told_of_steps_and_each_of_her_own(votes):
    poll = votes.announced()
    assert list(told(votes, poll)) == ["correct_roll", "record_proxy", "void", "annul", "file"]
    assert list(told(votes, poll, SUPERVISOR)) == ["sign_off"]
    assert list(told(votes, poll, AUDITOR)) == ["audit"]
    assert told(votes, poll, SUN) == {}
    helper = Actor(SUN.person_id, "s", SHI.grants, NOW.timestamp() + 60, acted_by="p-helper")
    assert told(votes, poll, helper) == {}
    assert votes.listed(SHI) == [poll], "a list has no steps, and costs none"


def test_the_other_body_reads_why_it_does_nothing(votes):
    poll = votes.announced()
    assert set(told(votes, poll, OWNERS).values()) == {"votes.not_your_step"}
    assert refused(votes.void, poll, OWNERS) == "votes.not_your_step"


def test_the_roll_is_corrected_from_its_drawing_to_the_opening(votes):
    def strike(poll):
        entry = votes.entry(poll, LU) if poll else None
        cmd = roll_ops.StrikeRollEntry(id=poll, subject_id=entry, reason="不在本社区")
        return refused(votes.do, roll_desk.strike, cmd, SHI, votes.now)

    drawing = votes.poll("announced", RULES, voters=(), roll_state="drawing")
    assert told(votes, drawing)["correct_roll"] == strike(drawing) == "votes.roll_not_ready"
    poll = votes.announced()
    assert told(votes, poll)["correct_roll"] is None
    votes.until(days=7)
    assert told(votes, poll)["correct_roll"] == strike(poll) == "votes.roll_frozen"


def test_proxies_are_recorded_where_the_rules_know_them_until_the_close(votes):
    assert told(votes, votes.announced())["record_proxy"] == "votes.no_proxies"
    poll = votes.announced(PROXIES)
    assert told(votes, poll)["record_proxy"] is None
    votes.until(days=7)
    votes.until(days=7)
    assert told(votes, poll)["record_proxy"] == "votes.not_for_proxies"


def test_a_poll_is_stopped_while_it_runs_and_a_result_taken_back_until_it_holds(votes):
    poll = votes.announced()
    assert (told(votes, poll)["void"], told(votes, poll)["annul"]) == (None, "votes.poll_refuses")
    votes.void(poll)
    assert told(votes, poll)["void"] == refused(votes.void, poll) == "votes.poll_refuses"
    done = passed(votes)
    assert told(votes, done)["void"] == refused(votes.void, done)
    (why,) = [one.why_not for one in votes.get(done, SHI, "en").steps if one.do == "void"]
    assert why.text == texts_polls.REFUSED["void", "published"][1]
    assert told(votes, done)["annul"] is None
    votes.until(days=7)
    assert told(votes, done)["annul"] == refused(votes.annul, done) == "votes.poll_refuses"


def test_a_result_is_signed_by_those_who_do_not_convene_and_filed_once_it_holds(votes):
    poll = passed(votes, steps=["supervision", "filing"])
    assert told(votes, poll, SUPERVISOR) == {"sign_off": None}
    assert told(votes, poll)["file"] == "votes.nothing_to_file"
    votes.until(days=7)
    assert votes.get(poll, SHI).task == "sign"
    votes.sign(poll, SUPERVISOR)
    assert told(votes, poll, SUPERVISOR)["sign_off"] == "votes.nothing_to_sign"
    votes.do_duties()
    found = votes.get(poll, SHI)
    assert (found.task, found.task_due_at) == ("file", votes.now + timedelta(days=30))
    assert told(votes, poll)["file"] is None
    on = (votes.now + timedelta(hours=8)).date()
    cmd = result_ops.RecordFiling(id=poll, number="3号", authority="月浦样例镇", filed_on=on)
    votes.do(publicity.file, cmd, SHI, votes.now)
    assert told(votes, poll)["file"] == "votes.already_filed"
    assert (votes.get(poll, SHI).task, votes.get(poll, SHI).task_due_at) == ("done", None)


def test_an_audit_waits_for_the_close(votes):
    poll = votes.opened()
    assert told(votes, poll, AUDITOR)["audit"] == "votes.not_closed"
    votes.until(days=7)
    assert told(votes, poll, AUDITOR)["audit"] is None


def test_what_is_left_to_do_is_listed_and_results_are_read_in_one_statement(votes):
    failed, holds = votes.opened(), passed(votes)
    assert (votes.get(failed, SHI).task, votes.get(holds, SHI).task) == ("done", "publicity")
    assert votes.listed(SHI, to_do=True) == [holds]
    votes.until(days=7)
    assert votes.get(holds, SHI).task == "done", "its chain has no filing"
    running = votes.announced()
    assert votes.listed(SHI, to_do=True) == [running]
    assert votes.listed(SHI) == [running, holds, failed]
    _, asked = statements(votes.engine, lambda: votes.listed(SHI))
    assert sum("FROM results" in statement for statement, _ in asked) == 1


def test_a_roll_tells_how_far_it_is_drawn_and_of_which_moment_it_is(votes):
    votes.answers["draw_electorate"] = lambda **_asked: {"ticket": "t" * 20, "size": 3}
    poll = votes.poll("announced", RULES, voters=(), roll_state="drawing")

    def draw(uow):
        rolls.draw(uow, repository.polls.poll(uow.session, poll), votes.now)

    votes.do(draw)
    found = votes.do(roll_desk.list_roll, OfPoll(id=poll), SHI)
    assert (found.state, found.drawn, found.expected) == ("drawing", 0, 3)
    assert found.drawn_at is None
