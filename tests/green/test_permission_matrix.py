"""Every built operation × every role × own and other scope, against the real services. Needs: db.

What must come of each is reckoned from the table of operations and the rule of scope; each row of
:mod:`tests.support.matrix` says only how to ask validly and what is touched. A role that the
table admits does it where it is held, and gets 403 or 404 elsewhere.
"""

from itertools import product

import pytest

from gateway.app import ANSWERS
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import ShequError
from services.contracts.operations import ALL, BY_ID
from services.contracts.operations.base import Operation
from services.contracts.operations.identity.common import ADMINS
from tests.support.matrix import (
    accounts_rows,
    bridge_catalogue_rows,
    bridge_clock_rows,
    bridge_consultations_rows,
    bridge_figures_rows,
    bridge_handling_rows,
    bridge_hot_topics_rows,
    bridge_learning_rows,
    bridge_open311_rows,
    bridge_plan_rows,
    bridge_reconciling_rows,
    contact_rows,
    desk_people_rows,
    identity_rows,
    ledger_rows,
    moderation_rows,
    neighbour_rows,
    notify_briefs_rows,
    notify_channel_rows,
    notify_digests_rows,
    notify_emergencies_rows,
    notify_preferences_rows,
    notify_subscriptions_rows,
    votes_ballots_rows,
    votes_covenant_rows,
    votes_discussion_rows,
    votes_paper_rows,
    votes_polls_rows,
    votes_rolls_rows,
    votes_rules_rows,
    votes_topics_rows,
)
from tests.support.matrix.house import SERVICES, House
from tests.support.matrix.rows import (
    Reach,
    Row,
    done,
    held_at,
    onlooker,
    refused_by_table,
    somebody,
)

pytestmark = pytest.mark.db

ROWS: dict[str, dict[str, Row]] = {
    "identity": {
        **accounts_rows.ROWS,
        **identity_rows.ROWS,
        **contact_rows.ROWS,
        **desk_people_rows.ROWS,
    },
    "feed": {**neighbour_rows.FEED, **ledger_rows.LEDGERS, **moderation_rows.MODERATION},
    "grid_bridge": {
        **neighbour_rows.GRID_BRIDGE,
        **bridge_handling_rows.HANDLING,
        **bridge_learning_rows.LEARNING,
        **bridge_catalogue_rows.ROWS,
        **bridge_clock_rows.ROWS,
        **bridge_hot_topics_rows.HOT_TOPICS,
        **bridge_consultations_rows.CONSULTATIONS,
        **bridge_reconciling_rows.RECONCILING,
        **bridge_open311_rows.OPEN311,
        **bridge_plan_rows.PLANS,
        **bridge_figures_rows.FIGURES,
    },
    "notify": {
        **neighbour_rows.NOTIFY,
        **notify_emergencies_rows.ROWS,
        **notify_preferences_rows.PREFERENCES,
        **notify_subscriptions_rows.SUBSCRIPTIONS,
        **notify_digests_rows.DIGESTS,
        **notify_briefs_rows.BRIEFS,
        **notify_channel_rows.ROWS,
    },
    "votes": {
        **votes_ballots_rows.ROWS,
        **votes_covenant_rows.ROWS,
        **votes_discussion_rows.ROWS,
        **votes_polls_rows.ROWS,
        **votes_rolls_rows.ROWS,
        **votes_paper_rows.PAPER,
        **votes_rules_rows.RULES,
        **votes_topics_rows.ROWS,
    },
}
EVERYWHERE = {**neighbour_rows.EVERYWHERE, "exportPerson": accounts_rows.ROWS["exportPerson"]}
CASES = [
    *((service, BY_ID[name]) for service, rows in ROWS.items() for name in rows if name in BY_ID),
    *((service, BY_ID[name]) for service in SERVICES for name in EVERYWHERE),
]
CASES = [case for case in dict.fromkeys(CASES) if case[1].built]
DONE = "done"
NO_SCOPE = (403, 404)


def row_of(service: str, operation: Operation) -> Row:
    return EVERYWHERE.get(operation.id) or ROWS[service][operation.id]


def by_service(cases: list[tuple[str, Operation]]) -> list[object]:
    return [
        pytest.param(service, operation, id=f"{service}-{operation.id}")
        for service, operation in cases
    ]


def test_every_built_operation_has_a_row():
    served = {name for service, _ in SERVICES.values() for name in dir(service)}
    gateways_own = {row.id for row in ALL if row.id in ANSWERS and row.rpc_method not in served}
    built = {row.id for row in ALL if row.built}
    known = {name for rows in ROWS.values() for name in rows} | set(EVERYWHERE)
    assert built - gateways_own - known == set(), "a row is missing in tests/support/matrix"
    assert known - {row.id for row in ALL} == set(), "a row of no operation"


@pytest.mark.parametrize(("service", "operation"), by_service(CASES))
def test_matrix(house: House, service: str, operation: Operation):
    """Each role where it is held, and elsewhere."""
    row = row_of(service, operation)
    commands = Commands(house, operation, row)
    wrong = []
    for role, side in product(Role, sides(row)):
        refusal = refused_by_table(operation, role)
        if refusal:
            who = Actor("p", "s", (Grant(role, held_at(role, side)),), 2**31)
            expected, command = (403, refusal), {}
        else:
            expected = DONE if done(row, side, role) else NO_SCOPE
            if expected == DONE and commands.leave_traces:
                who = somebody(house, operation, role, side)
                command = row.build(house, who)
            else:
                who = onlooker(house, operation, role, side)
                command = commands.shared(who)
        outcome = house.refusal(who, operation, service, command)
        if not as_expected(outcome, expected, row):
            wrong.append((role.value, side, expected, said(outcome)))
    assert wrong == []


def sides(row: Row) -> tuple[str, ...]:
    """Where a role is held makes no difference to what is one's own or everybody's."""
    return ("own",) if row.reach in (Reach.SELF, Reach.PUBLIC) else ("own", "other")


class Commands:
    """The commands of one operation: what changes nothing can be asked for again and again."""

    def __init__(self, house: House, operation: Operation, row: Row) -> None:
        self.house, self.operation, self.row = house, operation, row
        self._shared: dict[bool, dict[str, object]] = {}

    @property
    def leave_traces(self) -> bool:
        """Whether each that is carried out wants an actor and a command of its own."""
        return self.operation.write or self.row.reach is Reach.SELF

    def shared(self, who: Actor) -> dict[str, object]:
        """A command that stays valid, as it is only read, or refused; of another's THING."""
        kind = bool(who.roles & ADMINS)
        if kind not in self._shared:
            owner = self.house.neighbour() if self.row.reach is Reach.THING else who
            self._shared[kind] = self.row.build(self.house, owner)
        return self._shared[kind]


def as_expected(outcome: ShequError | None, expected: object, row: Row) -> bool:
    if expected == DONE:
        return outcome is None or (row.away and outcome.status not in (401, 403))
    if expected == NO_SCOPE:
        return outcome is not None and outcome.status in NO_SCOPE
    return outcome is not None and (outcome.status, outcome.code) == expected


def said(outcome: ShequError | None) -> str:
    return f"{outcome.status} {outcome.code} {outcome.errors}" if outcome else "done"


@pytest.mark.parametrize(("service", "operation"), by_service(CASES))
def test_nobody(house: House, service: str, operation: Operation):
    """Without a token only what is public is done."""
    row = row_of(service, operation)
    refusal = refused_by_table(operation, None)
    command = {} if refusal else row.build(house, house.neighbour())
    outcome = house.refusal(None, operation, service, command)
    assert as_expected(outcome, (401, refusal) if refusal else DONE, row), said(outcome)


@pytest.mark.parametrize(("service", "operation"), by_service(CASES))
def test_a_helper(house: House, service: str, operation: Operation):
    """Acting for a resident: what the table marks as assisted, and not a single thing more."""
    row = row_of(service, operation)
    refusal = refused_by_table(operation, Role.RESIDENT, acted_by=house.secretary.person_id)
    helper, subject = (
        (house.secretary, house.resident) if refusal else (house.person(), house.neighbour())
    )
    acting = Actor(
        subject.person_id, helper.session_id, subject.grants, 2**31, acted_by=helper.person_id
    )
    command = {} if refusal else row.build(house, acting)
    outcome = house.refusal(acting, operation, service, command)
    assert as_expected(outcome, (403, refusal) if refusal else DONE, row), said(outcome)
