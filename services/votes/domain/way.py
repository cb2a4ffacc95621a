"""A topic's own way along the chain, for whoever asks where it stands and what comes next.

::

    past ── past ── now ── ahead ── ahead        on its way
    past ── past ── now                          ended: nothing is left to come

A state that it went through and came back to is behind it only once: what counts is where it stands
now, and when it came to each step last.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from services.contracts.operations.votes import topics as ops
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain.chain import ENDED, State

STAGES: Final[Mapping[ops.TopicStage, frozenset[State]]] = {
    "asked": frozenset({State.RAISED, State.SCREENED}),
    "discussed": frozenset({State.DISCUSSION}),
    "drafted": frozenset({State.ACTIONABLE, State.PRIOR_STUDY, State.PROPOSAL}),
    "decided": frozenset({State.NOTICE, State.VOTING, State.PUBLICITY}),
    "adopted": frozenset({State.ADOPTED}),
    "ended": frozenset({State.REFUSED, State.CLOSED}),
}
"""Where topics stand, in a few words; each state is in one of them."""

_CHOSEN: Final = (State.DISCUSSION, State.PRIOR_STUDY)
_FORWARD: Final = tuple(state for state in State if state not in (State.REFUSED, State.CLOSED))


def way(
    settings: ChainSettings,
    state: State,
    lines: Sequence[Mapping[str, Any]],
    until: datetime | None,
) -> list[ops.WayStep]:
    """The steps behind a topic, the one where it stands, and those to come in this community.

    Args:
        lines: its timeline in order; what leads it on says ``was`` and ``state``.
        until: by when the step where it stands is due.
    """
    came = _arrivals(lines)
    if state in ENDED and state is not State.ADOPTED:
        behind: Iterable[State] = (one for one in _FORWARD if one in came)
        return [*(_step(one, "past", came) for one in behind), _step(state, "now", came)]
    here = _FORWARD.index(state)
    steps: list[ops.WayStep] = []
    for place, one in enumerate(_FORWARD):
        if one in _CHOSEN and one.value not in settings.steps and one is not state:
            continue
        if place < here and one in came:
            steps.append(_step(one, "past", came))
        elif place == here:
            steps.append(_step(one, "now", came, until))
        elif place > here:
            steps.append(ops.WayStep(state=one.value, standing="ahead"))
    return steps


def stages(counts: Mapping[str, int]) -> dict[ops.TopicStage, int]:
    """How many topics stand where, of how many are in each state."""
    return {name: sum(counts.get(one, 0) for one in states) for name, states in STAGES.items()}


def _arrivals(lines: Sequence[Mapping[str, Any]]) -> dict[State, Mapping[str, Any]]:
    """When it came to each state last: by the line that led it there."""
    came: dict[State, Mapping[str, Any]] = {}
    for line in lines:
        first = State.RAISED not in came and line["kind"] == "raised"
        if first or line["was"] != line["state"]:
            came[State(line["state"])] = line
    return came


def _step(
    state: State,
    standing: Literal["past", "now"],
    came: Mapping[State, Mapping[str, Any]],
    until: datetime | None = None,
) -> ops.WayStep:
    line = came.get(state, {})
    return ops.WayStep(
        state=state.value,
        standing=standing,
        since=line.get("at"),
        until=until,
        actor_role=line.get("actor_role"),
        actor_name=line.get("actor_name"),
        reason=line.get("reason"),
    )
