"""What comes next with a poll, and by when."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.operations.votes.polls import PollTask
from services.votes.domain.poll_tasks import Decided, Running, Task, task

NOW = datetime(2026, 3, 5, tzinfo=UTC)
OPENS, CLOSES, SHUT = NOW + timedelta(days=1), NOW + timedelta(days=8), NOW - timedelta(days=1)
ENDS, SIGN_BY, FILE_BY = (NOW + timedelta(days=days) for days in (7, 9, 30))


def running(state, roll="frozen", held=(), closed_at=None):
    return Running(state, roll, held, OPENS, CLOSES, closed_at)


def decided(**changes):
    facts = {
        "passed": True, "ends_at": ENDS, "waits": (), "sign_by": None, "adopted_at": None,
        "file_by": None, "filed": False, "annulled": False, **changes,
    }  # fmt: skip
    return Decided(**facts)


@pytest.mark.parametrize(
    ("poll", "then", "by"),
    [
        (running("announced", "drawing"), Task.ROLL, OPENS),
        (running("announced", "published"), Task.NOTICE, OPENS),
        (running("announced", "published", ["objections"]), Task.ANSWER, OPENS),
        (running("open"), Task.VOTING, CLOSES),
        (running("closed", closed_at=SHUT), Task.COUNTING, SHUT + timedelta(days=3)),
        (running("published"), Task.DONE, None),
        (running("void"), Task.DONE, None),
    ],
)
def test_a_poll_says_what_comes_next_by_its_own_times(poll, then, by):
    assert task(poll, None, NOW) == (then, by)


OVER = ENDS + timedelta(hours=1)
ADOPTED = {"adopted_at": OVER, "file_by": FILE_BY}


@pytest.mark.parametrize(
    ("result", "at", "then", "by"),
    [
        (decided(), NOW, Task.PUBLICITY, ENDS),
        (decided(waits=["sign_off"]), NOW, Task.PUBLICITY, ENDS),
        (decided(waits=["objections", "sign_off"]), OVER, Task.ANSWER, ENDS),
        (decided(waits=["sign_off"], sign_by=SIGN_BY), OVER, Task.SIGN, SIGN_BY),
        (decided(waits=["sign_off_refused"]), OVER, Task.SIGN, None),
        (decided(), OVER, Task.PUBLICITY, ENDS),
        (decided(**ADOPTED), OVER, Task.FILE, FILE_BY),
        (decided(**ADOPTED, filed=True), OVER, Task.DONE, None),
        (decided(adopted_at=OVER), OVER, Task.DONE, None),
        (decided(passed=False, ends_at=None), NOW, Task.DONE, None),
        (decided(annulled=True), NOW, Task.DONE, None),
    ],
)
def test_a_result_says_what_comes_next_until_it_is_on_file(result, at, then, by):
    assert task(running("published"), result, at) == (then, by)


def test_the_tasks_are_those_of_the_contract():
    assert {one.value for one in Task} == set(PollTask.__args__)
