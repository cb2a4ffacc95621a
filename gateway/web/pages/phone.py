"""My phone: moved to a new number by whoever holds both; what to do when the old one is lost."""

from typing import Any

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError


async def phone(visit: Visit) -> Response:
    """The form."""
    return await _show(visit)


async def _show(visit: Visit, sent: str = "") -> Response:
    return await visit.page("phone.html", status=visit.form.status, sent=sent)


async def change(visit: Visit) -> Response:
    """A code to the old phone, a code to the new one, then both together."""
    form = visit.form
    step = form.text("step")
    if step in ("phone", "new_phone"):
        try:
            await visit.call("requestCode", phone=form.text(step))
        except ShequError as error:
            said = visit.refused(error, "phone")
            faults = {step: said.errors["phone"]} if "phone" in said.errors else said.errors
            visit.form = said.wrong(faults, said.problem, said.status)
            return await _show(visit)
        return await _show(visit, sent=step)
    doing: Any = visit.call(
        "changePhone",
        code=form.text("code"),
        new_phone=form.text("new_phone"),
        new_code=form.text("new_code"),
    )
    return await visit.do(doing, "code", "new_phone", "new_code", again=phone, then="/me")


async def unbind(visit: Visit) -> Response:
    """Log in by WeChat no more."""
    return await visit.do(visit.call("unbindWechat"), again=phone, then="/me")


async def lost(visit: Visit) -> Response:
    """What to do without the old phone: the committee moves the account."""
    return await visit.page("phone_lost.html")


PAGES = (
    Page("GET /me/phone", phone),
    Page("POST /me/phone", change),
    Page("POST /me/wechat/unbind", unbind),
    Page("GET /login/lost", lost, login=False),
)
