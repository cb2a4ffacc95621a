"""One request of a page: who visits, in which language, what is asked, what is shown.

Pages ask the services by the operations of the contract, just as the API does, and know no rule of
their own: ``await visit.call("createPost", cid=…, title=…)``.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway import context
from gateway.context import SEEN_COOKIE, Language, RequestContext
from gateway.gate import Gate
from gateway.marks import written_seen
from gateway.operations import takes_key
from gateway.rates import WORDS
from gateway.web import csrf, moments, session
from gateway.web.forms import Form
from gateway.web.house import House
from gateway.web.session import Session
from gateway.web.texts import LANGUAGES, texts
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import NotBuilt, ShequError, Unauthenticated, Unavailable
from services.contracts.operations import BY_ID

BELL_SECONDS = 0.4
BELL_REST = 5.0
LOOKS = ("large", "simple")
SEEN_SECONDS = 120  # no answer is kept as long
PAGE_CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
PAGE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": PAGE_CSP,
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language, HX-Request",
}


@dataclass(slots=True)
class Visit:
    """A request to a page.

    Attributes:
        context: with the language that the page is shown in.
        now: the neighbourhood's time.
        form: what a POST brought; empty otherwise.
        seen: what the visitor wrote on the way, for her next pages (``Shequ-Seen``), by service.
    """

    request: Request
    gate: Gate
    house: House
    context: RequestContext
    session: Session
    form: Form = field(default_factory=Form)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    seen: dict[str, str] = field(default_factory=dict)
    nonce: str = ""
    new_nonce: bool = False

    @classmethod
    async def begin(cls, request: Request, gate: Gate, house: House) -> "Visit":
        """The visit that a request opens.

        Raises:
            Unavailable: the visitor's token has run out, and identity is away.
        """
        plain = context.of(request)
        spoken = replace(plain, language=_language(request, plain))
        opened = await session.open_session(request, gate, spoken, house.renewals)
        visit = cls(request, gate, house, spoken, opened)
        visit.nonce = request.cookies.get(session.VISIT_COOKIE, "")
        return visit

    # -- who and where ----------------------------------------------------------------------------

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.context.language

    @property
    def actor(self) -> Actor | None:
        """Who visits."""
        return self.session.actor

    @property
    def person(self) -> Actor:
        """Who visits a page for people who are logged in."""
        if self.session.actor is None:
            raise Unauthenticated()
        return self.session.actor

    @property
    def is_staff(self) -> bool:
        """Whether the visitor serves on a committee somewhere."""
        return bool(self.actor and self.actor.roles & COMMITTEE)

    def may(self, operation: str) -> bool:
        """Whether the visitor's offices may ask this at all."""
        return bool(BY_ID[operation].who.roles & self.person.roles)

    @property
    def path(self) -> str:
        """The path of the page."""
        return self.request.url.path

    @property
    def look(self) -> tuple[str, ...]:
        """How the visitor likes to read: ``large`` type, ``simple`` pages with few big buttons."""
        wanted = self.request.cookies.get(session.LOOK_COOKIE, "").split(".")
        return tuple(one for one in LOOKS if one in wanted)

    @property
    def partial(self) -> bool:
        """Whether htmx asks, to replace a piece of the page."""
        return self.request.headers.get("hx-request") == "true"

    def query(self, name: str) -> str:
        """A value of the query; empty when there is none."""
        return self.request.query_params.get(name, "")

    def asked(self, *names: str) -> dict[str, Any]:
        """Those values of the query that say something, as fields of an operation."""
        return {name: self.query(name) for name in names if self.query(name)}

    def same(self, *names: str) -> str:
        """Those values as a query again, for a form that stands on a part of a list.

        Refused, the part comes again on which its row stands.
        """
        said = self.asked(*names)
        return f"?{urlencode(said)}" if said else ""

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def say(self, message: str) -> str:
        """A message in the visitor's language."""
        return texts(self.language).gettext(message)

    def told(self, error: ShequError) -> str:
        """What an error says, in the visitor's language."""
        return error.en if self.language == "en" else error.zh

    # -- asking -----------------------------------------------------------------------------------

    async def call(self, operation: str, *, once: str = "", **fields: Any) -> Any:
        """The answer of an operation.

        Args:
            once: the Idempotency-Key: a second call with it gets the first one's answer.
            fields: those of the operation's command.

        Raises:
            ShequError: whatever the contract, the service or the way to it has to say.
        """
        row = BY_ID[operation]
        row.permit(self.actor)
        searching = bool(fields.get(WORDS))
        await self.gate.limiter.check(row, self.actor, self.context, searching=searching)
        shape = self.house.shape(operation)
        values = shape.check(fields, self.language)
        if not row.built:
            raise NotBuilt()
        key = once if takes_key(row) else ""
        reply = await self.gate.backend.ask(
            row,
            values,
            context=self.context,
            actor=self.actor,
            idempotency_key=key,
            body_hash=shape.fingerprint(values) if key else "",
        )
        if row.write and reply.xid:
            self.seen[row.service] = written_seen(row.service, (reply.epoch, reply.xid))
        return reply.data

    async def inside(self, operation: str, **fields: Any) -> Any:
        """The answer of an operation between services; None while it cannot be had."""
        try:
            reply = await self.gate.backend.ask(
                operation, fields, context=self.context, actor=self.actor, seconds=BELL_SECONDS
            )
        except Unavailable:
            return None
        return reply.data

    async def soft(self, operation: str, **fields: Any) -> Any:
        """As :meth:`call`, but None while the service is away: the page shows the rest."""
        try:
            return await self.call(operation, **fields)
        except Unavailable:
            return None

    async def clock(self) -> datetime:
        """What time it is for the neighbourhood."""
        return await self.house.clock.now(self.gate, self.context)

    async def today(self) -> date:
        """The day of the neighbourhood's clock."""
        return moments.parse(await self.clock()).date()

    async def unread(self) -> int | None:
        """The number beside the bell; None while it is not known."""
        if self.actor is None or time.monotonic() < self.house.quiet_until:
            return None
        answer = await self.inside("countUnread")
        if answer is None:  # do not make every page wait while notify is away
            self.house.quiet_until = time.monotonic() + BELL_REST
            return None
        return int(answer["unread"])

    # -- answering --------------------------------------------------------------------------------

    @property
    def csrf(self) -> str:
        """The token of this page's forms."""
        if not self.nonce:
            self.nonce, self.new_nonce = csrf.fresh_nonce(), True
        return self.house.guard.token(self.nonce, self.session.id)

    async def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A template as the answer."""
        self.now = await self.clock()
        unread = await self.unread() if not self.partial else None
        values.setdefault("form", self.form)
        html = self.house.render(
            template, self.language, {**values, "visit": self, "now": self.now, "unread": unread}
        )
        return HTMLResponse(html, status_code=status)

    def go(self, path: str) -> Response:
        """On to another page of ours."""
        return RedirectResponse(path, status_code=303)

    def log_in_first(self) -> Response:
        """To the login page, and back here afterwards."""
        back = self.path if self.request.method == "GET" else _referred(self.request)
        if self.request.method == "GET" and self.request.url.query and not self.partial:
            back += "?" + self.request.url.query
        target = f"/login?next={quote(back)}" if back not in ("", "/") else "/login"
        if not self.partial:
            return self.go(target)
        return Response(status_code=401, headers={"HX-Redirect": target})

    def finish(self, response: Response) -> Response:
        """The response with everything that the browser has to know."""
        for name, value in PAGE_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Language", self.language)
        session.keep(response, self.session, https=self.house.https)
        if self.seen:
            seen = ",".join(self.seen.values())
            session.put(response, SEEN_COOKIE, seen, SEEN_SECONDS, https=self.house.https)
        if self.new_nonce:
            session.put(
                response,
                session.VISIT_COOKIE,
                self.nonce,
                session.SESSION_SECONDS,
                https=self.house.https,
            )
        return response

    async def do(
        self,
        doing: Awaitable[Any],
        *fields: str,
        again: Callable[["Visit"], Awaitable[Response]],
        then: str,
    ) -> Response:
        """Do what a form asks for, and go on; refused, its page again with what was wrong.

        Args:
            doing: the call, or whatever else is to be done.
            fields: those of the page, as for :meth:`refused`.
            again: the page that the form stands on.
            then: the path to go on to.

        Raises:
            ShequError: the visitor cannot mend it.
        """
        try:
            await doing
        except ShequError as error:
            self.form = self.refused(error, *fields)
            return await again(self)
        return self.go(then)

    def refused(self, error: ShequError, *fields: str) -> Form:
        """The form with what was wrong; raises ``error`` when the visitor cannot mend it."""
        return self.form.rejected(error, self.language, fields)


def local_path(text: str) -> str:
    """``text`` when it is a path of this site, ``/`` otherwise: nobody is sent elsewhere."""
    if not text.startswith("/") or text[1:2] in ("/", "\\"):
        return "/"
    return text if text.isprintable() and " " not in text and len(text) <= 500 else "/"


def _referred(request: Request) -> str:
    referrer = urlsplit(request.headers.get("referer", ""))
    return local_path(referrer.path) if referrer.netloc == request.headers.get("host") else ""


def _language(request: Request, plain: RequestContext) -> Language:
    chosen = request.cookies.get(session.LANGUAGE_COOKIE, "")
    return next((language for language in LANGUAGES if language == chosen), plain.language)
