"""How topics are led in a community: the settings, what each means, and how they came about."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_desk_topics
from gateway.web.desk import convening
from gateway.web.forms import number, whole
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.operations.votes.chain import ChainSettings

VERSIONS: Final = 20
OF: Final = "settings_"
"""Before the name of a limit, in forms: as a refusal names it."""
FIELDS: Final = (*(f"{OF}{name}" for name in (*words_desk_topics.LIMIT, "steps")), "note")
BEGINNING: Final[Mapping[str, Any]] = ChainSettings().model_dump(mode="json")
"""What holds before a community has chosen."""


async def chain(visit: Visit) -> Response:
    """The settings in a form for whoever may change them, and their versions."""
    return await _show(visit)


async def _show(visit: Visit) -> Response:
    desks, cid = await convening(visit)
    now, past = await asyncio.gather(
        visit.call("getChainSettings", cid=cid),
        visit.soft("listChainVersions", cid=cid, limit=VERSIONS, **visit.asked("cursor")),
    )
    items = (past or {}).get("items", [])
    return await visit.page(
        "console/topics/chain.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        chain=now,
        settings=now["settings"],
        versions=list(zip(items, _changes(items), strict=True)),
        more=past,
        of=OF,
        known=words_desk_topics,
    )


def _changes(versions: Sequence[Mapping[str, Any]]) -> list[list[tuple[str, Any, Any]] | None]:
    """What each version changed, newest first; None where the one before is on another page."""
    told: list[list[tuple[str, Any, Any]] | None] = []
    for place, one in enumerate(versions):
        before: Mapping[str, Any] | None = None
        if place + 1 < len(versions):
            before = versions[place + 1]["settings"]
        elif one["version"] == 1:
            before = BEGINNING
        told.append(None if before is None else _between(before, one["settings"]))
    return told


def _between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """The limits that differ; a step that came or went has no numbers."""
    limits = [
        (name, before[name], after[name])
        for name in words_desk_topics.LIMIT
        if before[name] != after[name]
    ]
    steps = [
        (name, name in before["steps"], name in after["steps"])
        for name in words_desk_topics.CHAIN_STEP
        if (name in before["steps"]) != (name in after["steps"])
    ]
    return steps + limits


async def change(visit: Visit) -> Response:
    """The next version, for topics that are raised from now on."""
    form, cid = visit.form, visit.form.text("c")
    settings: dict[str, Any] = {"steps": form.many("steps[]")}
    for name in words_desk_topics.LIMIT:
        if f"{OF}{name}" in form.values:  # an emptied field is refused: no number is ours to choose
            settings[name] = number(form.text(f"{OF}{name}"))
    doing = visit.call(
        "putChainSettings",
        cid=cid,
        version=whole(form.text("version")),
        settings=settings,
        note=form.text("note"),
    )
    return await visit.do(doing, *FIELDS, again=_show, then=f"/console/chain?c={cid}")


PAGES = (
    Page("GET /console/chain", chain),
    Page("POST /console/chain", change),
)
