"""My data: what I agreed to, who looked, a copy, corrections, and leaving for good.

Everything that the law gives a person against us (PIPL art. 15, 44 to 47) in one place, without
asking anybody for it.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from gateway.web.pages.join import FREE
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

HERE: Final = "/me/data"
CORRECTABLE: Final[Mapping[str, str]] = {
    "real_name": N_("真实姓名"),
    "id_number": N_("身份证号"),
}
DECISIONS: Final[Mapping[str, tuple[str, str]]] = {
    "pending": (N_("待居委会处理"), "wait"),
    "approved": (N_("已更正"), "done"),
    "refused": (N_("未更正"), "late"),
}
COPY_NAME: Final = "shequtong-my-data.json"


async def mine(visit: Visit) -> Response:
    """The page; of a part whose service is away it says so and shows the rest."""
    consents, looks, corrections = await asyncio.gather(
        visit.soft("listMyConsents", limit=100),
        visit.soft("listMyAccessLog", **visit.asked("cursor")),
        visit.soft("listMyCorrections"),
    )
    given = {c["purpose"] for c in (consents or {"items": []})["items"] if not c["withdrawn_at"]}
    return await visit.page(
        "mine.html",
        status=visit.form.status,
        consents=consents,
        free={key: words for key, words in FREE.items() if key not in given},
        looks=looks,
        corrections=corrections,
        correctable=CORRECTABLE,
        decisions=DECISIONS,
    )


async def give(visit: Visit) -> Response:
    """Consent to a purpose that nothing needs."""
    doing = visit.call("giveConsent", once=visit.form.key, purpose=visit.form.text("purpose"))
    return await visit.do(doing, again=mine, then=HERE)


async def withdraw(visit: Visit) -> Response:
    """Take a consent back."""
    doing = visit.call("withdrawConsent", id=visit.part("id"))
    return await visit.do(doing, again=mine, then=HERE)


async def correct(visit: Visit) -> Response:
    """Ask the committee to correct name or number."""
    form = visit.form
    doing = visit.call(
        "requestCorrection",
        once=form.key,
        field=form.text("field"),
        value=form.text("value"),
        reason=form.text("reason"),
    )
    return await visit.do(doing, "field", "value", "reason", again=mine, then=f"{HERE}#corrections")


async def copy(visit: Visit) -> Response:
    """Everything about me, as a file."""
    found = await visit.call("exportMyData")
    return Response(
        json.dumps(found, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{COPY_NAME}"'},
    )


async def farewell(visit: Visit) -> Response:
    """What deleting the account means, and the way there: phone, code, done."""
    return await _farewell(visit)


async def delete(visit: Visit) -> Response:
    """Send the code, or delete with it, whichever button was pressed."""
    form = visit.form
    phone = form.text("phone").replace(" ", "")
    try:
        if form.text("step") != "delete":
            await visit.call("requestCode", phone=phone)
            return await _farewell(visit, phone, sent=True)
        await visit.call("deleteMe", code=form.text("code"))
    except ShequError as error:
        visit.form = visit.refused(error, "phone", "code")
        return await _farewell(visit, phone, sent="phone" not in visit.form.errors)
    visit.session.fresh, visit.session.over = None, True
    visit.gate.verifier.forget_session(visit.person.session_id)
    return visit.go("/login")


async def _farewell(visit: Visit, phone: str = "", *, sent: bool = False) -> Response:
    return await visit.page("farewell.html", status=visit.form.status, phone=phone, sent=sent)


PAGES = (
    Page(f"GET {HERE}", mine),
    Page(f"GET {HERE}/copy", copy),
    Page(f"POST {HERE}/consents", give),
    Page(f"POST {HERE}/consents/{{id}}/withdrawal", withdraw),
    Page(f"POST {HERE}/corrections", correct),
    Page(f"GET {HERE}/farewell", farewell),
    Page(f"POST {HERE}/farewell", delete),
)
