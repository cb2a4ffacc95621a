"""The district's outline: a report outside of it is not one of here."""

import json
from typing import Any, Final

from starlette.responses import Response

from gateway.web.pages.district.figures import outline
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit

SHAPES: Final = {"Polygon": 1, "MultiPolygon": 2}
"""How many lists deep the first ring of a GeoJSON geometry lies."""


async def bounds(visit: Visit) -> Response:
    """The outline as it is, and where it is entered."""
    found = await holding(visit, "putDistrictBounds")
    shown = await visit.call("getDistrictBounds", did=found.did)
    ring = shown["ring"]
    return await sheet(
        visit,
        "bounds",
        reach=found,
        shown=shown,
        outline=outline(ring),
        lines="\n".join(f"{lng}, {lat}" for lng, lat in ring),
    )


def read_ring(text: str) -> list[list[float]] | None:
    """The corners of a text: GeoJSON, or a line ``lng, lat`` for each; None if it cannot be read.

    >>> read_ring("121.3, 31.3\\n121.4 31.3\\n121.4，31.4")
    [[121.3, 31.3], [121.4, 31.3], [121.4, 31.4]]
    >>> read_ring('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]]}')
    [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [1.0, 2.0]]
    """
    try:
        if text.lstrip().startswith(("{", "[")):
            rows = _ring_of(json.loads(text))
        else:
            rows = [line.replace("，", " ").replace(",", " ").split() for line in text.splitlines()]
        corners = [[float(lng), float(lat)] for lng, lat in (row[:2] for row in rows if row)]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, AttributeError):
        return None
    return corners or None


def _ring_of(shape: Any) -> list[list[Any]]:
    if isinstance(shape, dict) and shape.get("type") == "FeatureCollection":
        shape = shape["features"][0]
    if isinstance(shape, dict) and shape.get("type") == "Feature":
        shape = shape["geometry"]
    rows: Any = shape
    if isinstance(shape, dict):
        rows = shape["coordinates"]
        for _ in range(SHAPES[shape["type"]]):
            rows = rows[0]
    return [list(row) for row in rows]


async def put(visit: Visit) -> Response:
    """Enter it, in the coordinates in which it was drawn."""
    form = visit.form
    ring = read_ring(form.text("ring"))
    if ring is None:
        visit.form = form.wrong({"ring": visit.say(N_("看不懂：一行一个点，先经度后纬度"))})
        return await bounds(visit)
    doing = visit.call(
        "putDistrictBounds",
        did=form.text("did"),
        ring=ring,
        source=form.text("source"),
        **form.some("crs"),
    )
    return await visit.do(
        doing, "ring", "source", "crs", again=bounds, then="/district/bounds?done=1"
    )


async def remove(visit: Visit) -> Response:
    """Take it out: reports are not held against an outline any more."""
    doing = visit.call("deleteDistrictBounds", did=visit.form.text("did"))
    return await visit.do(doing, again=bounds, then="/district/bounds?done=1")


PAGES = (
    Page("GET /district/bounds", bounds),
    Page("POST /district/bounds", put),
    Page("POST /district/bounds/remove", remove),
)
