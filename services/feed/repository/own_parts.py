"""In which posts somebody has a part: those she reads otherwise than her neighbours do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.repository.posts import CHECK_BY
from services.kit.prepared import prepared

MOST_KNOWN: Final = 300  # of the newest posts in which somebody has a part


@dataclass(frozen=True, slots=True)
class Parts:
    """What is somebody's own about a community.

    Attributes:
        standing: on her card there; empty without one.
        away: whether she keeps away from somebody.
        touched: whether she has a part in one of the posts that were asked about.
        ends: how long none of those posts looks otherwise because time went on.
    """

    standing: str
    away: bool
    touched: bool
    ends: timedelta | None


_SOME: Final = f"""
    SELECT
        coalesce((SELECT standing FROM directory_cards
            WHERE community_id = :community AND person_id = :me), '') AS standing,
        EXISTS (SELECT 1 FROM feed_distances WHERE person_id = :me) AS away,
        EXISTS (SELECT 1 FROM feed_posts WHERE id = ANY(:posts) AND author_id = :me)
            OR EXISTS (SELECT 1 FROM feed_likes WHERE post_id = ANY(:posts) AND person_id = :me)
            <below> AS touched,
        (SELECT min(least(
                CASE WHEN p.expires_at > :now THEN p.expires_at END,
                CASE WHEN {CHECK_BY} > :now THEN {CHECK_BY} END)) - :now
            FROM feed_posts p WHERE p.id = ANY(:posts)) AS ends
"""  # noqa: S608 - all of it stands here
_PARTS: Final = prepared(_SOME.replace("<below>", ""))
_PARTS_BELOW: Final = prepared(
    _SOME.replace(
        "<below>",
        """
            OR EXISTS (SELECT 1 FROM feed_comments WHERE post_id = ANY(:posts) AND author_id = :me)
            OR EXISTS (SELECT 1 FROM feed_comment_likes l JOIN feed_comments c
                ON c.id = l.comment_id WHERE l.person_id = :me AND c.post_id = ANY(:posts))""",
    )
)


def parts(
    session: Session,
    me: str,
    community_id: str,
    posts: Sequence[str],
    now: datetime,
    *,
    threads: bool = False,
) -> Parts:
    """What is ``me``'s own about a community, and about ``posts`` in it (and their threads)."""
    row = session.execute(
        _PARTS_BELOW if threads else _PARTS,
        {"me": me, "community": community_id, "posts": list(posts), "now": now},
    ).one()
    return Parts(*row)


_OWN_POSTS: Final = prepared(
    """
    SELECT post FROM (
        SELECT id AS post FROM feed_posts WHERE author_id = :me
        UNION SELECT post_id FROM feed_likes WHERE person_id = :me
    ) own ORDER BY post COLLATE "C" DESC LIMIT :most
    """
)
_OWN_THREADS: Final = prepared(
    """
    SELECT post FROM (
        SELECT post_id AS post FROM feed_comments WHERE author_id = :me
        UNION SELECT c.post_id FROM feed_comment_likes l
            JOIN feed_comments c ON c.id = l.comment_id WHERE l.person_id = :me
    ) own ORDER BY post COLLATE "C" DESC LIMIT :most
    """
)


def own_parts(session: Session, me: str) -> tuple[list[str], list[str], str]:
    """The posts that somebody wrote or liked, those below which she spoke or liked, since when.

    Returns:
        Of both the last by their ids, and the id from which on they are all there: empty when
        nothing was left out. Ids grow with time, so these are the newest.
    """
    found = [
        list(session.scalars(statement, {"me": me, "most": MOST_KNOWN + 1}))
        for statement in (_OWN_POSTS, _OWN_THREADS)
    ]
    since = max((ids[MOST_KNOWN - 1] for ids in found if len(ids) > MOST_KNOWN), default="")
    return found[0][:MOST_KNOWN], found[1][:MOST_KNOWN], since


def homes(session: Session, person_id: str) -> list[str]:
    """The communities in which somebody has a card, also one that has ended."""
    rows = session.scalars(
        text(
            "SELECT community_id FROM directory_cards "
            "WHERE person_id = :person AND community_id <> '' ORDER BY community_id"
        ),
        {"person": person_id},
    )
    return list(rows)
