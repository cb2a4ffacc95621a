"""Work for the processor is done aside, so that waiting calls go on."""

import time

import eventlet
import pytest

from services.kit.aside import aside


def work(seconds: float) -> str:
    """Keeps the processor busy, and gives way to nobody."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(1_000))
    return "done"


def turns_while(run) -> int:
    """How often another greenlet had its turn while ``run`` ran."""
    turns = 0

    def take_turns() -> None:
        nonlocal turns
        while True:
            eventlet.sleep(0)
            turns += 1

    other = eventlet.spawn(take_turns)
    eventlet.sleep(0)
    before = turns
    run()
    other.kill()
    return turns - before


def test_other_greenlets_have_their_turn_meanwhile():
    assert turns_while(lambda: work(0.3)) == 0
    assert turns_while(lambda: aside(work, 0.3)) > 10


def test_results_and_errors_come_back():
    assert aside(work, seconds=0.01) == "done"
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0)


def test_one_at_a_time():
    running, most = 0, 0

    def counted() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        work(0.05)
        running -= 1

    for thread in [eventlet.spawn(aside, counted) for _ in range(4)]:
        thread.wait()
    assert (running, most) == (0, 1)
