"""The rules of mutual aid, idle things and handshakes."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.operations.feed import aid as ops
from services.feed.domain import aid, fields, handshake
from services.feed.domain.handshake import Handshake
from services.feed.domain.modules import BY_KEY

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MUTUAL_AID = BY_KEY["mutual_aid"]


def slot(weekday, begins, ends):
    return {"weekday": weekday, "from": begins, "to": ends}


EVERY_DAY = [slot(day, "08:00", "15:00") for day in range(1, 8)]

# -- hours of the week


def test_every_day_from_8_to_15():
    found = aid.hours(EVERY_DAY)
    assert found[0] == (480, 900)
    assert found == tuple((day * 1440 + 480, day * 1440 + 900) for day in range(7))
    assert sum(ends - begins for begins, ends in found) == 7 * 7 * 60


def test_a_night_is_two_slots_that_meet_at_midnight():
    assert aid.hours([slot(2, "00:00", "06:00"), slot(1, "22:00", "23:59")]) == ((1320, 1800),)


def test_the_last_minute_of_the_week_ends_the_week():
    assert aid.hours([slot(7, "20:00", "23:59")]) == ((7 * 1440 - 240, aid.WEEK),)


@pytest.mark.parametrize(
    ("slots", "hours"),
    [
        ([slot(1, "08:00", "10:00"), slot(1, "09:00", "12:00")], ((480, 720),)),
        ([slot(1, "10:00", "12:00"), slot(1, "08:00", "10:00")], ((480, 720),)),
        ([slot(1, "08:00", "12:00"), slot(1, "09:00", "10:00")], ((480, 720),)),
        ([slot(1, "08:00", "09:00"), slot(1, "09:01", "10:00")], ((480, 540), (541, 600))),
        ([], aid.ANY_TIME),
    ],
)
def test_what_overlaps_or_touches_becomes_one(slots, hours):
    assert aid.hours(slots) == hours


clocks = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
weeks = st.lists(
    st.tuples(st.integers(1, 7), clocks, clocks)
    .filter(lambda found: found[1] < found[2])
    .map(lambda found: slot(*found)),
    min_size=1,
    max_size=fields.MAX_SLOTS,
)


def minutes(slots):
    """The minutes of the week, one by one: slowly, but beyond doubt."""
    covered = set()
    for each in slots:
        (h, m), (to_h, to_m) = (map(int, each[end].split(":")) for end in ("from", "to"))
        begins, ends = h * 60 + m, to_h * 60 + to_m
        midnight = (each["weekday"] - 1) * 1440
        covered |= set(range(midnight + begins, midnight + (1440 if ends == 1439 else ends)))
    return covered


@given(weeks)
def test_hours_are_the_minutes_of_the_slots_in_order_and_apart(slots):
    found = aid.hours(slots)
    assert {m for begins, ends in found for m in range(begins, ends)} == minutes(slots)
    assert all(0 <= begins < ends <= aid.WEEK for begins, ends in found)
    assert all(one[1] < two[0] for one, two in itertools.pairwise(found))


@given(weeks, st.randoms())
def test_the_order_in_which_slots_are_named_is_no_matter(slots, dice):
    shuffled = list(slots)
    dice.shuffle(shuffled)
    assert aid.hours(shuffled) == aid.hours(slots)


@given(weeks)
def test_what_the_fields_take_the_hours_understand(slots):
    read = fields.read_extra(MUTUAL_AID, {"slots": slots})["slots"]
    assert aid.hours(read) == aid.hours(slots) == aid.hours(fields.read_slots("slots", slots))


# -- what a post is


@pytest.mark.parametrize(
    ("module", "extra", "found"),
    [
        ("mutual_aid", {"kind": "offer"}, aid.Aid("offer", "", aid.ANY_TIME, False)),
        (
            "mutual_aid",
            {"kind": "need", "skill_kind": "tutoring"},
            aid.Aid("need", "tutoring", aid.ANY_TIME, True),
        ),
        (
            "mutual_aid",
            {"kind": "need", "skill_kind": "child_care", "minors": "no"},
            aid.Aid("need", "child_care", aid.ANY_TIME, True),
        ),
        (
            "mutual_aid",
            {"kind": "offer", "skill_kind": "other", "minors": "yes"},
            aid.Aid("offer", "", aid.ANY_TIME, True),
        ),
        ("mutual_aid", {"skill_kind": "pets"}, None),
        ("idle", {"price": "0.00"}, aid.Aid("idle", "", aid.ANY_TIME, False)),
        ("neighbours", {"kind": "offer"}, None),
    ],
)
def test_a_post_is_an_offer_a_need_a_thing_or_words(module, extra, found):
    assert aid.aid_of(BY_KEY[module].works, extra) == found


@pytest.mark.parametrize("odd", ["abc", 5, ["offer"], [{"weekday": 1}], [{"weekday": 8, "to": 0}]])
@pytest.mark.parametrize("key", ["skill_kind", "slots", "minors"])
def test_what_a_field_held_in_other_days_does_no_harm(key, odd):
    found = aid.aid_of({"aid"}, {"kind": "offer", key: odd})
    assert (found.kind, found.hours, found.minors) == ("offer", aid.ANY_TIME, False)
    assert aid.aid_of({"aid"}, {"kind": [odd]}) is None


def test_the_kinds_of_help_are_a_closed_list_in_two_languages():
    kinds = MUTUAL_AID.field("skill_kind").choices
    assert [kind.key for kind in kinds] == [
        "child_care", "tutoring", "errands", "repairs", "company", "pets", "phone_help", "health",
        "lifting", "other",
    ]  # fmt: skip
    assert all(kind.name and kind.name_en for kind in kinds)
    assert {kind.key for kind in kinds} >= aid.OF_CHILDREN | {aid.NO_KIND}


def test_help_for_children_is_not_offered_unnamed_but_may_be_asked_for():
    offer = aid.Aid("offer", "tutoring", aid.ANY_TIME, True)
    with pytest.raises(aid.NameNeeded):
        aid.check_named(offer, hide_name=True)
    aid.check_named(offer, hide_name=False)
    aid.check_named(aid.Aid("need", "tutoring", aid.ANY_TIME, True), hide_name=True)
    aid.check_named(aid.Aid("offer", "pets", aid.ANY_TIME, False), hide_name=True)


@pytest.mark.parametrize("count", range(6))
def test_the_third_time_of_not_coming_is_one_too_many(count):
    if count > 2:
        with pytest.raises(aid.TooManyNoShows):
            aid.check_comes(count)
    else:
        aid.check_comes(count)


def test_not_coming_counts_for_90_days_and_not_before_the_committees_word():
    assert aid.counts_since(NOW, None) == NOW - timedelta(days=90)
    assert aid.counts_since(NOW, NOW - timedelta(days=5)) == NOW - timedelta(days=5)
    assert aid.counts_since(NOW, NOW - timedelta(days=500)) == NOW - timedelta(days=90)


# -- the handshake

STATES = get_args(handshake.State)
STEPS = get_args(handshake.Step)
PARTIES = get_args(handshake.Party)


def test_the_contract_names_the_same_steps_and_states():
    assert get_args(ops.Step) == STEPS
    assert set(STATES) == {move.to for move in handshake.MOVES.values()} | {"asked"}


def shake(kind="offer", state="asked", done_by=None, changed_at=NOW):
    return Handshake(kind, state, changed_at, done_by)


WAYS = [
    # kind, from, step, by, to
    ("offer", "asked", "agree", "author", "agreed"),
    ("offer", "asked", "decline", "author", "declined"),
    ("offer", "asked", "cancel", "asker", "cancelled"),
    ("offer", "agreed", "cancel", "asker", "cancelled"),
    ("need", "agreed", "cancel", "author", "cancelled"),
    ("offer", "agreed", "done", "author", "done"),
    ("idle", "agreed", "done", "asker", "done"),
    ("offer", "agreed", "no_show", "asker", "no_show"),
    ("offer", "done", "thank", "asker", "thanked"),
    ("need", "done", "thank", "author", "thanked"),
    ("idle", "done", "thank", "asker", "thanked"),
]


@pytest.mark.parametrize(("kind", "state", "step", "by", "to"), WAYS)
def test_a_step_leads_on(kind, state, step, by, to):
    assert handshake.step_to(shake(kind, state, done_by="author"), step, by, NOW) == to


@pytest.mark.parametrize(
    ("kind", "state", "step", "by"),
    [
        ("offer", "asked", "agree", "asker"),
        ("offer", "asked", "decline", "asker"),
        ("offer", "asked", "cancel", "author"),
        ("offer", "done", "thank", "author"),
        ("need", "done", "thank", "asker"),
        ("idle", "done", "thank", "author"),
        ("offer", "done", "no_show", "author"),
    ],
)
def test_a_step_of_the_other_one_is_not_taken(kind, state, step, by):
    with pytest.raises(handshake.NotYourStep):
        handshake.step_to(shake(kind, state, done_by="author"), step, by, NOW)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("by", PARTIES)
def test_what_the_table_does_not_name_is_not_possible(state, step, by):
    if (state, step) in handshake.MOVES:
        return
    with pytest.raises(handshake.StepNotPossible):
        handshake.step_to(shake("offer", state, done_by="author"), step, by, NOW)


@pytest.mark.parametrize("state", ["declined", "thanked", "no_show", "cancelled"])
def test_what_is_over_stays_over(state):
    assert not [move for move in handshake.MOVES if move[0] == state]
    assert all(handshake.due(kind, state, NOW) is None for kind in get_args(handshake.Kind))


def test_the_other_one_may_object_for_three_days():
    done = shake("offer", "done", done_by="author")
    assert handshake.step_to(done, "no_show", "asker", NOW + timedelta(days=3)) == "no_show"
    with pytest.raises(handshake.TooLateToObject):
        handshake.step_to(done, "no_show", "asker", NOW + timedelta(days=3, seconds=1))


def test_a_buyers_word_is_final_and_a_givers_is_not():
    assert handshake.step_to(shake("idle", "done", "author"), "no_show", "asker", NOW) == "no_show"
    with pytest.raises(handshake.StepNotPossible):
        handshake.step_to(shake("idle", "done", "asker"), "no_show", "author", NOW)


@pytest.mark.parametrize(
    ("slots", "over"),
    [
        ([], "2026-03-09T12:00"),  # agreed on Monday 2026-03-02 at noon
        ([{"weekday": 1, "from": "11:00", "to": "13:00"}], "2026-03-02T13:00"),
        ([{"weekday": 1, "from": "08:00", "to": "11:00"}], "2026-03-09T11:00"),
        ([{"weekday": day, "from": "8:00", "to": "9:00"} for day in (2, 7)], "2026-03-08T09:00"),
        ([{"weekday": 7, "from": "22:00", "to": "23:59"}], "2026-03-09T00:00"),
    ],
)
def test_who_agreed_cancels_until_the_agreed_hours_are_over(slots, over):
    noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    end = datetime.fromisoformat(f"{over}:00+08:00")
    shake = handshake.Handshake("need", "agreed", noon, hours=aid.hours(slots))
    assert handshake.step_to(shake, "cancel", "asker", end) == "cancelled"
    late = end + timedelta(seconds=1)
    with pytest.raises(handshake.TooLateToCancel):
        handshake.step_to(shake, "cancel", "asker", late)
    assert handshake.step_to(shake, "no_show", "author", late) == "no_show"
    assert handshake.step_to(shake, "done", "author", late) == "done"


@pytest.mark.parametrize(
    ("kind", "state", "days"),
    [
        ("offer", "asked", 7),
        ("need", "asked", 7),
        ("idle", "asked", 3),
        ("idle", "agreed", 3),
        ("offer", "agreed", None),
        ("need", "done", None),
        ("idle", "done", None),
    ],
)
def test_time_ends_what_waits_too_long(kind, state, days):
    expected = None if days is None else NOW + timedelta(days=days)
    assert handshake.due(kind, state, NOW) == expected


@pytest.mark.parametrize("state", STATES)
def test_a_thing_is_free_again_whenever_its_handshake_came_to_nothing(state):
    expected = {"asked": "reserved", "agreed": "reserved", "done": "gone", "thanked": "gone"}
    assert handshake.thing_after(state) == expected.get(state, "open")
