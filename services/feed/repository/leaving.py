"""What feed holds of somebody that goes with her account."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.domain.handshake import OPEN

# Words between two are hers and go; where children are concerned they are kept for who has to look
# into it. A report goes on standing in a case, and while nobody has decided, with its reason: it is
# what the moderator decides on, and goes with the evidence of the case.
_FORGOTTEN = (
    "DELETE FROM feed_distances WHERE person_id = :person OR other_id = :person",
    """
    UPDATE feed_silences SET reason = '', lifted_at = coalesce(lifted_at, least(until, :now))
    WHERE person_id = :person
    """,
    """
    UPDATE feed_reports r SET reason = '' FROM feed_moderation_cases k
    WHERE r.reporter_id = :person AND k.id = r.case_id AND k.state IN ('decided', 'final')
    """,
    "UPDATE feed_handshakes SET note = '' WHERE asker_id = :person AND NOT minors",
    """
    UPDATE feed_handshakes SET thanks = ''
    WHERE (author_id = :person OR asker_id = :person) AND helper_id <> :person AND NOT minors
    """,
    """
    UPDATE feed_handshake_steps s SET note = '' FROM feed_handshakes h
    WHERE (h.author_id = :person OR h.asker_id = :person) AND NOT h.minors
        AND s.handshake_id = h.id AND s.by = :person
    """,
    "DELETE FROM feed_no_show_clearances WHERE person_id = :person",
)


def hold_posts_of(session: Session, person_id: str, community_id: str | None) -> None:
    """Lock the posts that somebody's leaving changes something of; None: everywhere.

    Those of which she has handshakes or a sign-up, and her own ones that offer something. All at
    once and in one order, so that two who leave do not wait for each other.
    """
    session.execute(
        text(
            """
            SELECT 1 FROM feed_posts p
            WHERE p.id IN (
                    SELECT h.post_id FROM feed_handshakes h
                    WHERE (h.author_id = :person OR h.asker_id = :person)
                        AND (h.state = ANY(:open) OR cast(:community AS text) IS NULL)
                    UNION
                    SELECT s.post_id FROM feed_sign_ups s
                    WHERE s.person_id = :person AND s.state <> 'cancelled'
                    UNION
                    SELECT a.post_id FROM feed_aid_posts a JOIN feed_posts own ON own.id = a.post_id
                    WHERE own.author_id = :person AND a.state IN ('open', 'reserved'))
                AND (cast(:community AS text) IS NULL OR p.community_id = :community)
            ORDER BY p.id FOR NO KEY UPDATE
            """
        ),
        {"person": person_id, "community": community_id, "open": sorted(OPEN)},
    )


def forget(session: Session, person_id: str, now: datetime) -> None:
    """Drop what was private of somebody whose account is gone; silences of hers end."""
    for statement in _FORGOTTEN:
        session.execute(text(statement), {"person": person_id, "now": now})
