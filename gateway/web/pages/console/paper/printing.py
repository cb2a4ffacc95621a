"""What the desk prints: ballots forty to a file, registers, tally sheets, the notice."""

from typing import Final

from starlette.responses import Response

from gateway.web import slips, words_paper
from gateway.web.forms import whole
from gateway.web.pages.console.paper.choosing import rows, works_at
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden

IN_A_FILE: Final = 40
"""Ballots that getBallotPapers puts into one file."""


async def printing(visit: Visit) -> Response:
    """The files that there are to print; those of some numbers alone, where they are named."""
    poll = await visit.call("getPoll", id=visit.part("id"))
    if not works_at(visit, poll):
        raise Forbidden()
    figures = await visit.call("listPaperDesk", id=poll["id"])
    last = sum(one["issued"] + one["taken_back"] for one in figures["buildings"])
    asked = whole(visit.query("first")), whole(visit.query("last"))
    return await visit.page(
        "console/paper/print.html",
        poll=poll,
        cid=poll["community_id"],
        figures=figures,
        buildings=slips.in_order(one["building"] for one in figures["buildings"]),
        last=last,
        asked=asked,
        files=spans(max(1, asked[0]), min(last, asked[1] or last)),
        in_a_file=IN_A_FILE,
        known=words_paper,
        **rows(visit),
    )


def spans(first: int, last: int) -> list[tuple[int, int]]:
    """Numbers from ``first`` to ``last`` in pieces that fit into a file each."""
    return [(low, min(last, low + IN_A_FILE - 1)) for low in range(first, last + 1, IN_A_FILE)]


PAGES = (Page("GET /console/paper/{id}/print", printing),)
