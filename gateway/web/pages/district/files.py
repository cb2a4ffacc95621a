"""The tables as files, each with the dictionary that says what stands in its columns."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway import sheets
from gateway.web import words, words_district
from gateway.web.pages.district.figures import asked_of, card
from gateway.web.pages.district.reach import days_of, reach, span
from gateway.web.routing import Page
from gateway.web.texts import N_, texts
from gateway.web.visit import Visit
from services.contracts.operations.feed import Sheet

COLUMNS: Final = (
    N_("列名"), N_("含义"), N_("算法"), N_("单位"), N_("出处"), N_("说明"),
)  # fmt: skip


async def figures_csv(visit: Visit) -> Response:
    """The places side by side: of each figure numerator, denominator and value.

    An empty cell is told to nobody (fewer than ten cases) or has nothing to divide by; the column
    ``…_withheld`` says which.
    """
    found, (_, first, last) = await asyncio.gather(reach(visit), span(visit))
    report = await visit.call("kpis", **asked_of(found, visit), **days_of(first, last))
    keys = [one["key"] for one in report["items"]]
    volumes = [one["key"] for one in report["volumes"]]
    columns = ["place_id", "place", "kind", "from", "to", "as_of", "residents"]
    for key in keys:
        columns += [f"{key}_numerator", f"{key}_denominator", f"{key}_value", f"{key}_withheld"]
    for key in volumes:
        columns += [f"{key}_count", f"{key}_per_1000", f"{key}_withheld"]
    rows = [_row(report, one, keys, volumes) for one in report["breakdown"]]
    title = visit.say(N_("指标对比"))
    sheet = Sheet(title=title, columns=columns, rows=rows)
    return await sheets.kept(sheet, "csv", stem=title, plain="figures")


def _row(
    report: dict[str, Any], one: dict[str, Any], keys: list[str], volumes: list[str]
) -> list[str]:
    place = one["place"]
    values = {value["key"]: value for value in one["values"]}
    counts = {volume["key"]: volume for volume in one["volumes"]}
    row = [place["id"], place["name"], place["kind"], report["from"], report["to"]]
    row += [str(report["as_of"]), sheets.cell(one["residents"])]
    for key in keys:
        value = values[key]
        row += [sheets.cell(value[name]) for name in ("numerator", "denominator", "decimal")]
        row.append(sheets.cell(int(value["withheld"])))
    for key in volumes:
        volume = counts[key]
        row += [sheets.cell(volume["count"]), sheets.cell(volume["per_1000_decimal"])]
        row.append(sheets.cell(int(volume["withheld"])))
    return row


async def dictionary_csv(visit: Visit) -> Response:
    """What stands in the columns of the other file."""
    found, (_, first, last) = await asyncio.gather(reach(visit), span(visit))
    report = await visit.call("kpis", did=found.did, **days_of(first, last))
    spoken = texts(visit.language)
    rows = [
        [
            one["key"],
            one["title"],
            one["how"],
            words.label(one["unit"], words_district.UNIT, spoken),
            one["source"],
            one["note"],
        ]
        for one in (card(visit, item) for item in report["items"])
    ]
    english = visit.language == "en"
    rows += [
        [
            one["key"],
            one["name_en"] if english else one["name"],
            visit.say(N_("件数；per_1000：每千名登记居民")),
            visit.say(N_("件")),
            "",
            "",
        ]
        for one in report["volumes"]
    ]
    said = visit.say(N_("1：少于十件，或会让人推算出少于十件的数，不显示；0：显示"))
    rows.append(["*_withheld", visit.say(N_("是否隐去")), said, "", "", ""])
    columns = [visit.say(one) for one in COLUMNS]
    title = visit.say(N_("数据字典"))
    sheet = Sheet(title=title, columns=columns, rows=rows)
    return await sheets.kept(sheet, "csv", stem=title, plain="dictionary")


PAGES = (
    Page("GET /district/figures.csv", figures_csv),
    Page("GET /district/dictionary.csv", dictionary_csv),
)
