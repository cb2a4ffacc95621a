"""What the seeds of the demo share: each is a command, and its past is made of steps that were
taken (``services.<service>.seed``).
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from services.contracts import demo
from services.contracts.actor import Actor, Grant, Role
from services.kit.db import make_engine
from services.kit.settings import ServiceSettings


def run(settings: ServiceSettings, seed: Callable[[Engine], str]) -> int:
    """Seed the database of the settings and print what ``seed`` says of it; the exit code.

    Refused outside of the demo.
    """
    if not settings.demo:
        print("SHEQU_DEMO is off: nothing is seeded", file=sys.stderr)  # noqa: T201
        return 2
    engine = make_engine(settings.database_url, pool=1)
    try:
        said = seed(engine)
    finally:
        engine.dispose()
    print(f"{settings.SERVICE}: {said}")  # noqa: T201
    return 0


def somebody(person: str, *roles: Role, path: str = demo.PATH_SHANGYUAN) -> Actor:
    """A person of the demo with these roles; a neighbour without any."""
    grants = tuple(Grant(role, path) for role in roles or (Role.RESIDENT,))
    return Actor(person, "demo-seed", grants, expires_at=2**31)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody did, and when."""

    at: datetime
    do: Callable[[], object]


class Walk(Protocol):
    """A way through the past, which stands at a moment of it."""

    def to(self, moment: datetime) -> None:
        """Go on to this moment."""
        ...


def go_through(walk: Walk, steps: Iterable[Step], now: datetime) -> None:
    """Take the steps in the order of their time, and go on to now."""
    for step in sorted(steps, key=lambda one: one.at):
        walk.to(step.at)
        step.do()
    walk.to(now)
