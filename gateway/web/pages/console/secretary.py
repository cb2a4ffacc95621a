"""The secretary's one page (一页通): what is promised, who holds what, what comes; and the month.

::

    /console/secretary                     this moment, on one page
        └─▶ /console/secretary/month?month=2026-02 ─▶ .docx, .xlsx    a month, for the town
"""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from gateway import sheets
from gateway.documents import word
from gateway.documents.answer import MEDIA_TYPES
from gateway.downloads import attached
from gateway.web import moments, month_report, statistics, words_desk, words_polls
from gateway.web.desk import desk
from gateway.web.month_report import Beside
from gateway.web.pages.console.figures import counts_as_held, moments_of, months_back, told
from gateway.web.pages.district.figures import card
from gateway.web.pages.district.reach import days_of
from gateway.web.pages.district.topics import UNPUBLISHED
from gateway.web.routing import Page
from gateway.web.texts import texts
from gateway.web.visit import Visit
from services.contracts.actor import NEIGHBOURS, SENSITIVE, Role
from services.contracts.errors import NotFound
from services.contracts.operations.documents import Document

WEEKS: Final = 6
"""So many weeks ahead the calendar of votes goes."""
SOME: Final = 8
SOON: Final = timedelta(days=30)
"""An office that ends within so many days is marked."""
EVERYBODY: Final = 100
FIRST: Final = (Role.SECRETARY.value, Role.COMMITTEE_STAFF.value)


async def secretary(visit: Visit) -> Response:
    """What a secretary has to know before she goes to the town's meeting."""
    (desks, cid), today = await asyncio.gather(desk(visit), visit.today())
    lies, due, report, roles, away, polls, notices, hot, alarms, posts = await asyncio.gather(
        visit.soft("getDesk", cid=cid),
        visit.call("listIssues", cid=cid, open=True, sort="due", limit=SOME),
        visit.soft("communityKpis", cid=cid, **days_of(today.replace(day=1), today)),
        visit.soft("listRoles", scope=cid, limit=EVERYBODY),
        visit.soft("listAbsences", cid=cid),
        visit.soft("listPolls", cid=cid, limit=50, **_ahead(today)),
        visit.soft("listPublicity", cid=cid, limit=50),
        hot_of(visit, cid),
        visit.soft("listEmergencies", cid=cid, state="open"),
        visit.soft("listUnansweredPosts", cid=cid, limit=SOME),
    )
    held = report["items"] if report else []
    return await visit.page(
        "console/figures/secretary.html",
        desks=desks,
        cid=cid,
        place=[one["name"] for one in desks if one["id"] == cid],
        lies=lies,
        due=due,
        promises=[card(visit, one) for one in held if one["key"] in statistics.PROMISES],
        offices=None if roles is None else _offices(roles["items"]),
        soon=(today + SOON).isoformat(),
        away=None if away is None else away["items"],
        days=None if polls is None else calendar(polls["items"], (notices or {}).get("items", [])),
        hot=hot,
        alarms=None if alarms is None else alarms["items"],
        posts=posts,
        months=months_back(today),
        today=today.isoformat(),
        known=words_desk,
        votes=words_polls,
    )


def _ahead(today: date) -> dict[str, str]:
    return moments_of(today, today + timedelta(weeks=WEEKS))


def _offices(roles: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Who holds what, the committee's offices first; what ends first stands first."""
    found: dict[str, list[dict[str, Any]]] = {office: [] for office in FIRST}
    held = [one for one in roles if one["role"] not in NEIGHBOURS | SENSITIVE]
    for one in sorted(held, key=lambda held: held["expires_at"] or "~"):
        until = moments.parse(one["expires_at"]).date().isoformat() if one["expires_at"] else ""
        found.setdefault(one["role"], []).append({**one, "until": until})
    return [(office, holders) for office, holders in found.items() if holders]


def calendar(
    polls: list[dict[str, Any]], notices: list[dict[str, Any]]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """What happens with votes on which day: they begin, they end, objections end."""
    entries = []
    for one in polls:
        if one["state"] == "void":
            continue
        href = f"/polls/{one['id']}"
        if one["state"] == "announced":
            entries.append({"at": one["opens_at"], "what": "opens", "of": one, "href": href})
        if one["state"] in ("announced", "open"):
            entries.append({"at": one["closes_at"], "what": "closes", "of": one, "href": href})
    entries += [
        {"at": one["object_until"], "what": one["kind"], "of": one,
         "href": f"/topics/{one['topic_id']}"}
        for one in notices
    ]  # fmt: skip
    days: dict[str, list[dict[str, Any]]] = {}
    for entry in sorted(entries, key=lambda one: moments.parse(one["at"])):
        days.setdefault(moments.parse(entry["at"]).date().isoformat(), []).append(entry)
    return list(days.items())


# -- the month ------------------------------------------------------------------------------------


async def month(visit: Visit) -> Response:
    """The month report on the screen, and how to keep it."""
    desks, cid = await desk(visit)
    chosen, document = await report_of(visit, desks, cid)
    return await visit.page(
        "console/figures/month.html",
        desks=desks,
        cid=cid,
        month=chosen,
        months=months_back(await visit.today()),
        document=document,
    )


async def report_of(visit: Visit, desks: list[dict[str, Any]], cid: str) -> tuple[str, Document]:
    """The month that was asked for (else the last whole one), and its report."""
    today = await visit.today()
    chosen = visit.query("month")
    span = statistics.month_of(chosen, today)
    if span is None:
        span = moments.months(today, 2)[1]
        chosen = f"{span[0]:%Y-%m}"
    first, last = span
    found, hot, alarms, polls = await asyncio.gather(
        told(visit, cid, first, last),
        hot_of(visit, cid, month=chosen),
        visit.soft("listEmergencies", cid=cid, limit=EVERYBODY),
        visit.soft("listPolls", cid=cid, limit=50, **_ahead(last + timedelta(days=1))),
    )
    beside = Beside(
        hot=hot,
        emergencies=None if alarms is None else _within(alarms["items"], first, last),
        coming=None
        if polls is None
        else [one for one in polls["items"] if not counts_as_held(one) and one["state"] != "void"],
    )
    place = next(one["name"] for one in desks if one["id"] == cid)
    spoken, english = texts(visit.language), visit.language == "en"
    return chosen, month_report.made(place, chosen, found, beside, spoken, english=english)


async def hot_of(visit: Visit, cid: str, **month: str) -> list[dict[str, Any]] | None:
    """The hot ten of a month, or the latest; empty where none were published."""
    try:
        found = await visit.soft("communityHotTopics", cid=cid, **month)
    except NotFound as error:
        if error.code != UNPUBLISHED:
            raise
        return []
    return None if found is None else found["items"]


def _within(rows: list[dict[str, Any]], first: date, last: date) -> list[dict[str, Any]]:
    return [one for one in rows if first <= _day(one["called_at"]) <= last]


def _day(moment: str | datetime) -> date:
    return moments.parse(moment).date()


async def docx_file(visit: Visit) -> Response:
    """The report as a text to edit on."""
    desks, cid = await desk(visit)
    _, document = await report_of(visit, desks, cid)
    data = await visit.gate.workshop.run(word.made, document)
    return attached(data, MEDIA_TYPES["docx"], stem=document.title, plain="month", form="docx")


async def xlsx_file(visit: Visit) -> Response:
    """The report's tables as a workbook."""
    desks, cid = await desk(visit)
    _, document = await report_of(visit, desks, cid)
    tables = month_report.as_sheets(document)
    return await sheets.kept_book(tables, stem=document.title, plain="month")


PAGES = (
    Page("GET /console/secretary", secretary),
    Page("GET /console/secretary/month", month),
    Page("GET /console/secretary/month.docx", docx_file),
    Page("GET /console/secretary/month.xlsx", xlsx_file),
)
