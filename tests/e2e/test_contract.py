"""The running system against its own OpenAPI document: no 5xx, nothing that is not written there.

Operation by operation (breadth: each of them, right and wrong, by several people), and along the
document's links (depth: what one call has made, the next is about).

The short walks send what anybody may send to a system that others use, too: whoever holds an
office only reads and makes mistakes. The long ones have a system to themselves, and everybody does
all that she may.
"""

from pathlib import Path

import pytest

from tests.support.contract import ENDLESS, PEOPLE, Contract
from tests.support.contract_scenarios import Scenarios
from tests.support.platform import Platform, on_shared_servers

pytestmark = pytest.mark.e2e
CLOCK = frozenset({"advanceClock"})  # what is due later would happen now
ACCOUNT = frozenset({"deleteMe", "changePhone", "revokeToken"})
OFFICES = ("committee", "district admin")
OTHERS = ("resident", "observer", "nobody")
EVERYBODY = tuple(PEOPLE)


def gently(place: int, reads: bool, right: bool) -> tuple[str, ...]:
    """Two kinds of people for each operation in turn; one makes mistakes."""
    if not right:
        return (OFFICES[place % 2],)
    if reads:
        return (EVERYBODY[place % 5], EVERYBODY[(place + 2) % 5])
    return ("resident", OTHERS[1 + place % 2])


def everybody(_place: int, _reads: bool, right: bool) -> tuple[str, ...]:
    """All of them, with all that they may; those in office make the mistakes."""
    return EVERYBODY if right else OFFICES


def test_every_answer_is_one_that_the_document_foresees(platform: Platform) -> None:
    contract = Contract(platform.url, left_out=ENDLESS | CLOCK | ACCOUNT)

    contract.look_round("committee")
    contract.try_all(1, 7, gently)

    assert contract.told() == ""
    assert contract.asked > 1_000
    assert len(contract.done) > 100, "so few succeed that nothing was tried"


def test_so_is_every_answer_about_what_an_earlier_one_has_made(platform: Platform) -> None:
    """By schemathesis's state machine; those who hold no office, as others use the system, too."""
    people = {who: phone for who, phone in PEOPLE.items() if who in OTHERS}
    contract = Contract(platform.url, people, left_out=ENDLESS | CLOCK | ACCOUNT)
    scenarios = Scenarios(contract)

    scenarios.play(30, 25, 7)

    assert contract.told() == ""
    assert len(scenarios.followed) > 8, "so few links led on that nothing was tried"


@pytest.mark.slow
def test_so_it_is_in_long_scenarios_of_everybody(tmp_path: Path) -> None:
    with on_shared_servers(tmp_path) as alone:
        contract = Contract(alone.url, left_out=ENDLESS | CLOCK)
        contract.look_round("committee", "resident", "district admin")
        scenarios = Scenarios(contract)

        scenarios.play(250, 40, 100)

        assert contract.told() == ""
        assert len(scenarios.followed) > 60


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_so_it_is_whatever_people_in_office_do(tmp_path: Path, number: int) -> None:
    with on_shared_servers(tmp_path) as alone:
        contract = Contract(alone.url, left_out=ENDLESS | CLOCK)

        for walk in range(2):  # the second finds what the first has made
            contract.look_round("committee", "resident", "district admin")
            contract.try_all(3, 10 * number + walk, everybody)

        assert contract.told() == ""
        assert len(contract.done) > 170
