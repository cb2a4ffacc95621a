"""What somebody follows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.notify.models import Thread

_FOLLOWED = """
    SELECT f.post_id, f.part, f.chosen, t.kind, t.title, t.removed, t.community_id,
           EXISTS (SELECT 1 FROM muted_threads m
                   WHERE m.post_id = f.post_id AND m.person_id = f.person_id) AS muted
    FROM follows f JOIN threads t ON t.post_id = f.post_id
    WHERE f.person_id = :person AND f.left_id IS NULL AND (f.part IS NOT NULL OR f.chosen)
      AND t.kind IN ('post', 'topic')
"""


def thread(session: Session, thread_id: str) -> Thread | None:
    """What is known of a thread."""
    return session.get(Thread, thread_id)


def page(
    session: Session, person_id: str, *, before: str | None, thread: str | None, limit: int
) -> Sequence[Row[Any]]:
    """At most ``limit`` threads that somebody follows, the newest first; or ``thread`` alone."""
    found = session.execute(
        text(
            f"{_FOLLOWED} AND (cast(:before AS text) IS NULL OR f.post_id < :before) "
            "AND (cast(:thread AS text) IS NULL OR f.post_id = :thread) "
            "ORDER BY f.post_id DESC LIMIT :limit"
        ),
        {"person": person_id, "before": before, "thread": thread, "limit": limit},
    )
    return found.all()


def one(session: Session, person_id: str, thread_id: str) -> Row[Any] | None:
    """One that she follows."""
    return session.execute(
        text(f"{_FOLLOWED} AND f.post_id = :thread"),
        {"person": person_id, "thread": thread_id},
    ).one_or_none()


def chosen(session: Session, person_id: str, *, but: str) -> int:
    """How many threads somebody chose to follow, besides this one."""
    return int(
        session.scalar(
            text(
                "SELECT count(*) FROM follows WHERE person_id = :person AND chosen "
                "AND left_id IS NULL AND post_id <> :but"
            ),
            {"person": person_id, "but": but},
        )
        or 0
    )


def choose(session: Session, person_id: str, thread_id: str) -> None:
    """She follows it by her own choice, also if she left it; nobody who left for good."""
    session.execute(
        text(
            """
            INSERT INTO follows (post_id, person_id, part, chosen)
            SELECT :thread, :person, NULL, true
            WHERE NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = :person)
            ON CONFLICT (post_id, person_id) DO UPDATE SET chosen = true, left_id = NULL
            """
        ),
        {"person": person_id, "thread": thread_id},
    )


def leave(session: Session, person_id: str, thread_id: str, left_id: str) -> None:
    """She leaves it; how she takes part stays known, so that only her own act brings her back.

    Also when it is not known yet that she takes part: what is told late is older than her leaving.
    """
    session.execute(
        text(
            """
            INSERT INTO follows AS f (post_id, person_id, part, left_id)
            SELECT :thread, :person, NULL, :left
            WHERE NOT EXISTS (SELECT 1 FROM departed d WHERE d.person_id = :person)
              AND (EXISTS (SELECT 1 FROM follows o
                           WHERE o.post_id = :thread AND o.person_id = :person)
                   OR EXISTS (SELECT 1 FROM threads t
                              JOIN directory_cards c ON c.community_id = t.community_id
                              WHERE t.post_id = :thread AND t.kind IN ('post', 'topic')
                                AND c.person_id = :person))
            ON CONFLICT (post_id, person_id) DO UPDATE
                SET chosen = false, left_id = excluded.left_id
                WHERE f.left_id IS NULL
            """
        ),
        {"person": person_id, "thread": thread_id, "left": left_id},
    )
