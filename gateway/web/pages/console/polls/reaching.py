"""Who comes to the desk for votes: those who convene, and those who watch over them."""

from typing import Any, Final

from gateway.web import navs
from gateway.web.desk import convening
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden
from services.contracts.operations.votes.paper import READERS

HERE: Final = "/console/polls"
ALONE: Final = navs.Section(HERE, N_("表决"), "votes")
MOST: Final = 50


async def reach(visit: Visit) -> dict[str, Any]:
    """The communities whose votes the visitor convenes, or watches over, and the one looked at.

    Raises:
        Forbidden: she does neither anywhere.
    """
    if visit.may("voidPoll"):
        desks, cid = await convening(visit)
        return {"desks": desks, "cid": cid}
    require_reader(visit)
    found = await visit.call("listCommunities", limit=MOST)
    watched = {one["id"]: one for one in found["items"]}
    wanted = visit.query("c")
    cid = wanted if wanted in watched else next(iter(watched), "")
    if not cid:
        raise Forbidden()
    return {"desks": list(watched.values()), "cid": cid, **rows(visit)}


def require_reader(visit: Visit) -> None:
    """Let in who convenes, supervises or audits somewhere; of which poll, the operations ask.

    Raises:
        Forbidden: she does none of it.
    """
    if not visit.person.roles & READERS.roles:
        raise Forbidden()


def rows(visit: Visit) -> dict[str, Any]:
    """The rows on top for whoever watches, and has no desk of her own."""
    return {} if visit.may("voidPoll") else {"nav": navs.alone(visit.path, ALONE)}
