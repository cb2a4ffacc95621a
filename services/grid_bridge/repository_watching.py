"""What stands in many communities at once, found by the paths of a reader's grants."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.contracts.operations.grid_bridge import DistrictStanding, ListWatchedIssues
from services.grid_bridge.models.issues import UNFINISHED

# A community that one of the paths reaches.
_REACHED = """
    EXISTS (SELECT FROM unnest(cast(:paths AS text[])) AS scope
            WHERE here.path = scope OR starts_with(here.path, scope || '.'))
"""
_STANDING = text(
    f"""
    WITH here AS (
        SELECT here.id, here.path, here.name, here.town_id, here.town_name
        FROM directory_communities AS here
        WHERE here.district_id = :district AND {_REACHED}
            AND (cast(:town AS text) IS NULL OR here.town_id = :town)
            AND (cast(:q AS text) IS NULL OR strpos(here.name, :q) > 0)
    ), counted AS (
        SELECT here.id, here.name, here.town_id, here.town_name, here.path,
            (SELECT count(*) FROM issues WHERE community_id = here.id AND {UNFINISHED}) AS open,
            (SELECT count(DISTINCT pending.issue_id) FROM figure_pending AS pending
             WHERE pending.path = here.path AND pending.due_at < :now
                AND pending.mark IN ('contact.due', 'finish.due', 'finish.again')) AS overdue,
            (SELECT count(*) FROM post_clocks WHERE community_id = here.id
                AND ended_at IS NULL AND due_at IS NOT NULL) AS unanswered,
            (SELECT count(*) FROM post_clocks WHERE community_id = here.id
                AND ended_at IS NULL AND due_at < :now) AS unanswered_overdue
        FROM here
    )
    SELECT counted.*, count(*) OVER () AS all_communities,
        sum(open) OVER () AS all_open, sum(overdue) OVER () AS all_overdue,
        sum(unanswered) OVER () AS all_unanswered,
        sum(unanswered_overdue) OVER () AS all_unanswered_overdue
    FROM counted
    ORDER BY overdue + unanswered_overdue DESC, open DESC, path LIMIT :limit
    """  # noqa: S608 - made of constants
)


def standing(
    session: Session, paths: Iterable[str], cmd: DistrictStanding, now: datetime
) -> Sequence[Row[Any]]:
    """The communities beneath ``paths``, the most that is late first, each with the sums of all."""
    asked = {
        "paths": list(paths),
        "district": cmd.did,
        "town": cmd.town,
        "q": cmd.q or None,
        "limit": cmd.limit,
        "now": now,
    }
    return session.execute(_STANDING, asked).all()


_ISSUES = """
    SELECT i.id, i.community_id, here.name AS community_name, here.town_name, i.title, i.status,
        i.category, i.hide_name, i.supporters, i.created_at,
        coalesce(card.display_name, '') AS display_name,
        coalesce(card.building_label, '') AS building, p.due_at, p.stage, p.paused_at
    FROM issues AS i
    JOIN directory_communities AS here ON here.id = i.community_id
    LEFT JOIN directory_cards AS card
        ON card.community_id = i.community_id AND card.person_id = i.reporter_id
    LEFT JOIN promises AS p ON p.issue_id = i.id AND p.ended_at IS NULL
"""
_LATE = "p.paused_at IS NULL AND p.due_at < :now"


def page_of_issues(
    session: Session,
    paths: Iterable[str],
    cmd: ListWatchedIssues,
    now: datetime,
    before: str | None,
) -> Sequence[Row[Any]]:
    """Issues of the communities beneath ``paths``, newest first; one more than asked for."""
    wanted = [_REACHED]
    asked: dict[str, Any] = {"paths": list(paths), "limit": cmd.limit + 1, "now": now}
    for column, value in (
        ("here.town_id", cmd.town),
        ("i.community_id", cmd.community),
        ("i.status", cmd.status),
        ("i.category", cmd.category),
    ):
        if value is not None:
            name = column.partition(".")[2]
            wanted.append(f"{column} = :{name}")
            asked[name] = value
    if cmd.open is not None:
        wanted.append(f"i.{UNFINISHED}" if cmd.open else f"NOT (i.{UNFINISHED})")
    if cmd.overdue:
        wanted.append(_LATE)
    for number, word in enumerate((cmd.q or "").split()):
        wanted.append(f"strpos(lower(i.title || ' ' || i.body), :word{number}) > 0")
        asked[f"word{number}"] = word.lower()
    if before is not None:
        wanted.append("i.id < :before")
        asked["before"] = before
    statement = f"{_ISSUES} WHERE {' AND '.join(wanted)} ORDER BY i.id DESC LIMIT :limit"
    return session.execute(text(statement), asked).all()
