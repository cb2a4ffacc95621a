"""Which posts hold the words of a search, in the order of a list.

::

    the newest 1,000 ──read one by one──▶ enough for a page? that is it
                                          else the index of pairs, beyond them

What is said often is found among the newest posts before a page's worth of them is read; what is
said seldom is found by the index, which knows where a pair occurs but not what is newest. Each way
alone takes long for the other's words; together both have a limit (ADR 0021).

The SQL here is the ``flow`` of :mod:`services.feed.repository.post_lists`, with its marks.
"""

from collections.abc import Sequence
from typing import Any, Final

from services.feed.domain import search
from services.feed.domain.texts import like_pattern

NEAR: Final = 1_000  # posts that are read one by one

_LISTED: Final = "p.community_id = :community AND p.module = ANY(:modules) AND <shown><narrowed>"
_HOLDS: Final = "words LIKE ALL(cast(:patterns AS text[]))"
_INDEXED: Final = (
    f"community_id = :community AND feed_grams(words) @@ cast(:grams AS tsquery) AND {_HOLDS}"
)

NEWEST: Final = f"""
    WITH near AS MATERIALIZED (
        SELECT post_id, created_at, words FROM feed_search
        WHERE community_id = :community
            AND (created_at, post_id) < (cast(:key AS timestamptz), :key_id)
        ORDER BY created_at DESC, post_id DESC
        LIMIT {NEAR}
    ),
    read AS MATERIALIZED (
        SELECT p.id, p.created_at AS key
        FROM (SELECT * FROM near WHERE {_HOLDS}) found JOIN feed_posts p ON p.id = found.post_id
        WHERE {_LISTED}
        ORDER BY found.created_at DESC, found.post_id DESC
        LIMIT :take
    ),
    beyond AS (
        SELECT p.id, p.created_at AS key
        FROM (
            SELECT post_id, created_at FROM feed_search
            WHERE (SELECT count(*) FROM read) < :take AND (SELECT count(*) FROM near) = {NEAR}
                AND (created_at, post_id) < (
                    SELECT created_at, post_id FROM near ORDER BY created_at, post_id LIMIT 1)
                AND {_INDEXED}
            ORDER BY created_at DESC, post_id DESC
            OFFSET 0
        ) found JOIN feed_posts p ON p.id = found.post_id
        WHERE {_LISTED}
        ORDER BY found.created_at DESC, found.post_id DESC
        LIMIT :take
    )
    SELECT id, key FROM (SELECT * FROM read UNION ALL SELECT * FROM beyond) both_ways
    ORDER BY key DESC, id DESC
    LIMIT :take
"""  # noqa: S608 - all of it stands here

# By title or by the last word said: the index finds all, and those are sorted.
SORTED: Final = f"""
    SELECT p.id, <column> AS key
    FROM (SELECT post_id FROM feed_search WHERE {_INDEXED} OFFSET 0) found
    JOIN feed_posts p ON p.id = found.post_id
    WHERE {_LISTED} AND <beyond>
    ORDER BY <by>
    LIMIT :take
"""  # noqa: S608 - all of it stands here


def values(words: Sequence[str]) -> dict[str, Any]:
    """What the statement wants to know of the words (see :func:`search.words`)."""
    return {
        "patterns": [like_pattern(word) for word in words],
        "grams": search.grams(list(words)),
    }
