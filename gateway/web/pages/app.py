"""The pages as an app on a phone: a manifest, a worker, a page for when there is no net.

::

    page ─▶ 30-app.js registers /sw.js ─▶ keeps /offline and the files that it needs, nothing else
                                              │
            no answer to a page ◀─────────────┘ shows /offline; what was written stays on the device
            push of notify's sender ─▶ a notification ─▶ tap: the page that it is about

The worker keeps no page of anybody's: they are personal, and each says ``no-store``.
"""

import hashlib
import json
from typing import Final

from starlette.responses import JSONResponse, Response

from gateway.web.assets import STATIC
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit

OFFLINE: Final = "/offline"
KEPT: Final = ("weui.min.css", "shequ.css", "shequ.js", "icon.svg")
"""Files of the page for when there is no net."""
GREEN, PAPER = "#0d7a57", "#f5f1ea"


async def offline(visit: Visit) -> Response:
    """Nobody's page: the worker keeps it and shows it to whoever holds the phone."""
    return await visit.page("offline.html")


async def worker(visit: Visit) -> Response:
    """The service worker; it is another one as soon as what it keeps is."""
    kept = [OFFLINE, *(visit.house.assets.url(name) for name in KEPT)]
    script = (STATIC / "sw.js").read_text(encoding="utf-8")
    named = hashlib.sha256(f"{kept}{script}".encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(named)};\nconst KEPT = {json.dumps(kept)};\n"
    # asked for again each time: a browser must not stay with an old one
    headers = {"Cache-Control": "no-cache"}
    return Response(head + script, media_type="text/javascript", headers=headers)


async def manifest(visit: Visit) -> Response:
    """What an installed app is called and looks like (W3C Web Application Manifest)."""
    picture = visit.house.assets.url
    icons = [
        {"src": picture(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    return JSONResponse(
        {
            "id": "/",
            "name": visit.say(N_("社区通")),
            "short_name": visit.say(N_("社区通")),
            "description": visit.say(N_("社区通，邻里的事一起办")),
            "lang": visit.language,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": GREEN,
            "icons": [*icons, {**icons[1], "purpose": "maskable"}],
            "shortcuts": [
                {"name": visit.say(N_("报问题")), "url": "/report"},
                {"name": visit.say(N_("消息")), "url": "/me/notifications"},
            ],
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )


PAGES = (
    Page("GET /offline", offline, login=False),
    Page("GET /sw.js", worker, login=False),
    Page("GET /manifest.webmanifest", manifest, login=False),
)
