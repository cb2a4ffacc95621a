"""Figures with formula, numerator, denominator and moment; from the district down to a community.

::

    /district ─▶ /district/towns/{tid} ─▶ /district/communities/{cid} ─▶ no further: k = 10
        └─▶ trends · promises · places, with a map · dictionary · the tables as files
"""

import asyncio
from math import cos, radians
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, navs, words_district
from gateway.web.forms import whole
from gateway.web.pages.district.reach import SPANS, Reach, days_of, reach, span
from gateway.web.routing import Page
from gateway.web.statistics import PROMISES
from gateway.web.texts import texts
from gateway.web.visit import Visit
from services.contracts.actor import Role
from services.contracts.errors import Forbidden

MONTHS: Final = 6
TREND: Final = ("issues_answered", "posts_answered", "finish_on_time")
ROWS: Final = 50


async def show(visit: Visit, template: str, **values: Any) -> Response:
    """A page of the district's desk."""
    nav = navs.watch(visit.path, visit.person)
    return await visit.page(template, nav=nav, known=words_district, spans=SPANS, **values)


def cards(visit: Visit, report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The figures of a report as a page shows them, by family."""
    families: dict[str, list[dict[str, Any]]] = {key: [] for key in words_district.FAMILY}
    for item in report["items"]:
        families.setdefault(item["family"], []).append(card(visit, item))
    return families


def card(visit: Visit, item: dict[str, Any]) -> dict[str, Any]:
    """One figure in the visitor's language."""
    english = visit.language == "en"
    return {
        **item,
        "title": item["name_en"] if english else item["name"],
        "how": item["formula_en"] if english else item["formula"],
        "said": words_district.told(item, item["unit"], texts(visit.language)),
        "note": "" if english else item["note"],
    }


async def overview(visit: Visit) -> Response:
    """The whole of what the visitor watches over, and its towns side by side."""
    if not navs.watching(visit.actor):
        raise Forbidden()
    if visit.person.roles & navs.DISTRICT_ROLES == {Role.GRID_OPERATOR}:
        return visit.go("/district/operations")
    found, (days, first, last) = await asyncio.gather(reach(visit), span(visit))
    report = await visit.call("kpis", did=found.did, by="town", **days_of(first, last))
    return await show(
        visit,
        "district/figures.html",
        reach=found,
        days=days,
        report=report,
        families=cards(visit, report),
        rows=compared(report),
        here=("district", found.did, found.district),
        below="town",
    )


async def town(visit: Visit) -> Response:
    """A town, and its communities side by side."""
    found, (days, first, last) = await asyncio.gather(reach(visit), span(visit))
    tid = visit.part("tid")
    report = await visit.call(
        "kpis", did=found.did, town=tid, by="community", **days_of(first, last)
    )
    return await show(
        visit,
        "district/figures.html",
        reach=found,
        days=days,
        report=report,
        families=cards(visit, report),
        rows=compared(report),
        here=("town", tid, found.towns.get(tid) or report["places"][0]["name"]),
        below="community",
    )


async def community(visit: Visit) -> Response:
    """A community: the end of the way down for who is outside."""
    found, (days, first, last) = await asyncio.gather(reach(visit), span(visit))
    cid = visit.part("cid")
    report = await visit.call("communityKpis", cid=cid, **days_of(first, last))
    place = next((one for one in found.communities if one["id"] == cid), None)
    return await show(
        visit,
        "district/figures.html",
        reach=found,
        days=days,
        report=report,
        families=cards(visit, report),
        rows=[],
        here=("community", cid, report["places"][0]["name"]),
        town=(place["town_id"], place["town_name"]) if place else None,
        below="",
    )


def compared(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The places of a report, most reported per 1,000 residents first, as far as it is told."""
    rows = [
        {
            "place": one["place"],
            "residents": one["residents"],
            "volumes": {volume["key"]: volume for volume in one["volumes"]},
            "values": {value["key"]: value for value in one["values"]},
        }
        for one in report["breakdown"]
    ]

    def reported(row: dict[str, Any]) -> float:
        told = row["volumes"]["issues_reported"]["per_1000_decimal"]
        return float(told) if told is not None else -1.0

    return sorted(rows, key=reported, reverse=True)


# -- trends and promises --------------------------------------------------------------------------


async def trends(visit: Visit) -> Response:
    """Three figures over the last six months, month by month."""
    found, (_, _, today) = await asyncio.gather(reach(visit), span(visit))
    months = moments.months(today, MONTHS)[::-1]
    place = visit.asked("town")
    reports = await asyncio.gather(
        *(visit.call("kpis", did=found.did, **place, **days_of(a, b)) for a, b in months)
    )
    by_key = [{one["key"]: one for one in report["items"]} for report in reports]
    shown = [card(visit, by_key[-1][key]) for key in TREND]
    rows = [
        [f"{first:%Y-%m}", *(_hundredth(figures[key]) for key in TREND)]
        for (first, _), figures in zip(months, by_key, strict=True)
    ]
    told = any(one is not None for row in rows for one in row[1:])
    return await show(visit, "district/trends.html", reach=found, shown=shown, rows=rows, told=told)


def _hundredth(figure: dict[str, Any]) -> float | None:
    return round(float(figure["decimal"]) * 100, 1) if figure["decimal"] is not None else None


async def promises(visit: Visit) -> Response:
    """Where promises were not kept: of how many, how many; and what is late at this moment."""
    found, (days, first, last) = await asyncio.gather(reach(visit), span(visit))
    tid = visit.query("town")
    place: dict[str, Any] = {"town": tid, "by": "community"} if tid else {"by": "town"}
    report = await visit.call("kpis", did=found.did, **place, **days_of(first, last))
    shown = [card(visit, one) for one in report["items"] if one["key"] in PROMISES]
    return await show(
        visit,
        "district/promises.html",
        reach=found,
        days=days,
        report=report,
        shown=shown,
        rows=compared(report),
        town=tid,
        below="" if tid else "town",
    )


# -- places ---------------------------------------------------------------------------------------


async def places(visit: Visit) -> Response:
    """Every community in a table, fifty a page; the district's outline where it was entered."""
    found, (days, first, last) = await asyncio.gather(reach(visit), span(visit))
    report, bounds = await asyncio.gather(
        visit.call("kpis", did=found.did, by="community", **days_of(first, last)),
        visit.soft("getDistrictBounds", did=found.did),
    )
    rows, q = compared(report), visit.query("q").strip()
    rows = [row for row in rows if q in row["place"]["name"]] if q else rows
    most = max(1, -(-len(rows) // ROWS))
    page = min(whole(visit.query("page")), most) or 1
    return await show(
        visit,
        "district/places.html",
        reach=found,
        days=days,
        report=report,
        rows=rows[(page - 1) * ROWS : page * ROWS],
        count=len(rows),
        page=page,
        most=most,
        q=q,
        towns={one["id"]: one["town_name"] for one in found.communities},
        bounds=bounds if bounds and bounds["ring"] else None,
        outline=outline((bounds or {}).get("ring") or []),
    )


def outline(ring: list[list[float]], width: int = 360) -> tuple[str, int]:
    """A ring of [lng, lat] as the points of a polygon, north up, and how high the picture is.

    A degree of longitude is shorter than one of latitude by the cosine of the middle latitude;
    for an outline of thirty kilometres that is exact to a pixel.
    """
    if not ring:
        return "", 0
    west, east = min(p[0] for p in ring), max(p[0] for p in ring)
    south, north = min(p[1] for p in ring), max(p[1] for p in ring)
    shrink = cos(radians((south + north) / 2))
    scale = (width - 8) / max((east - west) * shrink, 1e-9)
    high = min(round((north - south) * scale) + 8, 2 * width)
    points = (
        f"{4 + (lng - west) * shrink * scale:.1f},{4 + (north - lat) * scale:.1f}"
        for lng, lat in ring
    )
    return " ".join(points), high


async def binding(visit: Visit) -> Response:
    """How many households have somebody here, by town or by community of one."""
    found = await reach(visit)
    tid = visit.query("town")
    place: dict[str, Any] = {"town": tid, "level": "community"} if tid else {"level": "town"}
    figures = await visit.call("identityFigures", did=found.did, **place)
    rows = sorted(figures["items"], key=_coverage)
    return await show(
        visit, "district/binding.html", reach=found, figures=figures, rows=rows, town=tid
    )


def _coverage(row: dict[str, Any]) -> float:
    households: int = row["households"]
    return row["households_bound"] / households if households else 2.0


async def dictionary(visit: Visit) -> Response:
    """What each figure means, how it is reckoned and where the formula is from."""
    found, (_, first, last) = await asyncio.gather(reach(visit), span(visit))
    report = await visit.call("kpis", did=found.did, **days_of(first, last))
    return await show(
        visit, "district/dictionary.html", reach=found, report=report,
        families=cards(visit, report),
    )  # fmt: skip


def asked_of(found: Reach, visit: Visit) -> dict[str, Any]:
    """The fields of ``kpis`` that the address names: by town, or by community (of a town)."""
    by = "community" if visit.query("by") == "community" else "town"
    return {"did": found.did, "by": by, **visit.asked("town")}


PAGES = (
    Page("GET /district", overview),
    Page("GET /district/towns/{tid}", town),
    Page("GET /district/communities/{cid}", community),
    Page("GET /district/trends", trends),
    Page("GET /district/promises", promises),
    Page("GET /district/places", places),
    Page("GET /district/binding", binding),
    Page("GET /district/dictionary", dictionary),
)
