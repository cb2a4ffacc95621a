"""The clock's duties: on time, once, in order, and none stops the others. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts.events import TopicRaised
from services.votes import repository
from tests.support.bridge import NOW

pytestmark = pytest.mark.db


def raised(topic_id: str) -> TopicRaised:
    return TopicRaised(
        topic_id=topic_id,
        community_id="c",
        path="demo.a",
        title="题",
        author_id="p",
        convener="residents_committee",
    )


def test_a_duty_is_done_when_it_is_due_once_and_the_oldest_first(votes):
    done: list[str] = []
    duties = {"ring": lambda _uow, subject, _due, _now: done.append(subject)}
    for subject, hours in (("later", 2), ("first", 0), ("second", 1)):
        votes.do(lambda uow, s=subject, h=hours: repository.due.put(
            uow.session, "ring", s, NOW + timedelta(hours=h)
        ))  # fmt: skip
    assert votes.do_duties(duties) == 1
    votes.pass_time(hours=1)
    assert votes.do_duties(duties) == 1
    votes.do(lambda uow: repository.due.put(uow.session, "ring", "later", NOW + timedelta(days=9)))
    votes.pass_time(days=1)
    assert votes.do_duties(duties) == 0, "it was moved"
    votes.do(lambda uow: repository.due.drop(uow.session, "later", "ring"))
    votes.pass_time(days=30)
    assert votes.do_duties(duties) == 0
    assert done == ["first", "second"]


def test_one_that_fails_is_undone_with_its_events_and_tried_again_while_others_go_on(votes):
    done: list[str] = []

    def ring(uow, subject, _due, now):
        uow.emit(raised(subject))
        repository.due.put(uow.session, "echo", subject, now + timedelta(days=30))
        if subject == "bad" and now < NOW + timedelta(minutes=1):
            raise ValueError("not today")
        done.append(subject)

    for subject in ("bad", "good"):
        votes.do(lambda uow, s=subject: repository.due.put(uow.session, "ring", s, NOW))
    votes.do_duties({"ring": ring})
    assert done == ["good"]
    assert [e.topic_id for e in votes.told(TopicRaised)] == ["good"]
    assert votes.rows("SELECT subject_id FROM due WHERE kind = 'echo'") == [("good",)]
    assert votes.rows("SELECT tries, error FROM due WHERE subject_id = 'bad'") == [
        (1, "ValueError")
    ]
    votes.pass_time(minutes=2)
    votes.do_duties({"ring": ring})
    assert done == ["good", "bad"]


def test_one_that_waits_for_something_says_when_it_is_due_again(votes):
    asked: list[object] = []

    def ring(_uow, _subject, due_at, now):
        asked.append(due_at)
        return now + timedelta(minutes=10) if len(asked) < 3 else None

    votes.do(lambda uow: repository.due.put(uow.session, "ring", "one", NOW))
    for minutes, done in ((0, 1), (9, 0), (1, 1), (10, 1), (60, 0)):
        votes.pass_time(minutes=minutes)
        assert votes.do_duties({"ring": ring}) == done
    assert asked == [NOW, NOW + timedelta(minutes=10), NOW + timedelta(minutes=20)]


def test_of_two_processes_one_does_it(votes):
    """The second passes over what the first holds."""
    entered, leave = threading.Event(), threading.Event()
    done: list[str] = []

    def ring(_uow, subject, _due, _now):
        entered.set()
        assert leave.wait(10)
        done.append(subject)

    votes.do(lambda uow: repository.due.put(uow.session, "ring", "one", NOW))
    first = threading.Thread(target=votes.do_duties, args=({"ring": ring},))
    first.start()
    assert entered.wait(10)
    assert votes.do_duties({"ring": ring}) == 0
    leave.set()
    first.join(10)
    assert done == ["one"]
