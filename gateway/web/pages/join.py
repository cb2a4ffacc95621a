"""Joining by QR code, in one flow: scan, phone code, address, real name, consents, done."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit

FIELDS: Final = ("building", "unit", "room", "relation", "real_name", "id_number", "consents")

CONSENTS: Final[Mapping[str, tuple[str, str]]] = {
    "real_name": (
        N_("同意用姓名和身份证号核实身份"),
        N_("属于敏感个人信息：加密保存，只用于核实，页面上不显示。"),
    ),
    "address": (
        N_("同意登记住址"),
        N_("用来确认您属于哪个小区；邻居只看到楼号。"),
    ),
    "rules": (
        N_("同意遵守社区公约和发言规则"),
        N_("实名入住、文明发言，对自己的话负责。"),
    ),
}
"""Each consent is asked for by itself (PIPL art. 14 and 29); all of these are needed.

They are identity's purposes in the words of its notices: what is ticked is what is kept.
"""

FREE: Final[Mapping[str, tuple[str, str]]] = {
    "grid_platform": (
        N_("同意上报网格时告知我是谁"),
        N_(
            "您反映的问题转到网格化管理平台时，附上隐去中段的姓名和手机号，便于处置人员核实。"
            "不同意也照样上报，随时可以撤回。"
        ),
    ),
}
"""Asked for separately (PIPL art. 23); nothing depends on it."""


async def join(visit: Visit) -> Response:
    """Where the code leads; the next step of whoever scanned it."""
    token = visit.part("token")
    target = await visit.call("resolveQr", token=token)
    if visit.actor is None:
        return visit.go(f"/login?next=/j/{token}")
    me = await visit.call("getMe")
    here = [m for m in me["memberships"] if m["community"]["id"] == target["community"]["id"]]
    settled = next((m for m in here if m["status"] in ("active", "pending")), None)
    if settled is not None and visit.query("again") != "1":
        return await visit.page(
            "join_done.html", target=target, membership=settled, me=me, token=token
        )
    refused = next((m for m in here if m["status"] == "refused"), None)
    return await _show(visit, token, target, refused=refused)


async def ask(visit: Visit) -> Response:
    """Send the request off."""
    token, form = visit.part("token"), visit.form
    target = await visit.call("resolveQr", token=token)
    if missing := _unticked(visit):
        visit.form = form.wrong({"consents": missing})
        return await _show(visit, token, target)
    building, _, unit = form.text("building").partition("/")
    doing = visit.call(
        "requestMembership",
        once=form.key,
        qr_token=token,
        building=building,
        room=form.text("room"),
        relation=form.text("relation"),
        real_name=form.text("real_name"),
        id_number=form.text("id_number"),
        consents=form.many("consents[]"),
        **({"unit": unit} if unit else {}),
    )
    return await visit.do(
        doing, *FIELDS, again=partial(_show, token=token, target=target), then=f"/j/{token}"
    )


def _unticked(visit: Visit) -> str:
    given = set(visit.form.many("consents[]"))
    if given >= CONSENTS.keys():
        return ""
    return visit.say(N_("请逐项勾选；有一项不同意，就不能办理线上入住，可到居委会办理。"))


async def _show(
    visit: Visit, token: str, target: dict[str, Any], *, refused: dict[str, Any] | None = None
) -> Response:
    return await visit.page(
        "join.html",
        status=visit.form.status,
        token=token,
        target=target,
        consents=CONSENTS,
        free=FREE,
        refused=refused,
    )


PAGES = (
    Page("GET /j/{token}", join, login=False),
    Page("POST /j/{token}", ask),
)
