"""Members at the desk: found by room or name, and what is done for one of them at the counter.

::

    /console/members?q=…&building=…&of=…      by address; each look is written down
        └─ …/{id}   homes (end, extend) · helpers (name, end) · a lost phone · a child
"""

import asyncio
from datetime import timedelta
from typing import Any, Final, get_args

from starlette.responses import Response

from gateway.web import moments, words_desk_people
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Invalid, ShequError
from services.contracts.operations.identity import Relation

SHOWN: Final = 30
SOON: Final = timedelta(days=60)
RELATIONS: Final = get_args(Relation)


async def members(visit: Visit) -> Response:
    """Who was asked for."""
    desks, cid = await desk(visit)
    asked = visit.asked("q", "building", "relation", "of")
    wanted = visit.asked("q", "building", "relation")
    wanted |= await _short_of(visit, asked.get("of", ""))
    page, profile = await asyncio.gather(
        visit.call("listMembers", cid=cid, limit=SHOWN, **wanted, **visit.asked("cursor")),
        visit.soft("getCommunityProfile", cid=cid),
    )
    return await visit.page(
        "console/members.html",
        desks=desks,
        cid=cid,
        page=page,
        asked=asked,
        profile=profile,
        relations=RELATIONS,
        known=words_desk_people,
    )


async def _short_of(visit: Visit, of: str) -> dict[str, Any]:
    if of == "ended":
        return {"status": "ended"}
    if of == "unregistered":
        return {"registered": False}
    if of == "no_phone":
        return {"has_phone": False}
    if of == "soon":
        now = await visit.clock()
        return {"ends_before": (now + SOON).isoformat()}
    return {}


async def member(visit: Visit) -> Response:
    """One person, with what may be done for her."""
    return await _sheet(visit)


async def _sheet(visit: Visit, *, sent: bool = False) -> Response:
    desks, cid = await desk(visit)
    found = await visit.call("getMember", cid=cid, person_id=visit.part("id"))
    return await visit.page(
        "console/member.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        member=found,
        at=visit.form.text("at"),
        sent=sent,
        known=words_desk_people,
    )


# -- homes -----------------------------------------------------------------------------------------


async def end(visit: Visit) -> Response:
    """Move her out, for a reason that she reads."""
    form = visit.form
    reason = form.text("reason") or words_desk_people.ENDINGS.get(form.text("sample"), "")
    doing = visit.call(
        "endMembership",
        once=form.key,
        id=form.text("membership"),
        **({"reason": reason} if reason else {}),
    )
    return await visit.do(doing, "reason", again=member, then=_here(visit))


async def extend(visit: Visit) -> Response:
    """Let a tenancy run until the end of a day, or without an end."""
    return await visit.do(_extend(visit), "until", "expires_at", again=member, then=_here(visit))


async def _extend(visit: Visit) -> None:
    until = visit.form.text("until")
    at = moments.end_of_day(until)
    if until and at is None:
        raise Invalid(errors=[FieldError("until", visit.say(N_("请选择日期")))])
    more = {"expires_at": at} if at else {}
    await visit.call(
        "extendMembership", once=visit.form.key, id=visit.form.text("membership"), **more
    )


# -- helpers and the branch ------------------------------------------------------------------------


async def name_helper(visit: Visit) -> Response:
    """Write down whom somebody without a phone lets act for her, and how she agreed."""
    form = visit.form
    doing = visit.call(
        "nameHelper",
        once=form.key,
        person_id=visit.part("id"),
        phone=form.text("phone"),
        relationship=form.text("relationship"),
        consent_means=form.text("consent_means"),
        **form.some("consent_note"),
    )
    return await visit.do(
        doing, "phone", "relationship", "consent_means", "consent_note", again=member,
        then=_here(visit),
    )  # fmt: skip


async def end_help(visit: Visit) -> Response:
    """Nobody acts for her by this any more."""
    doing = visit.call("endAssistance", id=visit.form.text("assistance"))
    return await visit.do(doing, again=member, then=_here(visit))


async def confirm_party(visit: Visit) -> Response:
    """The branch confirms that she is a Party member."""
    form = visit.form
    doing = visit.call(
        "grantRole",
        once=form.key,
        person_id=visit.part("id"),
        role="party_member",
        scope=form.text("c"),
    )
    return await visit.do(doing, again=member, then=_here(visit))


# -- a lost phone ----------------------------------------------------------------------------------


async def recover(visit: Visit) -> Response:
    """Begin to move her account to a new phone that she holds in her hands.

    The code goes to that phone first; what was written stays where it is.
    """
    form = visit.form
    if form.text("step") == "code":
        try:
            await visit.call("requestCode", phone=form.text("new_phone"))
        except ShequError as error:
            visit.form = visit.refused(error, "phone")
            return await member(visit)
        return await _sheet(visit, sent=True)
    doing = visit.call(
        "openRecovery",
        once=form.key,
        cid=form.text("c"),
        person_id=visit.part("id"),
        new_phone=form.text("new_phone"),
        new_code=form.text("new_code"),
        reason=form.text("reason"),
    )
    then = f"/console/recoveries?c={form.text('c')}"
    return await visit.do(doing, "new_phone", "new_code", "reason", again=member, then=then)


def _here(visit: Visit) -> str:
    return f"/console/members/{visit.part('id')}?c={visit.form.text('c')}"


PAGES = (
    Page("GET /console/members", members),
    Page("GET /console/members/{id}", member),
    Page("POST /console/members/{id}/end", end),
    Page("POST /console/members/{id}/extend", extend),
    Page("POST /console/members/{id}/helper", name_helper),
    Page("POST /console/members/{id}/helper/end", end_help),
    Page("POST /console/members/{id}/party", confirm_party),
    Page("POST /console/members/{id}/phone", recover),
)
