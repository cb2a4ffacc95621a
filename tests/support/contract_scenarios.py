"""Scenarios through the document: what one answer has made, the next call is about.

The state machine is schemathesis's own. Its rules are the document's links and the calls by which
something begins::

    a call that begins ──▶ 201 ──link: its id──▶ a call about it ──▶ … a walk of so many steps
      │ no link leads to it: by the library's choice, or in a place that the demo district has
      └ half of the bodies are the document's examples, as more of those go through

What the library leaves open is who calls, and what happens to a fault. Each step has somebody whose
turn it is, and whom the document lets try goes first; whoever is forbidden leaves it to the next.
Each of these answers is held against the document, and what is wrong is noted by :class:`Contract`
instead of raised: the library would play a scenario that fails again, to make it shorter, and a
system that has moved on does not answer as before. So the end of a run by ``Flaky`` is no fault,
either; the library's own runner takes it so, too.

Off is what the library guesses from the names of fields: 11,000 links beside our 300, of which
nobody has said that they hold.
"""

import copy
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.stateful import Bundle, initialize
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.control import TransitionController
from schemathesis.generation.stateful.state_machine import (
    APIStateMachine,
    StepInput,
    StepOutput,
    normalize_name,
)
from schemathesis.specs.openapi.stateful import is_root_allowed, transition

from tests.support.contract import KNOWN, Contract, id_of

FORBIDDEN: Final = 403
BEGINNINGS: Final = 2
EACH_RUN: Final = 4  # scenarios: the first of a run is the library's simplest
PLACES: Final = tuple(path for path in KNOWN if path.startswith("/"))
CATCH_ALL: Final = Bundle("catch_all")  # the library sorts answers by their operations itself


@dataclass
class Scenarios:
    """Scenarios played on one system.

    Attributes:
        played: how many.
        followed: links, by the ids of their operations, by which an id came to a call that
            succeeded.
    """

    contract: Contract
    played: int = 0
    followed: set[tuple[str, str]] = field(default_factory=set)

    def play(self, scenarios: int, steps: int, number: int) -> None:
        """Play so many scenarios of so many calls.

        Args:
            number: the seed of what is sent. Which of a list is followed, and when an id is made
                up all the same, is for dice of the library's own.
        """
        machine, last = self._machine(steps), self.played + scenarios
        for run in range(number, number + scenarios):
            machine.rule_order_seed = run
            with suppress(Flaky, Unsatisfiable):
                seed(run)(machine).run(
                    settings=settings(
                        max_examples=EACH_RUN,
                        stateful_step_count=steps,
                        database=None,
                        deadline=None,
                        phases=[Phase.generate],
                        suppress_health_check=list(HealthCheck),
                    )
                )
            if self.played >= last:
                break

    def _machine(self, steps: int) -> type[APIStateMachine]:
        left_out = sorted(self.contract.left_out)
        schema = self.contract.schema.exclude(operation_id=left_out)
        schema.config.phases.stateful.inference.algorithms = []
        base: Any = schema.as_state_machine()
        people = tuple(self.contract.people)
        turns = st.lists(st.sampled_from(people), min_size=steps, max_size=steps)

        class Machine(_Scenario, base):
            scenarios = self

            @initialize(turns=turns)
            def sit_down(self, turns: list[str]) -> None:
                self.turns = iter(turns)

        for name, rule in _beginnings(schema):
            if name not in base.root_rules:
                setattr(Machine, name, rule)
        return Machine


class _Scenario:
    """What a step is, in front of the library's machine."""

    scenarios: Scenarios
    turns: Iterator[str]
    given: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        machine: Any = self
        machine.control = _Onward(machine._transitions, machine._root_labels)

    def teardown(self) -> None:
        self.scenarios.played += 1

    def step(self, input: StepInput) -> StepOutput:
        machine: Any = self
        self.given = frozenset(name for _, name in input.applied_parameters if name)
        output: StepOutput = super().step(input)  # type: ignore[misc]
        if input.transition is not None and self.given and output.response.status_code < 300:
            before = machine.recorder.cases[input.transition.parent_id].value
            self.scenarios.followed.add((id_of(before.operation), id_of(input.case.operation)))
        return output

    def before_call(self, case: schemathesis.Case) -> None:
        content = case.operation.definition.raw.get("requestBody", {}).get("content", {})
        example = content.get(case.media_type or "", {}).get("example")
        if example is not None and self.scenarios.contract.dice.random() < 0.5:
            case.body = copy.deepcopy(example)

    def call(self, case: schemathesis.Case, **_: Any) -> Response:
        contract = self.scenarios.contract
        people = tuple(contract.people)
        first = people.index(next(self.turns))
        in_turn = (*people[first:], *people[:first])
        for who in sorted(in_turn, key=lambda who: not contract.may(who, case.operation)):
            answer = contract.ask(who, id_of(case.operation), case, self.given)
            if answer.status_code != FORBIDDEN:
                break
        return answer

    def validate_response(self, *_: Any, **__: Any) -> None:
        """Whoever asks has held it against the document."""


class _Onward(TransitionController):
    """Which rule may be next: what has begun goes on, before something else begins."""

    def allow_root_transition(self, source: str, bundles: Any) -> bool:
        """Two things that bore something are enough; what a link leads to needs no guess."""
        if self.transitions.operations[source].incoming:
            return False
        if len(self.productive_roots) >= BEGINNINGS and self._goes_on(bundles):
            return False
        return super().allow_root_transition(source, bundles)

    def _goes_on(self, bundles: Any) -> bool:
        there = (name for name, values in bundles.items() if values)
        return any(
            self.allow_transition(label, link.target.label)
            for name in there
            for label in self.transitions.producer_labels_for_bundle(name)
            for link in self.transitions.operations[label].outgoing
        )


def _beginnings(schema: Any) -> Iterator[tuple[str, Any]]:
    """What is listed or made in a known place: no call of the document makes a place."""
    for found in schema.get_all_operations():
        one = found.ok()
        path = one.path.removeprefix("/api/v1")
        place = next((known for known in PLACES if path.startswith(known)), None)
        links = any("links" in answer for answer in one.definition.raw["responses"].values())
        if place is None or "{" in path[len(place) :] or not links:
            continue
        name = normalize_name(f"RANDOM -> {one.label}")
        yield (
            name,
            transition(
                name=name,
                target=CATCH_ALL,
                precondition=is_root_allowed(one.label),
                input=one.as_strategy().map(StepInput.initial),
            ),
        )
