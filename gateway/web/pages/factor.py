"""The second factor on my page: enrolled, confirmed, its recovery codes seen once, given up."""

import contextlib
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.responses import Response

from gateway.web import qr, session
from gateway.web.pages import me
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, ShequError

ADDRESS_MOST: Final = 500


async def enrol(visit: Visit) -> Response:
    """A fresh secret, as text and as a code to scan."""
    try:
        made = await visit.call("enrolTotp")
    except ShequError as error:
        visit.form = visit.refused(error)
        return await me.me(visit)
    return await _secret(visit, made["otpauth_url"])


async def confirm(visit: Visit) -> Response:
    """The six digits show that it works; the recovery codes are shown this once."""
    address = visit.form.text("address")
    try:
        made = await visit.call("confirmTotp", code=visit.form.text("code"))
    except ShequError as error:
        visit.form = visit.refused(error, "code")
        return await _secret(visit, address)
    await _renew(visit)
    return await visit.page("totp_codes.html", codes=made["codes"])


async def remove(visit: Visit) -> Response:
    """Give it up, with its digits or a recovery code."""
    doing = visit.call("removeTotp", code=visit.form.text("code"))
    return await visit.do(doing, "code", again=me.me, then="/me")


async def _secret(visit: Visit, address: str) -> Response:
    """The secret once more after wrong digits: it comes back with the form, we keep none."""
    return await visit.page(
        "totp.html",
        status=visit.form.status,
        address=address,
        secret=_secret_in(address),
        picture=qr.picture(address),
    )


def _secret_in(address: str) -> str:
    """The secret of an ``otpauth://`` address, in groups of four for whoever types it."""
    parts = urlsplit(address) if len(address) <= ADDRESS_MOST else None
    secret = parse_qs(parts.query).get("secret", [""])[0] if parts else ""
    if parts is None or parts.scheme != "otpauth" or not secret:
        raise BadRequest()
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


async def _renew(visit: Visit) -> None:
    """Fresh tokens, for an office may have waited for the factor."""
    fresh = visit.session.fresh
    refresh = fresh.refresh if fresh else visit.request.cookies.get(session.REFRESH_COOKIE, "")
    if refresh:
        with contextlib.suppress(ShequError):  # then the office comes with the next renewal
            renewals = visit.house.renewals
            visit.session.fresh = await renewals.renew(visit.gate, visit.context, refresh)


PAGES = (
    Page("POST /me/totp", enrol),
    Page("POST /me/totp/confirm", confirm),
    Page("POST /me/totp/remove", remove),
)
