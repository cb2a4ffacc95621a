"""The rules that votes are held by: each with its law, and whether somebody has confirmed it.

A confirmation (核实) is a public act of the district's administrator. Until then the page says
plainly that the rules were not held against the law in force.
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import navs, words_desk_polls
from gateway.web.desk import convening
from gateway.web.forms import whole
from gateway.web.pages.console.polls.reaching import HERE, MOST, require_reader, rows
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden

RULES: Final = f"{HERE}/rules"
SECTION: Final = navs.Section(RULES, N_("表决规则"), "votes")
FIELDS: Final = ("by", "source", "text", "read_on", "version", "preset")


async def rules(visit: Visit) -> Response:
    """Every preset in plain words, with its source and who confirmed it."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    around = await _around(visit)
    presets, acts = await asyncio.gather(
        visit.call("listRulePresets", cid=around["cid"]),
        visit.call("listRuleConfirmations", did=around["did"], **visit.asked("cursor")),
    )
    return await visit.page(
        "console/polls/rules.html",
        status=visit.form.status,
        presets=presets["items"],
        names={one["preset"]: one for one in presets["items"]},
        acts=acts,
        confirms=visit.may("confirmRules"),
        failed=failed,
        known=words_desk_polls,
        **around,
    )


async def _around(visit: Visit) -> dict[str, Any]:
    """A community to ask for, its district, and the rows on top.

    Raises:
        Forbidden: the visitor convenes nothing, watches over nothing, and confirms nothing.
    """
    found = await visit.call("listCommunities", limit=MOST)
    places = {one["id"]: one for one in found["items"]}
    around: dict[str, Any]
    if visit.may("voidPoll"):
        desks, cid = await convening(visit)
        around = {"desks": desks, "cid": cid}
    elif visit.may("confirmRules"):
        cid = next(iter(places), "")
        around = {"desks": [], "cid": cid, "nav": navs.watch(visit.path, visit.person)}
    else:
        require_reader(visit)
        cid = next(iter(places), "")
        around = {"desks": [], "cid": cid, **rows(visit)}
    if cid not in places:
        raise Forbidden()
    return {**around, "did": places[cid]["district_id"]}


async def confirm(visit: Visit) -> Response:
    """This version agrees with the law in force, as somebody by name has read it."""
    form = visit.form
    said = {name: form.text(name) for name in ("preset", "by", "source", "text", "read_on")}
    doing = visit.call(
        "confirmRules",
        once=form.key,
        did=form.text("did"),
        version=whole(form.text("version")),
        **said,
    )
    key = f"confirm-{form.text('preset')}"
    return await visit.do(doing, *FIELDS, again=partial(_show, failed=key), then=f"{RULES}#acts")


async def revoke(visit: Visit) -> Response:
    """Take a confirmation back."""
    form, named = visit.form, visit.part("id")
    doing = visit.call(
        "revokeRuleConfirmation", once=form.key, id=named, reason=form.text("reason")
    )
    again = partial(_show, failed=f"revoke-{named}")
    return await visit.do(doing, "reason", again=again, then=f"{RULES}#acts")


PAGES = (
    Page(f"GET {RULES}", rules),
    Page(f"POST {RULES}/confirmations", confirm),
    Page(f"POST {RULES}/confirmations/{{id}}/revocation", revoke),
)
