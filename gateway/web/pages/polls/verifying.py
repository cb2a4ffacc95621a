"""`/verify`: is my ballot in the bulletin, and who counts it again.

A receipt is looked up for whoever has it, by a form: the code stands in no address. The QR code of
a receipt carries it behind the `#`, which browsers send nowhere. Nobody is told who asks: the
question goes to the service without the visitor's token.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response

import services
from gateway.web import inclusion, words_polls
from gateway.web.forms import Form
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError
from services.contracts.operations import BY_ID

_CHECK: Final = BY_ID["checkReceipt"]
_OF_THE_CODE: Final = frozenset({"votes.bad_receipt", "votes.receipt_not_found"})
VERIFIER: Final = Path(services.__file__).parent / "votes" / "verify.py"
NAME: Final = "shequtong_verify.py"


async def verify(visit: Visit) -> Response:
    """Type or scan a receipt; fetch what reckons a whole vote again."""
    return await _page(visit)


async def check(visit: Visit) -> Response:
    """Where its ballot stands, and the way from it to the signed root."""
    try:
        found = await _look_up(visit, visit.form.text("code"))
    except ShequError as error:
        visit.form = _refused(visit, error)
        return await _page(visit)
    return await _page(visit, found)


async def _page(visit: Visit, found: dict[str, Any] | None = None) -> Response:
    return await visit.page(
        "polls/verify.html",
        status=visit.form.status,
        found=found,
        proof=_reckoned(found) if found else None,
        verifier=verifier(),
        name=NAME,
        known=words_polls,
    )


async def _look_up(visit: Visit, code: str) -> dict[str, Any]:
    await visit.gate.limiter.check(_CHECK, None, visit.context)
    values = visit.house.shape(_CHECK.id).check({"code": code}, visit.language)
    reply = await visit.gate.backend.ask(_CHECK, values, context=visit.context)
    answer: dict[str, Any] = reply.data
    return answer


def _refused(visit: Visit, error: ShequError) -> Form:
    if error.code in _OF_THE_CODE:
        said = visit.told(error)
        return visit.form.wrong({"code": said}, status=error.status)
    return visit.refused(error, "code")


def _reckoned(found: dict[str, Any]) -> dict[str, Any]:
    """The way up, and where it ends: at the root that was told, at one that was signed."""
    try:
        root, steps = inclusion.way_up(
            found["leaf"], found["position"], found["leaves"], found["proof"]
        )
    except ValueError:
        root, steps = "", []
    signed = [
        head for head in found["heads"]
        if head["root"] == root and head["leaves"] == found["leaves"]
    ]  # fmt: skip
    return {
        "root": root,
        "steps": steps,
        "holds": root == found["root"],
        "signed": signed[-1] if signed else None,
    }


@cache
def verifier() -> dict[str, Any]:
    """The program of one file that counts a vote again, and its SHA-256."""
    body = VERIFIER.read_bytes()
    return {"body": body, "sha256": hashlib.sha256(body).hexdigest()}


async def verifier_file(visit: Visit) -> Response:  # noqa: ARG001 - the same for everybody
    """The program, to keep."""
    return Response(
        verifier()["body"],
        media_type="text/x-python; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{NAME}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


PAGES = (
    Page("GET /verify", verify, login=False),
    Page("POST /verify", check, login=False),
    Page(f"GET /verify/{NAME}", verifier_file, login=False),
)
