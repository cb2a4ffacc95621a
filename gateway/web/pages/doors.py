"""The doors: logging in by phone, code and second factor, logging out, choosing the language."""

import contextlib
from typing import Final

from starlette.responses import Response

from gateway.web import session
from gateway.web.routing import Page
from gateway.web.session import Tokens
from gateway.web.texts import LANGUAGES
from gateway.web.visit import Visit, local_path
from services.contracts.errors import ShequError, Unauthenticated, Unavailable

DEMO_CODE: Final = "246810"
DEMO_PEOPLE: Final = (
    ("13800000001", "孙奶奶", "尚园居民"),
    ("13800000002", "老陆", "尚园居民，亮身份的党员"),
    ("13800000003", "石书记", "尚园居民区书记"),
    ("13800000004", "居委小王", "尚园居委会"),
    ("13800000005", "镇干部", "观察员，只看不说"),
    ("13800000010", "村民小赵", "海星村在外村民"),
)
FIELDS: Final = ("phone", "code", "totp")
TOTP_REQUIRED: Final = "identity.totp_required"
TOTP_WRONG: Final = "identity.totp_wrong"


async def login(visit: Visit) -> Response:
    """The phone number first, then the code."""
    back = local_path(visit.query("next") or "/")
    if visit.actor is not None:
        return visit.go(back)
    phone = visit.query("phone")
    return await show(visit, back, phone=phone if phone.isdigit() else "")


async def log_in(visit: Visit) -> Response:
    """Ask for a code, or log in with it, whichever button was pressed."""
    form = visit.form
    back = local_path(form.text("next") or "/")
    phone = form.text("phone").replace(" ", "")
    if form.text("step") != "login":
        return await _send_code(visit, back, phone)
    asked = form.some("totp")
    try:
        answer = await visit.call("createToken", phone=phone, code=form.text("code"), **asked)
    except Unauthenticated as error:
        return await _not_yet(visit, error, back, phone)
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        sent = "phone" not in visit.form.errors
        return await show(visit, back, phone=phone, sent=sent, factor=bool(asked))
    visit.session.fresh = Tokens.of(answer)
    return visit.go("/me#totp" if answer.get("totp_needed") else back)


async def _not_yet(visit: Visit, error: Unauthenticated, back: str, phone: str) -> Response:
    """The same page again: what was wrong beside its field, or the second factor's field."""
    factor = error.code in (TOTP_REQUIRED, TOTP_WRONG)
    if error.code != TOTP_REQUIRED:
        said = visit.told(error)
        visit.form = visit.form.wrong({"totp" if factor else "code": said}, status=401)
    return await show(visit, back, phone=phone, sent=True, factor=factor)


async def _send_code(visit: Visit, back: str, phone: str) -> Response:
    try:
        await visit.call("requestCode", phone=phone)
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await show(visit, back, phone=phone)
    return await show(visit, back, phone=phone, sent=True)


async def show(
    visit: Visit, back: str, *, phone: str = "", sent: bool = False, factor: bool = False
) -> Response:
    """The login page; ``sent`` says that a code is under way, ``factor`` asks for the second."""
    joining = await _joining(visit, back)
    return await visit.page(
        "login.html",
        status=visit.form.status,
        back=back,
        phone=phone,
        sent=sent,
        factor=factor,
        joining=joining,
        demo=visit.gate.settings.demo,
        demo_code=DEMO_CODE,
        demo_people=DEMO_PEOPLE,
    )


async def _joining(visit: Visit, back: str) -> dict[str, object] | None:
    """What the visitor is about to join, when a scanned code brought her here."""
    if not back.startswith("/j/"):
        return None
    try:
        answer: dict[str, object] = await visit.call("resolveQr", token=back[3:])
    except ShequError:
        return None  # the page of the code itself says what is wrong with it
    return answer


async def log_out(visit: Visit) -> Response:
    """End the session, here and at identity."""
    with contextlib.suppress(Unavailable):  # the browser forgets the tokens all the same
        await visit.call("revokeToken")
    visit.session.fresh, visit.session.over = None, True
    visit.gate.verifier.forget_session(visit.person.session_id)
    return visit.go("/login")


async def choose_language(visit: Visit) -> Response:
    """Keep the language that was chosen by hand."""
    response = visit.go(local_path(visit.form.text("next") or "/"))
    if visit.form.text("language") in LANGUAGES:
        session.put(
            response,
            session.LANGUAGE_COOKIE,
            visit.form.text("language"),
            session.YEAR_SECONDS,
            https=visit.house.https,
        )
    return response


PAGES = (
    Page("GET /login", login, login=False),
    Page("POST /login", log_in, login=False),
    Page("POST /logout", log_out),
    Page("POST /language", choose_language, login=False),
)
