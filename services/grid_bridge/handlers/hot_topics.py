"""The hot ten as its readers may see it, and what is done about a topic.

What a topic says depends on who asks; see :mod:`services.grid_bridge.domain.hot_topics`::

    in the community, or in office above it    exact figures, titles, the issues themselves
    anybody else of the town or the district   tens, runs of characters that ten people wrote
    anybody else                               404
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from services import directory
from services.contracts.actor import COMMITTEE, GUESTS, Actor, Role
from services.contracts.errors import NotFound
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty
from services.contracts.operations.grid_bridge import hot_topics as ops
from services.grid_bridge import repository_hot_topics as store
from services.grid_bridge.domain import hot_topics as rules
from services.grid_bridge.domain.hot_topics import K, Level, Month
from services.grid_bridge.domain.labels import masked
from services.grid_bridge.handlers.districts import belongs
from services.grid_bridge.models import HotTopicActionRow, HotTopicRow, HotTopicRunRow
from services.grid_bridge.repository_districts import DistrictNotFound
from services.grid_bridge.repository_hot_topics import (
    HotTopicActionNotFound,
    HotTopicNotFound,
    HotTopicsNotPublished,
    Node,
    NodeNotFound,
)
from services.kit.uow import UnitOfWork

OFFICE: Final = COMMITTEE | {Role.TOWN_ADMIN, Role.DISTRICT_ADMIN, Role.DISTRICT_ANALYST}
"""Whose office lets them count what is beneath their node."""

ACTORS: Final = COMMITTEE | {Role.TOWN_ADMIN, Role.DISTRICT_ADMIN}
EXAMPLES: Final = 3
EVIDENCE: Final = 50
_DEEP: Final = 12


@dataclass(frozen=True, slots=True)
class Reader:
    """How much somebody may see of a node: ``inside`` exact figures, in ``office`` all of them."""

    inside: bool
    office: bool


def of_community(
    uow: UnitOfWork, cmd: ops.CommunityHotTopics, actor: Actor, now: datetime
) -> ops.HotTopicList:
    """A community's hot ten, for who may read the community."""
    found = directory.require_reader(uow, actor, cmd.cid)
    return _list(uow, Node(Level.COMMUNITY, cmd.cid, found.path), cmd, actor, now)


def of_town(
    uow: UnitOfWork, cmd: ops.TownHotTopics, actor: Actor, now: datetime
) -> ops.HotTopicList:
    """A town's hot ten, for everybody of the town."""
    return _list(uow, _belonging(uow, actor, Level.TOWN, cmd.tid), cmd, actor, now)


def of_district(
    uow: UnitOfWork, cmd: ops.HotTopics, actor: Actor, now: datetime
) -> ops.HotTopicList:
    """A district's hot ten, for everybody of the district."""
    return _list(uow, _belonging(uow, actor, Level.DISTRICT, cmd.did), cmd, actor, now)


def get(uow: UnitOfWork, cmd: ops.GetHotTopic, actor: Actor, now: datetime) -> ops.HotTopicDetail:
    """A topic with what it rests on, as far as the actor may see it.

    Raises:
        HotTopicNotFound: or it is not hers to see.
    """
    row, run, since, reader = _visible(uow, cmd.id, actor)
    (facts,) = _views(uow, run, [(row, since)], reader, now)
    spread = dict(row.spread)
    paths = [grant.path for grant in actor.grants if grant.role not in GUESTS]
    hers = set(spread) if reader.office else store.readable(uow.session, actor.eyes, spread, paths)
    found = store.resting_on(uow.session, [row.id], communities=hers, deep=EVIDENCE + 1)
    return ops.HotTopicDetail(
        **facts,
        evidence=ops.HotTopicEvidence(
            communities=_shares(uow, spread) if reader.office else None,
            issues=[_example(line) for line in found[:EVIDENCE]],
            more=len(found) > EVIDENCE,
        ),
    )


def add_action(
    uow: UnitOfWork, cmd: ops.AddHotTopicAction, actor: Actor, now: datetime
) -> ops.HotTopicAction:
    """Link what is done; for who serves at the topic's place or above it.

    Raises:
        HotTopicNotFound, Forbidden, EndsBeforeStart
    """
    row, run, _, reader = _visible(uow, cmd.id, actor)
    actor.require(ACTORS, run.path)
    starts_at = cmd.starts_at or now
    rules.check_ends(starts_at, cmd.ends_at)
    act = HotTopicActionRow(
        id=new_id(),
        concern_id=row.concern_id,
        topic_id=row.id,
        path=run.path,
        kind=cmd.kind,
        ref=cmd.ref,
        note=cmd.note,
        starts_at=starts_at,
        ends_at=cmd.ends_at,
        linked_by=actor.person_id,
        linked_at=now,
    )
    uow.session.add(act)
    uow.session.flush()
    return _actions(uow, [act], Level(run.level), reader, now)[act.concern_id][0]


def finish_action(
    uow: UnitOfWork, cmd: ops.FinishHotTopicAction, actor: Actor, now: datetime
) -> ops.HotTopicAction:
    """Say that an action has ended, once.

    Raises:
        HotTopicActionNotFound, ActionOver, EndsBeforeStart
    """
    act = _served(uow, cmd.id, actor)
    if act.ends_at is not None and act.ends_at <= now:
        raise rules.ActionOver()
    ends_at = cmd.ends_at or now
    rules.check_ends(act.starts_at, ends_at)
    act.ends_at, act.ended_by = ends_at, actor.person_id
    act.note = "\n".join(part for part in (act.note, cmd.note) if part)[:4_000]
    uow.session.flush()
    level = store.level_of(uow.session, act.concern_id)
    return _actions(uow, [act], level, Reader(True, True), now)[act.concern_id][0]


def remove_action(
    uow: UnitOfWork, cmd: ops.RemoveHotTopicAction, actor: Actor, now: datetime
) -> Empty:
    """It was linked by mistake: it is kept with the reason, and not shown any more."""
    act = _served(uow, cmd.id, actor)
    act.removed_by, act.removed_at, act.removed_for = actor.person_id, now, cmd.reason
    return Empty()


# -- who ------------------------------------------------------------------------------------------


def _belonging(uow: UnitOfWork, actor: Actor, level: Level, node_id: str) -> Node:
    """The town or district, for everybody of it: by a grant above or within, or by living there."""
    place = store.node(uow.session, level, node_id)
    if place is not None and belongs(uow, actor, place.path):
        return place
    raise NodeNotFound() if level is Level.TOWN else DistrictNotFound()


def _reader(actor: Actor, place: Node) -> Reader:
    office = actor.holds(OFFICE, place.path)
    return Reader(inside=office or place.level is Level.COMMUNITY, office=office)


def _visible(
    uow: UnitOfWork, topic_id: str, actor: Actor
) -> tuple[HotTopicRow, HotTopicRunRow, date, Reader]:
    row, run, since = store.topic(uow.session, topic_id)
    place = Node(Level(run.level), run.node_id, run.path)
    try:
        if place.level is Level.COMMUNITY:
            directory.require_reader(uow, actor, place.id)
        else:
            _belonging(uow, actor, place.level, place.id)
    except NotFound:
        raise HotTopicNotFound() from None
    reader = _reader(actor, place)
    if not reader.inside and (not run.version or row.outside is None):
        raise HotTopicNotFound()
    return row, run, since, reader


def _served(uow: UnitOfWork, action_id: str, actor: Actor) -> HotTopicActionRow:
    act = store.action(uow.session, action_id)
    if not actor.holds(ACTORS, act.path):
        raise HotTopicActionNotFound()
    return act


# -- what -----------------------------------------------------------------------------------------


def _list(uow: UnitOfWork, place: Node, cmd: Any, actor: Actor, now: datetime) -> ops.HotTopicList:
    reader = _reader(actor, place)
    month = Month.parse(cmd.month).first_day if cmd.month else None
    if cmd.version == 0 and not reader.inside:  # from one night to the next a single person shows
        raise HotTopicsNotPublished()
    run = store.edition(uow.session, place, month, cmd.version)
    found = store.topics(uow.session, run.id)
    if not reader.inside:
        found = [(row, since) for row, since in found if row.outside is not None]
        found.sort(key=lambda one: _told_rank(one[0].outside or {}))
    items = _views(uow, run, found, reader, now)
    return ops.HotTopicList(
        level=run.level,
        node=run.node_id,
        month=str(Month.around(run.month)),
        version=run.version or 0,
        reason=run.reason,
        published_at=run.published_at,
        exact=reader.inside,
        k=K,
        versions=[one for one in store.versions(uow.session, run) if one or reader.inside],
        items=[ops.HotTopic(**{**facts, "rank": at}) for at, facts in enumerate(items, 1)],
    )


def _views(
    uow: UnitOfWork,
    run: HotTopicRunRow,
    found: Sequence[tuple[HotTopicRow, date]],
    reader: Reader,
    now: datetime,
) -> list[dict[str, Any]]:
    """Topics as they are told to the reader; three statements for all of them."""
    ids = [row.id for row, _ in found]
    examples: dict[str, list[ops.HotTopicExample]] = defaultdict(list)
    if reader.inside:
        for line in store.resting_on(uow.session, ids, once_each=True, deep=_DEEP):
            examples[line.topic_id].append(_example(line))
    acts = store.actions(uow.session, [row.concern_id for row, _ in found])
    actions = _actions(uow, acts, Level(run.level), reader, now)
    return [
        {
            "id": row.id,
            "concern_id": row.concern_id,
            "level": run.level,
            "node": run.node_id,
            "month": str(Month.around(run.month)),
            "version": run.version or 0,
            "rank": row.rank,
            "messages": row.messages if reader.office else None,
            "since": str(Month.around(since)),
            "actions": actions[row.concern_id],
            **(
                _inside(row, examples[row.id][:EXAMPLES])
                if reader.inside
                else _outside(row.outside or {})
            ),
        }
        for row, since in found
    ]


def _inside(row: HotTopicRow, examples: list[ops.HotTopicExample]) -> dict[str, Any]:
    return {
        "label": row.label,
        "words": row.words,
        "people": row.people,
        "trend": _trend(rules.trend(row.people, tuple(row.before))),
        "examples": examples,
    }


def _told_rank(told: dict[str, Any]) -> tuple[int, str]:
    """An order that says nothing which the figures do not."""
    return -told["people"], told["label"]


def _outside(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": told["label"],
        "words": told["words"],
        "people": told["people"],
        "trend": _trend(rules.trend_outside(told["people"], tuple(told["before"]))),
        "examples": [ops.HotTopicExample(text=phrase) for phrase in told["phrases"]],
    }


def _trend(said: rules.Trend) -> ops.HotTopicTrend:
    return ops.HotTopicTrend(
        previous=said.previous,
        mean_of_three=said.mean,
        burst=said.burst,
        direction=said.direction,
    )


def _example(line: Any) -> ops.HotTopicExample:
    return ops.HotTopicExample(
        text=masked(line.title),
        issue_id=line.message_id if line.kind == "issue" else None,
        community_id=line.community_id,
    )


def _shares(uow: UnitOfWork, spread: dict[str, int]) -> list[ops.HotTopicShare]:
    names = store.names(uow.session, spread)
    return [
        ops.HotTopicShare(community_id=one, name=names.get(one, ""), people=people)
        for one, people in sorted(spread.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _actions(
    uow: UnitOfWork,
    acts: Sequence[HotTopicActionRow],
    level: Level,
    reader: Reader,
    now: datetime,
) -> dict[str, list[ops.HotTopicAction]]:
    """Actions by their concern, each with its effect; one statement for all of them."""
    people: dict[str, list[Any]] = defaultdict(list)
    for line in store.around(uow.session, [act.id for act in acts], now):
        people[line.action_id].append(line)
    told: dict[str, list[ops.HotTopicAction]] = defaultdict(list)
    for act in acts:
        told[act.concern_id].append(
            ops.HotTopicAction(
                id=act.id,
                topic_id=act.topic_id,
                kind=act.kind,
                ref=act.ref,
                note=act.note,
                starts_at=act.starts_at,
                ends_at=act.ends_at,
                state=_state(act, now),
                linked_at=act.linked_at,
                effect=_effect(act, people[act.id], level, reader, now),
                effect_from=act.starts_at + timedelta(days=rules.READY_DAYS),
            )
        )
    return told


def _effect(
    act: HotTopicActionRow, people: Iterable[Any], level: Level, reader: Reader, now: datetime
) -> ops.HotTopicEffect | None:
    lines = list(people)
    sides = [
        _count([line for line in lines if getattr(line, side)], level, reader)
        for side in ("before", "after")
    ]
    found = rules.effect(sides[0], sides[1], rules.days_after(act.starts_at, now))
    if found is None:
        return None
    return ops.HotTopicEffect(
        before=found.before,
        after=found.after,
        change=found.change,
        days=found.days,
        formula=rules.FORMULA,
    )


def _count(lines: Sequence[Any], level: Level, reader: Reader) -> int | None:
    counted = rules.once((line.community_id, line.person_id) for line in lines)
    if reader.inside:
        return sum(counted.values())
    towns = {line.community_id: line.town_id for line in lines}
    return rules.outside(counted, towns if level is Level.DISTRICT else None)


def _state(act: HotTopicActionRow, now: datetime) -> str:
    if now < act.starts_at:
        return "planned"
    return "finished" if act.ends_at is not None and act.ends_at <= now else "running"
