"""The party garden: who sees whom, which numbers are told, how a pledge was kept. No database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Invalid
from services.feed.domain import party as rules
from services.feed.domain.fields import read_extra
from services.feed.domain.modules import BY_KEY
from services.feed.domain.party import Schedule, how_kept

HERE = "demo.yuepu.shangyuan"
MONDAY = date(2026, 3, 2)


def somebody(role, path):
    return Actor("p", "s", (Grant(role, path),), 2**31)


@pytest.mark.parametrize(
    ("role", "path", "sees"),
    [
        (Role.PARTY_MEMBER, HERE, True),
        (Role.PARTY_MEMBER, "demo.yuepu", True),
        (Role.PARTY_MEMBER, f"{HERE}.estate", True),
        (Role.PARTY_MEMBER, "demo.yuepu.juyuan", False),
        (Role.SECRETARY, HERE, True),
        (Role.COMMITTEE_STAFF, HERE, True),
        (Role.COMMITTEE_STAFF, f"{HERE}.estate", False),
        (Role.DISTRICT_ADMIN, "demo", False),
        (Role.OBSERVER, "demo", False),
        (Role.RESIDENT, HERE, False),
    ],
)
def test_members_of_the_place_and_its_committee_see_who_has_reported(role, path, sees):
    assert rules.sees_members(somebody(role, path), HERE) is sees


def test_a_number_is_told_when_it_can_mean_nobody():
    """Whoever is not in the list that neighbours see hides among ten at least, or is not told."""
    assert rules.told_number(9, 9) is None
    assert rules.told_number(19, 10) is None
    assert rules.told_number(20, 10) == 20
    assert rules.told_number(29, 10) == 20, "one more does not show"
    assert rules.told_completions(9) is None
    assert rules.told_completions(19) == 10


def kept(schedules, recorded, today=MONDAY + timedelta(14)):
    return how_kept(schedules, recorded, today)


def test_a_pledge_is_due_from_the_day_after_it_was_made_until_yesterday():
    fridays = [MONDAY + timedelta(4), MONDAY + timedelta(11)]
    both = Schedule(MONDAY, frozenset({1, 5}))
    found = kept([both], [fridays[0]])
    assert (found.due, found.kept) == (3, 1), "not this Monday, not the one it was made on"
    assert found.missed == (fridays[1], MONDAY + timedelta(7))
    assert found.share == "0.33"
    assert kept([both], [*fridays, MONDAY + timedelta(7)]).share == "1.00"


def test_extra_deeds_make_nothing_good():
    found = kept([Schedule(MONDAY, frozenset({5}))], [MONDAY + timedelta(day) for day in range(4)])
    assert (found.due, found.kept, found.share) == (2, 0, "0.00")


def test_nothing_due_has_no_share_and_a_share_is_never_rounded_up():
    assert kept([Schedule(MONDAY, frozenset())], []).share is None
    daily = Schedule(MONDAY, frozenset(range(1, 8)))
    days = [MONDAY + timedelta(day) for day in range(1, 1000)]
    found = how_kept([daily], days[:-1], MONDAY + timedelta(1000))
    assert (found.due, found.kept, found.share) == (999, 998, "0.99")


def test_a_pledge_ends_with_its_last_day():
    ended = Schedule(MONDAY, frozenset(range(1, 8)), until=MONDAY + timedelta(3))
    assert kept([ended], []).due == 3


def test_a_changed_schedule_changes_nothing_of_the_past():
    daily = Schedule(MONDAY, frozenset(range(1, 8)))
    never = Schedule(MONDAY + timedelta(4), frozenset())
    found = kept([never, daily], [])
    assert found.due == 4
    assert found.missed[0] == MONDAY + timedelta(4)


def test_the_latest_missing_days_are_named_and_all_are_counted():
    daily = Schedule(MONDAY, frozenset(range(1, 8)))
    found = how_kept([daily], [], MONDAY + timedelta(101))
    assert (found.due, len(found.missed)) == (100, rules.MOST_MISSED)
    assert found.missed[0] == MONDAY + timedelta(100)


def test_the_schedule_is_read_from_the_fields_of_the_post():
    extra = read_extra(
        BY_KEY["party"],
        {
            "kind": "pledge",
            "place": "各楼道",
            "slots": [
                {"weekday": 3, "from": "20:00", "to": "21:00"},
                {"weekday": 3, "from": "22:00", "to": "23:00"},
                {"weekday": 5, "from": "20:00", "to": "21:00"},
            ],
            "until": "2026-06-30T23:00:00+08:00",
        },
    )
    said = rules.schedule_of(extra, datetime(2026, 3, 2, 17, tzinfo=UTC))
    assert said == Schedule(date(2026, 3, 3), frozenset({3, 5}), date(2026, 6, 30))
    assert rules.schedule_of({}, datetime(2026, 3, 2, tzinfo=UTC)).weekdays == frozenset()


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("9999-12-31T23:59:59+00:00", date.max),
        ("0001-01-01T00:00:00+14:00", date.min),
    ],
)
def test_a_schedule_may_end_at_the_edge_of_the_calendar(until, last):
    said = rules.schedule_of({"until": until}, datetime(2026, 3, 2, tzinfo=UTC))
    assert said.until == last
    assert how_kept([said], [], MONDAY + timedelta(9)).due == 0


@pytest.mark.parametrize("odd", ["soon", 5, [{"weekday": 1}], ["x"]])
def test_what_a_pledge_cannot_say_is_not_said(odd):
    said = rules.schedule_of({"slots": odd, "until": odd}, datetime(2026, 3, 2, tzinfo=UTC))
    assert said == Schedule(date(2026, 3, 2), frozenset())


def test_a_deed_is_recorded_while_it_is_remembered():
    def check(on):
        rules.check_deed(on, posted=MONDAY, today=MONDAY + timedelta(9))

    check(MONDAY + timedelta(2))
    check(MONDAY + timedelta(9))
    with pytest.raises(rules.DeedTooLate):
        check(MONDAY + timedelta(1))
    for on in (MONDAY - timedelta(1), MONDAY + timedelta(10)):
        with pytest.raises(Invalid) as refused:
            check(on)
        assert [error.field for error in refused.value.errors] == ["on_date"]
