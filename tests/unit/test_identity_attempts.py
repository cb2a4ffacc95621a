"""Failures within a while lock, time unlocks, and the words say how long."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain import attempts
from services.identity.domain.attempts import Attempts, Limit, Locked

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LIMIT = Limit(3, within=timedelta(minutes=10), lock=timedelta(minutes=15))


def after(*minutes: float) -> Attempts:
    known = None
    for minute in minutes:
        known = attempts.failed(known, LIMIT, NOW + timedelta(minutes=minute))
    assert known is not None
    return known


def test_fewer_than_allowed_lock_nothing():
    attempts.require_open(None, NOW)
    attempts.require_open(after(0, 1), NOW + timedelta(minutes=1))


def test_the_last_allowed_failure_locks_until_the_time_is_over():
    known = after(0, 1, 2)
    with pytest.raises(Locked):
        attempts.require_open(known, NOW + timedelta(minutes=16, seconds=59))
    attempts.require_open(known, NOW + timedelta(minutes=17))


def test_failures_far_apart_never_lock():
    assert after(0, 5, 10, 15, 20).locked_until is None


def test_after_a_lock_the_count_begins_anew():
    assert after(0, 1, 2, 20) == Attempts(1, NOW + timedelta(minutes=20))


@pytest.mark.parametrize(
    ("left", "seconds", "zh", "en"),
    [
        (timedelta(seconds=1), 1, "请 1 分钟后再试", "in 1 minute"),
        (timedelta(seconds=61), 61, "请 2 分钟后再试", "in 2 minutes"),
        (timedelta(minutes=15), 900, "请 15 分钟后再试", "in 15 minutes"),
    ],
)
def test_the_words_name_the_minutes_left(left, seconds, zh, en):
    wire = Locked(left).to_wire()
    assert (wire["status"], wire["code"]) == (429, "identity.locked")
    assert wire["retry_after"] == seconds
    assert wire["zh"].endswith(zh) and wire["en"].endswith(en)
