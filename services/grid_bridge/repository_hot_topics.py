"""The hot ten as it was published: nodes, editions, topics, what they rest on, actions, effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.grid_bridge.domain.hot_topics import EFFECT_DAYS, Level, Standing
from services.grid_bridge.models import (
    ConcernRow,
    HotTopicActionRow,
    HotTopicRow,
    HotTopicRunRow,
)


class HotTopicNotFound(NotFound):
    """There is no such hot topic, or it is not the actor's to see."""

    code = "grid.hot_topic_not_found"
    zh, en = "没有找到这个热点", "There is no such hot topic"


class HotTopicsNotPublished(NotFound):
    """Nothing was published of that place and month, or not in that version."""

    code = "grid.hot_topics_not_published"
    zh, en = "该月热点尚未发布", "No hot topics have been published of that month"


class HotTopicActionNotFound(NotFound):
    """There is no such action, or it is not the actor's to see."""

    code = "grid.hot_topic_action_not_found"
    zh, en = "没有找到这项行动", "There is no such action"


class HotTopicRunNotFound(NotFound):
    """There is no such run, or it is not the actor's to see."""

    code = "grid.hot_topic_run_not_found"
    zh, en = "没有找到这次汇总", "There is no such run"


class NodeNotFound(NotFound):
    """There is no such town, or it is not the actor's to see."""

    code = "grid.town_not_found"
    zh, en = "没有找到这个街镇", "There is no such town"


@dataclass(frozen=True, slots=True)
class Node:
    """A place of the territory that has a hot ten."""

    level: Level
    id: str
    path: str


_ABOVE: Final = {Level.COMMUNITY: 0, Level.TOWN: 1, Level.DISTRICT: 2}
COLUMNS: Final = {Level.COMMUNITY: "id", Level.TOWN: "town_id", Level.DISTRICT: "district_id"}
"""The column of the directory by which a node's communities are found."""

_SHOWN = HotTopicRunRow.state == Standing.PUBLISHED.value


def node(session: Session, level: Level, node_id: str) -> Node | None:
    """A node with its path, when one of its communities is known here."""
    path = session.scalar(
        text(f"SELECT path FROM directory_communities WHERE {COLUMNS[level]} = :id LIMIT 1"),  # noqa: S608
        {"id": node_id},
    )
    if path is None:
        return None
    return Node(level, node_id, path.rsplit(".", _ABOVE[level])[0])


def readable(
    session: Session, person_id: str, ids: Iterable[str], paths: Sequence[str]
) -> set[str]:
    """Those of the communities that a grant at one of ``paths`` covers, or where she belongs."""
    found = session.scalars(
        text(
            """
            SELECT here.id FROM directory_communities AS here
            WHERE here.id = ANY(:ids) AND (
                EXISTS (SELECT FROM unnest(cast(:paths AS text[])) AS grant_path
                        WHERE here.path = grant_path OR starts_with(here.path, grant_path || '.'))
                OR EXISTS (SELECT FROM directory_cards AS card
                           WHERE card.person_id = :person AND card.community_id = here.id
                             AND card.standing IN ('active', 'staff', 'child')))
            """
        ),
        {"ids": sorted(set(ids)), "paths": list(paths), "person": person_id},
    )
    return set(found)


def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Names of communities."""
    rows = session.execute(
        text("SELECT id, name FROM directory_communities WHERE id = ANY(:ids)"),
        {"ids": sorted(set(ids))},
    )
    return {row.id: row.name for row in rows}


# -- editions ------------------------------------------------------------------------------------


def edition(
    session: Session, place: Node, month: date | None, version: int | None
) -> HotTopicRunRow:
    """The edition asked for: without month the newest month, without version its newest one.

    Version 0, of a month that is running, is given only to who asks for it.

    Raises:
        HotTopicsNotPublished
    """
    query = select(HotTopicRunRow).where(
        HotTopicRunRow.level == place.level.value, HotTopicRunRow.node_id == place.id, _SHOWN
    )
    if month is not None:
        query = query.where(HotTopicRunRow.month == month)
    query = query.where(
        HotTopicRunRow.version > 0 if version is None else HotTopicRunRow.version == version
    )
    row = session.scalar(
        query.order_by(HotTopicRunRow.month.desc(), HotTopicRunRow.version.desc()).limit(1)
    )
    if row is None:
        raise HotTopicsNotPublished()
    return row


def versions(session: Session, row: HotTopicRunRow) -> list[int]:
    """The versions of the edition's month, the newest first."""
    return list(
        session.scalars(
            select(HotTopicRunRow.version)
            .where(
                HotTopicRunRow.level == row.level,
                HotTopicRunRow.node_id == row.node_id,
                HotTopicRunRow.month == row.month,
                _SHOWN,
            )
            .order_by(HotTopicRunRow.version.desc())
        )
    )


def topics(session: Session, run_id: str) -> list[tuple[HotTopicRow, date]]:
    """The topics of an edition in their order, each with the first month of its concern."""
    rows = session.execute(
        select(HotTopicRow, ConcernRow.first_month)
        .join(ConcernRow, ConcernRow.id == HotTopicRow.concern_id)
        .where(HotTopicRow.run_id == run_id)
        .order_by(HotTopicRow.rank)
    )
    return [(row[0], row[1]) for row in rows]


def topic(session: Session, topic_id: str) -> tuple[HotTopicRow, HotTopicRunRow, date]:
    """A topic with its edition and the first month of its concern.

    Raises:
        HotTopicNotFound
    """
    found = session.execute(
        select(HotTopicRow, HotTopicRunRow, ConcernRow.first_month)
        .join(HotTopicRunRow, HotTopicRunRow.id == HotTopicRow.run_id)
        .join(ConcernRow, ConcernRow.id == HotTopicRow.concern_id)
        .where(HotTopicRow.id == topic_id)
    ).first()
    if found is None:
        raise HotTopicNotFound()
    return found[0], found[1], found[2]


def run(session: Session, run_id: str) -> HotTopicRunRow:
    """A run; :class:`HotTopicRunNotFound` when there is none."""
    row = session.get(HotTopicRunRow, run_id)
    if row is None:
        raise HotTopicRunNotFound()
    return row


# Whoever has left for good has no name in ``vectors``, and no words among the examples; neither
# has a case that nobody's name came with. What is no longer shown is not there at all.
_RESTING_ON = text(
    """
    SELECT topic_id, kind, message_id, community_id, title FROM (
        SELECT of.topic_id, of.kind, of.message_id, words.community_id, words.title, of.place,
               row_number() OVER (PARTITION BY of.topic_id, words.author_id
                                  ORDER BY of.place) AS of_author,
               row_number() OVER (PARTITION BY of.topic_id ORDER BY of.place) AS line
        FROM hot_topic_messages AS of
        JOIN vectors AS words ON words.kind = of.kind AND words.id = of.message_id
        WHERE of.topic_id = ANY(:topics) AND words.author_id IS NOT NULL
          AND (cast(:communities AS text[]) IS NULL OR words.community_id = ANY(:communities))
    ) AS found
    WHERE (NOT :once_each OR of_author = 1) AND line <= :deep
    ORDER BY topic_id, place
    """
)


def resting_on(
    session: Session,
    topic_ids: Sequence[str],
    *,
    communities: Iterable[str] | None = None,
    once_each: bool = False,
    deep: int,
) -> Sequence[Row[Any]]:
    """Messages of topics with their titles, the most typical first.

    Args:
        communities: only of these.
        once_each: the first of each author alone.
        deep: how many of each topic are looked at.
    """
    return session.execute(
        _RESTING_ON,
        {
            "topics": list(topic_ids),
            "communities": None if communities is None else sorted(communities),
            "once_each": once_each,
            "deep": deep,
        },
    ).all()


# -- actions -------------------------------------------------------------------------------------


def actions(session: Session, concerns: Iterable[str]) -> Sequence[HotTopicActionRow]:
    """What is done about the concerns, in the order of time."""
    return session.scalars(
        select(HotTopicActionRow)
        .where(
            HotTopicActionRow.concern_id.in_(sorted(set(concerns))),
            HotTopicActionRow.removed_at.is_(None),
        )
        .order_by(HotTopicActionRow.starts_at, HotTopicActionRow.id)
    ).all()


def action(session: Session, action_id: str) -> HotTopicActionRow:
    """An action that was not removed, locked; :class:`HotTopicActionNotFound` otherwise."""
    row = session.get(HotTopicActionRow, action_id, with_for_update=True)
    if row is None or row.removed_at is not None:
        raise HotTopicActionNotFound()
    return row


def level_of(session: Session, concern_id: str) -> Level:
    """At which level a concern was found."""
    return Level(session.scalars(select(ConcernRow.level).filter_by(id=concern_id)).one())


# People and not messages: one who writes every day does not undo an action.
_EFFECT = text(
    """
    SELECT act.id AS action_id, words.community_id, here.town_id, words.author_id AS person_id,
           bool_or(of.at < act.starts_at) AS before, bool_or(of.at >= act.starts_at) AS after
    FROM hot_topic_actions AS act
    JOIN concern_messages AS of ON of.concern_id = act.concern_id
        AND of.at >= act.starts_at - :span AND of.at < least(act.starts_at + :span, :now)
    JOIN vectors AS words ON words.kind = of.kind AND words.id = of.message_id
    JOIN directory_communities AS here ON here.id = words.community_id
    WHERE act.id = ANY(:actions) AND words.author_id IS NOT NULL
    GROUP BY act.id, words.community_id, here.town_id, words.author_id
    """
)


def around(session: Session, action_ids: Sequence[str], now: datetime) -> Sequence[Row[Any]]:
    """Who reported the action's concern within 30 days before it began, and after, by community."""
    if not action_ids:
        return []
    return session.execute(
        _EFFECT,
        {"actions": list(action_ids), "now": now, "span": timedelta(days=EFFECT_DAYS)},
    ).all()


def count_editions(session: Session, place: Node, month: date) -> int:
    """The number of the month's newest edition, 0 before the first."""
    return (
        session.scalar(
            select(func.max(HotTopicRunRow.version)).where(
                HotTopicRunRow.level == place.level.value,
                HotTopicRunRow.node_id == place.id,
                HotTopicRunRow.month == month,
            )
        )
        or 0
    )
