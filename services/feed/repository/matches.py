"""What fits an offer or a need: ranked and paged in one statement, from the open ones' index."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.repository.aid import AUTHOR_BLOCKS, AUTHORS_CARD, I_KEEP_AWAY
from services.feed.repository.handshakes import HIDDEN, helped_count
from services.feed.repository.shared import NAMES, author_json, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What something must fit: of ``kind``, in common hours (a multirange), near to ``home``."""

    community_id: str
    author_id: str
    kind: str
    skill: str
    hours: str
    home: str


_MATCH_JSON = f"""
    json_build_object(
        'post', json_build_object(
            'id', p.id,
            'title', p.title,
            'kind', f.kind,
            'skill_kind', p.extra ->> 'skill_kind',
            'skill', coalesce(p.extra ->> 'skill', ''),
            'slots', coalesce(p.extra -> 'slots', '[]'::jsonb),
            'author', {author_json(HIDDEN, "p.author_id", "''")},
            'helped_count', CASE WHEN f.kind = 'offer' AND NOT {HIDDEN}
                THEN {helped_count("p.community_id", "p.author_id")} END,
            'created_at', p.created_at),
        'reasons', json_build_object(
            'skill', f.unlike = 0,
            'minutes', -f.minutes_short,
            'distance', (ARRAY['building', 'estate', 'community'])[f.steps + 1])
    )::text AS item"""

# A hidden name hides the house, too. All keys rise, so that one comparison finds the next page.
_MATCHES = text(
    f"""
    WITH fitting AS (
        SELECT a.post_id, a.kind,
            CASE WHEN a.skill = :skill AND a.skill <> '' THEN 0 ELSE 1 END AS unlike,
            -(SELECT sum(upper(r) - lower(r))::integer
                FROM unnest(a.hours * cast(:hours AS int4multirange)) r) AS minutes_short,
            CASE WHEN p.hide_name OR :home = '' THEN 2
                WHEN card.home = :home THEN 0
                WHEN starts_with(card.home, :estate) THEN 1 ELSE 2 END AS steps,
            -extract(epoch FROM p.created_at) AS age
        FROM feed_aid_posts a
        JOIN feed_posts p ON p.id = a.post_id
        {AUTHORS_CARD}
        WHERE a.community_id = :community AND a.kind = :kind AND a.state = 'open'
            AND a.hours && cast(:hours AS int4multirange)
            AND p.state = 'shown' AND (p.expires_at IS NULL OR p.expires_at > :now)
            AND p.author_id <> :me
            AND NOT {AUTHOR_BLOCKS}
            AND NOT {I_KEEP_AWAY}
    ),
    page AS (
        SELECT * FROM fitting
        WHERE :first OR (unlike, minutes_short, steps, age, post_id)
            > (:unlike, :minutes_short, :steps, cast(:age AS numeric), :after)
        ORDER BY unlike, minutes_short, steps, age, post_id
        LIMIT :take
    )
    SELECT {_MATCH_JSON}, f.post_id, f.unlike, f.minutes_short, f.steps, f.age::text AS age
    FROM page f JOIN feed_posts p ON p.id = f.post_id {AUTHORS_CARD}
    ORDER BY f.unlike, f.minutes_short, f.steps, f.age, f.post_id
    """  # noqa: S608 - all of it stands here
)


def matches_page(
    session: Session, wanted: Wanted, *, now: datetime, limit: int, cursor: str | None
) -> str:
    """A page of what fits, the best first, as JSON text."""
    values: dict[str, Any] = {
        "community": wanted.community_id,
        "me": wanted.author_id,
        "kind": wanted.kind,
        "skill": wanted.skill,
        "hours": wanted.hours,
        "home": wanted.home,
        "estate": wanted.home.rpartition(".")[0] + ".",
        "now": now,
        "kinds": ["block", "mute"],
        "take": limit + 1,
        **_after(cursor),
        **NAMES,
    }
    rows = session.execute(_MATCHES, values).mappings().all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        place = (last["unlike"], last["minutes_short"], last["steps"], last["age"])
        following = encode_cursor(*map(str, place), last["post_id"])
    return page_json(rows[:limit], following)


def _after(cursor: str | None) -> Mapping[str, Any]:
    place = ("0", "0", "0", "0", "") if cursor is None else decode_cursor(cursor, 5)
    if not all(_NUMBER.fullmatch(number) for number in place[:4]):
        raise BadCursor()
    unlike, minutes_short, steps = (_small(number) for number in place[:3])
    return {
        "first": cursor is None,
        "unlike": unlike,
        "minutes_short": minutes_short,
        "steps": steps,
        "age": place[3],
        "after": place[4],
    }


def _small(number: str) -> int:
    if len(number) > 6 or "." in number:
        raise BadCursor()
    return int(number)
