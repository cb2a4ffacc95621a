"""My news: in three parts, each piece with why it came and what I can do about more of its kind.

::

    /me/notifications?about=…      all, 互动 (mine), 关注 (followed), 工作 (duty)
        │ tap                      POST …/{id}/read       it is read, and on to where it leads
        └ ⋯                        POST …/choices         the thread, or the kind: heard of or not
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, get_args

from starlette.responses import Response

from gateway.web import words_news
from gateway.web.routing import Page
from gateway.web.visit import Visit, local_path
from services.contracts.errors import BadRequest
from services.contracts.operations.notify.inbox import About

HERE: Final = "/me/notifications"
PAGE: Final = 20
OF_A_THREAD: Final[Mapping[str, str]] = {
    "mute": "muteThread",
    "unmute": "unmuteThread",
    "follow": "followThread",
    "unfollow": "unfollowThread",
}
"""What the buttons beside a thread do."""
_WISHES: Final = (
    "channels",
    "quiet_from",
    "quiet_until",
    "muted_kinds",
    "daily_budget",
    "digest",
    "language",
)


async def notifications(visit: Visit) -> Response:
    """My news, newest first; a part of it alone."""
    asked = visit.asked("about", "cursor")
    if asked.get("about") not in get_args(About):
        asked.pop("about", None)
    page, wishes = await asyncio.gather(
        visit.call("listNotifications", limit=PAGE, counts=True, **asked),
        visit.soft("getNotificationPreferences"),
    )
    return await visit.page(
        "news/inbox.html",
        page=page,
        about=asked.get("about", ""),
        asked={name: asked[name] for name in asked if name != "cursor"},
        kinds={one["kind"]: one for one in (wishes or {"kinds": []})["kinds"]},
        known=words_news,
    )


async def read_all(visit: Visit) -> Response:
    """Everything is read, up to the newest that the page showed."""
    newest = visit.form.text("up_to")
    await visit.call("markNotificationsRead", **({"up_to": newest} if newest else {}))
    return visit.go(_back(visit))


async def read_one(visit: Visit) -> Response:
    """Read one, and on to where it leads."""
    await visit.call("markNotificationsRead", ids=[visit.part("id")])
    return visit.go(local_path(visit.form.text("link")))


async def choose(visit: Visit) -> Response:
    """Hear no more of a thread or of a kind, or again; follow a thread, or leave it."""
    wanted, form = visit.form.text("do"), visit.form
    if wanted in OF_A_THREAD:
        await visit.call(OF_A_THREAD[wanted], id=form.text("thread"))
    elif wanted in ("mute_kind", "hear_kind"):
        mine = await visit.call("getNotificationPreferences")
        muted = [one for one in mine["muted_kinds"] if one != form.text("kind")]
        if wanted == "mute_kind":
            muted.append(form.text("kind"))
        await put_wishes(visit, mine, muted_kinds=muted)
    else:
        raise BadRequest()
    return visit.go(_back(visit))


async def put_wishes(visit: Visit, before: Mapping[str, Any], **changed: Any) -> None:
    """Keep what was chosen before but for what changed: the operation takes all of it at once."""
    wishes = {name: before[name] for name in _WISHES} | changed
    await visit.call(
        "putNotificationPreferences",
        **{name: value for name, value in wishes.items() if value is not None},
    )


def _back(visit: Visit) -> str:
    """The page that the form stood on."""
    path = local_path(visit.form.text("next"))
    return path if path.startswith(HERE) else HERE


async def bell(visit: Visit) -> Response:
    """The number beside the bell, for the script; keeps the session alive, too."""
    return await visit.page("piece_bell.html", number=await visit.unread())


PAGES = (
    Page("GET /me/bell", bell),
    Page(f"GET {HERE}", notifications),
    Page(f"POST {HERE}/read", read_all),
    Page(f"POST {HERE}/choices", choose),
    Page(f"POST {HERE}/{{id}}/read", read_one),
)
