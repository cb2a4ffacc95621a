"""Is it a problem at all: the detector on messages that it never saw. Needs: nothing."""

import pytest

from services.grid_bridge.classifier import examples, problem

pytestmark = pytest.mark.unit

HELD = examples.posts("ordinary_held_out")
POSTED = examples.posts("problems_held_out")
PROBLEMS = [(case.title, case.body) for case in examples.held_out()]


def scores(messages):
    return [problem(title, body) for title, body in messages]


def test_of_ordinary_posts_nine_in_ten_are_left_alone():
    found = scores(HELD)
    assert sum(score < 0.5 for score in found) / len(found) >= 0.9


@pytest.mark.parametrize("problems", [POSTED, PROBLEMS], ids=["posted", "reported"])
def test_of_problems_nine_in_ten_are_seen(problems):
    found = scores(problems)
    assert sum(score >= 0.5 for score in found) / len(found) >= 0.9


def test_the_two_kinds_stand_apart():
    """Area under the ROC curve: how often a problem scores above an ordinary post."""
    ordinary, problems = scores(HELD), scores([*PROBLEMS, *POSTED])
    pairs = [(a > b) + 0.5 * (a == b) for a in problems for b in ordinary]
    assert sum(pairs) / len(pairs) >= 0.97


@pytest.mark.parametrize("text", ["", "。", "x" * 5_000, "👍👍👍", "\u200b"])
def test_any_text_gets_a_share(text):
    assert 0.0 <= problem(text, text) <= 1.0


def test_no_post_stands_twice_and_nobody_real_is_in_it():
    texts = [*examples.posts("ordinary"), *examples.posts("problems"), *HELD, *POSTED]
    assert len(set(texts)) == len(texts) >= 850
    for title, body in texts:
        digits = "".join(char if char.isdigit() else " " for char in title + body)
        assert all(len(number) < 7 for number in digits.split()), title
