"""Good deeds (承诺践诺): what neighbours promised, what they did, and who saw it.

::

    /c/{cid}/deeds              the pledges of a community, and how each is kept
    /posts/{id}/deeds           one pledge with its records; who keeps it adds some
        └─ …/{deed}             who saw it done, or did not
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos, words_content
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

SHOWN: Final = 15
HEARD: Final = 50
"""Comments that are looked through for neighbours who could keep a pledge, too."""


async def pledges(visit: Visit) -> Response:
    """What was promised in the community."""
    cid = visit.part("cid")
    page = await visit.call("listPledges", cid=cid, limit=SHOWN, **visit.asked("cursor"))
    return await visit.page("deeds/pledges.html", cid=cid, page=page, known=words_content)


async def desk_pledges(visit: Visit) -> Response:
    """The same on the desk: which are kept, and which are not."""
    desks, cid = await desk(visit)
    page = await visit.call("listPledges", cid=cid, limit=SHOWN, **visit.asked("cursor"))
    return await visit.page(
        "console/deeds.html", desks=desks, cid=cid, page=page, known=words_content
    )


# -- one pledge ------------------------------------------------------------------------------------


async def deeds(visit: Visit) -> Response:
    """What was done for a pledge."""
    return await _deeds(visit)


async def _deeds(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    post_id = visit.part("id")
    post, found = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listDeeds", id=post_id, limit=SHOWN, **visit.asked("cursor")),
    )
    return await visit.page(
        "deeds/pledge.html",
        status=visit.form.status,
        post=post,
        found=found,
        others=await _others(visit, post, found),
        today=(await visit.today()).isoformat(),
        failed=failed,
        attachments=attachments or [],
        done=visit.query("done"),
        known=words_content,
    )


async def _others(visit: Visit, post: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    """Neighbours whom the author may name: those who spoke on her pledge and are not named yet."""
    if not post["mine"]:
        return {}
    talk = await visit.soft("listComments", id=post["id"], limit=HEARD)
    spoke = [one["author"] for one in (talk or {"items": []})["items"]]
    names = {one["id"]: one["display_name"] for one in spoke if one["id"]}
    named = {one["id"] for one in found["keepers"]} | {post["author"]["id"]}
    return {id: name for id, name in names.items() if id not in named}


async def record_deed(visit: Visit) -> Response:
    """Record what was done on a day."""
    form, post_id = visit.form, visit.part("id")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _deeds(visit, "record", attachments)
        await visit.call(
            "recordDeed",
            once=form.key,
            id=post_id,
            on_date=form.text("on_date"),
            note=form.text("note"),
            attachments=attachments,
        )
    except ShequError as error:
        visit.form = visit.refused(error, "on_date", "note", photos.FIELD)
        return await _deeds(visit, "record", attachments)
    return visit.go(f"/posts/{post_id}/deeds?done=deed")


async def keep_with_me(visit: Visit) -> Response:
    """Name a neighbour who keeps it, too, or let her go."""
    form, post_id = visit.form, visit.part("id")
    drops = form.text("do") == "remove"
    doing = visit.call(
        "removeKeeper" if drops else "nameKeeper",
        id=post_id,
        person_id=form.text("person_id"),
    )
    return await visit.do(
        doing,
        "person_id",
        again=partial(_deeds, failed="keeper"),
        then=f"/posts/{post_id}/deeds?done={'removed' if drops else 'named'}",
    )


# -- one deed --------------------------------------------------------------------------------------


async def witnesses(visit: Visit) -> Response:
    """Who saw it done, or did not; and whether I did."""
    post_id, deed_id = visit.part("id"), visit.part("deed")
    post, found, said = await asyncio.gather(
        visit.call("getPost", id=post_id),
        _until(visit, post_id, deed_id),
        visit.call("listWitnesses", id=deed_id, limit=SHOWN, **visit.asked("cursor")),
    )
    deed = next((one for one in found["items"] if one["id"] == deed_id), None)
    if deed is None:
        raise NotFound()
    me = visit.person.person_id
    keeps = {one["id"] for one in found["keepers"]} | {post["author"]["id"], deed["by"]["id"]}
    return await visit.page(
        "deeds/witnesses.html",
        status=visit.form.status,
        post=post,
        deed=deed,
        said=said,
        keeps=me in keeps,
        my_note=next((one["note"] for one in said["items"] if one["person"]["id"] == me), ""),
        known=words_content,
    )


async def _until(visit: Visit, post_id: str, deed_id: str) -> dict[str, Any]:
    """The page of a pledge's deeds that this one stands on: who keeps one daily has many."""
    cursor: dict[str, Any] = {}
    while True:
        found: dict[str, Any] = await visit.call("listDeeds", id=post_id, limit=100, **cursor)
        if found["next_cursor"] is None or any(one["id"] == deed_id for one in found["items"]):
            return found
        cursor = {"cursor": found["next_cursor"]}


async def witness(visit: Visit) -> Response:
    """Say by name whether I saw it done; again to change it."""
    form, post_id, deed_id = visit.form, visit.part("id"), visit.part("deed")
    if form.text("seen") not in ("0", "1"):
        raise NotFound()
    doing = visit.call(
        "witnessDeed", id=deed_id, seen=form.text("seen") == "1", note=form.text("note")
    )
    back = f"/posts/{post_id}/deeds?done=witnessed"
    return await visit.do(doing, "note", again=witnesses, then=back)


_PLEDGE: Final = "/posts/{id}/deeds"
PAGES = (
    Page("GET /c/{cid}/deeds", pledges),
    Page("GET /console/deeds", desk_pledges),
    Page(f"GET {_PLEDGE}", deeds),
    Page(f"POST {_PLEDGE}", record_deed),
    Page(f"POST {_PLEDGE}/keepers", keep_with_me),
    Page(f"GET {_PLEDGE}/{{deed}}", witnesses),
    Page(f"POST {_PLEDGE}/{{deed}}", witness),
)
