"""Signing up against a model of a page: whatever happens, both say the same. Needs: db."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from services.contracts.errors import ShequError
from services.feed.domain import sign_ups as rules
from tests.support.feed_fair import Fair
from tests.support.feed_street import NOON, Street, actor

pytestmark = pytest.mark.db
PEOPLE = ("a", "b", "c", "d", "e", "f")
TERMS = {"shareable": True, "starts_at": NOON + timedelta(days=7)}


class Model:
    """A table with chairs for two, a line, and letters of invitation."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.stalls: list[list[str]] = []
        self.line: list[str] = []
        self.letters: dict[str, tuple[str, list[str]]] = {}  # to whom: from whom, which stall
        self.comings: Counter[str] = Counter()

    def stall_of(self, who: str) -> list[str] | None:
        return next((stall for stall in self.stalls if who in stall), None)

    def sign(self, who: str) -> type[ShequError] | None:
        if self.stall_of(who) is not None or (who in self.line and who not in self.letters):
            return None
        if self.comings[who] == rules.COMINGS_A_DAY:
            return rules.ComesTooOften
        self.comings[who] += 1
        if who in self.letters:
            self.letters.pop(who)[1].append(who)
            if who in self.line:
                self.line.remove(who)
        else:
            self.line.append(who)
            self.move_up()
        return None

    def cancel(self, who: str) -> None:
        stall = self.stall_of(who)
        if stall is not None:
            stall.remove(who)
            if not stall:
                self.stalls = [other for other in self.stalls if other is not stall]
                self.letters = {
                    to: letter for to, letter in self.letters.items() if letter[1] is not stall
                }
        if who in self.line:
            self.line.remove(who)
        self.letters.pop(who, None)
        self.move_up()

    def invite(self, who: str, whom: str) -> type[ShequError] | None:
        stall = self.stall_of(who)
        if stall is None:
            return rules.NotSignedUp
        if whom in stall or self.letters.get(whom, (None, None))[1] is stall:
            return None
        if len(stall) > 1:
            return rules.NotShareable
        if self.stall_of(whom) is not None or whom in self.letters:
            return rules.CannotInvite
        if self.comings[who] == rules.COMINGS_A_DAY:
            return rules.ComesTooOften
        self.comings[who] += 1
        self.letters = {to: letter for to, letter in self.letters.items() if letter[1] is not stall}
        self.letters[whom] = (who, stall)
        return None

    def resize(self, capacity: int) -> type[ShequError] | None:
        if capacity < len(self.stalls):
            return rules.BelowTaken
        self.capacity = capacity
        self.move_up()
        return None

    def move_up(self) -> None:
        while self.line and len(self.stalls) < self.capacity:
            first = self.line.pop(0)
            self.letters.pop(first, None)
            self.stalls.append([first])

    def picture(self) -> dict[str, object]:
        return {
            "stalls": sorted(sorted(stall) for stall in self.stalls),
            "line": self.line,
            "letters": {to: by for to, (by, _) in self.letters.items()},
        }


def machine_of(street: Street) -> type[RuleBasedStateMachine]:
    """The machine on this street; each example is a fair of its own."""

    class SignUps(RuleBasedStateMachine):
        @initialize(capacity=st.integers(1, 3))
        def open(self, capacity: int) -> None:
            self.fair = Fair(street, capacity=capacity, **TERMS)
            self.model = Model(capacity)

        @rule(who=st.sampled_from(PEOPLE))
        def sign(self, who: str) -> None:
            self.refused(self.model.sign(who), lambda: self.fair.sign(actor(who)))

        @rule(who=st.sampled_from(PEOPLE))
        def cancel(self, who: str) -> None:
            self.fair.cancel(actor(who))
            self.model.cancel(who)

        @rule(who=st.sampled_from(PEOPLE))
        def move_away_and_back(self, who: str) -> None:
            self.fair.leave(who)
            street.card(who)
            self.model.cancel(who)

        @rule(pair=st.permutations(PEOPLE))
        def invite(self, pair: list[str]) -> None:
            who, whom = pair[:2]
            expected = self.model.invite(who, whom)
            self.refused(expected, lambda: self.fair.invite(actor(who), whom))

        @rule(capacity=st.integers(1, 4))
        def resize(self, capacity: int) -> None:
            expected = self.model.resize(capacity)
            self.refused(expected, lambda: self.fair.put(capacity=capacity, **TERMS))

        def refused(self, expected, act) -> None:
            if expected is None:
                act()
            else:
                with pytest.raises(expected):
                    act()

        @invariant()
        def both_say_the_same(self) -> None:
            if not hasattr(self, "fair"):
                return
            assert picture(self.fair) == self.model.picture()
            assert self.fair.broken() == {}

    return SignUps


def picture(fair: Fair) -> dict[str, object]:
    """Who shares a stall, who waits, who is invited, as the tables have it."""
    with fair.street.units() as uow:
        rows = uow.session.execute(
            text(
                "SELECT person_id, state, place_id, invited_by FROM feed_sign_ups "
                "WHERE post_id = :post AND state <> 'cancelled' ORDER BY turn"
            ),
            {"post": fair.post},
        ).all()
    stalls: dict[str, list[str]] = {}
    for row in rows:
        if row.state == "in":
            stalls.setdefault(row.place_id, []).append(row.person_id)
    return {
        "stalls": sorted(sorted(stall) for stall in stalls.values()),
        "line": [row.person_id for row in rows if row.state == "waiting"],
        "letters": {
            row.person_id: row.invited_by
            for row in rows
            if row.invited_by is not None and row.state != "in"
        },
    }


def test_places_line_and_invitations_are_those_of_the_model(db):
    street = Street(db("feed"))
    for who in PEOPLE:
        street.card(who)
    run_state_machine_as_test(
        machine_of(street),
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
