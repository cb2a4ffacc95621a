"""What somebody has to look at: reported, held by the lexicon, appealed against.

::

    /console/moderation?state=…          the queue, the oldest first; ticked ones decided at once
        ├─ …/{id}                        one case (``console/cases.py``); …/next goes on to another
        ├─ …/log                         who did what, and why
        ├─ …/silences                    who may not write for a time
        └─ …/words                       a text is tried against the lexicon
"""

from typing import Final

from starlette.responses import Response

from gateway.web import many, words_content
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError, Unavailable

HERE: Final = "/console/moderation"
REFUSED: Final = "feed.words_refused"
"""What the lexicon says of words that are not published at all."""


async def moderation(visit: Visit) -> Response:
    """The cases that wait, or were decided."""
    desks, cid = await desk(visit)
    shown = visit.query("state") if visit.query("state") in words_content.CASES else "waiting"
    page = await visit.call("listModerationCases", cid=cid, state=shown, **visit.asked("cursor"))
    return await visit.page(
        "console/moderation/queue.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        shown=shown,
        most=many.MOST,
        known=words_content,
    )


async def next_case(visit: Visit) -> Response:
    """On to the case that waits longest, after the one that was just decided."""
    _, cid = await desk(visit)
    page = await visit.call("listModerationCases", cid=cid, limit=50)
    done = visit.query("after")
    ids = [one["id"] for one in page["items"] if one["may_decide"]]
    rest = ids[ids.index(done) + 1 :] if done in ids else ids
    return visit.go(f"{HERE}/{rest[0]}" if rest else f"{HERE}?c={cid}")


# -- the obvious ones, at once ---------------------------------------------------------------------


async def decide_many(visit: Visit) -> Response:
    """Each of the ticked cases by itself; what became of each is told."""
    form = visit.form
    if form.text("do") not in ("take_down", "keep"):
        raise NotFound()
    desks, cid = await desk(visit)
    ids = many.ticked(form)
    if not ids or len(ids) > many.MOST:
        visit.form = visit.refused(many.TooManyTicked() if ids else many.NothingTicked())
        return await moderation(visit)
    choice = f"take_down/{form.text('ground')}" if form.text("do") == "take_down" else "keep/kept"
    decision, reason = words_content.chosen(choice, form.text("reason"))

    async def one(case_id: str) -> tuple[str, str, str]:
        once = many.own_key(form, f"{choice} {case_id}")
        fault = await _fault(visit, once, case_id, decision, reason)
        return case_id, form.text(f"title-{case_id}") or case_id, fault

    return await visit.page(
        "console/batch.html",
        desks=desks,
        cid=cid,
        results=await many.each(ids, one),
        doing="",
        at=f"{HERE}/",
        back=f"{HERE}?c={cid}",
    )


async def _fault(visit: Visit, once: str, case_id: str, decision: str, reason: str) -> str:
    """What was wrong with it; empty when it is decided."""
    try:
        await visit.call("decideReport", once=once, id=case_id, decision=decision, reason=reason)
    except ShequError as error:
        return "：".join([visit.told(error), *(one.message for one in error.errors)])
    return ""


# -- the log, silences, the lexicon ----------------------------------------------------------------


async def moderation_log(visit: Visit) -> Response:
    """Who did what to what, and why; the newest first."""
    desks, cid = await desk(visit)
    page = await visit.call("listModerationLog", cid=cid, **visit.asked("cursor"))
    return await visit.page(
        "console/moderation/log.html", desks=desks, cid=cid, page=page, known=words_content
    )


async def silences(visit: Visit) -> Response:
    """Who may not write, why, and until when."""
    desks, cid = await desk(visit)
    page = await visit.call("listSilences", cid=cid, **visit.asked("cursor"))
    return await visit.page(
        "console/moderation/silences.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        done=visit.query("done"),
        known=words_content,
    )


async def lift_silence(visit: Visit) -> Response:
    """Let somebody write again."""
    return await visit.do(
        visit.call("liftSilence", id=visit.form.text("id")),
        again=silences,
        then=f"{HERE}/silences?c={visit.form.text('c')}&done=lifted",
    )


async def words(visit: Visit) -> Response:
    """A text can be tried against the lexicon."""
    return await _words(visit)


async def try_words(visit: Visit) -> Response:
    """What the lexicon makes of a neighbour's words; nothing is kept of them."""
    _, cid = await desk(visit)
    try:
        found = await visit.inside("checkSpeech", cid=cid, body=visit.form.text("body"))
    except ShequError as error:
        visit.form = visit.refused(error, "body")
        return await _words(visit, "refused" if error.code == REFUSED else "")
    if found is None:
        raise Unavailable()
    return await _words(visit, "held" if found["held"] else "fine")


async def _words(visit: Visit, found: str = "") -> Response:
    desks, cid = await desk(visit)
    return await visit.page(
        "console/moderation/words.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        found=found,
        known=words_content,
    )


PAGES = (
    Page(f"GET {HERE}", moderation),
    Page(f"GET {HERE}/next", next_case),
    Page(f"POST {HERE}/batch", decide_many),
    Page(f"GET {HERE}/log", moderation_log),
    Page(f"GET {HERE}/silences", silences),
    Page(f"POST {HERE}/silences", lift_silence),
    Page(f"GET {HERE}/words", words),
    Page(f"POST {HERE}/words", try_words),
)
