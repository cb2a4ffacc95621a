"""What one may do about a post or a comment besides reading: follow, report, keep away, tidy up.

Everything stands on one page of its own (``…/more``), so that a thread stays a thread. The desk of
those who moderate is elsewhere; what they do on the spot (pin, take down) is here.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_posts
from gateway.web.forms import Form
from gateway.web.pages.posts import module_of
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError
from services.contracts.ids import is_id

FIELDS: Final = ("kind", "reason")


# -- a post ----------------------------------------------------------------------------------------


async def more(visit: Visit) -> Response:
    """What I may do about a post."""
    return await _more(visit)


async def _more(visit: Visit) -> Response:
    post_id = visit.part("id")
    shown = await visit.call("getPost", id=post_id)
    module, followed = await asyncio.gather(
        module_of(visit, shown["community_id"], shown["module"]), _followed(visit, post_id)
    )
    return await visit.page(
        "posts/more.html",
        status=visit.form.status,
        post=shown,
        module=module,
        followed=followed,
        done=visit.query("done"),
        known=words_posts,
    )


async def _followed(visit: Visit, post_id: str) -> Any:
    """My following of a thread; None when I do not, or when that cannot be known now."""
    if visit.person.is_observer:
        return None
    found = await visit.soft("listSubscriptions", thread=post_id, limit=1)
    return next(iter(found["items"]), None) if found else None


async def follow(visit: Visit) -> Response:
    """Hear of a thread, or no more; mute what I take part in, or hear of it again."""
    acts = {
        "followed": "followThread",
        "unfollowed": "unfollowThread",
        "muted": "muteThread",
        "unmuted": "unmuteThread",
    }
    return await _about_post(visit, acts, visit.form.text("act"))


async def pin(visit: Visit) -> Response:
    """Put a post on top of its module, or let it go."""
    pinned = visit.form.text("pinned") == "1"
    return await _do(visit, "updatePost", "pinned" if pinned else "unpinned", pinned=pinned)


async def check(visit: Visit) -> Response:
    """A service guide is still right."""
    return await _do(visit, "checkGuide", "checked")


async def keep_away(visit: Visit) -> Response:
    """Hear no more of who wrote it."""
    kind = visit.form.text("kind")
    away = f"/me/distances?done={kind}"
    return await _do(visit, "keepFromAuthor", away, kind=kind)


async def report(visit: Visit) -> Response:
    """Report it to those who moderate."""
    said = {name: visit.form.text(name) for name in FIELDS}
    return await _do(visit, "reportContent", "reported", once=visit.form.key, **said)


async def take_down(visit: Visit) -> Response:
    """Take it down as who moderates, with a reason that its author gets."""
    reason = visit.form.text("down")
    return await _do(visit, "takeDown", "taken_down", once=visit.form.key, reason=reason)


async def delete(visit: Visit) -> Response:
    """Take my own post back; the page asked once more before."""
    post_id = visit.part("id")
    shown = await visit.call("getPost", id=post_id)
    doing = visit.call("deletePost", id=post_id)
    return await visit.do(
        doing, again=_more, then=f"/c/{shown['community_id']}/m/{shown['module']}"
    )


async def make_issue(visit: Visit) -> Response:
    """The committee makes a problem of it, with a promise that begins to run."""
    try:
        made = await visit.call("issueFromPost", once=visit.form.key, id=visit.part("id"))
    except ShequError as error:
        visit.form = visit.refused(error)
        return await _more(visit)
    return visit.go(f"/console/issues/{made['id']}")


async def _about_post(visit: Visit, acts: dict[str, str], act: str) -> Response:
    if act not in acts:
        raise NotFound()
    return await _do(visit, acts[act], act)


async def _do(visit: Visit, operation: str, done: str, **fields: Any) -> Response:
    """Do it and say so; refused, the same page says why."""
    try:
        await visit.call(operation, id=visit.part("id"), **fields)
    except ShequError as error:
        visit.form = _refused(visit, error)
        return await _more(visit)
    return visit.go(done if "/" in done else f"/posts/{visit.part('id')}/more?done={done}")


def _refused(visit: Visit, error: ShequError) -> Form:
    """The form with the fault beside the field that it came from: two of them are a reason."""
    form = visit.refused(error, *FIELDS)
    if "down" in form.values and "reason" in form.errors:
        return replace(form, errors={"down": form.errors["reason"]})
    return form


# -- a comment -------------------------------------------------------------------------------------


async def more_of_comment(visit: Visit) -> Response:
    """What I may do about a comment."""
    return await _more_of_comment(visit)


async def _more_of_comment(visit: Visit) -> Response:
    post_id, comment_id = visit.part("id"), visit.part("comment")
    if not is_id(comment_id):
        raise NotFound()
    shown, page = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listComments", id=post_id, at=comment_id, limit=1),
    )
    module = await module_of(visit, shown["community_id"], shown["module"])
    return await visit.page(
        "posts/more_of_comment.html",
        status=visit.form.status,
        post=shown,
        one=page["items"][0],
        module=module,
        done=visit.query("done"),
        known=words_posts,
    )


async def report_comment(visit: Visit) -> Response:
    """Report it to those who moderate."""
    said = {name: visit.form.text(name) for name in FIELDS}
    return await _do_comment(visit, "reportComment", "reported", once=visit.form.key, **said)


async def keep_from_commenter(visit: Visit) -> Response:
    """Hear no more of who said it."""
    kind = visit.form.text("kind")
    away = f"/me/distances?done={kind}"
    return await _do_comment(visit, "keepFromCommenter", away, kind=kind)


async def pin_comment(visit: Visit) -> Response:
    """Put an answer in office on top of its thread, or let it go."""
    pinned = visit.form.text("pinned") == "1"
    act = "pinComment" if pinned else "unpinComment"
    return await _do_comment(visit, act, "pinned" if pinned else "unpinned")


async def take_down_comment(visit: Visit) -> Response:
    """Take it down as who moderates, with a reason that its author gets."""
    reason = visit.form.text("down")
    return await _do_comment(
        visit, "takeDownComment", "taken_down", once=visit.form.key, reason=reason
    )


async def delete_comment(visit: Visit) -> Response:
    """Take my own words back."""
    doing = visit.call("deleteComment", id=visit.part("comment"))
    return await visit.do(doing, again=_more_of_comment, then=f"/posts/{visit.part('id')}#thread")


async def _do_comment(visit: Visit, operation: str, done: str, **fields: Any) -> Response:
    post_id, comment_id = visit.part("id"), visit.part("comment")
    try:
        await visit.call(operation, id=comment_id, **fields)
    except ShequError as error:
        visit.form = _refused(visit, error)
        return await _more_of_comment(visit)
    return visit.go(done if "/" in done else f"/posts/{post_id}/comments/{comment_id}?done={done}")


# -- mine ------------------------------------------------------------------------------------------


async def distances(visit: Visit) -> Response:
    """Whom I keep away from."""
    page = await visit.call("listMyDistances", **visit.asked("cursor"))
    return await visit.page(
        "posts/distances.html", page=page, done=visit.query("done"), known=words_posts
    )


async def end_distance(visit: Visit) -> Response:
    """Keep away no longer."""
    await visit.call("dropDistance", person_id=visit.part("id"))
    return visit.go("/me/distances")


async def cases(visit: Visit) -> Response:
    """What was decided about my posts and comments, and where I may not write for a time."""
    return await _cases(visit)


async def _cases(visit: Visit) -> Response:
    page, silences = await asyncio.gather(
        visit.call("listMyCases", **visit.asked("cursor")), visit.call("listMySilences", limit=5)
    )
    return await visit.page(
        "posts/cases.html",
        status=visit.form.status,
        page=page,
        silences=silences["items"],
        appealing=visit.request.path_params.get("id", ""),
        known=words_posts,
    )


async def appeal(visit: Visit) -> Response:
    """Ask another person to look at a decision again."""
    doing = visit.call(
        "appeal", once=visit.form.key, id=visit.part("id"), reason=visit.form.text("reason")
    )
    return await visit.do(doing, "reason", again=_cases, then="/me/cases")


PAGES = (
    Page("GET /posts/{id}/more", more),
    Page("POST /posts/{id}/following", follow),
    Page("POST /posts/{id}/pin", pin),
    Page("POST /posts/{id}/check", check),
    Page("POST /posts/{id}/distance", keep_away),
    Page("POST /posts/{id}/report", report),
    Page("POST /posts/{id}/takedown", take_down),
    Page("POST /posts/{id}/deletion", delete),
    Page("POST /posts/{id}/issue", make_issue),
    Page("GET /posts/{id}/comments/{comment}", more_of_comment),
    Page("POST /posts/{id}/comments/{comment}/report", report_comment),
    Page("POST /posts/{id}/comments/{comment}/distance", keep_from_commenter),
    Page("POST /posts/{id}/comments/{comment}/pin", pin_comment),
    Page("POST /posts/{id}/comments/{comment}/takedown", take_down_comment),
    Page("POST /posts/{id}/comments/{comment}/deletion", delete_comment),
    Page("GET /me/distances", distances),
    Page("POST /me/distances/{id}/end", end_distance),
    Page("GET /me/cases", cases),
    Page("POST /me/cases/{id}/appeal", appeal),
)
