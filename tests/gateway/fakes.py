"""Stand-ins for the services and for identity's keys, for tests of the gateway alone."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import to_json

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import TokenExpired, Unauthenticated
from services.kit.aio_rpc import Reply

PERSON = "01900000-0000-7000-8000-000000000001"
SHANGYUAN = "demo.yuepu.shangyuan"


@dataclass
class Asked:
    """What the gateway asked of a service."""

    service: str
    method: str
    kwargs: dict[str, Any]
    options: dict[str, Any]


@dataclass
class FakeRpc:
    """Answers from a table; `answers[method]` is a value, a Reply, an error or a function."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Asked] = field(default_factory=list)
    attached: bool = True

    async def call(
        self, service: str, method: str, kwargs: dict[str, Any], **options: Any
    ) -> Reply:
        asked = Asked(service, method, kwargs, options)
        self.calls.append(asked)
        answer = self.answers.get(method, {})
        if callable(answer):
            answer = answer(asked)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else Reply(to_json(answer))

    def last(self, method: str) -> Asked:
        return next(asked for asked in reversed(self.calls) if asked.method == method)

    def asked(self, method: str) -> list[dict[str, Any]]:
        """With what each call of it came, in their order."""
        return [asked.kwargs for asked in self.calls if asked.method == method]


@dataclass
class FakeVerifier:
    """Knows the tokens that `token` made; `dead` sessions have expired."""

    actors: dict[str, Actor] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)

    def token(
        self,
        *roles: Role | tuple[Role, str],
        person: str = PERSON,
        session: str = "session-1",
        seconds: float = 900,
        acted_by: str = "",
    ) -> str:
        grants = tuple(
            Grant(role, SHANGYUAN) if isinstance(role, Role) else Grant(*role) for role in roles
        )
        token = f"token-{len(self.actors)}"
        expires_at = int(time.time() + seconds)
        self.actors[token] = Actor(person, session, grants, expires_at, token, acted_by)
        return token

    def verify(self, token: str) -> Actor:
        if token not in self.actors:
            raise Unauthenticated()
        actor = self.actors[token]
        if actor.session_id in self.dead or actor.expires_at <= time.time():
            raise TokenExpired()
        return actor

    def forget_session(self, session_id: str, at: float | None = None) -> None:
        self.dead.add(session_id)

    def forget_person(self, person_id: str, at: float | None = None) -> None:
        self.dead |= {a.session_id for a in self.actors.values() if a.person_id == person_id}

    def forget_help(self, helper_id: str, subject_id: str, at: float | None = None) -> None:
        for token, actor in self.actors.items():
            if (actor.acted_by, actor.person_id) == (helper_id, subject_id):
                self.actors[token] = replace(actor, expires_at=0)
