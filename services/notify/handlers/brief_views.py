"""The weekly brief as its readers may see it; whoever reads one is written down.

::

    the community's committee        exact, of its own community
    whoever watches over the node    k-anonymous (``domain.briefs``), and of what is beneath it
    anybody else                     403

All posts and places that a brief leads to lie beneath the node that its reader watches over.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from services import directory
from services.contracts.actor import Actor, Role, covers
from services.contracts.errors import FieldError, Invalid, NotFound
from services.contracts.operations.base import Page
from services.contracts.operations.notify import briefs as ops
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify.domain import briefs as rules
from services.notify.domain.brief_events import parts_of
from services.notify.domain.briefs import Figure, Level
from services.notify.domain.digests import DAY, WEEK
from services.notify.domain.emergencies import PlaceNotFound
from services.notify.handlers.briefs import PLACES
from services.notify.models import Brief
from services.notify.repository import briefs as store
from services.notify.repository import people
from services.notify.repository.briefs import Node

WATCHERS: Final = frozenset(ops.WATCHERS)
COMMITTEE: Final = frozenset(ops.COMMITTEE)
POSTS: Final = 20
POST = "/posts/{}"
HOT_TOPICS = "/{}/{}/hot-topics?month={}"


class BriefNotFound(NotFound):
    """There is no brief of that week; the newest is made on Monday at 8:00."""

    code = "notify.brief_not_found"
    zh, en = "这一周还没有周报", "There is no brief of that week"


class NoSuchWeek(Invalid):
    """The year has no such week."""

    code = "notify.no_such_week"
    zh, en = "没有这一周", "There is no such week"


def of_community(
    uow: UnitOfWork, cmd: ops.CommunityBrief, actor: Actor, now: datetime
) -> ops.Brief:
    """A week of a community."""
    return _read(uow, _community(uow, actor, cmd.cid), cmd.week, actor, now)


def of_town(uow: UnitOfWork, cmd: ops.TownBrief, actor: Actor, now: datetime) -> ops.Brief:
    """A week of a town."""
    return _read(uow, _node(uow, actor, "town", cmd.tid), cmd.week, actor, now)


def of_district(uow: UnitOfWork, cmd: ops.DistrictBrief, actor: Actor, now: datetime) -> ops.Brief:
    """A week of a district."""
    return _read(uow, _node(uow, actor, "district", cmd.did), cmd.week, actor, now)


def weeks_of_community(
    uow: UnitOfWork, cmd: ops.CommunityBriefWeeks, actor: Actor, now: datetime
) -> Page[ops.BriefWeek]:
    """The weeks of a community."""
    return _weeks(uow, _community(uow, actor, cmd.cid), cmd, now)


def weeks_of_town(
    uow: UnitOfWork, cmd: ops.TownBriefWeeks, actor: Actor, now: datetime
) -> Page[ops.BriefWeek]:
    """The weeks of a town."""
    return _weeks(uow, _node(uow, actor, "town", cmd.tid), cmd, now)


def weeks_of_district(
    uow: UnitOfWork, cmd: ops.DistrictBriefWeeks, actor: Actor, now: datetime
) -> Page[ops.BriefWeek]:
    """The weeks of a district."""
    return _weeks(uow, _node(uow, actor, "district", cmd.did), cmd, now)


def list_reads(uow: UnitOfWork, cmd: ops.ListBriefReads, actor: Actor) -> Page[ops.BriefRead]:
    """Who read the briefs of a district, the newest first; for its administrators."""
    place = _found(uow, "district", cmd.did)
    actor.require(frozenset({Role.DISTRICT_ADMIN}), place.path)
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    week = _week(cmd.week) if cmd.week else None
    rows = store.reads(uow.session, place.id, week, before, cmd.limit + 1)
    shown = rows[: cmd.limit]
    return Page[ops.BriefRead](
        items=[
            ops.BriefRead(
                id=read.id,
                person_id=read.person_id,
                role=read.role,
                path=read.path,
                level=row.level,
                node=row.node_id,
                name=row.name,
                week=rules.named(row.week),
                read_at=read.read_at,
            )
            for read, row in shown
        ],
        next_cursor=encode_cursor(shown[-1][0].id) if len(rows) > cmd.limit else None,
    )


# -- who ------------------------------------------------------------------------------------------


def _community(uow: UnitOfWork, actor: Actor, community_id: str) -> Node:
    found = directory.community(uow, community_id)
    actor.require(WATCHERS | COMMITTEE, found.path)
    return Node("community", found.id, found.path)


def _node(uow: UnitOfWork, actor: Actor, level: Level, node_id: str) -> Node:
    found = _found(uow, level, node_id)
    actor.require(WATCHERS, found.path)
    return found


def _found(uow: UnitOfWork, level: Level, node_id: str) -> Node:
    found = store.node(uow.session, level, node_id)
    if found is None:
        raise PlaceNotFound()
    return found


def _week(name: str) -> date:
    found = rules.parse(name)
    if found is None:
        raise NoSuchWeek(errors=[FieldError("week", "the year has no such week")])
    return found


# -- what -----------------------------------------------------------------------------------------


def _read(uow: UnitOfWork, place: Node, week: str | None, actor: Actor, now: datetime) -> ops.Brief:
    row = store.brief(uow.session, place, _week(week) if week else None, now)
    if row is None:
        raise BriefNotFound()
    exact = place.level == "community" and actor.holds(COMMITTEE, place.path)
    readers = COMMITTEE if exact else WATCHERS
    office = next(g for g in actor.grants if g.role in readers and covers(g.path, place.path))
    store.note_read(uow.session, row, actor.person_id, office.role, office.path, now)
    people.require_present(uow.session, actor.person_id)
    before = store.before(uow.session, row)
    last = before.get(row.week - WEEK)
    return ops.Brief(
        level=row.level,
        node=row.node_id,
        name=row.name,
        **_span(row),
        exact=exact,
        floor=rules.FLOOR,
        figures=[_figure(one, row, last, exact) for one in rules.FIGURES],
        pain_points=_pain_points(uow, row, before, exact),
        waiting=_waiting(uow, place.path, now),
        hot_topics=[
            ops.BriefHotTopics(
                month=one.month,
                edition=one.edition,
                topics=one.topics,
                link=HOT_TOPICS.format(PLACES[row.level], row.node_id, one.month),
            )
            for one in store.hot_topics(uow.session, row)
        ],
        parts=[_part(one) for one in store.beneath(uow.session, row)],
    )


def _span(row: Brief) -> dict[str, Any]:
    return {
        "week": rules.named(row.week),
        "from_": row.week,
        "to": row.week + WEEK - DAY,
        "made_at": row.made_at,
    }


def _figure(one: Figure, row: Brief, last: Brief | None, exact: bool) -> ops.BriefFigure:
    keys = rules.by_key(row.counts, one.key, exact=exact)
    value = rules.told(row.counts, one.key, exact=exact)
    return ops.BriefFigure(
        key=one.key,
        name=one.zh,
        name_en=one.en,
        definition=one.definition,
        definition_en=one.definition_en,
        value=value,
        last_week=None if last is None else rules.told(last.counts, one.key, exact=exact),
        withheld=value is None,
        late=one.key in row.late and value is not None,
        by=[ops.BriefKey(key=key, count=keys[key]) for key in sorted(keys) if key],
    )


def _pain_points(
    uow: UnitOfWork, row: Brief, before: Mapping[date, Brief], exact: bool
) -> ops.BriefPainPoints:
    figure = rules.TRIAGED
    past = [
        rules.kinds(before[week].counts, exact=exact) if week in before else {}
        for week in (row.week - n * WEEK for n in range(1, rules.BACK + 1))
    ]
    found = rules.pain_points(rules.kinds(row.counts, exact=exact), past)
    names = store.names(uow.session, [one.key for one in found])
    return ops.BriefPainPoints(
        definition=figure.definition,
        definition_en=figure.definition_en,
        items=[_pain_point(one, names) for one in found],
    )


def _pain_point(one: rules.PainPoint, names: Mapping[str, str]) -> ops.BriefPainPoint:
    category, slot = parts_of(one.key)
    zh, en = rules.CATEGORIES.get(category, (category, category))
    return ops.BriefPainPoint(
        category=category,
        slot=slot,
        name=names.get(one.key, zh),
        name_en=f"{en} ({slot})" if slot else en,
        value=one.count,
        last_week=one.last_week,
        mean_of_four=one.mean,
        burst=one.burst,
        direction="rising" if one.mean else "new",
    )


def _waiting(uow: UnitOfWork, path: str, now: datetime) -> ops.BriefWaiting:
    count, posts = store.waiting(uow.session, path, POSTS)
    return ops.BriefWaiting(
        as_of=now,
        count=count,
        oldest_due_at=posts[0].due_at if posts else None,
        posts=[
            ops.BriefPost(
                post_id=one.post_id,
                community_id=one.community_id,
                due_at=one.due_at,
                link=POST.format(one.post_id),
            )
            for one in posts
        ],
        more=count > len(posts),
    )


def _part(row: Brief) -> ops.BriefPart:
    return ops.BriefPart(
        level=row.level,
        id=row.node_id,
        name=row.name,
        values=[
            ops.BriefPartValue(key=one.key, value=rules.told(row.counts, one.key, exact=False))
            for one in rules.FIGURES
        ],
    )


def _weeks(
    uow: UnitOfWork,
    place: Node,
    cmd: ops.CommunityBriefWeeks | ops.TownBriefWeeks | ops.DistrictBriefWeeks,
    now: datetime,
) -> Page[ops.BriefWeek]:
    rows = store.weeks(uow.session, place, _before(cmd.cursor), now, cmd.limit + 1)
    shown: Sequence[Brief] = rows[: cmd.limit]
    return Page[ops.BriefWeek](
        items=[ops.BriefWeek(**_span(row)) for row in shown],
        next_cursor=encode_cursor(shown[-1].week.isoformat()) if len(rows) > cmd.limit else None,
    )


def _before(cursor: str | None) -> date | None:
    if cursor is None:
        return None
    try:
        return date.fromisoformat(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise BadCursor() from None
