"""Moderation's rules: what waits, what a decision does, when an appeal is in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.contracts.errors import Invalid
from services.feed.domain import moderation as rules
from services.feed.domain import silences
from services.feed.domain.lexicon import Finding, Hit
from services.feed.domain.modules import BY_KEY
from services.feed.models.posts import STATES

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
POST = BY_KEY["neighbours"]
PRE = replace(POST, moderation="pre")
HELD = Finding((Hit("body", "hold", "fraud"),))
NOTED = Finding((Hit("body", "note", "insults"),))


@pytest.mark.parametrize(
    ("module", "finding", "trusted", "why"),
    [
        (POST, Finding(), False, None),
        (POST, NOTED, False, None),
        (POST, HELD, False, "lexicon"),
        (PRE, Finding(), False, "module"),
        (PRE, HELD, False, "lexicon"),
        (PRE, HELD, True, None),
    ],
)
def test_why_something_waits(module, finding, trusted, why):
    assert rules.why_it_waits(module, finding, trusted=trusted) == why


def test_every_decision_has_an_outcome_for_every_state():
    for state, decision, was_shown in product(
        ("shown", "waiting", "refused", "taken_down", "deleted"), ("keep", "take_down"), (0, 1)
    ):
        after = rules.becomes(state, decision, was_shown=bool(was_shown))
        assert f"'{after}'" in STATES
        assert (after == "shown") == (decision == "keep" and state != "deleted")


def test_what_neighbours_have_seen_is_taken_down_and_what_they_have_not_refused():
    assert rules.becomes("waiting", "take_down", was_shown=True) == "taken_down"
    assert rules.becomes("waiting", "take_down", was_shown=False) == "refused"


@pytest.mark.parametrize(
    ("recent", "official", "is_issue", "kept", "held"),
    [
        (5, False, False, False, True),
        (4, False, False, False, False),
        (50, True, False, False, False),
        (50, False, True, False, False),
        (50, False, False, True, False),
    ],
)
def test_a_storm_holds_nothing_official_no_problem_and_nothing_twice(
    recent, official, is_issue, kept, held
):
    assert rules.storms(recent, official=official, is_issue=is_issue, kept_before=kept) is held


def test_an_appeal_is_against_a_decision_and_in_time():
    rules.check_appeal("decided", "take_down", NOW, NOW + rules.APPEAL_WITHIN)
    with pytest.raises(rules.AppealTooLate):
        rules.check_appeal(
            "decided", "take_down", NOW, NOW + rules.APPEAL_WITHIN + timedelta(seconds=1)
        )
    for state, decision in (("open", None), ("decided", "keep"), ("appealed", "take_down")):
        with pytest.raises(rules.NothingToAppeal):
            rules.check_appeal(state, decision, NOW, NOW)


@pytest.mark.parametrize("after", [timedelta(0), -timedelta(days=1), timedelta(days=30, seconds=1)])
def test_a_silence_ends_within_thirty_days(after):
    silences.check_until(NOW + timedelta(days=30), NOW)
    with pytest.raises(Invalid):
        silences.check_until(NOW + after, NOW)
