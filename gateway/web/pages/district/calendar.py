"""The working days that promises are reckoned by: a year's days off and days worked instead.

One line for a day, as people write it down from the decree::

    2026-10-01 休 国庆节
    2026-10-10 班 国庆节调休
"""

import asyncio
from datetime import date
from typing import Any, Final

from starlette.responses import Response

from gateway.web.forms import whole
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.pages.district.reach import span
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit

WORKED: Final = {"班": True, "上班": True, "work": True, "休": False, "休息": False, "off": False}
YEARS: Final = range(2000, 2101)


async def calendar(visit: Visit) -> Response:
    """A year's days, from which layer each is, and where they are entered."""
    found, (_, _, today) = await asyncio.gather(holding(visit, "putCalendarYear"), span(visit))
    asked = whole(visit.query("year") or visit.form.text("year"))
    year = asked if asked in YEARS else today.year
    shown = await visit.call("getCalendar", did=found.did, year=year)
    return await sheet(
        visit,
        "calendar",
        reach=found,
        year=year,
        shown=shown,
        lines="\n".join(_line(one) for one in shown["days"]),
        years=sorted({today.year, today.year + 1, *shown["entered_years"][-3:], year}),
    )


def _line(one: dict[str, Any]) -> str:
    return f"{one['day']} {'班' if one['worked'] else '休'} {one['name']}".strip()


def read_days(text: str) -> tuple[list[dict[str, Any]], int]:
    """The days of a text, and the number of the first line that cannot be read (0: none)."""
    days: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        day, worked, name = (*line.split(maxsplit=2), "", "")[:3]
        try:
            parsed = date.fromisoformat(day)
        except ValueError:
            return days, number
        if worked not in WORKED:
            return days, number
        days.append({"day": parsed.isoformat(), "worked": WORKED[worked], "name": name})
    return days, 0


async def enter(visit: Visit) -> Response:
    """Put the district's own days in place of those of that year before."""
    form = visit.form
    days, wrong = read_days(form.text("days"))
    if wrong:
        said = visit.say(N_("第 {n} 行看不懂：先写日期，再写「休」或「班」")).format(n=wrong)
        visit.form = form.wrong({"days": said})
        return await calendar(visit)
    doing = visit.call(
        "putCalendarYear",
        did=form.text("did"),
        year=whole(form.text("year")),
        days=days,
        source=form.text("source"),
        complete=form.ticked("complete"),
    )
    then = f"/district/calendar?year={whole(form.text('year'))}&done=1"
    return await visit.do(doing, "days", "source", "year", again=calendar, then=then)


PAGES = (
    Page("GET /district/calendar", calendar),
    Page("POST /district/calendar", enter),
)
