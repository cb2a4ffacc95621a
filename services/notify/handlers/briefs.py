"""The weekly brief: counted by events, made on Monday morning.

::

    event ──▶ counters of the open week
    Monday 08:00 ──▶ the week is closed ──▶ one duty per district ──▶ its briefs, and who is told

A week is closed once, and a brief is made once per place and week: the keys of the tables say so.
A district that is broken off leaves nothing, and is done again.

A clock that runs ahead for a while closes weeks that are not over. When it is right again they are
open: what happens in them counts in them, and when they are over they are closed and their briefs
made as if nothing had been. Those that were made ahead of their time are replaced: they tell of
nothing, as nothing had happened yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from services.contracts import events as e
from services.contracts.actor import Role
from services.kit import due, logs
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import briefs as rules
from services.notify.domain.brief_events import counted_of, key_of
from services.notify.domain.digests import WEEK
from services.notify.handlers import telling
from services.notify.repository import briefs as store
from services.notify.repository.handing import Handed

DISTRICT_DUTY = "brief_district"
TOLD = (Role.OBSERVER, Role.DISTRICT_ANALYST, Role.DISTRICT_ADMIN, Role.TOWN_ADMIN)
"""Who is told that a brief is there; whoever else may read it finds it."""

MADE_UP_FOR = 8
"""Of so many weeks that were missed briefs are made; what was counted in earlier ones is lost to
them, as nobody asks for last quarter's news."""

LINK = "/{level}/{node}/briefs?week={week}"
PLACES: dict[str, str] = {
    "community": "communities", "town": "towns", "district": "districts",
}  # fmt: skip
log = logs.get(__name__)


def count(uow: UnitOfWork, event: e.Event, happened_at: datetime, now: datetime) -> None:
    """Count what an event tells, in the week that is open for it."""
    session = uow.session
    _follow_post(uow, event, happened_at)
    counted = counted_of(event)
    if counted is None and not isinstance(event, e.HotTopicsPublished):
        return
    happened = rules.week_of(happened_at)
    week = rules.open_week(happened, store.closed_until(session, now))
    if isinstance(event, e.HotTopicsPublished):
        store.keep_hot_topics(session, event, week)
    elif counted is not None:
        community_id: str = event.community_id  # type: ignore[attr-defined]
        store.count(session, counted, community_id, week, late=week != happened)
    if isinstance(event, e.IssueTriaged) and event.slot_name:
        store.call(session, key_of(event.category, event.slot), event.slot_name)


def _follow_post(uow: UnitOfWork, event: e.Event, at: datetime) -> None:
    session = uow.session
    match event:
        case e.PostUnanswered(standing="broken"):
            store.mark_post(session, event, "due_at", event.due_at)
        case e.CommentPublished(official=True) | e.IssueReported(from_post=True):
            store.mark_post(session, event, "answered_at", at)
        case e.PostRemoved():
            store.mark_post(session, event, "removed_at", at)
        case e.PostChanged(shown_again=True):
            store.mark_post(session, event, "shown_at", at)


# -- made -----------------------------------------------------------------------------------------


def close_week(uow: UnitOfWork, _subject: str, _due_at: datetime, now: datetime) -> datetime:
    """Close the week that is over, or those that are, and have their briefs made."""
    last = rules.last_over(now)
    closed = store.closing(uow.session, now)
    first = last if closed is None else closed + WEEK
    first = max(first, last - (MADE_UP_FOR - 1) * WEEK)
    weeks = [first + n * WEEK for n in range((last - first) // WEEK + 1)]
    if weeks:
        store.close(uow.session, weeks, now)
        districts = store.districts(uow.session)
        for week in weeks:
            for district_id in districts:
                due.put(uow.session, DISTRICT_DUTY, f"{week}/{district_id}", now)
        log.info("briefs begun", weeks=[rules.named(week) for week in weeks])
    return rules.next_brief(now)


def make_district(uow: UnitOfWork, subject: str, _due_at: datetime, now: datetime) -> None:
    """The briefs of a district, its towns and communities; of the newest week, who is told."""
    day, district_id = subject.split("/", 1)
    week = date.fromisoformat(day)
    communities = store.communities(uow.session, district_id)
    found = store.counts(uow.session, week, [one.id for one in communities])
    store.keep(uow.session, _briefs(week, communities, found, now))
    if week == rules.last_over(now):
        _tell(uow, week, district_id, now)


def _briefs(
    week: date, communities: Sequence[Any], found: Iterable[Any], now: datetime
) -> list[dict[str, Any]]:
    """All briefs of a district, as they are kept."""
    counted: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    late: dict[str, set[str]] = defaultdict(set)
    for row in found:
        counted[row.community_id].append((row.figure, row.key, row.count))
        if row.late:
            late[row.community_id].add(row.figure)
    made = []
    towns: dict[str, list[dict[str, Any]]] = defaultdict(list)
    facts = {"week": week, "made_at": now}
    for one in communities:
        own = {
            **facts,
            "level": "community",
            "node_id": one.id,
            "above_id": one.town_id,
            "district_id": one.district_id,
            "path": one.path,
            "name": one.name,
            "counts": rules.plain(counted[one.id]),
            "late": sorted(late[one.id]),
        }
        towns[one.town_id].append(own)
        made.append(own)
    town_name = {one.town_id: one.town_name for one in communities}
    district = [
        _over(parts, "town", town_id, town_name[town_id], facts) for town_id, parts in towns.items()
    ]
    made += district
    if communities:
        one = communities[0]
        made.append(_over(district, "district", one.district_id, one.district_name, facts))
    return made


def _over(
    parts: Sequence[dict[str, Any]], level: str, node_id: str, name: str, facts: dict[str, Any]
) -> dict[str, Any]:
    return {
        **facts,
        "level": level,
        "node_id": node_id,
        "above_id": parts[0]["district_id"] if level == "town" else None,
        "district_id": parts[0]["district_id"],
        "path": parts[0]["path"].rpartition(".")[0],
        "name": name,
        "counts": rules.together([part["counts"] for part in parts]),
        "late": sorted({figure for part in parts for figure in part["late"]}),
    }


def _tell(uow: UnitOfWork, week: date, district_id: str, now: datetime) -> None:
    people: dict[str, list[str]] = defaultdict(list)
    places: dict[str, Any] = {}
    for row in store.watchers(uow.session, week, district_id, TOLD, now):
        people[row.id].append(row.person_id)
        places[row.id] = row
    name = rules.named(week)
    telling.tell_own(
        uow,
        [
            Handed(
                people=people[brief_id],
                kind=domain.Kind.BRIEF,
                variant="",
                why=domain.Why.ON_DUTY,
                link=LINK.format(level=PLACES[row.level], node=row.node_id, week=name),
                facts={"place": row.name, "week": name},
            )
            for brief_id, row in places.items()
        ],
        now,
    )
