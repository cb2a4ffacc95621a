"""How I want to be told: ways out of the house, quiet hours, what I do not want to hear of.

::

    channels ─ quiet hours ─ how much a day ─ digest ─ language    one form
    kinds                                                          one form, by the inbox's parts
    browsers                   the script asks the browser, the form tells us (RFC 8030, RFC 8292)
    mail address               named, then confirmed by the code that went there
    threads                    followed, muted: each with its button
"""

import asyncio
import re
from functools import partial
from typing import Any, Final, get_args

from starlette.responses import Response

from gateway.web import words_news
from gateway.web.forms import whole
from gateway.web.pages.news.inbox import HERE, put_wishes
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, ShequError
from services.contracts.operations.notify.preferences import Channel

SETTINGS: Final = f"{HERE}/settings"
HOW: Final = ("channels", "quiet_from", "quiet_until", "daily_budget", "digest", "language")
BROWSER: Final = ("endpoint", "p256dh", "auth", "label")
THREADS: Final = 20
DEVICES: Final = (
    (re.compile("MicroMessenger"), N_("微信")),
    (re.compile("iPad"), N_("iPad")),
    (re.compile("iPhone"), N_("iPhone")),
    (re.compile("Android"), N_("安卓手机")),
    (re.compile("Windows|Macintosh|Linux"), N_("电脑")),
)
"""What a browser calls itself, and what its owner may call it."""


async def settings(visit: Visit) -> Response:
    """Everything that I chose, and could choose."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    wishes, ways, key, browsers, muted, followed = await asyncio.gather(
        visit.call("getNotificationPreferences"),
        visit.call("listMyChannels"),
        visit.call("getPushKey"),
        visit.call("listPushSubscriptions"),
        visit.call("listMutedThreads", limit=THREADS),
        visit.call("listSubscriptions", limit=THREADS, **visit.asked("cursor")),
    )
    return await visit.page(
        "news/settings.html",
        status=visit.form.status,
        wishes=wishes,
        ways=ways["items"],
        key=key["public_key"],
        browsers=browsers["items"],
        muted=muted,
        followed=followed,
        device=_device(visit),
        failed=failed,
        done=visit.query("done"),
        known=words_news,
    )


def _device(visit: Visit) -> str:
    agent = visit.request.headers.get("user-agent", "")
    name = next((name for sign, name in DEVICES if sign.search(agent)), N_("这台设备"))
    return visit.say(name)


async def choose_how(visit: Visit) -> Response:
    """By which ways, when not, and how much a day."""
    form = visit.form
    budget = form.text("daily_budget")
    chosen = form.many("channels[]")
    night = not form.ticked("no_night")
    try:
        await put_wishes(
            visit,
            await visit.call("getNotificationPreferences"),
            channels=[one for one in get_args(Channel) if one in ("in_app", *chosen)],
            quiet_from=(form.text("quiet_from") or None) if night else None,
            quiet_until=(form.text("quiet_until") or None) if night else None,
            daily_budget=whole(budget) if budget == "0" or whole(budget) else None,
            digest=form.text("digest") or None,
            language=form.text("language") or None,
        )
    except ShequError as error:
        visit.form = visit.refused(error, *HOW)
        return await _show(visit, "how")
    return visit.go(f"{SETTINGS}?done=how#how")


async def choose_kinds(visit: Visit) -> Response:
    """Of what I want to hear: what is not ticked is muted."""
    wishes = await visit.call("getNotificationPreferences")
    heard = visit.form.many("kinds[]")
    muted = [one["kind"] for one in wishes["kinds"] if one["may_mute"] and one["kind"] not in heard]
    await put_wishes(visit, wishes, muted_kinds=muted)
    return visit.go(f"{SETTINGS}?done=kinds#kinds")


# -- browsers -------------------------------------------------------------------------------------


async def add_browser(visit: Visit) -> Response:
    """This browser takes pushes: what it said to the script comes with the form."""
    form = visit.form
    doing = visit.call("putPushSubscription", **{name: form.text(name) for name in BROWSER})
    return await visit.do(
        doing, again=partial(_show, failed="push"), then=f"{SETTINGS}?done=push#push"
    )


async def change_browser(visit: Visit) -> Response:
    """Try one of my browsers out, or push there no more."""
    does = {"test": "testPushSubscription", "remove": "deletePushSubscription"}
    wanted = visit.form.text("do")
    if wanted not in does:
        raise BadRequest()
    doing = visit.call(does[wanted], id=visit.part("id"))
    return await visit.do(
        doing, again=partial(_show, failed="push"), then=f"{SETTINGS}?done={wanted}#push"
    )


# -- mail -----------------------------------------------------------------------------------------


async def name_mail(visit: Visit) -> Response:
    """A code goes to the address."""
    return await _mail(visit, "requestMailAddress", "address", "code")


async def confirm_mail(visit: Visit) -> Response:
    """The code came back: mails may go there, and do."""
    return await _mail(visit, "confirmMailAddress", "code", "mail")


async def remove_mail(visit: Visit) -> Response:
    """No mails any more, and the address is forgotten."""
    wishes = await visit.call("getNotificationPreferences")
    if "mail" in wishes["channels"]:
        left = [one for one in wishes["channels"] if one != "mail"]
        await put_wishes(visit, wishes, channels=left)
    await visit.call("removeMailAddress")
    return visit.go(f"{SETTINGS}?done=no-mail#mail")


async def _mail(visit: Visit, operation: str, field: str, done: str) -> Response:
    fields: dict[str, Any] = {field: visit.form.text(field)}
    try:
        await visit.call(operation, once=visit.form.key, **fields)
        if done == "mail":
            wishes = await visit.call("getNotificationPreferences")
            await put_wishes(visit, wishes, channels=[*wishes["channels"], "mail"])
    except ShequError as error:
        visit.form = visit.refused(error, field)
        return await _show(visit, "mail")
    return visit.go(f"{SETTINGS}?done={done}#mail")


PAGES = (
    Page(f"GET {SETTINGS}", settings),
    Page(f"POST {SETTINGS}", choose_how),
    Page(f"POST {SETTINGS}/kinds", choose_kinds),
    Page(f"POST {SETTINGS}/browsers", add_browser),
    Page(f"POST {SETTINGS}/browsers/{{id}}", change_browser),
    Page(f"POST {SETTINGS}/mail", name_mail),
    Page(f"POST {SETTINGS}/mail/confirmation", confirm_mail),
    Page(f"POST {SETTINGS}/mail/removal", remove_mail),
)
