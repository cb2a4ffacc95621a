"""Identifiers: their form, their order, and that no two are the same."""

import threading
import time
import uuid

import pytest

from services.contracts.ids import is_id, new_id

pytestmark = pytest.mark.unit
FIXED = "018bcfe5-6800-7abc-8def-0123456789ab"


def test_they_are_uuids_of_version_7() -> None:
    for _ in range(1000):
        parsed = uuid.UUID(new_id())
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_later_ones_sort_later_even_in_the_same_instant() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_they_say_when_they_were_made() -> None:
    before = time.time_ns() // 1_000_000
    made = int(new_id().replace("-", "")[:12], 16)
    assert before <= made <= time.time_ns() // 1_000_000 + 10


def test_threads_get_different_ones() -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(new_id() for _ in range(3_000)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 12_000


def test_time_can_be_fixed() -> None:
    assert new_id(unix_ms=1_700_000_000_000).startswith("018bcfe5-6800-7")
    assert new_id(unix_ms=1) != new_id(unix_ms=1)


@pytest.mark.parametrize("text", ["", "x", "0" * 32, FIXED.upper(), FIXED + "0"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert is_id(FIXED)
    assert not is_id(text)
