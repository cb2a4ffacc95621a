"""Written proxies: who votes for me, for whom I vote.

A principal names a neighbour; a page can offer her no list of people. So whoever is ready to vote
for somebody shows her own code, or sends its address, and the principal opens it: the page tells by
the neighbourhood's own record whose it is before anything is given.
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import qr, words_polls
from gateway.web.pages.polls import showing
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ObserverReadOnly, ShequError
from services.contracts.ids import is_id

GRANT_FIELDS: Final = ("holder_id", "subject_id", "choice")


async def proxies(visit: Visit) -> Response:
    """Those I gave, those I hold, and the way to give one.

    Raises:
        ObserverReadOnly: whoever watches gives none and holds none.
    """
    if visit.person.is_observer:
        raise ObserverReadOnly()
    return await _page(visit, visit.query("holder"))


async def _page(visit: Visit, holder: str) -> Response:
    shown = await visit.call("getPoll", id=visit.part("id"))
    known, standing = await asyncio.gather(
        _card(visit, holder, shown["community_id"]), showing.proxies_of(visit, shown)
    )
    given = {one["subject_id"] for one in standing["given"]}
    address = f"{visit.gate.settings.public_url}/polls/{shown['id']}/proxies"
    mine = f"{address}?holder={visit.person.person_id}"
    return await visit.page(
        "polls/proxies.html",
        status=visit.form.status,
        poll=shown,
        proxies=standing,
        left=[
            one
            for one in shown["my_subjects"]
            if one["state"] == "free" and one["subject_id"] not in given
        ],
        holder=known,
        address=mine,
        picture=qr.picture(mine),
        told=shown["rule_set"]["secrecy"] != "secret",
        known=words_polls,
    )


async def _card(visit: Visit, holder: str, community_id: str) -> dict[str, Any] | None:
    """Who that is in the community; None for nobody, or nobody else."""
    if not is_id(holder) or holder == visit.person.person_id:
        return None
    try:
        card = await visit.inside("getMemberCard", person_id=holder, community_id=community_id)
    except ShequError:
        return None
    return card if card and card["standing"] == "active" else None


async def grant_proxy(visit: Visit) -> Response:
    """Let her vote for me."""
    form, poll_id = visit.form, visit.part("id")
    doing = visit.call(
        "grantProxy",
        once=form.key,
        id=poll_id,
        holder_id=form.text("holder_id"),
        **form.some("subject_id", "choice"),
    )
    return await visit.do(
        doing,
        *GRANT_FIELDS,
        again=partial(_page, holder=form.text("holder_id")),
        then=f"/polls/{poll_id}/proxies",
    )


async def revoke_proxy(visit: Visit) -> Response:
    """Take it back."""
    poll_id = visit.part("id")
    doing = visit.call("revokeProxy", once=visit.form.key, id=visit.part("proxy"))
    return await visit.do(doing, again=partial(_page, holder=""), then=f"/polls/{poll_id}/proxies")


PAGES = (
    Page("GET /polls/{id}/proxies", proxies),
    Page("POST /polls/{id}/proxies", grant_proxy),
    Page("POST /polls/{id}/proxies/{proxy}/revocation", revoke_proxy),
)
