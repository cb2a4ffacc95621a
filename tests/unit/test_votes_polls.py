"""A poll's times and states, what a result waits for, and which groups are too small to tell of."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from services.contracts.operations.votes import RuleSet
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain import polls, publicity, results
from services.votes.domain.counting import Side, Tally
from services.votes.domain.polls import PollRefuses, Span, State
from services.votes.domain.publicity import Awaits
from services.votes.domain.results import Building

pytestmark = pytest.mark.unit

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = Span(NOON + 7 * DAY, NOON + 14 * DAY)


def test_a_poll_goes_one_way_and_can_be_stopped_until_it_is_void() -> None:
    way = [State.ANNOUNCED, State.OPEN, State.CLOSED, State.PUBLISHED]
    for was, to in pairwise(way):
        polls.step(was.value, to)
        polls.step(was.value, State.VOID)
        for back in way:
            if back is not to:
                with pytest.raises(PollRefuses):
                    polls.step(was.value, back)
    for to in State:
        with pytest.raises(PollRefuses):
            polls.step("void", to)


@pytest.mark.parametrize(
    ("written", "moved"),
    [(timedelta(), 0), (timedelta(seconds=1), 1), (30 * DAY, 30 * 86_400), (-DAY, 0)],
)
def test_the_notice_is_never_cut_short_and_voting_neither(written: timedelta, moved: int) -> None:
    """The text named its times some days before it is announced."""
    voting = polls.announced(WEEK, NOON + written, 7)
    assert voting.opens_at - WEEK.opens_at == timedelta(seconds=moved)
    assert voting.closes_at - voting.opens_at == 7 * DAY
    assert voting.opens_at - (NOON + written) >= 7 * DAY


@pytest.mark.parametrize(
    ("late", "held", "lasts"),
    [
        (timedelta(), False, 7 * DAY),
        (timedelta(hours=1), False, 7 * DAY - timedelta(hours=1)),
        (timedelta(days=3.5), False, timedelta(days=3.5)),
        (timedelta(days=3.5, seconds=1), False, 7 * DAY),
        (30 * DAY, False, 7 * DAY),
        (timedelta(hours=1), True, 7 * DAY),
        (30 * DAY, True, 7 * DAY),
    ],
)
def test_a_late_opening_leaves_voting_its_time(
    late: timedelta, held: bool, lasts: timedelta
) -> None:
    """One that was held lasts as promised; a machine that was away may cost half of it at most."""
    now = WEEK.opens_at + late
    assert polls.opened(WEEK, now, held=held) - now == lasts


def test_the_reminder_comes_in_the_last_quarter_or_the_day_before() -> None:
    assert polls.reminded(NOON, NOON + 7 * DAY) == NOON + 6 * DAY
    assert polls.reminded(NOON, NOON + timedelta(hours=4)) == NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    ("steps", "over", "unanswered", "signed", "waits"),
    [
        ([], True, 0, None, []),
        ([], False, 0, None, [Awaits.PERIOD]),
        (["filing"], True, 0, None, []),
        ([], True, 2, "sign", [Awaits.OBJECTIONS]),
        (["supervision"], True, 0, None, [Awaits.SIGN_OFF]),
        (["supervision"], True, 1, "refuse", [Awaits.OBJECTIONS, Awaits.REFUSED]),
        (["supervision"], False, 0, "sign", [Awaits.PERIOD]),
        (["supervision", "filing"], True, 0, "sign", []),
    ],
)
def test_a_decision_holds_when_nobody_has_to_act_any_more(
    steps: list[str], over: bool, unanswered: int, signed: str | None, waits: list[Awaits]
) -> None:
    settings = ChainSettings.model_validate({"steps": steps})
    found = publicity.awaits(settings, over=over, unanswered=unanswered, signed=signed)
    assert found == waits


def houses(*rolls: int) -> list[Building]:
    return [Building(f"{number}号楼", roll, 1, 0) for number, roll in enumerate(rolls, 1)]


@pytest.mark.parametrize(
    ("rolls", "shown", "together"),
    [
        ((10, 30), [10, 30], None),
        ((9, 30, 40), [40], 39),  # nine alone could be reckoned from the whole
        ((9, 30), [], 39),
        ((5, 6, 30), [30], 11),
        ((1,), [], 1),
        ((), [], None),
    ],
)
def test_a_secret_poll_names_no_small_building_nor_leaves_one_over(
    rolls: tuple[int, ...], shown: list[int], together: int | None
) -> None:
    told = results.by_building(houses(*rolls), secret=True)
    assert [one["roll"] for one in told if one["building"]] == shown
    assert next((one["roll"] for one in told if one["building"] is None), None) == together
    assert sum(one["online"] for one in told) == len(rolls)
    named = results.by_building(houses(*rolls), secret=False)
    assert [one["roll"] for one in named] == list(rolls)


def test_figures_are_exact_and_by_what_the_rules_weigh() -> None:
    rules = RuleSet.model_validate(
        {
            "base": "owners_ordinary",
            "electorate": {"who": "owners", "tenants": False},
            "weight": "dual",
            "threshold": {
                "area": {"at": "1/2", "above": True},
                "heads": {"at": "1/2", "above": True},
            },
        }
    )
    third = Side(1, 1, 8_950, Fraction(1, 3))
    tally = Tally(online={"for": third}, paper={"for": third + third}, spoiled=2)
    assert results.weights(rules, tally) == {
        "area": {"for": "537/2", "against": "0/1", "abstain": "0/1"},
        "heads": {"for": "1/1", "against": "0/1", "abstain": "0/1"},
    }
    assert results.channels(tally, 4) == {
        "online": {"for": 1, "against": 0, "abstain": 0, "spoiled": 0, "invalid": 0},
        "paper": {"for": 2, "against": 0, "abstain": 0, "spoiled": 4, "invalid": 2},
    }
    assert results.sums(third)["area"] == "179/2"
