"""Writing a post, and writing it anew."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, photos, voice, words_posts
from gateway.web.forms import whole
from gateway.web.pages.posts import module_of
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, ShequError
from services.contracts.ids import is_id

FIELDS: Final = (
    "title", "body", "tags", photos.FIELD, "extra", "expires_at", "praised_id", "hide_name"
)  # fmt: skip
PRAISE: Final = ("kind", "praise")
_BETWEEN_TAGS = re.compile(r"[\s,，、;；#＃]+")


async def composer(visit: Visit) -> Response:
    """An empty post; ``thanks`` names the post, ``comment`` the word, whose author is thanked."""
    return await _compose(visit, voice.Files())


async def publish(visit: Visit) -> Response:
    """Publish it."""
    cid, key, form = visit.part("cid"), visit.part("module"), visit.form
    files = voice.named(visit)
    try:
        files = await voice.take(visit)
        if form.text("add_photo"):
            return await _compose(visit, files)
        module = await module_of(visit, cid, key)
        made = await visit.call(
            "createPost",
            once=form.key,
            cid=cid,
            module=key,
            title=form.text("title"),
            body=form.text("body") or form.text("title"),
            attachments=files.ids,
            extra=_extra(visit, module),
            tags=_tags(visit),
            hide_name=form.ticked("hide_name"),
            **form.some("praised_id"),
            **_ends(visit),
        )
    except ShequError as error:
        visit.form = _refused(visit, error)
        return await _compose(visit, files)
    return visit.go(f"/posts/{made['id']}")


async def _compose(visit: Visit, files: voice.Files) -> Response:
    cid = visit.part("cid")
    module, thanked = await asyncio.gather(
        module_of(visit, cid, visit.part("module")), _thanked(visit)
    )
    return await visit.page(
        "compose.html",
        status=visit.form.status,
        cid=cid,
        module=module,
        files=files,
        thanked=thanked,
        was=None,
        known=words_posts,
    )


async def _thanked(visit: Visit) -> dict[str, Any] | None:
    """The neighbour whom the post thanks: who wrote what ``thanks`` and ``comment`` name."""
    post_id = visit.query("thanks") or visit.form.text("thanks")
    comment_id = visit.query("comment") or visit.form.text("comment")
    if not is_id(post_id):
        return None
    if is_id(comment_id):
        page = await visit.call("listComments", id=post_id, at=comment_id, limit=1)
        found = page["items"][0]
    else:
        found = await visit.call("getPost", id=post_id)
    author: dict[str, Any] = found["author"]
    if not author["id"]:
        return None
    return {**author, "post": post_id, "comment": comment_id}


async def editor(visit: Visit) -> Response:
    """A post of one's own, to be changed."""
    was = await visit.call("getPost", id=visit.part("id"))
    return await _edit(visit, was, voice.Files.of(was["attachments"]))


async def change(visit: Visit) -> Response:
    """Change it; the text that it had stays in its history."""
    form, post_id = visit.form, visit.part("id")
    was = await visit.call("getPost", id=post_id)
    files = voice.named(visit)
    try:
        files = await voice.take(visit)
        if form.text("add_photo"):
            return await _edit(visit, was, files)
        module = await module_of(visit, was["community_id"], was["module"])
        had = [one["id"] for one in was["attachments"]]
        changed: dict[str, Any] = {} if files.ids == had else {"attachments": files.ids}
        await visit.call(
            "updatePost",
            id=post_id,
            title=form.text("title"),
            body=form.text("body") or form.text("title"),
            extra=_changed(visit, module, was),
            tags=_tags(visit),
            **changed,
            **(_ends(visit) or ({"never_expires": True} if was["expires_at"] else {})),
        )
    except ShequError as error:
        visit.form = _refused(visit, error)
        return await _edit(visit, was, files)
    return visit.go(f"/posts/{post_id}")


async def _edit(visit: Visit, was: dict[str, Any], files: voice.Files) -> Response:
    if not was["mine"]:
        raise Forbidden()
    module = await module_of(visit, was["community_id"], was["module"])
    if not visit.form.values:
        visit.form = replace(visit.form, values=_old(was, module))
    return await visit.page(
        "compose.html",
        status=visit.form.status,
        cid=was["community_id"],
        module=module,
        files=files,
        thanked=None,
        was=was,
        known=words_posts,
    )


async def versions(visit: Visit) -> Response:
    """The texts that a post had, and what was changed."""
    post_id = visit.part("id")
    shown, found = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listPostVersions", id=post_id, **visit.asked("cursor")),
    )
    module = await module_of(visit, shown["community_id"], shown["module"])
    name = "name_en" if visit.language == "en" else "name"
    return await visit.page(
        "posts/versions.html",
        post=shown,
        found=found,
        fields={f"extra.{field['key']}": field[name] for field in module["fields"]},
        known=words_posts,
    )


# -- the fields of the form ------------------------------------------------------------------------


def _refused(visit: Visit, error: ShequError) -> Any:
    own = (name for name in visit.form.values if name.startswith("extra_"))
    return visit.refused(error, *FIELDS, *own)


def _tags(visit: Visit) -> list[str]:
    """Tags as people write them: with blanks, commas or # between."""
    return [tag for tag in _BETWEEN_TAGS.split(visit.form.text("tags")) if tag]


def _ends(visit: Visit) -> dict[str, Any]:
    """The day until whose end the post counts; one that cannot be read is the service's to say."""
    text = visit.form.text("expires_at")
    return {"expires_at": moments.end_of_day(text) or text} if text else {}


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


def _changed(visit: Visit, module: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """As :func:`_extra`; what the form shows as it was stays whole, down to hours day by day."""
    extra, old = _extra(visit, module), _old(was, module)
    for field in module["fields"]:
        name, key = f"extra_{field['key']}", field["key"]
        parts = [one for one in old if one in (name, f"{name}[]", f"{name}_from", f"{name}_to")]
        if parts and all(visit.form.values.get(one) == old[one] for one in parts):
            extra[key] = was["extra"][key]
    return extra


def _slots(visit: Visit, name: str) -> list[dict[str, Any]]:
    """Weekly hours: each ticked day with the hours that stand beside the days."""
    begins, ends = visit.form.text(f"{name}_from"), visit.form.text(f"{name}_to")
    return [
        {"weekday": whole(day), "from": begins, "to": ends}
        for day in visit.form.many(f"{name}[]")
        if whole(day)
    ]


def _old(was: Mapping[str, Any], module: Mapping[str, Any]) -> dict[str, Any]:
    """What a post says, as the fields of the form show it."""
    old: dict[str, Any] = {
        "title": was["title"],
        "body": was["body"],
        "tags": " ".join(was["tags"]),
        "expires_at": f"{moments.parse(was['expires_at']):%Y-%m-%d}" if was["expires_at"] else "",
    }
    for field in module["fields"]:
        name, value = f"extra_{field['key']}", was["extra"].get(field["key"])
        if value is None:
            continue
        if field["kind"] == "slots":
            old[f"{name}[]"] = [str(slot["weekday"]) for slot in value]
            old[f"{name}_from"], old[f"{name}_to"] = value[0]["from"], value[0]["to"]
        else:
            old[name] = moments.for_field(value) if field["kind"] == "time" else value
    return old


PAGES = (
    Page("GET /c/{cid}/m/{module}/new", composer),
    Page("POST /c/{cid}/m/{module}/new", publish),
    Page("GET /posts/{id}/edit", editor),
    Page("POST /posts/{id}/edit", change),
    Page("GET /posts/{id}/versions", versions),
)
