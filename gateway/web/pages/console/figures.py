"""The community's statistics for its committee: figures with their formulas, charts, files.

::

    /console/figures?days=30|90|365 or ?month=2026-02
        ├─▶ /console/figures/response      how promises were kept, month by month (comes later)
        └─▶ /console/figures.csv, .xlsx    the same numbers
"""

import asyncio
from datetime import date, timedelta
from typing import Any, Final

from starlette.responses import Response

from gateway import sheets
from gateway.web import moments, statistics, words_district
from gateway.web.desk import desk
from gateway.web.pages.district.figures import card, cards
from gateway.web.pages.district.reach import SPANS, days_of
from gateway.web.routing import Page
from gateway.web.statistics import Told
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.operations.feed import Sheet

MONTHS: Final = 6
POLLS: Final = 100


async def span(visit: Visit) -> tuple[str, int, date, date]:
    """The month that was asked for (empty: none), or how many days; the first and last of them."""
    today = await visit.today()
    month = statistics.month_of(visit.query("month"), today)
    if month:
        return f"{month[0]:%Y-%m}", 0, *month
    asked = visit.query("days")
    days = int(asked) if asked in {str(one) for one in SPANS} else SPANS[0]
    return "", days, today - timedelta(days=days - 1), today


async def told(visit: Visit, cid: str, first: date, last: date) -> Told:
    """Everything that the statistics of these days are made of."""
    days = days_of(first, last)
    report, parts, counts, polls, posts, lies = await asyncio.gather(
        visit.call("communityKpis", cid=cid, **days),
        visit.call("issueBreakdown", cid=cid, **days),
        visit.soft("issueCounts", cid=cid),
        visit.soft("listPolls", cid=cid, limit=POLLS, **moments_of(first, last)),
        visit.soft("getPostResponse", cid=cid, **days),
        visit.soft("getDesk", cid=cid),
    )
    reach = None
    if lies:
        reach = await visit.soft("identityFigures", did=lies["district_id"], level="community")
    own = [one for one in (reach or {}).get("items", ()) if one["place"]["id"] == cid]
    return Told(
        first,
        last,
        report,
        parts,
        counts,
        None if polls is None else [one for one in polls["items"] if counts_as_held(one)],
        own[0] if own else None,
        str(reach["as_of"]) if own and reach else "",
        posts,
    )


def moments_of(first: date, last: date) -> dict[str, str]:
    """The days as the moments between which something lies."""
    return {
        "from": f"{first.isoformat()}T00:00:00+08:00",
        "until": f"{last.isoformat()}T23:59:59+08:00",
    }


def counts_as_held(poll: dict[str, Any]) -> bool:
    """Whether people could vote in it, and their votes count."""
    return poll["opened_at"] is not None and poll["state"] != "void"


def months_back(today: date) -> list[str]:
    """The last twelve months, the running one first."""
    return [f"{first:%Y-%m}" for first, _ in moments.months(today, 12)]


# -- the page -------------------------------------------------------------------------------------


async def figures(visit: Visit) -> Response:
    """Figures by family, and everything that is counted with its chart."""
    (desks, cid), (month, days, first, last) = await asyncio.gather(desk(visit), span(visit))
    found = await told(visit, cid, first, last)
    return await visit.page(
        "console/figures/figures.html",
        desks=desks,
        cid=cid,
        month=month,
        months=months_back(await visit.today()),
        days=days,
        spans=SPANS,
        told=found,
        families=cards(visit, dict(found.report)),
        takes_part=statistics.figures(found, visit.say),
        tables=statistics.tables(found, visit.say),
        asked=asked(cid, month, days),
        known=words_district,
    )


def asked(cid: str, month: str, days: int) -> str:
    """The query by which the same is asked for."""
    return f"c={cid}&month={month}" if month else f"c={cid}&days={days}"


async def response(visit: Visit) -> Response:
    """How promises were kept over the last six months."""
    desks, cid = await desk(visit)
    table = await response_of(visit, cid)
    return await visit.page("console/figures/response.html", desks=desks, cid=cid, table=table)


async def response_of(visit: Visit, cid: str) -> statistics.Table:
    """The last six months side by side, the running one as far as it has come."""
    today = await visit.today()
    spans = moments.months(today, MONTHS)[::-1]
    reports = await asyncio.gather(
        *(visit.call("communityKpis", cid=cid, **days_of(first, last)) for first, last in spans)
    )
    name = "name_en" if visit.language == "en" else "name"
    months = [f"{first:%Y-%m}" for first, _ in spans]
    return statistics.response(list(reports), months, name, visit.say)


# -- as files -------------------------------------------------------------------------------------

COLUMNS: Final = (
    N_("哪一部分"), N_("事项"), N_("数"), N_("分子"), N_("分母"), N_("怎么算的"), N_("截至"),
)  # fmt: skip


async def counted(
    visit: Visit, cid: str, first: date, last: date
) -> tuple[list[list[str]], list[statistics.Table]]:
    """The rows of the figures, and every table: of the span, and how promises were kept."""
    found, trend = await asyncio.gather(told(visit, cid, first, last), response_of(visit, cid))
    return figure_rows(visit, found), [*statistics.tables(found, visit.say), trend]


def _figures_sheet(visit: Visit, title: str, rows: list[list[str]]) -> Sheet:
    return Sheet(title=title, columns=[visit.say(one) for one in COLUMNS], rows=rows)


def figure_rows(visit: Visit, found: Told) -> list[list[str]]:
    """Each figure with numerator, denominator, formula and moment."""
    part = visit.say(N_("指标"))
    rows = [
        [
            part, one["name_en"] if visit.language == "en" else one["name"],
            sheets.cell(one["count"]), "", "", "", moments.minute(found.report["as_of"]),
        ]
        for one in found.report["volumes"]
    ]  # fmt: skip
    for one in (card(visit, item) for item in found.report["items"]):
        above, below = one["numerator"], one["denominator"]
        rows.append(
            [part, one["title"], one["said"], sheets.cell(above), sheets.cell(below), one["how"],
             moments.minute(one["as_of"])]
        )  # fmt: skip
    rows += [
        [part, one.title, one.said, sheets.cell(one.numerator), sheets.cell(one.denominator),
         one.how, moments.minute(one.as_of)]
        for one in statistics.figures(found, visit.say)
    ]  # fmt: skip
    return rows


def sheet_of(table: statistics.Table) -> Sheet:
    """A table as a sheet."""
    rows = [[sheets.cell(cell) for cell in row] for row in table.rows]
    return Sheet(title=table.title, columns=table.columns, rows=rows)


async def csv_file(visit: Visit) -> Response:
    """One long table: a row for each number."""
    (_, cid), (_, _, first, last) = await asyncio.gather(desk(visit), span(visit))
    rows, tables = await counted(visit, cid, first, last)
    for table in tables:
        rest = ["", "", table.how, moments.minute(table.as_of)]
        for row in table.rows:
            for column, cell in zip(table.columns[1:], row[1:], strict=True):
                name = f"{row[0]} · {column}" if len(row) > 2 else str(row[0])
                rows.append([table.title, name, sheets.cell(cell), *rest])
    title = _title(visit, first, last)
    return await sheets.kept(_figures_sheet(visit, title, rows), "csv", stem=title, plain="figures")


async def xlsx_file(visit: Visit) -> Response:
    """A workbook with a sheet for each table."""
    (_, cid), (_, _, first, last) = await asyncio.gather(desk(visit), span(visit))
    rows, tables = await counted(visit, cid, first, last)
    book = [
        _figures_sheet(visit, visit.say(N_("指标")), rows),
        *(sheet_of(table) for table in tables),
    ]
    return await sheets.kept_book(book, stem=_title(visit, first, last), plain="figures")


def _title(visit: Visit, first: date, last: date) -> str:
    return f"{visit.say(N_('社区统计'))} {first} {last}"


PAGES = (
    Page("GET /console/figures", figures),
    Page("GET /console/figures/response", response),
    Page("GET /console/figures.csv", csv_file),
    Page("GET /console/figures.xlsx", xlsx_file),
)
