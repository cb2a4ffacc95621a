"""What becomes of a comment, and what may be done with it."""

import pytest

from services.feed.domain import comments as rules


@pytest.mark.parametrize(
    ("was", "becomes", "more"),
    [
        ("shown", "deleted", -1),
        ("shown", "taken_down", -1),
        ("taken_down", "shown", 1),
        ("waiting", "shown", 1),
        ("waiting", "refused", 0),
    ],
)
def test_what_is_shown_is_counted(was, becomes, more):
    assert rules.moved(was, becomes) == more


def test_only_ones_own_words_are_deleted():
    rules.check_deletion(mine=True, step=None)
    with pytest.raises(rules.NotTheCommentsAuthor):
        rules.check_deletion(mine=False, step=None)


def test_a_step_of_an_issue_stays_even_ones_own():
    with pytest.raises(rules.StepOfAnIssue):
        rules.check_deletion(mine=True, step="rated")


@pytest.mark.parametrize(("official", "step"), [(False, None), (True, "answered")])
def test_only_answers_in_office_are_pinned(official, step):
    rules.check_pin(official=True, step=None)
    with pytest.raises(rules.OnlyAnswersArePinned):
        rules.check_pin(official=official, step=step)
