"""Titles and texts of a community, for whoever looks for what reads alike."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_NEWEST = 500
_BEGINNING = 400
"""Of a text; what it is about is said there."""

# What was never answered, or merged away, tells nobody who screens anything.
_KNOWN = text(
    """
    (SELECT 'topic' AS kind, id, title, left(body, :beginning) AS body, state, outcome,
            locked_until,
            coalesce(outcome NOT IN ('merged', 'lapsed', 'withdrawn'), true)
                AND state <> 'adopted' AS offered
     FROM topics WHERE community_id = :community
     ORDER BY id = ANY(:topics) DESC, id DESC LIMIT :newest)
    UNION ALL
    (SELECT 'covenant', covenant.id, covenant.title,
            left(coalesce(said.words, ''), :beginning), covenant.state, NULL, NULL, true
     FROM covenants AS covenant
     LEFT JOIN LATERAL (
         SELECT string_agg(article->>'text', chr(10)) AS words
         FROM covenant_versions AS version, jsonb_array_elements(version.articles) AS article
         WHERE version.covenant_id = covenant.id AND version.version = covenant.version) AS said
         ON true
     WHERE covenant.community_id = :community AND covenant.state IN ('not_yet', 'in_force')
     ORDER BY covenant.id DESC LIMIT :newest)
    """
)


def known(session: Session, community_id: str, topic_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """The newest topics and the covenants that hold or will, and these topics in any case.

    ``offered``: it may be shown as like another one.
    """
    asked = {
        "community": community_id,
        "topics": list(topic_ids),
        "newest": _NEWEST,
        "beginning": _BEGINNING,
    }
    return session.execute(_KNOWN, asked).all()
