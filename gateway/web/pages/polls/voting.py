"""A ballot: chosen, looked at once more, cast; and its receipt, which is shown this once.

::

    GET  /polls/{id}/vote          which of my votes, and for, against or abstain
    POST /polls/{id}/vote          "this is what you vote": nothing is cast yet
    POST /polls/{id}/vote/cast     the ballot; its answer is the receipt, on no page of its own
    POST /polls/{id}/vote/receipt  the receipt as a file to keep

Choice and receipt travel in forms alone: an address stands in histories and logs. The receipt's
page is the answer to casting: there is no address at which somebody else could find it, and no
cache keeps it; loading it again sends the same key, which brings the same receipt. The key is a
seal, too, under which the service keeps its answer: 128 random bits, drawn here (ADR 0025). It
goes along from the first page on: whoever gets no answer presses once more with the same one.
"""

import re
import secrets
from typing import Any, Final

from pydantic_core import from_json
from starlette.responses import Response

from gateway import ballots
from gateway.documents import page as paper
from gateway.downloads import attached
from gateway.operations import Call
from gateway.posters.fonts import Fonts
from gateway.web import qr, words_polls
from gateway.web.forms import Form
from gateway.web.pages.polls import showing
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError, Unavailable
from services.contracts.operations import BY_ID
from services.contracts.operations.documents import Document, DocumentBlock

_CAST: Final = BY_ID["castBallot"]
_PRINT: Final = BY_ID["getCertificate"]  # a page to print costs as much as that one
_SEAL: Final = re.compile(r"[0-9a-f]{32}")
_SIGNS: Final = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}")
OF_THE_RECEIPT: Final = frozenset({"votes.bad_receipt", "votes.receipt_not_yours"})
"""What is wrong with what stands in the field of the receipt."""
SENT: Final = ("entry", "choice", "receipt", "proxy", "changeable")


async def choose(visit: Visit) -> Response:
    """For, against or abstain, each a button."""
    return await _choose(visit, visit.query("entry"))


async def _choose(visit: Visit, entry: str) -> Response:
    shown = await visit.call("getPoll", id=visit.part("id"))
    mine = await votes(visit, shown)
    open_ones = [one for one in mine if one["why_not"] is None or one["may_change"]]
    chosen = next((one for one in mine if one["subject_id"] == entry), None)
    if chosen is None and len(open_ones) == 1:
        chosen = open_ones[0]
    return await visit.page(
        "polls/vote.html",
        status=visit.form.status,
        poll=shown,
        mine=mine,
        chosen=chosen,
        seal=secrets.token_hex(16),
        known=words_polls,
    )


async def votes(visit: Visit, shown: dict[str, Any]) -> list[dict[str, Any]]:
    """What I can vote for: my own entries, then those for which somebody wrote me a proxy."""
    own = [{**one, "of": None} for one in shown["my_subjects"]]
    proxies = await showing.proxies_of(visit, shown)
    if not proxies["held"]:
        return own
    late = shown["why_not"] if not own else None
    return own + [
        {
            "subject_id": one["subject_id"],
            "building": one["building"],
            "place": one["place"],
            "area": None,
            "state": "proxy" if one["used"] else "free",
            "why_not": _used(visit) if one["used"] else _if_late(late),
            "may_change": False,
            "of": one,
        }
        for one in proxies["held"]
    ]


def _used(visit: Visit) -> dict[str, str]:
    return {"code": "votes.already_voted", "text": visit.say(N_("您已经替这一票投过了"))}


def _if_late(why_not: dict[str, str] | None) -> dict[str, str] | None:
    """Why nobody votes now; that I am not on the roll myself is no reason."""
    return why_not if why_not and why_not["code"] != "votes.not_on_roll" else None


async def look_once_more(visit: Visit) -> Response:
    """What is about to be cast, once more and large."""
    return await _look(visit)


async def _look(visit: Visit) -> Response:
    form = visit.form
    shown = await visit.call("getPoll", id=visit.part("id"))
    mine = await votes(visit, shown)
    entry = next((one for one in mine if one["subject_id"] == form.text("entry")), None)
    if entry is None or form.text("choice") not in words_polls.CHOICE:
        return await _choose(visit, form.text("entry"))
    if entry["may_change"] and not form.text("receipt"):
        visit.form = form.wrong({"receipt": visit.say(N_("请填上次的回执码"))})
        return await _choose(visit, entry["subject_id"])
    return await visit.page(
        "polls/look.html",
        status=form.status,
        poll=shown,
        entry=entry,
        choice=form.text("choice"),
        receipt=form.text("receipt") if entry["may_change"] else "",
        seal=_seal(form),
        known=words_polls,
    )


def _seal(form: Form) -> str:
    """The key of this ballot: the same as long as its fate is not known, else a fresh one."""
    sent = form.text("seal")
    return sent if _SEAL.fullmatch(sent) else secrets.token_hex(16)


async def cast(visit: Visit) -> Response:
    """Into the box; the receipt comes back."""
    form, poll_id = visit.form, visit.part("id")
    try:
        receipt = await _into_the_box(visit, poll_id)
    except Unavailable as error:
        return await _unheard(visit, error)
    except ShequError as error:
        visit.form = _refused(visit, error)
        return await _choose(visit, form.text("entry"))
    return await visit.page(
        "polls/receipt.html",
        poll_id=poll_id,
        entry=form.text("entry"),
        receipt=receipt["receipt"],
        picture=qr.picture(receipt["url"]),
        replaced=bool(form.text("receipt")),
        changeable=form.ticked("changeable"),
    )


async def _unheard(visit: Visit, error: Unavailable) -> Response:
    """Nobody knows whether it was counted. The page asks no service: the same one is away."""
    form = visit.form
    return await visit.page(
        "polls/unheard.html",
        status=error.status,
        poll_id=visit.part("id"),
        sent={name: form.text(name) for name in SENT if form.text(name)},
        seal=_seal(form),
    )


async def _into_the_box(visit: Visit, poll_id: str) -> dict[str, Any]:
    form = visit.form
    asked: dict[str, Any] = {"id": poll_id, "choice": form.text("choice"), **form.some("receipt")}
    asked["on_behalf_of" if form.ticked("proxy") else "subject_id"] = form.text("entry")
    _CAST.permit(visit.actor)
    await visit.gate.limiter.check(_CAST, visit.actor, visit.context)
    shape = visit.house.shape(_CAST.id)
    values = shape.check(asked, visit.language)
    call = Call(visit.request, visit.gate, visit.context, _CAST, shape, visit.actor, values)
    reply = await ballots.taken(call, _seal(form))
    kept: dict[str, Any] = from_json(reply.body)
    return kept


def _refused(visit: Visit, error: ShequError) -> Form:
    if error.code in OF_THE_RECEIPT:
        said = visit.told(error)
        return visit.form.wrong({"receipt": said}, status=error.status)
    return visit.refused(error, "receipt")


async def receipt_file(visit: Visit) -> Response:
    """The receipt as a page to print; it comes with the form, we keep none."""
    code = visit.form.text("receipt")
    if not _SIGNS.fullmatch(code):
        raise NotFound()
    await visit.gate.limiter.check(_PRINT, visit.actor, visit.context)
    say, settings = visit.say, visit.gate.settings
    document = Document(
        title=say(N_("表决回执")),
        lines=[],
        blocks=[
            DocumentBlock(
                kind="code",
                text=f"{settings.public_url}/verify#{code}",
                lines=[code, say(N_("用手机扫一扫，看这张选票在不在公开账本里"))],
            ),
            DocumentBlock(kind="text", text=say(PROVES)),
            DocumentBlock(kind="text", text=say(PROVES_NOT)),
        ],
        paged=False,
    )
    data = await visit.gate.workshop.run(_page, document, settings.font)
    return attached(data, "application/pdf", stem=document.title, plain="receipt", form="pdf")


PROVES: Final = N_("它证明：有一张选票在公开账本里，在第几位，账本签过名，后来有没有被替换。")
PROVES_NOT: Final = N_("它不证明：选票上写的是什么。谁拿到它，都看不出您投了什么。")


def _page(document: Document, font: str) -> bytes:
    return paper.made(document, Fonts.find(font))


PAGES = (
    Page("GET /polls/{id}/vote", choose),
    Page("POST /polls/{id}/vote", look_once_more),
    Page("POST /polls/{id}/vote/cast", cast),
    Page("POST /polls/{id}/vote/receipt", receipt_file),
)
