"""What neighbours share: lists, posts with their threads, the composer."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, photos
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

POST_FIELDS: Final = ("title", "body", photos.FIELD, "extra", "hide_name")
COMMENT_FIELDS: Final = ("body",)
THREAD: Final = 50


async def module_list(visit: Visit) -> Response:
    """The posts of a module, newest first; ``q`` searches."""
    cid, key = visit.part("cid"), visit.part("module")
    asked: dict[str, Any] = {"cid": cid, "module": key}
    asked |= {name: visit.query(name) for name in ("q", "cursor") if visit.query(name)}
    module, posts = await asyncio.gather(_module(visit, cid, key), visit.call("listPosts", **asked))
    return await visit.page(
        "posts.html", cid=cid, module=module, posts=posts, q=visit.query("q"), asked=asked
    )


async def post(visit: Visit) -> Response:
    """A post with its thread."""
    return await _thread(visit, visit.part("id"))


async def _thread(visit: Visit, post_id: str) -> Response:
    asked = {"cursor": visit.query("cursor")} if visit.query("cursor") else {}
    shown, comments = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listComments", id=post_id, limit=THREAD, **asked),
    )
    module = await _module(visit, shown["community_id"], shown["module"])
    names = {c["id"]: c for c in comments["items"]}
    return await visit.page(
        "post.html",
        status=visit.form.status,
        post=shown,
        module=module,
        comments=comments,
        by_id=names,
        official=[c for c in comments["items"] if c["official"] and not c["step"]],
        reply_to=names.get(visit.query("reply_to")),
        first_page=not asked,
    )


async def comment(visit: Visit) -> Response:
    """Say something on a thread."""
    post_id, form = visit.part("id"), visit.form
    try:
        said = await visit.call(
            "createComment",
            once=form.key,
            id=post_id,
            body=form.text("body"),
            **form.some("reply_to"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *COMMENT_FIELDS)
        return await _thread(visit, post_id)
    return visit.go(f"/posts/{post_id}#c-{said['id']}")


async def like(visit: Visit) -> Response:
    """Like a post, or take it back."""
    post_id = visit.part("id")
    wanted = visit.form.text("liked") == "1"
    likes = await visit.call("like" if wanted else "unlike", id=post_id)
    if not visit.partial:
        return visit.go(f"/posts/{post_id}")
    return await visit.page("piece_like.html", post={"id": post_id, **likes})


async def composer(visit: Visit) -> Response:
    """An empty post."""
    return await _compose(visit, [])


async def publish(visit: Visit) -> Response:
    """Publish it."""
    cid, key, form = visit.part("cid"), visit.part("module"), visit.form
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _compose(visit, attachments)
        module = await _module(visit, cid, key)
        made = await visit.call(
            "createPost",
            once=form.key,
            cid=cid,
            module=key,
            title=form.text("title"),
            body=form.text("body"),
            attachments=attachments,
            extra=_extra(visit, module),
            hide_name=form.ticked("hide_name"),
        )
    except ShequError as error:
        fields = (name for name in form.values if name.startswith("extra_"))
        visit.form = visit.refused(error, *POST_FIELDS, *fields)
        return await _compose(visit, attachments)
    return visit.go(f"/posts/{made['id']}")


async def _compose(visit: Visit, attachments: list[str]) -> Response:
    cid = visit.part("cid")
    module = await _module(visit, cid, visit.part("module"))
    return await visit.page(
        "compose.html",
        status=visit.form.status,
        cid=cid,
        module=module,
        attachments=attachments,
    )


async def _module(visit: Visit, cid: str, key: str) -> dict[str, Any]:
    """A module of a community; NotFound when it is not switched on there."""
    modules = await visit.call("listModules", cid=cid)
    found: dict[str, Any] | None = next((m for m in modules["items"] if m["key"] == key), None)
    if found is None:
        raise NotFound()
    return found


# -- the fields that a module has besides ---------------------------------------------------------


def _extra(visit: Visit, module: Mapping[str, Any]) -> dict[str, Any]:
    """The module's own fields as the contract wants them; the service says what is wrong."""
    extra: dict[str, Any] = {}
    for field in module["fields"]:
        name = f"extra_{field['key']}"
        if field["kind"] == "slots":
            if slots := _slots(visit, name):
                extra[field["key"]] = slots
        elif text := visit.form.text(name):
            is_time = field["kind"] == "time"
            extra[field["key"]] = moments.local_minute(text) or text if is_time else text
    return extra


def _slots(visit: Visit, name: str) -> list[dict[str, Any]]:
    """Weekly hours: each ticked day with the hours that stand beside the days."""
    begins, ends = visit.form.text(f"{name}_from"), visit.form.text(f"{name}_to")
    return [
        {"weekday": int(day), "from": begins, "to": ends}
        for day in visit.form.many(f"{name}[]")
        if day.isdigit()
    ]


PAGES = (
    Page("GET /c/{cid}/m/{module}", module_list),
    Page("GET /c/{cid}/m/{module}/new", composer),
    Page("POST /c/{cid}/m/{module}/new", publish),
    Page("GET /posts/{id}", post),
    Page("POST /posts/{id}/comments", comment),
    Page("POST /posts/{id}/like", like),
)
