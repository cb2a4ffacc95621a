"""The modules on the desk: what is new, what waits for a word, what is pinned.

::

    /console/content?module=…&view=…     waiting: nobody in office has said a word yet
                                         praise: of these, the thanks to a neighbour
                                         events: what one signs up for
                                         unseen, refused, taken_down: what the neighbours do not see

Each post with what is done at once: answer in office, put it on top, take it down with a reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.web import words_content, words_posts
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

HERE: Final = "/console/content"
SHOWN: Final = 12
SOUGHT: Final[Mapping[str, int]] = {"waiting": 24, "praise": 60, "events": 60}
"""Posts that are looked through for those of a view: fewer where most of them are."""
WAITING: Final = 100
UNSHOWN: Final[Mapping[str, str]] = {
    "unseen": "waiting", "refused": "refused", "taken_down": "taken_down"
}  # fmt: skip
"""Views that ask for a state."""


async def content(visit: Visit) -> Response:
    """The newest posts of a module, or of all."""
    desks, cid = await desk(visit)
    form = visit.form
    key = visit.query("module") or form.text("module")
    view = visit.query("view") or form.text("view")
    view = view if view in words_content.VIEW else ""
    asked: dict[str, Any] = {"limit": SOUGHT.get(view, SHOWN)}
    if key:
        asked["module"] = key
    if view in UNSHOWN:
        asked["state"] = UNSHOWN[view]
    modules, posts, unanswered = await asyncio.gather(
        visit.call("listModules", cid=cid),
        visit.call("listPosts", cid=cid, **asked, **visit.asked("cursor")),
        visit.soft("listUnansweredPosts", cid=cid, limit=WAITING),
    )
    waits = {one["post_id"]: one for one in (unanswered or {"items": []})["items"]}
    picked = _PICKED.get(view)
    if picked:
        posts = {**posts, "items": [one for one in posts["items"] if picked(one, waits)]}
    return await visit.page(
        "console/content.html",
        status=form.status,
        desks=desks,
        cid=cid,
        modules={one["key"]: one for one in modules["items"]},
        posts=posts,
        waits=waits,
        key=key,
        view=view,
        failed=(form.text("id"), form.text("do")) if form.status != 200 else ("", ""),
        done=visit.query("done"),
        known=words_content,
        posted=words_posts,
    )


def _waits(post: Mapping[str, Any], waits: Mapping[str, Any]) -> bool:
    return post["id"] in waits


def _is_praise(post: Mapping[str, Any], waits: Mapping[str, Any]) -> bool:
    thanks = post["praised"] or post["extra"].get("kind") == "praise"
    return bool(thanks) and post["id"] in waits


def _signs_up(post: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    return bool(post["signs_up"])


_PICKED: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bool]]] = {
    "waiting": _waits,
    "praise": _is_praise,
    "events": _signs_up,
}


# -- what is done ----------------------------------------------------------------------------------


async def act(visit: Visit) -> Response:
    """Answer, pin, or take down; the list as it was asked for comes again."""
    form = visit.form
    doing = ACTS.get(form.text("do"))
    if doing is None:
        raise NotFound()
    try:
        done = await doing(visit, form.text("id"))
    except ShequError as error:
        visit.form = visit.refused(error, "body", "reason")
        return await content(visit)
    kept = {"c": form.text("c"), **form.some("module", "view"), "done": done}
    return visit.go(f"{HERE}?{urlencode(kept)}")


async def _answer(visit: Visit, post_id: str) -> str:
    body = visit.form.text("body")
    await visit.call("createComment", once=visit.form.key, id=post_id, body=body)
    return "answered"


async def _pin(visit: Visit, post_id: str) -> str:
    await visit.call("updatePost", id=post_id, pinned=True)
    return "pinned"


async def _unpin(visit: Visit, post_id: str) -> str:
    await visit.call("updatePost", id=post_id, pinned=False)
    return "unpinned"


async def _take_down(visit: Visit, post_id: str) -> str:
    form = visit.form
    _, reason = words_content.chosen(f"take_down/{form.text('ground')}", form.text("reason"))
    await visit.call("takeDown", once=form.key, id=post_id, reason=reason)
    return "taken_down"


ACTS: Final[Mapping[str, Callable[[Visit, str], Awaitable[str]]]] = {
    "answer": _answer,
    "pin": _pin,
    "unpin": _unpin,
    "down": _take_down,
}
PAGES = (
    Page(f"GET {HERE}", content),
    Page(f"POST {HERE}", act),
)
