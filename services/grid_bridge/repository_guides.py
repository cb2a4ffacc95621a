"""The departments' answer guides: one statement for a list, whatever it is ordered by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.grid_bridge.domain import guides
from services.grid_bridge.domain.guides import GuideNotFound, UnknownGuide
from services.grid_bridge.models import AnswerGuideRow, AnswerGuideUseRow, AnswerGuideVersionRow


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a list is ordered by: how well a guide fits an issue at ``path``."""

    path: str
    category: str | None
    slot: str | None
    pairs: Sequence[str]


_SHOWN = """
    id, district_id, department, title, left(body, 200) AS excerpt, category, slot, version,
    uses, last_used_at, created_at, updated_at, retired_at, fits_slot, fits_category, fits_words,
    rank
"""
_NEWEST = f"""
    SELECT {_SHOWN}
    FROM answer_guides, (VALUES (false, false, false, 0)) AS none (
        fits_slot, fits_category, fits_words, rank)
    WHERE <narrowed> AND <beyond>
    ORDER BY id DESC LIMIT :take
"""  # noqa: S608 - all of it stands here
# A pair that is in one guide alone says much, one that is in all of them next to nothing: each
# counts one divided by the number of guides that have it. Slot before category before words.
_FITTING = f"""
    WITH shared AS MATERIALIZED (
        SELECT id, pair FROM answer_guide_pairs JOIN answer_guides ON id = guide_id
        WHERE pair = ANY(cast(:issue_pairs AS text[])) AND <narrowed>
    ),
    likeness AS (
        SELECT id, sum(weight) AS alike
        FROM shared JOIN (
            SELECT pair, 1.0 / count(*) AS weight FROM shared GROUP BY pair
        ) AS rarity USING (pair)
        GROUP BY id
    ),
    fitting AS (
        SELECT id,
            coalesce(slot = cast(:issue_slot AS text), false) AS fits_slot,
            coalesce(category = cast(:issue_category AS text)
                AND (slot IS NULL OR slot = :issue_slot), false) AS fits_category,
            coalesce(alike >= 1, false) AS fits_words,
            least(coalesce(round(alike * 1000)::int, 0), 999999) AS by_words
        FROM answer_guides LEFT JOIN likeness USING (id)
        WHERE <narrowed>
    ),
    ranked AS (
        SELECT *, fits_slot::int * 2000000 + fits_category::int * 1000000 + by_words AS rank
        FROM fitting
    )
    SELECT {_SHOWN}
    FROM (SELECT * FROM ranked WHERE <beyond> ORDER BY rank DESC, id DESC LIMIT :take) AS page
    JOIN answer_guides USING (id)
    ORDER BY rank DESC, id DESC
"""  # noqa: S608 - all of it stands here


def page(
    session: Session,
    district_id: str,
    *,
    words: Sequence[str],
    category: str | None,
    slot: str | None,
    like: Likeness | None,
    retired: bool,
    before: tuple[int, str] | None,
    limit: int,
) -> Sequence[Any]:
    """Guides of a district: what fits best first, then the newest; one more than ``limit``."""
    narrowed = ["district_id = :district"]
    if not retired:
        narrowed.append("retired_at IS NULL")
    if words:
        narrowed.append("words LIKE ALL(cast(:patterns AS text[]))")
    if category:
        narrowed.append("category = :category")
    if slot:
        narrowed.append("slot = :slot")
    if like:
        narrowed.append("(path = :path OR starts_with(:path, path || '.'))")
    rank, guide_id = before or (0, "")
    beyond = "(rank, id) < (:rank, :id)" if before else "true"
    statement = _FITTING if like else _NEWEST
    return session.execute(
        text(statement.replace("<narrowed>", " AND ".join(narrowed)).replace("<beyond>", beyond)),
        {
            "district": district_id,
            "patterns": [_pattern(word) for word in words],
            "category": category,
            "slot": slot,
            "path": like.path if like else None,
            "issue_pairs": list(like.pairs) if like else [],
            "issue_slot": like.slot if like else None,
            "issue_category": like.category if like else None,
            "rank": rank,
            "id": guide_id,
            "take": limit + 1,
        },
    ).all()


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def guide(session: Session, guide_id: str, *, lock: bool = False) -> AnswerGuideRow:
    """The guide; :class:`GuideNotFound` when there is none."""
    row = session.get(
        AnswerGuideRow, guide_id, with_for_update=lock or None, populate_existing=lock
    )
    if row is None:
        raise GuideNotFound()
    return row


def versions(session: Session, guide_id: str) -> Sequence[AnswerGuideVersionRow]:
    """What a guide said, the newest first."""
    return session.scalars(
        select(AnswerGuideVersionRow)
        .where(AnswerGuideVersionRow.guide_id == guide_id)
        .order_by(AnswerGuideVersionRow.version.desc())
    ).all()


_PAIRS = text(
    """
    WITH gone AS (
        DELETE FROM answer_guide_pairs
        WHERE guide_id = :guide AND NOT pair = ANY(cast(:pairs AS text[]))
    )
    INSERT INTO answer_guide_pairs (pair, guide_id)
    SELECT pair, :guide FROM unnest(cast(:pairs AS text[])) AS each (pair)
    ON CONFLICT DO NOTHING
    """
)


def write(
    session: Session,
    row: AnswerGuideRow,
    *,
    title: str,
    body: str,
    category: str | None,
    slot: str | None,
    by: str,
    role: str,
    now: datetime,
) -> None:
    """The guide's next version, as which it is found from now on; the caller holds its lock."""
    row.version += 1
    row.title, row.body, row.category, row.slot = title, body, category, slot
    row.words = "\n".join(guides.fold(part) for part in (title, row.department, body))
    row.updated_at = now
    session.add(row)
    session.flush()
    session.execute(_PAIRS, {"guide": row.id, "pairs": guides.pairs(row.words)})
    session.add(
        AnswerGuideVersionRow(
            guide_id=row.id,
            version=row.version,
            title=title,
            body=body,
            category=category,
            slot=slot,
            written_by=by,
            role=role,
            at=now,
        )
    )


_COUNT = text(
    """
    UPDATE answer_guides
    SET uses = uses + 1, last_used_at = greatest(last_used_at, cast(:now AS timestamptz))
    WHERE id = :id AND retired_at IS NULL AND (path = :path OR starts_with(:path, path || '.'))
    RETURNING id, version, title
    """
)


def count_use(session: Session, guide_id: str, path: str, now: datetime) -> dict[str, Any]:
    """Count an answer to an issue at ``path``; the guide as it is called now.

    Raises:
        UnknownGuide: no such guide is in use there.
    """
    row = session.execute(_COUNT, {"id": guide_id, "path": path, "now": now}).first()
    if row is None:
        raise UnknownGuide()
    return dict(row._mapping)


_USES = text(
    """
    SELECT use.id, use.at, use.version, use.community_id, use.category, use.slot, use.outcome,
           coalesce(here.name, '') AS community_name
    FROM answer_guide_uses AS use
    LEFT JOIN directory_communities AS here ON here.id = use.community_id
    WHERE use.guide_id = :guide AND use.id < :before
    ORDER BY use.id DESC LIMIT :take
    """
)


def page_of_uses(session: Session, guide_id: str, *, before: int, limit: int) -> Sequence[Any]:
    """Answers by a guide, newest first; one more than ``limit``."""
    asked = {"guide": guide_id, "before": before, "take": limit + 1}
    return session.execute(_USES, asked).all()


def add_use(session: Session, **facts: Any) -> None:
    """Keep for what a guide was used."""
    session.add(AnswerGuideUseRow(**facts))
