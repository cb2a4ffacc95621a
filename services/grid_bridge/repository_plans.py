"""Plans and their comments: one statement for a list; lock the plan before anything of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.orm import Session

from services.grid_bridge.domain.plans import (
    PlanCommentNotFound,
    PlanNotFound,
    PlanVersionNotFound,
)
from services.grid_bridge.models import (
    IssueRow,
    PlanCommentRow,
    PlanItemRow,
    PlanProgressRow,
    PlanRow,
    PlanStepRow,
    PlanVersionRow,
)

# A reader who does not serve there sees the last version that everybody may read.
_PAGE = """
    SELECT plan.id, plan.community_id, plan.state, plan.done, plan.dropped, plan.spent_fen,
           plan.comments, plan.unanswered, plan.opens_at, plan.closes_at, plan.adopted_at,
           plan.created_at, plan.updated_at,
           said.version, said.title, said.size, said.budget_fen
    FROM plans AS plan
    JOIN plan_versions AS said ON said.plan_id = plan.id
        AND said.version = CASE WHEN :staff THEN plan.version ELSE plan.seen END
    WHERE plan.community_id = :community AND <narrowed>
    ORDER BY plan.id DESC LIMIT :take
"""


def page(
    session: Session,
    community_id: str,
    *,
    staff: bool,
    state: str | None,
    before: str | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Plans of a community, newest first; one more than ``limit``."""
    narrowed = ["true"]
    if state:
        narrowed.append("plan.state = :state")
    if before:
        narrowed.append("plan.id < :before")
    statement = text(_PAGE.replace("<narrowed>", " AND ".join(narrowed)))
    asked = {"community": community_id, "staff": staff, "take": limit + 1}
    return session.execute(statement, {**asked, "state": state, "before": before}).all()


def plan(session: Session, plan_id: str, *, lock: bool = False) -> PlanRow:
    """The plan; :class:`PlanNotFound` when there is none."""
    row = session.get(PlanRow, plan_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise PlanNotFound()
    return row


def version(session: Session, plan_id: str, number: int) -> PlanVersionRow:
    """What a plan said in one version; :class:`PlanVersionNotFound` when there is none."""
    row = session.get(PlanVersionRow, (plan_id, number))
    if row is None:
        raise PlanVersionNotFound()
    return row


def steps(session: Session, plan_id: str) -> Sequence[PlanStepRow]:
    """The plan's timeline."""
    of_plan = select(PlanStepRow).where(PlanStepRow.plan_id == plan_id)
    return session.scalars(of_plan.order_by(PlanStepRow.id)).all()


def items(session: Session, plan_id: str) -> dict[str, PlanItemRow]:
    """How far the items of an adopted plan are, by key."""
    rows = session.scalars(select(PlanItemRow).where(PlanItemRow.plan_id == plan_id))
    return {row.key: row for row in rows}


def progress(session: Session, plan_id: str) -> dict[str, list[PlanProgressRow]]:
    """What was done, by item, in its order."""
    found: dict[str, list[PlanProgressRow]] = {}
    of_plan = select(PlanProgressRow).where(PlanProgressRow.plan_id == plan_id)
    for row in session.scalars(of_plan.order_by(PlanProgressRow.id)):
        found.setdefault(row.item, []).append(row)
    return found


def show(session: Session, plan_id: str, number: int) -> None:
    """Everybody may read this version from now on."""
    session.execute(
        update(PlanVersionRow)
        .where(PlanVersionRow.plan_id == plan_id, PlanVersionRow.version == number)
        .values(shown=True)
    )


def foreign_issues(session: Session, issue_ids: Iterable[str], community_id: str) -> set[str]:
    """Those of the ids that are no issue of this community."""
    wanted = set(issue_ids)
    if not wanted:
        return set()
    known = session.scalars(
        select(IssueRow.id).where(IssueRow.id.in_(wanted), IssueRow.community_id == community_id)
    )
    return wanted - set(known)


# -- comments -------------------------------------------------------------------------------------


def comment(session: Session, comment_id: str) -> PlanCommentRow:
    """A comment; its plan's lock is the caller's. :class:`PlanCommentNotFound` if there is none."""
    row = session.get(PlanCommentRow, comment_id, populate_existing=True)
    if row is None:
        raise PlanCommentNotFound()
    return row


def plan_of_comment(session: Session, comment_id: str) -> str:
    """The plan that a comment is about; :class:`PlanCommentNotFound` when there is none."""
    found = session.scalar(select(PlanCommentRow.plan_id).where(PlanCommentRow.id == comment_id))
    if found is None:
        raise PlanCommentNotFound()
    return found


def said_by(session: Session, plan_id: str, person_id: str) -> int:
    """How often somebody commented on a plan, whatever became of it."""
    mine = select(func.count()).where(
        PlanCommentRow.author_id == person_id, PlanCommentRow.plan_id == plan_id
    )
    return session.scalar(mine) or 0


def page_of_comments(
    session: Session,
    plan_id: str,
    *,
    reader: str,
    staff: bool,
    item: str | None,
    unanswered: bool,
    before: str | None,
    limit: int,
) -> Sequence[PlanCommentRow]:
    """Comments that the reader may see, newest first; one more than ``limit``."""
    query = select(PlanCommentRow).where(
        PlanCommentRow.plan_id == plan_id, PlanCommentRow.state != "withdrawn"
    )
    if not staff:
        query = query.where(
            (PlanCommentRow.state == "shown") | (PlanCommentRow.author_id == reader)
        )
    if item is not None:
        query = query.where(PlanCommentRow.item == item)
    if unanswered:
        waits = (PlanCommentRow.state == "shown") & PlanCommentRow.answer.is_(None)
        query = query.where(waits | (PlanCommentRow.state == "waiting"))
    if before is not None:
        query = query.where(PlanCommentRow.id < before)
    return session.scalars(query.order_by(PlanCommentRow.id.desc()).limit(limit + 1)).all()


def shown_comments(session: Session, plan_id: str, limit: int) -> Sequence[PlanCommentRow]:
    """The comments that everybody reads, in their order."""
    return session.scalars(
        select(PlanCommentRow)
        .where(PlanCommentRow.plan_id == plan_id, PlanCommentRow.state == "shown")
        .order_by(PlanCommentRow.id)
        .limit(limit)
    ).all()


_FORGET = text(
    """
    WITH locked AS (
        SELECT id FROM plans
        WHERE id IN (SELECT plan_id FROM plan_comments WHERE author_id = :person)
        ORDER BY id FOR UPDATE
    ), hers AS (
        SELECT one.id, one.plan_id, one.state, one.answer
        FROM plan_comments AS one JOIN locked ON locked.id = one.plan_id
        WHERE one.author_id = :person FOR UPDATE OF one
    ), gone AS (
        UPDATE plan_comments SET author_id = NULL, body = '', state = 'withdrawn'
        FROM hers WHERE plan_comments.id = hers.id
        RETURNING hers.plan_id, hers.state, hers.answer
    ), sums AS (
        SELECT plan_id, count(*) FILTER (WHERE state = 'shown') AS shown,
               count(*) FILTER (WHERE state = 'waiting' OR (state = 'shown' AND answer IS NULL))
                   AS open
        FROM gone GROUP BY plan_id
    )
    UPDATE plans SET comments = comments - sums.shown, unanswered = unanswered - sums.open
    FROM sums WHERE plans.id = sums.plan_id
    """
)


def forget_commenter(session: Session, person_id: str) -> None:
    """Somebody has left for good: her comments lose their words, and her name."""
    session.execute(_FORGET, {"person": person_id})


def put_items(session: Session, plan_id: str, keys: Iterable[str]) -> None:
    """The items of a plan that was just adopted: none has begun."""
    session.execute(delete(PlanItemRow).where(PlanItemRow.plan_id == plan_id))
    session.add_all(
        PlanItemRow(plan_id=plan_id, key=key, state="planned", spent_fen=0) for key in keys
    )
