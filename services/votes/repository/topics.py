"""Topics: one of them, a page of them, what waits at the desk, the settings of their chain."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.kit import due
from services.votes.domain.waiting import LAPSE, OVERDUE
from services.votes.models import (
    ChainSettingsRow,
    ObjectionRow,
    ProposalVersionRow,
    TopicRow,
    TopicWordingRow,
)


class TopicNotFound(NotFound):
    """There is no such topic, or it is not the actor's to see."""

    code = "votes.topic_not_found"
    zh, en = "没有找到这个议题", "There is no such topic"


def topic(session: Session, topic_id: str, *, lock: bool = False) -> TopicRow:
    """A topic; ``lock`` keeps others from leading it on meanwhile.

    Its duties are locked before it: whoever leads a topic on moves its duty, see
    :func:`services.votes.repository.due.hold`.

    Raises:
        TopicNotFound: there is none.
    """
    if lock:
        due.hold(session, topic_id, LAPSE, OVERDUE)
    return _topic(session, topic_id, lock=lock)


def topic_of_duty(session: Session, topic_id: str) -> TopicRow:
    """The topic of the duty that is being done, locked.

    Raises:
        TopicNotFound: there is none.
    """
    return _topic(session, topic_id, lock=True)


def _topic(session: Session, topic_id: str, *, lock: bool) -> TopicRow:
    row = session.get(
        TopicRow, topic_id, with_for_update=True if lock else None, populate_existing=lock
    )
    if row is None:
        raise TopicNotFound()
    return row


_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('topics ' || :community || ' ' || :person, 0))"
)
_WAITING_OF = text(
    "SELECT count(*) FROM topics "
    "WHERE author_id = :person AND community_id = :community AND state = 'raised'"
)


def waiting_of(session: Session, community_id: str, person_id: str) -> int:
    """How many questions of somebody's wait to be screened; counted by one call at a time."""
    asked = {"community": community_id, "person": person_id}
    session.execute(_ONE_AT_A_TIME, asked)
    return session.scalar(_WAITING_OF, asked) or 0


def newest_settings(session: Session, community_id: str) -> ChainSettingsRow | None:
    """The settings that the community chose last; None when it never did."""
    return session.scalars(
        select(ChainSettingsRow)
        .where(ChainSettingsRow.community_id == community_id)
        .order_by(ChainSettingsRow.version.desc())
        .limit(1)
    ).first()


def add_settings(session: Session, row: ChainSettingsRow) -> bool:
    """Keep the next version of a community's settings; False when somebody was quicker."""
    values = {column.key: getattr(row, column.key) for column in ChainSettingsRow.__table__.columns}
    added = insert(ChainSettingsRow).values(values).on_conflict_do_nothing()
    return session.execute(added.returning(ChainSettingsRow.version)).first() is not None


_VERSIONS = """
    SELECT chosen.*, changer.display_name AS changed_by_name
    FROM chain_settings AS chosen
    LEFT JOIN directory_cards AS changer
        ON changer.community_id = chosen.community_id AND changer.person_id = chosen.changed_by
    WHERE chosen.community_id = :community AND <narrowed>
    ORDER BY chosen.version DESC LIMIT :take
"""


def settings_page(
    session: Session, community_id: str, *, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The versions of a community's settings, the newest first; one more than ``limit``."""
    narrowed = "true" if before is None else "chosen.version < :before"
    return session.execute(
        text(_VERSIONS.replace("<narrowed>", narrowed)),
        {"community": community_id, "before": before, "take": limit + 1},
    ).all()


# -- lists ----------------------------------------------------------------------------------------

# Names come from the directory's copy in the same statement; whoever left has none.
_PAGE = """
    SELECT topic.id, topic.community_id, topic.path, topic.title, topic.state, topic.convener,
           topic.author_id, topic.returned, topic.held, topic.outcome, topic.seconders,
           topic.seconded_at, topic.poll_id, topic.settings, topic.since, topic.deadline_at,
           topic.created_at, author.display_name AS author_name,
           EXISTS (SELECT FROM topic_seconders AS mine
                   WHERE mine.topic_id = topic.id AND mine.person_id = :me) AS my_second
    FROM topics AS topic
    LEFT JOIN directory_cards AS author
        ON author.community_id = topic.community_id AND author.person_id = topic.author_id
    WHERE topic.community_id = :community AND <narrowed>
    ORDER BY topic.id DESC LIMIT :take
"""
_NARROWED = {
    "state": "topic.state = :state",
    "states": "topic.state = ANY(:states)",
    "convener": "topic.convener = :convener",
    "words": (
        "strpos(lower(topic.title || chr(10) || topic.body), lower(cast(:words AS text))) > 0 "
        "AND (NOT topic.held OR topic.author_id = :me OR :reads_all)"
    ),
    "before": "topic.id < :before",
}
_RAISED = "topic.author_id = :me"
_SECONDED = "topic.id IN (SELECT topic_id FROM topic_seconders WHERE person_id = :me)"
_MINE = {
    None: "true",
    "raised": _RAISED,
    "seconded": _SECONDED,
    "both": f"({_RAISED} OR {_SECONDED})",
}


def page(
    session: Session,
    community_id: str,
    *,
    me: str,
    mine: Literal["raised", "seconded", "both"] | None,
    reads_all: bool,
    limit: int,
    **narrowed: str | list[str] | None,
) -> Sequence[Row[Any]]:
    """Topics of a community, newest first; one more than ``limit``.

    Args:
        me: whose seconds are shown as hers; with ``mine``, whose topics are asked for.
        reads_all: words that are held are looked in, too.
        narrowed: ``state``, one of ``states``, ``convener``, ``words`` in title or text, ``before``
            this id.
    """
    given = {name: value for name, value in narrowed.items() if value is not None}
    wanted = " AND ".join([_MINE[mine], *(_NARROWED[name] for name in given)])
    asked = {
        "community": community_id,
        "me": me,
        "reads_all": reads_all,
        "take": limit + 1,
        **given,
    }
    return session.execute(text(_PAGE.replace("<narrowed>", wanted)), asked).all()


_BY_STATE = text(
    "SELECT state, count(*) AS topics FROM topics WHERE community_id = :community GROUP BY state"
)


def by_state(session: Session, community_id: str) -> dict[str, int]:
    """How many topics of a community are in each state."""
    rows = session.execute(_BY_STATE, {"community": community_id})
    return {row.state: row.topics for row in rows}


# Whose turn it is, as services.votes.domain.waiting says it: what waits for seconders, for its
# author or for the neighbours' discussion is nobody's task at the desk.
_BOARD = """
    SELECT topic.id, topic.title, topic.state, topic.convener, topic.seconders, topic.since,
           topic.deadline_at, topic.settings, topic.returned, topic.seconded_at,
           author.display_name AS author_name
    FROM topics AS topic
    LEFT JOIN directory_cards AS author
        ON author.community_id = topic.community_id AND author.person_id = topic.author_id
    WHERE topic.community_id = :community AND topic.deadline_at IS NOT NULL
      AND CASE topic.state
          WHEN 'raised' THEN NOT topic.returned
              AND (topic.seconded_at IS NOT NULL OR NOT topic.settings->'steps' ? 'seconding')
          WHEN 'discussion' THEN topic.deadline_at <= :now
          ELSE topic.state IN ('screened', 'actionable', 'prior_study', 'proposal') END
      AND CASE topic.state WHEN 'prior_study' THEN :party
          ELSE topic.convener = ANY(:bodies) END = :mine
      AND <after>
    ORDER BY topic.deadline_at, topic.id LIMIT :take
"""


def board(
    session: Session,
    community_id: str,
    *,
    bodies: Iterable[str],
    party: bool,
    mine: bool,
    now: datetime,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """What waits for these bodies, or for others; the earliest deadline first, one too many.

    Args:
        party: whether the prior study is the caller's, too.
        after: the deadline and the id that the last page ended with.
    """
    asked: dict[str, Any] = {
        "community": community_id,
        "bodies": sorted(bodies),
        "party": party,
        "mine": mine,
        "now": now,
        "take": limit + 1,
    }
    narrowed = "true"
    if after:
        narrowed = "(topic.deadline_at, topic.id) > (cast(:at AS timestamptz), :id)"
        asked |= {"at": after[0], "id": after[1]}
    return session.execute(text(_BOARD.replace("<after>", narrowed)), asked).all()


# -- what belongs to a topic ----------------------------------------------------------------------


def wordings(session: Session, topic_id: str) -> Sequence[TopicWordingRow]:
    """How a topic was worded, from the first time on."""
    of_topic = select(TopicWordingRow).where(TopicWordingRow.topic_id == topic_id)
    return session.scalars(of_topic.order_by(TopicWordingRow.version)).all()


_ACCEPT_WORDING = text(
    """
    UPDATE topic_wordings SET held = false
    WHERE topic_id = :topic AND held AND version = (
        SELECT max(version) FROM topic_wordings WHERE topic_id = :topic)
    """
)


def accept_wording(session: Session, topic_id: str) -> None:
    """Let everybody read the newest wording; what it replaced stays as it is."""
    session.execute(_ACCEPT_WORDING, {"topic": topic_id})


_FORGET_WORDINGS = text(
    "UPDATE topic_wordings SET title = '', body = '' WHERE held AND written_by = :person"
)


def held_of(session: Session, person_id: str) -> Sequence[str]:
    """The topics of somebody whose words nobody but the desk has read; their ids in order."""
    hers = select(TopicRow.id).where(TopicRow.author_id == person_id, TopicRow.held)
    return session.scalars(hers.order_by(TopicRow.id)).all()


def forget_held_wordings(session: Session, person_id: str) -> None:
    """Somebody has left for good: her wordings go that were never accepted."""
    session.execute(_FORGET_WORDINGS, {"person": person_id})


_P, _O = ProposalVersionRow, ObjectionRow
_PROPOSAL_MARK: tuple[Any, ...] = (
    _P.version,
    func.jsonb_array_length(_P.articles).label("articles"),
    _P.rules["base"].astext.label("base"),
    _P.opens_at,
    _P.closes_at,
    _P.hash,
    _P.written_at,
    _P.written_role,
)
_OBJECTION_MARK: tuple[Any, ...] = (
    _O.id,
    _O.kind,
    _O.period,
    _O.owed,
    _O.answers,
    _O.replies,
    _O.mark,
    _O.filed_at,
    _O.withdrawn_at,
)


def proposals(session: Session, topic_id: str) -> Sequence[Row[Any]]:
    """The versions of a topic's proposal in short, the oldest first; their texts stay behind."""
    of_topic = select(*_PROPOSAL_MARK).where(_P.topic_id == topic_id)
    return session.execute(of_topic.order_by(_P.version)).all()


def objections(session: Session, topic_id: str) -> Sequence[Row[Any]]:
    """The objections to it in short, in the order in which they came; those withdrawn, too."""
    of_topic = select(*_OBJECTION_MARK).where(_O.topic_id == topic_id)
    return session.execute(of_topic.order_by(_O.id)).all()
