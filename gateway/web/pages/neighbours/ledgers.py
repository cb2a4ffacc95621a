"""Disclosed accounts: read by everybody line by line, kept by the office that discloses them.

::

    /c/{cid}/ledgers ─▶ /posts/{id}/ledger     lines, sums to reckon again, ask at a line, a table
    /console/ledgers ─▶ /console/ledgers/{id}  head ─▶ lines, pasted from a sheet ─▶ published
                                               then: a wrong line is cancelled, never gone
"""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import ledger_lines, navs, photos, words_neighbours
from gateway.web.desk import desk
from gateway.web.forms import whole
from gateway.web.pages.neighbours import number
from gateway.web.pages.posts import module_of
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Forbidden, Invalid, NotFound, ShequError

HEAD: Final = ("kind", "title", "starts_on", "ends_on", "opening")
LINE: Final = ("section", "on_date", "subject", "amount", "party", "note")
SECTION: Final = navs.Section("/console/ledgers", N_("账目"), "ledgers")
SHOWN: Final = 50
_ALL: Final = 100
_NO_LEDGER: Final = "feed.ledger_not_found"
_TOLD: Final = 5
"""Faults of lines that are told at once; more of them help nobody."""


# -- reading ---------------------------------------------------------------------------------------


async def ledgers(visit: Visit) -> Response:
    """The published accounts of a community, the latest period first."""
    cid, kind = visit.part("cid"), visit.asked("kind")
    page, modules = await asyncio.gather(
        visit.call("listLedgers", cid=cid, **kind, **visit.asked("cursor")),
        visit.call("listModules", cid=cid),
    )
    here = [one for one in modules["items"] if "ledger" in one["works"]]
    return await visit.page(
        "neighbours/ledgers.html",
        cid=cid,
        page=page,
        kind=kind.get("kind", ""),
        modules=here,
        keeps=any(one["may_post"] for one in here),
        known=words_neighbours,
    )


async def ledger(visit: Visit) -> Response:
    """One account with its lines."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    post_id, section = visit.part("id"), visit.asked("section")
    shown, page = await asyncio.gather(
        visit.call("getLedger", id=post_id),
        visit.call("listLedgerLines", id=post_id, limit=SHOWN, **section, **visit.asked("cursor")),
    )
    return await visit.page(
        "neighbours/ledger.html",
        status=visit.form.status,
        ledger=shown,
        page=page,
        section=section.get("section", ""),
        failed=failed,
        known=words_neighbours,
    )


async def check(visit: Visit) -> Response:
    """The supervisory committee has looked."""
    post_id = visit.part("id")
    doing = visit.call("checkLedger", id=post_id, note=visit.form.text("note"))
    again = partial(_show, failed="check")
    return await visit.do(doing, "note", again=again, then=f"/posts/{post_id}/ledger")


async def correct(visit: Visit) -> Response:
    """Cancel a wrong line, and write the right one in its place when it is given."""
    form, post_id = visit.form, visit.part("id")
    right = form.some(*LINE) if form.text("subject") else {}
    doing = visit.call(
        "correctLedgerLine",
        once=form.key,
        id=post_id,
        number=number(form.text("number")),
        reason=form.text("reason"),
        **({"line": right} if right else {}),
    )
    again = partial(_show, failed=form.text("number"))
    fields = ("reason", *(f"line_{name}" for name in LINE))
    return await visit.do(doing, *fields, again=again, then=f"/posts/{post_id}/ledger")


# -- keeping ---------------------------------------------------------------------------------------


async def console(visit: Visit) -> Response:
    """The drafts of the committee, and what it has published."""
    desks, cid = await desk(visit)
    drafts, page, modules = await asyncio.gather(
        visit.call("listLedgers", cid=cid, state="draft", limit=SHOWN),
        visit.call("listLedgers", cid=cid, **visit.asked("cursor")),
        visit.call("listModules", cid=cid),
    )
    return await visit.page(
        "console/ledgers.html",
        desks=desks,
        cid=cid,
        drafts=drafts,
        page=page,
        modules=[m for m in modules["items"] if "ledger" in m["works"] and m["may_post"]],
        known=words_neighbours,
    )


async def draft(visit: Visit) -> Response:
    """An account that is not published yet; a published one is corrected where it is read."""
    return await _draft(visit)


async def _draft(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    post_id = visit.part("id")
    post, shown = await asyncio.gather(visit.call("getPost", id=post_id), _ledger(visit, post_id))
    if shown and shown["state"] == "published":
        return visit.go(f"/posts/{post_id}/ledger")
    if not (shown["may_write"] if shown else await _may_begin(visit, post)):
        raise Forbidden()
    sheet = await visit.call("exportLedger", id=post_id) if shown else {"rows": []}
    form = visit.form
    if failed != "head":
        visit.form = replace(form, values={**form.values, **_head(shown or {}, post)})
    return await visit.page(
        "console/ledger.html",
        status=form.status,
        cid=post["community_id"],
        post=post,
        ledger=shown,
        lines=form.text("lines") if failed == "lines" else ledger_lines.written(sheet["rows"]),
        failed=failed,
        attachments=attachments or [],
        known=words_neighbours,
        **({} if visit.is_staff else {"nav": navs.alone(visit.path, SECTION)}),
    )


async def _may_begin(visit: Visit, post: dict[str, Any]) -> bool:
    module = await module_of(visit, post["community_id"], post["module"])
    return bool(post["mine"] and module["may_post"] and "ledger" in module["works"])


async def _ledger(visit: Visit, post_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await visit.call("getLedger", id=post_id)
    except NotFound as error:
        if error.code != _NO_LEDGER:
            raise
        return None
    return found


async def _lines(visit: Visit, post_id: str) -> list[dict[str, Any]]:
    """All lines of a draft, page by page: it holds at most some thousands."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await visit.call("listLedgerLines", id=post_id, limit=_ALL, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def _head(was: dict[str, Any], post: dict[str, Any]) -> dict[str, Any]:
    """The head as its form shows it."""
    said = {name: was.get(name) or "" for name in HEAD}
    return {**said, "title": said["title"] or post["title"], "opening": said["opening"] or "0"}


async def put_head(visit: Visit) -> Response:
    """Begin the account, or change what period it is of."""
    form, post_id = visit.form, visit.part("id")
    doing = visit.call("putLedger", id=post_id, **{name: form.text(name) for name in HEAD})
    again = partial(_draft, failed="head")
    return await visit.do(doing, *HEAD, again=again, then=f"/console/ledgers/{post_id}")


async def put_lines(visit: Visit) -> Response:
    """All lines, as they were pasted; each with a fault is named by its number."""
    form, post_id = visit.form, visit.part("id")
    found = ledger_lines.read(form.text("lines"))
    if found.faults:
        faults = [(row, visit.say(said)) for row, said in found.faults.items()]
        visit.form = form.wrong({"lines": _numbered(visit, faults)})
        return await _draft(visit, failed="lines")
    try:
        await visit.call("putLedgerLines", id=post_id, lines=await _with_receipts(visit, found))
    except ShequError as error:
        refused = visit.refused(error, "lines")
        rows = [
            (found.rows[int(place)], one.message)
            for one in error.errors
            for place in one.field.split(".")[1:2]
            if one.field.startswith("lines.") and place.isdigit() and int(place) < len(found.rows)
        ]
        visit.form = replace(refused, errors={"lines": _numbered(visit, rows)}) if rows else refused
        return await _draft(visit, failed="lines")
    return visit.go(f"/console/ledgers/{post_id}")


async def _with_receipts(visit: Visit, found: ledger_lines.Read) -> list[dict[str, Any]]:
    """The lines, each with the receipts that the same line had before.

    Where as many lines came as there were, one that was mended in its place keeps its own, too.
    """
    before, lines = await _lines(visit, visit.part("id")), found.lines
    had: dict[tuple[str, ...], list[list[str]]] = {}
    for was in before:
        had.setdefault(_said(was), []).append([file["id"] for file in was["attachments"]])
    files = [_taken(had, line) for line in lines]
    if len(lines) == len(before):
        pairs = zip(files, before, strict=True)
        files = [_taken(had, was) if kept is None else kept for kept, was in pairs]
    return [{**line, "attachments": kept or []} for line, kept in zip(lines, files, strict=True)]


def _taken(had: dict[tuple[str, ...], list[list[str]]], line: dict[str, Any]) -> list[str] | None:
    left = had.get(_said(line))
    return left.pop(0) if left else None


def _said(line: dict[str, Any]) -> tuple[str, ...]:
    return line["section"], line["on_date"], line["subject"], line["amount"]


def _numbered(visit: Visit, faults: list[tuple[int, str]]) -> str:
    """Faults by the numbers of their lines, the first few of them."""
    said = visit.say(N_("第 {n} 行：{what}"))
    told = [said.format(n=row, what=what) for row, what in faults[:_TOLD]]
    return "；".join([*told, "…"] if len(faults) > _TOLD else told)


async def add_receipts(visit: Visit) -> Response:
    """Photos of the receipts of one line; the others stay as they are."""
    form, post_id = visit.form, visit.part("id")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _draft(visit, "receipts", attachments)
        before = await _lines(visit, post_id)
        if whole(form.text("number")) not in {one["number"] for one in before}:
            raise Invalid(errors=[FieldError("number", visit.say(N_("没有这一笔")))])
        lines = [_again(one, attachments, whole(form.text("number"))) for one in before]
        await visit.call("putLedgerLines", id=post_id, lines=lines)
    except ShequError as error:
        visit.form = visit.refused(error, "number", photos.FIELD)
        return await _draft(visit, "receipts", attachments)
    return visit.go(f"/console/ledgers/{post_id}")


def _again(line: dict[str, Any], new: list[str], wanted: int) -> dict[str, Any]:
    """A line as it was; the ``wanted`` one has the new receipts besides those that it had."""
    had = [file["id"] for file in line["attachments"]]
    said = {name: line[name] for name in LINE}
    return {**said, "attachments": [*had, *new] if line["number"] == wanted else had}


async def publish(visit: Visit) -> Response:
    """Publish it: everybody reads it, nobody changes it."""
    post_id = visit.part("id")
    doing = visit.call("publishLedger", once=visit.form.key, id=post_id)
    again = partial(_draft, failed="publish")
    return await visit.do(doing, again=again, then=f"/posts/{post_id}/ledger")


PAGES = (
    Page("GET /c/{cid}/ledgers", ledgers),
    Page("GET /posts/{id}/ledger", ledger),
    Page("POST /posts/{id}/ledger/check", check),
    Page("POST /posts/{id}/ledger/corrections", correct),
    Page("GET /console/ledgers", console),
    Page("GET /console/ledgers/{id}", draft),
    Page("POST /console/ledgers/{id}/head", put_head),
    Page("POST /console/ledgers/{id}/lines", put_lines),
    Page("POST /console/ledgers/{id}/receipts", add_receipts),
    Page("POST /console/ledgers/{id}/publication", publish),
)
