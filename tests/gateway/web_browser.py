"""The services in front of which the pages stand, and browsers that visit them.

Every answer is checked against the contract's own model, so pages are not tested against shapes
that no service gives.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.auth import ACCESS_COOKIE
from services.contracts.actor import Role
from services.contracts.operations import by_method
from services.kit.aio_rpc import Reply
from tests.gateway.fakes import FakeRpc, FakeVerifier

ORIGIN = {"origin": "http://gateway"}


@dataclass
class World:
    """The services, and browsers that visit the pages in front of them."""

    app: FastAPI
    rpc: FakeRpc
    verifier: FakeVerifier
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, *roles: Role, login: bool = True, **token: Any) -> "Browser":
        """A browser; logged in as somebody with these roles."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, client=("127.0.0.1", 40000)),
            base_url="http://gateway",
        )
        if login:
            client.cookies.set(ACCESS_COOKIE, self.verifier.token(*roles, **token))
        self.browsers.append(client)
        return Browser(client)

    def say(self, **changed: Any) -> None:
        """From now on the services answer so; each answer must be one of the contract's."""
        for method, answer in changed.items():
            self.rpc.answers[method] = checked(method, answer)

    def sent(self, method: str) -> dict[str, Any]:
        """The last command of an operation."""
        return self.rpc.last(method).kwargs

    async def close(self) -> None:
        for client in self.browsers:
            await client.aclose()


def checked(method: str, answer: Any) -> Any:
    """The answer, after it was held against the contract."""
    if isinstance(answer, Exception | Reply) or callable(answer):
        return answer
    model = by_method(method).result
    model.model_validate(answer)
    return answer


@dataclass
class Browser:
    """A browser without a script: follows links and sends the forms that it sees."""

    client: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=_dashed(headers))

    async def form(
        self, page: str, path: str, fields: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """Open ``page`` and send one of its forms, changed by ``fields``."""
        shown = await self.client.get(page)
        return await self.client.post(
            path,
            data={"csrf": token_in(shown.text), **(fields or {})},
            headers={**ORIGIN, **_dashed(headers)},
        )


def token_in(html: str) -> str:
    """The token of the forms of a page."""
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
