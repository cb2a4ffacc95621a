"""Sessions of the pages: the API's own tokens, kept in cookies that no script can read.

::

    shequ_access    access token, 15 minutes     ──run out──▶ refreshToken ──▶ both anew
    shequ_refresh   refresh token, works once    ──refused──▶ both deleted: log in again
    shequ_seen      what this browser wrote last (Shequ-Seen), for two minutes
    shequ_visit     random, for the tokens of forms (gateway.web.csrf)
    shequ_language  the language chosen by hand
    shequ_look      how she likes to read: large type, the simple pages

A refresh token that comes a second time ends its session, for somebody else may hold a copy. But a
page and what it loads come at once, with the same cookies: so one process asks once for them all,
and remembers the answer for a minute. Several gateways need sticky sessions for that.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway import auth
from gateway.context import RequestContext
from gateway.gate import Gate
from services.contracts.actor import Actor
from services.contracts.errors import Unauthenticated, Unavailable

REFRESH_COOKIE = "shequ_refresh"
VISIT_COOKIE = "shequ_visit"
LANGUAGE_COOKIE = "shequ_language"
LOOK_COOKIE = "shequ_look"
SESSION_SECONDS = 30 * 24 * 3600
YEAR_SECONDS = 366 * 24 * 3600
EARLY_SECONDS = 20  # an access token is renewed so long before it runs out
REMEMBER_SECONDS = 60.0
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair as identity gave it; ``expires_in`` seconds for the access token."""

    access: str
    refresh: str
    expires_in: int

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Tokens":
        """From the answer of createToken or refreshToken."""
        return cls(answer["access_token"], answer["refresh_token"], int(answer["expires_in"]))


@dataclass(slots=True)
class Session:
    """Who visits, and what the response has to say to the browser about it.

    Attributes:
        fresh: tokens that the browser shall keep from now on.
        over: the browser shall forget its tokens.
    """

    actor: Actor | None = None
    fresh: Tokens | None = None
    over: bool = False

    @property
    def id(self) -> str:
        """The session's id, empty for nobody."""
        return self.actor.session_id if self.actor else ""


class Renewals:
    """Refresh tokens changed for fresh pairs: once each, however many requests bring them."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[bytes, tuple[float, asyncio.Task[Tokens]]] = OrderedDict()

    async def renew(self, gate: Gate, context: RequestContext, refresh: str) -> Tokens:
        """A fresh pair.

        Raises:
            Unauthenticated: the session is over.
            ShequError: identity cannot be asked now.
        """
        self._forget()
        key = hashlib.sha256(refresh.encode("utf-8", "replace")).digest()
        known = self._tasks.get(key)
        if known is None:
            task = asyncio.create_task(_ask(gate, context, refresh))
            task.add_done_callback(lambda done: self._settle(key, done))
            self._tasks[key] = (time.monotonic(), task)
        else:
            task = known[1]
        # Shielded: the token is spent even if this client has gone, and others wait for it, too.
        return await asyncio.shield(task)

    def _settle(self, key: bytes, task: asyncio.Task[Tokens]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._tasks.pop(key, None)  # a failure is not remembered

    def _forget(self) -> None:
        horizon = time.monotonic() - REMEMBER_SECONDS
        while self._tasks:
            key, (born, task) = next(iter(self._tasks.items()))
            if not task.done() or (born > horizon and len(self._tasks) <= REMEMBERED):
                return
            del self._tasks[key]


async def _ask(gate: Gate, context: RequestContext, refresh: str) -> Tokens:
    reply = await gate.backend.ask("refreshToken", {"refresh_token": refresh}, context=context)
    return Tokens.of(reply.data)


async def open_session(
    request: Request, gate: Gate, context: RequestContext, renewals: Renewals
) -> Session:
    """Who visits, by the cookies; an access token that has run out is renewed on the way.

    Raises:
        Unavailable: it has run out, and identity cannot be asked now.
    """
    access = request.cookies.get(auth.ACCESS_COOKIE, "")
    refresh = request.cookies.get(REFRESH_COOKIE, "")
    actor = _actor(gate, access)
    if actor is not None and (actor.expires_at - time.time() > EARLY_SECONDS or not refresh):
        return Session(actor)
    if not refresh:
        return Session(over=bool(access))
    try:
        tokens = await renewals.renew(gate, context, refresh)
    except Unauthenticated:
        return Session(actor, over=actor is None)
    except Unavailable:
        if actor is None:
            raise
        return Session(actor)
    return Session(auth.verify(gate.verifier, tokens.access), fresh=tokens)


def _actor(gate: Gate, access: str) -> Actor | None:
    try:
        return auth.verify(gate.verifier, access) if access else None
    except Unauthenticated:
        return None


def keep(response: Response, session: Session, *, https: bool) -> None:
    """Tell the browser what to keep, and what to forget."""
    if session.fresh is not None:
        tokens = session.fresh
        put(response, auth.ACCESS_COOKIE, tokens.access, tokens.expires_in, https=https)
        put(response, REFRESH_COOKIE, tokens.refresh, SESSION_SECONDS, https=https)
    elif session.over:
        for name in (auth.ACCESS_COOKIE, REFRESH_COOKIE):
            put(response, name, "", 0, https=https)


def put(response: Response, name: str, value: str, seconds: int, *, https: bool) -> None:
    """Set one cookie: for this host alone, out of reach of scripts and of other sites' forms."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=https
    )
