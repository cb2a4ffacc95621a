"""The community's plans (一小区一方案): reading, comparing, commenting, and how far they are."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_issues
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

FIELDS: Final = ("body", "item")
YUAN: Final = 100


async def plans(visit: Visit) -> Response:
    """The plans of a community, the newest first."""
    cid = visit.part("cid")
    page = await visit.call("listPlans", cid=cid, **visit.asked("cursor"))
    return await visit.page("plans/plans.html", cid=cid, page=page, known=words_issues)


async def plan(visit: Visit) -> Response:
    """A plan with its items, how far each is, and what neighbours say of it."""
    plan_id = visit.part("id")
    shown, said = await asyncio.gather(
        visit.call("getPlan", id=plan_id),
        visit.call("listPlanComments", id=plan_id, limit=20, **visit.asked("cursor")),
    )
    return await visit.page(
        "plans/plan.html",
        status=visit.form.status,
        plan=shown,
        said=said,
        names={one["key"]: one["title"] for one in shown["content"]},
        versions=_versions(shown),
        watching=visit.person.is_observer,
        yuan=yuan,
        known=words_issues,
    )


def yuan(fen: int) -> str:
    """An amount of the contract (fen) in yuan; whole yuan without their two places."""
    whole, rest = divmod(fen, YUAN)
    return f"{whole:,}" + (f".{rest:02d}" if rest else "")


def _versions(shown: Mapping[str, Any]) -> list[int]:
    """The versions that lay open for everybody, the oldest first."""
    return sorted({step["version"] for step in shown["timeline"] if step["state"] == "open"})


async def changes(visit: Visit) -> Response:
    """What became of a plan between two versions that lay open."""
    plan_id = visit.part("id")
    shown = await visit.call("getPlan", id=plan_id)
    versions = _versions(shown)
    if len(versions) < 2:
        raise NotFound()
    older, newer = _pair(visit, versions)
    found = await visit.call("comparePlanVersions", id=plan_id, older=older, newer=newer)
    return await visit.page(
        "plans/changes.html", plan=shown, found=found, versions=versions, known=words_issues
    )


def _pair(visit: Visit, versions: list[int]) -> tuple[int, int]:
    """The two versions that are asked for; the last two when it is not said or makes no sense."""
    older, newer = whole(visit.query("older")), whole(visit.query("newer"))
    if older < newer and {older, newer} <= set(versions):
        return older, newer
    return versions[-2], versions[-1]


async def comment(visit: Visit) -> Response:
    """Say something of a plan, or of one of its items."""
    form, plan_id = visit.form, visit.part("id")
    try:
        said = await visit.call(
            "commentOnPlan", once=form.key, id=plan_id, body=form.text("body"), **form.some("item")
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await plan(visit)
    return visit.go(f"/plans/{plan_id}#c-{said['id']}")


async def withdraw(visit: Visit) -> Response:
    """Take a comment of one's own back."""
    plan_id = visit.part("id")
    doing = visit.call("withdrawPlanComment", id=visit.part("comment"))
    return await visit.do(doing, again=plan, then=f"/plans/{plan_id}#said")


PAGES = (
    Page("GET /c/{cid}/plans", plans),
    Page("GET /plans/{id}", plan),
    Page("GET /plans/{id}/changes", changes),
    Page("POST /plans/{id}/comments", comment),
    Page("POST /plans/{id}/comments/{comment}/withdrawal", withdraw),
)
