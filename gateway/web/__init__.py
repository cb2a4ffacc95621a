"""The pages: server-rendered, for phones first, and of use without any script.

::

    gateway.app ──router──▶ routing.Page ──▶ pages/*.py ──visit.call──▶ operations of the contract
                               │                  └──visit.page──▶ templates/*.html
                               └── session, csrf, house (what all pages of a process share)

A page is a row in the ``PAGES`` of a module below ``pages``; whatever module has some is found.
"""

import importlib
import pkgutil
from collections.abc import Iterator

from fastapi import APIRouter
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from gateway import gate
from gateway.web import house, pages, photos, voice
from gateway.web.pages import later
from gateway.web.routing import Page


class Elsewhere(Convertor[str]):
    """Any path that belongs to neither the API nor the probes."""

    regex = r"(?!api/|open311/|healthz$|readyz$|metrics$).*"

    def convert(self, value: str) -> str:
        """The path as it is."""
        return value

    def to_string(self, value: str) -> str:
        """The path as it is."""
        return value


def _found() -> Iterator[Page]:
    """The pages of all modules, by the modules' names."""
    for module in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}."):
        if module.name != later.__name__:
            yield from getattr(importlib.import_module(module.name), "PAGES", ())
    yield from (*photos.PAGES, *voice.PAGES)


def _plain_first(page: Page) -> tuple[bool, ...]:
    """``/topics/new`` is asked for before ``/topics/{id}``, whichever module has it."""
    return tuple(part.startswith("{") for part in page.path.split("/"))


PAGES: tuple[Page, ...] = tuple(sorted(_found(), key=_plain_first))
"""Every page there is."""


async def asset(request: Request) -> Response:
    """A file that pages load."""
    return house.of(request, gate.of(request)).assets.respond(request, request.path_params["name"])


def _router() -> APIRouter:
    register_url_convertor("page", Elsewhere())
    joined = APIRouter()
    joined.add_route("/assets/{name:path}", asset, name="web.asset", include_in_schema=False)
    for page in (*PAGES, later.NOWHERE):
        joined.add_route(
            page.path,
            page.endpoint(),
            methods=[page.method],
            name=page.name,
            include_in_schema=False,
        )
    return joined


router = _router()
"""What :mod:`gateway.app` takes in."""
