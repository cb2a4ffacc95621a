"""What somebody may do with a topic now: read from the table of the chain, never kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.errors import ShequError
from services.contracts.operations.votes import topics as ops
from services.votes.domain import chain
from services.votes.domain.chain import FROZEN, STEPS, Hand, State
from services.votes.domain.waiting import Standing

WORDED: Final = frozenset({State.SCREENED, State.DISCUSSION})
"""Where an item comes from that needs its wording; coming back, it has one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What the caller is to the topic.

    ``neighbour`` may second, ``author`` is hers, ``my_second`` says that she seconds it.
    """

    hands: frozenset[Hand]
    neighbour: bool
    author: bool
    my_second: bool


def next_steps(
    standing: Standing,
    caller: Caller,
    *,
    deadline: datetime | None,
    has_proposal: bool,
    merged_into: str | None,
    of_covenant: bool = False,
) -> list[ops.NextStep]:
    """Everything that the chain lets the caller do now, in the order of the chain.

    Args:
        of_covenant: it changes a covenant, which stays with the body that convened it.
    """
    return [
        *_neighbours(standing, caller, merged_into),
        *_screenings(standing, caller, of_covenant=of_covenant),
        *_ways(standing, caller, deadline, has_proposal=has_proposal),
    ]


def _neighbours(
    standing: Standing, caller: Caller, merged_into: str | None
) -> Iterator[ops.NextStep]:
    state = standing.state
    if caller.author and state is State.RAISED and standing.returned:
        yield ops.NextStep(do="amend", needs=["wording"])
    if not caller.neighbour or caller.author:
        return
    if state not in FROZEN:
        yield ops.NextStep(do="withdraw_second" if caller.my_second else "second")
    elif caller.my_second and merged_into:
        yield ops.NextStep(do="second_other", topic_id=merged_into)


def _screenings(standing: Standing, caller: Caller, *, of_covenant: bool) -> Iterator[ops.NextStep]:
    if Hand.DESK not in caller.hands or standing.state in FROZEN:
        return
    if standing.state is State.RAISED and not standing.wants_seconders:
        yield ops.NextStep(do="screen", stage="intake")
    if standing.state is State.ACTIONABLE:
        yield ops.NextStep(do="screen", stage="proposal")
    if not of_covenant:
        yield ops.NextStep(do="hand_over", needs=["reason"])


def _ways(
    standing: Standing, caller: Caller, deadline: datetime | None, *, has_proposal: bool
) -> Iterator[ops.NextStep]:
    was = standing.state
    for to in State:
        if to is State.NOTICE and not has_proposal:
            continue
        try:
            hand = chain.step(standing.settings, was, to, caller.hands, "given")
        except ShequError:
            continue
        needs: list[str] = []
        if any(way.reason for way in STEPS[was, to] if way.hand is hand):
            needs.append("reason")
        if to is State.ACTIONABLE and was in WORDED:
            needs.append("wording")
        yield ops.NextStep.model_validate(
            {
                "do": "withdraw" if hand is Hand.AUTHOR else "advance",
                "to": to.value,
                "needs": needs,
                "not_before": deadline if standing.ripens(to) else None,
            }
        )
