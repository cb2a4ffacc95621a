"""The maker of golden samples: what it writes, what it never touches, what it says is wrong."""

import pytest

from services.contracts import events as e
from tests.contracts.make_golden import ANYBODY, COMMAND, misfits, path_of, write

pytestmark = pytest.mark.unit

NOBODY_YET = [(e.PostChanged, ANYBODY)]
SOMEBODY = [(e.PostChanged, "votes.candidates")]
PLACE = "tests/contracts/golden/post.changed.v1"


def names(folder):
    return [path.name for path in sorted(folder.rglob("*.json"))]


def test_a_missing_sample_is_named_with_the_command_and_the_command_writes_it(tmp_path):
    assert list(misfits(SOMEBODY, tmp_path)) == [
        f"{PLACE}/votes.candidates.json is missing: run {COMMAND}"
    ]
    assert list(write(SOMEBODY, tmp_path)) == [f"{PLACE}/votes.candidates.json written"]
    assert list(misfits(SOMEBODY, tmp_path)) == []


def test_a_sample_made_before_the_queue_gives_way_to_the_consumer_s_own(tmp_path):
    list(write(NOBODY_YET, tmp_path))
    assert names(tmp_path) == ["anybody.json"]
    stray = f"{PLACE}/anybody.json has served, somebody listens now: delete it, or run {COMMAND}"
    assert stray in misfits(SOMEBODY, tmp_path)
    assert f"{PLACE}/anybody.json deleted" in write(SOMEBODY, tmp_path)
    assert names(tmp_path) == ["votes.candidates.json"]
    assert list(misfits(SOMEBODY, tmp_path)) == []


def test_what_a_consumer_was_promised_is_never_rewritten(tmp_path):
    list(write(SOMEBODY, tmp_path))
    path_of(*SOMEBODY[0], tmp_path).write_text("{}")
    assert list(write(SOMEBODY, tmp_path)) == []
    assert path_of(*SOMEBODY[0], tmp_path).read_text() == "{}"


def test_the_promise_to_a_queue_that_is_gone_stays_until_somebody_decides(tmp_path):
    list(write([(e.PostChanged, "votes.old")], tmp_path))
    list(write(SOMEBODY, tmp_path))
    assert names(tmp_path) == ["votes.candidates.json", "votes.old.json"]
    assert list(misfits(SOMEBODY, tmp_path)) == [
        f"{PLACE}/votes.old.json has no consumer of this name: if the queue was renamed, "
        "rename it to votes.candidates.json; otherwise delete it"
    ]


def test_a_sample_of_an_event_that_is_gone_is_to_be_deleted(tmp_path):
    list(write(SOMEBODY, tmp_path))
    (said,) = misfits([], tmp_path)
    assert said == f"{PLACE}/votes.candidates.json is of no event that there is: delete it"
