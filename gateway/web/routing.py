"""The way of a request to a page, the same for all of them.

::

    session ─▶ login needed? ─▶ form: from our page? ─▶ the page's own function ─▶ cookies, headers
       │            │ no              │ no                    │ refused
       ▼            ▼                 ▼                       ▼
    503 page     /login            403 page        a page that says why, in plain words
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from gateway import context, gate
from gateway.edge import FORM_BYTES
from gateway.web import csrf, house, refusals
from gateway.web.forms import Form
from gateway.web.session import Session
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, ShequError, Unauthenticated
from services.kit import logs

log = logs.get(__name__)

MAX_FIELDS = 400
MAX_FILES = 1
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """A row of the table of pages.

    Args:
        http: method and path.
        show: answers it.
        login: whether somebody has to be logged in.
    """

    http: str
    show: Handler
    login: bool = True

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.http.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The path with its parameters."""
        return self.http.split(" ", 1)[1]

    @property
    def name(self) -> str:
        """What metrics and logs call it."""
        return f"web.{self.show.__name__}"

    def endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        """What answers a request."""

        async def answer(request: Request) -> Response:
            parts = gate.of(request)
            home = house.of(request, parts)
            try:
                visit = await Visit.begin(request, parts, home)
            except ShequError as error:
                visit = Visit(request, parts, home, context.of(request), Session())
                return visit.finish(await refusals.show(visit, error))
            try:
                return visit.finish(await self._answer(visit))
            finally:
                await request.close()  # the files of a form

        return answer

    async def _answer(self, visit: Visit) -> Response:
        try:
            if self.login and visit.actor is None:
                raise Unauthenticated()
            if self.method != "GET":
                await read_form(visit)
            return await self.show(visit)
        except Unauthenticated:
            visit.session.over = visit.session.fresh is None
            return visit.log_in_first()
        except ShequError as error:
            return await refusals.show(visit, error)
        except Exception:
            log.exception("page crashed", page=self.name)
            return await refusals.show(visit, refusals.Crash())


async def read_form(visit: Visit) -> None:
    """What the form brought, after it was found to be ours.

    Raises:
        FormRefused: it came from elsewhere, or is too old.
        BadRequest: it cannot be read.
    """
    request = visit.request
    csrf.check_origin(request.headers, visit.gate.settings.public_url)
    data = await form_data(request)
    sent = data.get(csrf.FIELD)
    visit.house.guard.check(sent if isinstance(sent, str) else "", visit.nonce, visit.session.id)
    visit.form = Form.sent(data)


async def form_data(request: Request) -> FormData:
    """The fields and files of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        raise BadRequest()
    try:
        return await request.form(
            max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=FORM_BYTES
        )
    except (HTTPException, MultiPartException):
        raise BadRequest() from None
