"""Every operation of the document, asked by people of every kind, its answers held against it.

Requests are made from the OpenAPI document alone: bodies and queries by schemathesis, some right by
their schema and some not, ids from what earlier answers linked to. Whatever comes back must be
one of the answers the document foresees: status, media type, headers, schema; never a 5xx.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.demo.people import CODE
from services.contracts import demo

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PEOPLE: Final[Mapping[str, str]] = {
    "resident": "13800000021",
    "committee": "13800000004",
    "observer": "13800000005",
    "district admin": "13800000008",
    "nobody": "",
}
SECONDS: Final = 20.0  # that one answer may take on a loaded machine
KNOWN: Final[Mapping[str, Sequence[Any]]] = {
    "/communities/{cid}": (demo.SHANGYUAN, demo.SHANGYUAN, demo.HAIXING),
    "/districts/{did}": (demo.DISTRICT_ID,),
    "/towns/{tid}": (demo.TOWN_YUEPU,),
    "{person_id}": (demo.OLD_LU, demo.GRANNY_SUN),
    "{key}": ("nearby", "announcements", "party", "own"),
    "{year}": (2026, 2027),
    "{version}": (1, 2),
    "{format}": ("pdf", "png", "docx"),
}
ENDLESS: Final = frozenset({"streamNotifications"})  # tests/browser listens to it
Choose = Callable[[int, bool, bool], tuple[str, ...]]  # place, whether it reads, whether right
_PARAMETER: Final = re.compile(r"{(\w+)}")


@dataclass
class Contract:
    """The document of a running system, and what was seen so far.

    Attributes:
        faults: answers that the document does not foresee, by operation, status and what is wrong.
        done: who has succeeded with an operation.
    """

    url: str
    people: Mapping[str, str] = field(default_factory=lambda: PEOPLE)
    left_out: frozenset[str] = ENDLESS
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    done: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    asked: int = 0
    roles: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        address = f"{self.url}/api/v1/openapi.json"  # made now, if nobody has asked before
        self.document = requests.get(address, timeout=6 * SECONDS).json()
        self.schema = schemathesis.openapi.from_dict(self.document)
        found = [one.ok() for one in self.schema.get_all_operations() if isinstance(one, Ok)]
        self.operations = {id_of(one): one for one in found if id_of(one) not in self.left_out}
        self.known: dict[str, list[Any]] = defaultdict(list)
        for path, ids in KNOWN.items():
            self.known[path] += ids
        self._sessions: dict[str, requests.Session] = {}
        for who in self.people:
            self._log_in(who)

    # -- walks -----------------------------------------------------------------------------------

    def look_round(self, *people: str) -> None:
        """Every read once by each of them, so that ids are known."""
        for name, one in self.operations.items():
            if one.method == "get":
                for who in people:
                    self.ask(who, name, one.Case(path_parameters={}, query={}))

    def try_all(self, examples: int, number: int, who: Choose) -> None:
        """Each operation with so many right requests, and as many wrong ones; deletions last.

        Args:
            number: the seed; the same gives the same requests as long as ids are the same.
            who: who sends the right (or wrong) requests of the operation in this place.
        """
        names = sorted(self.operations, key=lambda n: (self.operations[n].method == "delete", n))
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for place, name in enumerate(names):
                reads = self.operations[name].method == "get"
                people = who(place, reads, mode is GenerationMode.POSITIVE)
                self._try(name, mode, people, examples, number)

    def _try(
        self, name: str, mode: GenerationMode, people: tuple[str, ...], examples: int, number: int
    ) -> None:
        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self.operations[name].as_strategy(generation_mode=mode))
        def each(case: schemathesis.Case) -> None:
            for who in people:
                self.ask(who, name, case)

        try:
            each()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, f"{name}: no request is right"

    # -- one request -----------------------------------------------------------------------------

    def ask(
        self, who: str, name: str, case: schemathesis.Case, given: frozenset[str] = frozenset()
    ) -> Response:
        """Send a request in somebody's name; whatever is wrong with the answer is noted.

        Args:
            given: parameters of the path that stay as they are.
        """
        case.path_parameters = self._filled(case, given)
        answer = case.call(base_url=self.url, session=self._sessions[who], timeout=SECONDS)
        self.asked += 1
        if answer.status_code == 401 and self.people[who]:
            self._log_in(who)
        try:
            case.validate_response(answer, checks=list(CHECKS))
        except BaseExceptionGroup as group:
            for fault in group.exceptions:
                self._note(who, name, answer, str(fault))
        if answer.status_code < 300:
            self.done[name].add(who)
            if "application/json" in answer.headers.get("content-type", [""])[0]:
                self._learn(name, answer.status_code, json.loads(answer.content))
        return answer

    def may(self, who: str, operation: Any) -> bool:
        """Whether the document lets somebody of this kind try it at all."""
        raw = operation.definition.raw
        if {} in raw["security"]:
            return True
        roles = raw.get("x-roles")
        return bool(self.people[who]) and (not roles or not self.roles[who].isdisjoint(roles))

    def _filled(self, case: schemathesis.Case, given: frozenset[str]) -> dict[str, Any]:
        """Most parameters of the path name something that is there; the others stay as made up."""
        made = dict(case.path_parameters or {})
        path = case.operation.path.removeprefix("/api/v1")
        for name in _PARAMETER.findall(path):
            thing = path[: path.index(f"{{{name}}}")] + f"{{{name}}}"
            known = self.known.get(thing) or self.known.get(f"{{{name}}}")
            if known and name not in given and self.dice.random() < 0.9:
                made[name] = self.dice.choice(known)
            made.setdefault(name, "none")
        return made

    def _learn(self, name: str, status: int, body: Any) -> None:
        """Follow the links of an answer: what they point at is known from now on."""
        raw = self.operations[name].definition.raw
        for link in raw["responses"].get(str(status), {}).get("links", {}).values():
            target = self.operations.get(link["operationId"])
            for parameter, pointer in link["parameters"].items():
                if target is None:
                    continue
                path = target.path.removeprefix("/api/v1")
                thing = path[: path.index(f"{{{parameter}}}")] + f"{{{parameter}}}"
                for found in _pointed(body, pointer.removeprefix("$response.body#/").split("/")):
                    if found is not None and found not in self.known[thing]:
                        self.known[thing] = [*self.known[thing][-20:], found]

    def _note(self, who: str, name: str, answer: Any, what: str) -> None:
        kind = what.partition("\n")[0]
        request = answer.request
        sent = request.body[:600] if request.body else b""
        asked = f"{who}: {request.method} {request.url} {sent!r}"
        told = f"{asked}\n{what[:1_500]}\n{answer.content[:500]!r}"
        self.faults[f"{name} {answer.status_code} {kind}"].append(told)

    def _log_in(self, who: str) -> None:
        session = self._sessions.setdefault(who, requests.Session())
        if phone := self.people[who]:
            said = {"phone": phone, "code": CODE}
            address = f"{self.url}/api/v1/auth/tokens"
            tokens = requests.post(address, json=said, timeout=SECONDS).json()
            session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            me = session.get(f"{self.url}/api/v1/me", timeout=SECONDS).json()
            self.roles[who] = {held["role"] for held in me["roles"]}

    def told(self) -> str:
        """The faults for a person: each kind once, with the first that was seen."""
        return "\n\n".join(f"{what} ({len(of)})\n{of[0]}" for what, of in self.faults.items())


def id_of(operation: Any) -> str:
    """The operation's id in the document."""
    return str(operation.definition.raw["operationId"])


def _pointed(body: Any, steps: Sequence[str]) -> Iterator[Any]:
    """What a pointer finds; where it says the first of a list, every one."""
    if not steps:
        yield body
    elif isinstance(body, list):
        for one in body:
            yield from _pointed(one, steps[1:])
    elif isinstance(body, dict):
        yield from _pointed(body.get(steps[0]), steps[1:])
