"""A post with its thread: read, answered, liked.

::

    listComments under=roots ──▶ the first level, each with its first replies
        at=<comment>   a comment that somebody was told of stands further on: begin there
        under=<root>   all replies of one comment
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos, voice, words_neighbours, words_posts
from gateway.web.pages.neighbours.carried import carried
from gateway.web.pages.posts import module_of
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError
from services.contracts.ids import is_id

COMMENT_FIELDS: Final = ("body", photos.FIELD)
LEVEL: Final = 20
"""Comments of the first level on a page."""


@dataclass(slots=True)
class Talk:
    """What is shown of a thread.

    Attributes:
        page: comments of the first level.
        begins: whether the page begins where the thread does.
        under: the comment whose replies are shown alone.
        replies: those, from ``at`` on where one of them was asked for.
        lost: the comment that was asked for is not there any more.
    """

    page: dict[str, Any]
    begins: bool = True
    under: str = ""
    replies: dict[str, Any] | None = None
    lost: bool = False


async def post(visit: Visit) -> Response:
    """A post with its thread."""
    return await show(visit, visit.part("id"))


async def show(visit: Visit, post_id: str, files: voice.Files | None = None) -> Response:
    """The page of a post; ``files`` are those of a comment that was refused."""
    shown, talk = await asyncio.gather(visit.call("getPost", id=post_id), _talk(visit, post_id))
    module = await module_of(visit, shown["community_id"], shown["module"])
    by_id = {one["id"]: one for one in _said(talk)}
    carries = await carried(visit, shown, module)
    reply_to = visit.query("reply_to") or visit.form.text("reply_to")
    return await visit.page(
        "post.html",
        status=visit.form.status,
        post=shown,
        module=module,
        talk=talk,
        by_id=by_id,
        above={one["id"] for one in shown.get("answers", ())},
        reply_to=by_id.get(reply_to),
        comment=visit.query("comment"),
        files=files or voice.Files(),
        known=words_posts,
        carried=carries,
        spoke=_who_spoke(visit, by_id),
        neighbourly=words_neighbours,
    )


def _who_spoke(visit: Visit, said: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The neighbours who have said something here under their names, but me."""
    authors = (one["author"] for one in said.values())
    names = {one["id"]: one["display_name"] for one in authors if one["id"]}
    names.pop(visit.person.person_id, None)
    return names


def _said(talk: Talk) -> list[dict[str, Any]]:
    below = [reply for one in talk.page["items"] for reply in one.get("replies", ())]
    return [*talk.page["items"], *below, *(talk.replies["items"] if talk.replies else ())]


async def _talk(visit: Visit, post_id: str) -> Talk:
    """The part of the thread that the address names.

    Raises:
        ShequError: it cannot be had.
    """
    under, cursor = visit.query("under"), visit.query("cursor")
    more = {"cursor": cursor} if cursor else {}
    if is_id(under):
        page, replies = await asyncio.gather(
            _level(visit, post_id, at=under, limit=1),
            visit.call("listComments", id=post_id, under=under, limit=LEVEL, **more),
        )
        return Talk(page, begins=False, under=under, replies=replies)
    talk = Talk(await _level(visit, post_id, **more), begins=not cursor)
    wanted = visit.query("comment") or visit.query("reply_to") or visit.form.text("reply_to")
    if not is_id(wanted) or wanted in {one["id"] for one in _said(talk)}:
        return talk
    try:
        return await _from(visit, post_id, wanted)
    except NotFound:  # taken back before anybody read it
        talk.lost = True
        return talk


async def _from(visit: Visit, post_id: str, wanted: str) -> Talk:
    """The thread from a comment on that does not stand on the first page."""
    talk = Talk(await _level(visit, post_id, at=wanted), begins=False)
    if wanted not in {one["id"] for one in _said(talk)}:  # a later reply: from it on
        talk.under = talk.page["items"][0]["id"]
        talk.page["items"] = talk.page["items"][:1]
        talk.replies = await visit.call(
            "listComments", id=post_id, under=talk.under, at=wanted, limit=LEVEL
        )
    return talk


async def _level(visit: Visit, post_id: str, **asked: Any) -> dict[str, Any]:
    page: dict[str, Any] = await visit.call(
        "listComments", **{"id": post_id, "under": "roots", "limit": LEVEL, **asked}
    )
    return page


async def comment(visit: Visit) -> Response:
    """Say something on a thread, also with a photo or in one's own voice alone."""
    post_id, form = visit.part("id"), visit.form
    files = voice.named(visit)
    try:
        files = await voice.take(visit)
        if form.text("add_photo"):
            return await show(visit, post_id, files)
        said = await visit.call(
            "createComment",
            once=form.key,
            id=post_id,
            body=form.text("body") or _wordless(visit, files),
            **({"attachments": files.ids} if files.ids else {}),
            **form.some("reply_to"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *COMMENT_FIELDS)
        return await show(visit, post_id, files)
    return visit.go(f"/posts/{post_id}?comment={said['id']}#c-{said['id']}")


def _wordless(visit: Visit, files: voice.Files) -> str:
    """What stands for words where there are none."""
    if files.voice:
        return visit.say(N_("（语音）"))
    return visit.say(N_("（照片）")) if files.photos else ""


async def like(visit: Visit) -> Response:
    """Like a post, or take it back."""
    post_id = visit.part("id")
    wanted = visit.form.text("liked") == "1"
    likes = await visit.call("like" if wanted else "unlike", id=post_id)
    if not visit.partial:
        return visit.go(f"/posts/{post_id}")
    return await visit.page("piece_like.html", post={"id": post_id, **likes})


async def like_comment(visit: Visit) -> Response:
    """Like a comment, or take it back."""
    post_id, comment_id = visit.part("id"), visit.part("comment")
    wanted = visit.form.text("liked") == "1"
    likes = await visit.call("likeComment" if wanted else "unlikeComment", id=comment_id)
    if not visit.partial:
        return visit.go(f"/posts/{post_id}?comment={comment_id}#c-{comment_id}")
    said = {"id": comment_id, "post_id": post_id, **likes}
    return await visit.page("posts/piece_like.html", one=said)


PAGES = (
    Page("GET /posts/{id}", post),
    Page("POST /posts/{id}/comments", comment),
    Page("POST /posts/{id}/like", like),
    Page("POST /posts/{id}/comments/{comment}/like", like_comment),
)
