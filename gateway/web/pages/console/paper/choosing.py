"""Which poll the desk is for."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import navs, words_paper
from gateway.web.desk import convening
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden
from services.contracts.operations.votes.common import BODIES
from services.contracts.operations.votes.paper import READERS

HERE: Final = "/console/paper"
ALONE: Final = navs.Section(HERE, N_("纸质票"), "votes")
STATES: Final = ("open", "closed", "announced")
MOST: Final = 50


async def choose(visit: Visit) -> Response:
    """The polls that take paper: those that go on, are counted, or come next."""
    around = await reach(visit)
    found = await asyncio.gather(
        *(visit.call("listPolls", cid=around["cid"], state=one, limit=MOST) for one in STATES)
    )
    polls = [
        {**one, "works": works_at(visit, one)}
        for page in found
        for one in page["items"]
        if "paper" in one["rule_set"]["channels"]
    ]
    return await visit.page("console/paper/list.html", polls=polls, known=words_paper, **around)


async def reach(visit: Visit) -> dict[str, Any]:
    """The communities whose desk the visitor works at, or may watch, and the one looked at.

    Raises:
        Forbidden: she neither counts nor watches anywhere.
    """
    if visit.may("issuePaper"):
        desks, cid = await convening(visit)
        return {"desks": desks, "cid": cid}
    if not visit.person.roles & READERS.roles:
        raise Forbidden()
    found = await visit.call("listCommunities", limit=MOST)
    served = {one["id"]: one for one in found["items"]}
    wanted = visit.query("c")
    cid = wanted if wanted in served else next(iter(served), "")
    if not cid:
        raise Forbidden()
    return {"desks": list(served.values()), "cid": cid, **rows(visit)}


def rows(visit: Visit) -> dict[str, Any]:
    """The rows on top for whoever watches, and has no desk of her own."""
    if visit.may("issuePaper"):
        return {}
    if navs.watching(visit.actor):
        return {"nav": navs.watch(visit.path, visit.person)}
    return {"nav": navs.alone(visit.path, ALONE)}


def works_at(visit: Visit, poll: dict[str, Any]) -> bool:
    """Whether the visitor belongs to a body that convened it; the operations ask where."""
    return bool(BODIES[poll["convener"]] & visit.person.roles)


async def scanned(visit: Visit) -> Response:
    """Where the code on a tally sheet leads."""
    return visit.go(f"{HERE}/{visit.part('id')}/tallies")


PAGES = (
    Page("GET /console/paper", choose),
    Page("GET /polls/{id}/paper", scanned),
)
