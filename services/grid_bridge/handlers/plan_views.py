"""A plan as its readers see it: the committee its newest version, all others the shown one."""

from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import NotFound
from services.contracts.operations.grid_bridge import plans as ops
from services.grid_bridge import repository_plans as repository
from services.grid_bridge.domain import plans as rules
from services.grid_bridge.domain.plans import PlanNotFound
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.handlers.common import is_staff, read_attachments
from services.grid_bridge.models import PlanProgressRow, PlanRow
from services.kit.uow import UnitOfWork


def readable(uow: UnitOfWork, plan_id: str, actor: Actor) -> PlanRow:
    """The plan, when the actor may read its community, and it was laid open or is her committee's.

    Raises:
        PlanNotFound: otherwise.
    """
    row = repository.plan(uow.session, plan_id)
    try:
        directory.require_reader(uow, actor, row.community_id)
    except NotFound:
        raise PlanNotFound() from None
    if not row.seen and not is_staff(actor, row.path):
        raise PlanNotFound()
    return row


def shown(uow: UnitOfWork, row: PlanRow, actor: Actor, now: datetime) -> ops.Plan:
    """The plan as this reader may see it."""
    uow.session.flush()
    staff = is_staff(actor, row.path)
    said = repository.version(uow.session, row.id, row.version if staff else row.seen)
    states = repository.items(uow.session, row.id)
    done = repository.progress(uow.session, row.id) if states else {}
    return ops.Plan(
        **facts(row, said, now, staff=staff),
        summary=said.summary,
        content=[
            _item(item, states.get(item["key"]), done.get(item["key"], []), now)
            for item in said.items
        ],
        timeline=[
            ops.PlanStep(
                at=one.at,
                state=one.state,
                version=one.version,
                actor_role=one.role,
                reason=one.reason,
                by=one.actor_id if staff else None,
            )
            for one in repository.steps(uow.session, row.id)
        ],
        may_write=staff,
        next_steps=rules.next_steps(row.state) if staff else [],
    )


def facts(row: Any, said: Any, now: datetime, *, staff: bool) -> dict[str, Any]:
    """What lists and single plans say; ``said`` is the version that the reader sees."""
    return {
        "id": row.id,
        "cid": row.community_id,
        "title": said.title,
        "state": row.state,
        "version": said.version,
        "items": said.size,
        "done": row.done,
        "dropped": row.dropped,
        "budget_fen": said.budget_fen,
        "spent_fen": row.spent_fen,
        "comments": row.comments,
        "unanswered": row.unanswered if staff else None,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "comments_open": rules.takes_comments(row.state, row.opens_at, row.closes_at, now),
        "adopted_at": row.adopted_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _item(
    item: dict[str, Any], stands: Any, done: list[PlanProgressRow], now: datetime
) -> ops.PlanItem:
    found = ops.PlanItem.model_validate(item)
    if stands is None:
        return found
    open_still = stands.state not in rules.ENDED_ITEMS
    late = found.due_on is not None and found.due_on < now.astimezone(ZONE).date()
    return found.model_copy(
        update={
            "state": stands.state,
            "spent_fen": stands.spent_fen,
            "overdue": open_still and late,
            "progress": [
                ops.PlanProgress(
                    item=one.item,
                    at=one.at,
                    actor_role=one.role,
                    state=one.state,
                    spent_fen=one.spent_fen,
                    note=one.note,
                    attachments=read_attachments(one.attachments),
                )
                for one in done
            ],
        }
    )
