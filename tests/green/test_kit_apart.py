"""What may die of its input is done in a process of its own, while waiting calls go on."""

import json
import time

import eventlet
import pytest

from services.kit.apart import Died, apart

CHILD = "tests.support.apart_child"


def test_the_answer_comes_back_however_long_it_is():
    given = b"0123456789" * 300_000
    assert apart(CHILD, given, seconds=30) == given[::-1]


@pytest.mark.parametrize("too_much", [b"memory", b"processor", b"crash"])
def test_what_takes_too_much_dies_alone(too_much):
    with pytest.raises(Died):
        apart(CHILD, too_much, seconds=60)
    assert apart(CHILD, b"abc", seconds=30) == b"cba"


def test_what_says_nothing_is_not_waited_for():
    started = time.monotonic()
    with pytest.raises(Died):
        apart(CHILD, b"wait", seconds=1)
    assert time.monotonic() - started < 20


def test_the_process_is_told_none_of_the_settings(monkeypatch):
    monkeypatch.setenv("SHEQU_IDENTITY_DATABASE_URL", "postgresql://somebody:secret@host/db")
    said = json.loads(apart(CHILD, b"environment", seconds=30))
    assert "PATH" in said
    assert [name for name in said if name.startswith("SHEQU_")] == []


def test_other_greenlets_have_their_turn_meanwhile():
    turns = []

    def take_turns() -> None:
        while True:
            eventlet.sleep(0.01)
            turns.append(1)

    other = eventlet.spawn(take_turns)
    with pytest.raises(Died):
        apart(CHILD, b"processor", seconds=60)
    other.kill()
    assert len(turns) > 20
