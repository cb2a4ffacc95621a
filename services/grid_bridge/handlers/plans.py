"""One community, one plan: drafted, laid open, adopted, carried out, compared."""

from datetime import datetime
from typing import Any, Final, cast

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.events import PlanChanged
from services.contracts.events.plans import PlanState
from services.contracts.ids import is_id, new_id
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import plans as ops
from services.contracts.operations.grid_bridge.plan_items import ItemState
from services.grid_bridge import repository_plans as repository
from services.grid_bridge.domain import plan_differences
from services.grid_bridge.domain import plans as rules
from services.grid_bridge.domain.plans import (
    CommentPeriodRuns,
    CommentsUnanswered,
    PlanChangedMeanwhile,
    PlanFrozen,
    PlanItemsOpen,
    PlanVersionNotFound,
    UnknownEvidence,
    UnknownPlanItem,
    WrongPlanState,
)
from services.grid_bridge.files import Files, attach
from services.grid_bridge.handlers.common import (
    Doer,
    is_staff,
    plain,
    serving,
)
from services.grid_bridge.handlers.plan_views import facts, readable, shown
from services.grid_bridge.models import PlanProgressRow, PlanRow, PlanStepRow, PlanVersionRow
from services.kit.aside import aside
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

MOST_SURVEYS: Final = 200
"""Surveys that one plan rests on."""


def list_plans(
    uow: UnitOfWork, cmd: ops.ListPlans, actor: Actor, now: datetime
) -> Page[ops.PlanSummary]:
    """The plans of a community as the actor may read them; one statement."""
    community = directory.require_reader(uow, actor, cmd.cid)
    staff = is_staff(actor, community.path)
    rows = repository.page(
        uow.session,
        community.id,
        staff=staff,
        state=cmd.state,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[ops.PlanSummary(**facts(row, row, now, staff=staff)) for row in page],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def get_plan(uow: UnitOfWork, cmd: ops.OfPlan, actor: Actor, now: datetime) -> ops.Plan:
    """One plan, with how far it is; :class:`PlanNotFound` when it is not the actor's to see."""
    return shown(uow, readable(uow, cmd.id, actor), actor, now)


def create(uow: UnitOfWork, cmd: ops.CreatePlan, actor: Actor, now: datetime) -> ops.Plan:
    """The committee drafts a plan.

    Raises:
        CommunityNotFound, Forbidden: the actor serves elsewhere.
        UnknownPlanItem, UnknownEvidence: an item has a key, or names a foreign issue or survey.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    doer = serving(actor, community.path)
    _require_surveys(uow, cmd, community.id)
    row = PlanRow(
        id=new_id(),
        community_id=community.id,
        path=community.path,
        state="draft",
        version=0,
        fresh=1,
        seen=0,
        done=0,
        dropped=0,
        spent_fen=0,
        comments=0,
        unanswered=0,
        created_at=now,
        updated_at=now,
    )
    uow.session.add(row)
    uow.session.flush()
    _write(uow, row, cmd, [], doer, now)
    _step(uow, row, doer, None, now)
    return shown(uow, row, actor, now)


def update(uow: UnitOfWork, cmd: ops.UpdatePlan, actor: Actor, now: datetime) -> ops.Plan:
    """The next version of a draft.

    Raises:
        PlanNotFound, Forbidden: it is another committee's.
        PlanChangedMeanwhile: it is not the version that was read.
        PlanFrozen: it is no draft any more.
        UnknownPlanItem, UnknownEvidence: as in :func:`create`.
    """
    found = readable(uow, cmd.id, actor)
    serving(actor, found.path)
    _require_surveys(uow, cmd, found.community_id)  # asked before anything is locked
    row, doer = for_committee(uow, cmd.id, actor)
    _require_version(row, cmd.version)
    if row.state != "draft":
        raise PlanFrozen()
    last = repository.version(uow.session, row.id, row.version)
    _write(uow, row, cmd, [item["key"] for item in last.items], doer, now)
    return shown(uow, row, actor, now)


def step(uow: UnitOfWork, cmd: ops.StepPlan, actor: Actor, now: datetime) -> ops.Plan:
    """Lead a plan to another state; see :mod:`services.grid_bridge.domain.plans`.

    Raises:
        PlanNotFound, Forbidden, PlanChangedMeanwhile: as in :func:`update`.
        WrongPlanState, PlanReasonNeeded: there is no such way, or it wants a reason.
        PlanIncomplete, BadCommentPeriod: it cannot be opened like that.
        CommentPeriodRuns, CommentsUnanswered: it cannot be adopted yet.
        PlanItemsOpen: it cannot be finished yet.
    """
    row, doer = for_committee(uow, cmd.id, actor)
    _require_version(row, cmd.version)
    rules.move(_state(row), cmd.to, cmd.reason)
    last = repository.version(uow.session, row.id, row.version)
    if cmd.to == "open":
        rules.require_complete(last.items)
        row.opens_at, row.closes_at = rules.period(cmd.opens_at, cmd.closes_at, now)
        row.seen = row.version
        repository.show(uow.session, row.id, row.version)
    elif cmd.to == "adopted":
        if row.closes_at and now < row.closes_at:
            raise CommentPeriodRuns()
        if row.unanswered:
            raise CommentsUnanswered()
        repository.put_items(uow.session, row.id, [item["key"] for item in last.items])
        row.adopted_at = now
    elif cmd.to == "finished" and row.done + row.dropped < last.size:
        raise PlanItemsOpen()
    row.state, row.updated_at = cmd.to, now
    _step(uow, row, doer, cmd.reason, now)
    if row.seen:
        _tell(uow, row, last.title, doer, cmd.reason)
    return shown(uow, row, actor, now)


def record_progress(
    uow: UnitOfWork, cmd: ops.RecordPlanProgress, actor: Actor, files: Files, now: datetime
) -> ops.Plan:
    """How far an item is, what it has cost, and how it looks.

    Raises:
        PlanNotFound, Forbidden: it is another committee's.
        WrongPlanState: the plan is not in progress, or the item cannot go there.
        UnknownPlanItem, UnknownAttachment: there is no such item, or upload of the actor's.
    """
    row, doer = for_committee(uow, cmd.id, actor)
    if row.state != "in_progress":
        raise WrongPlanState()
    item = repository.items(uow.session, row.id).get(cmd.item)
    if item is None:
        raise UnknownPlanItem(errors=[FieldError("item", "not in this plan")])
    state = cmd.state or item.state
    rules.item_move(_item_state(item.state), _item_state(state))
    spent = item.spent_fen if cmd.spent_fen is None else cmd.spent_fen
    attachments = attach(files, cmd.attachments, actor.person_id)
    row.done += (state == "done") - (item.state == "done")
    row.dropped += (state == "dropped") - (item.state == "dropped")
    row.spent_fen += spent - item.spent_fen
    item.state, item.spent_fen, row.updated_at = state, spent, now
    uow.session.add(
        PlanProgressRow(
            plan_id=row.id,
            item=item.key,
            state=state,
            spent_fen=spent,
            note=cmd.note,
            attachments=plain(attachments),
            actor_id=actor.person_id,
            role=doer.role,
            at=now,
        )
    )
    return shown(uow, row, actor, now)


def compare(uow: UnitOfWork, cmd: ops.ComparePlanVersions, actor: Actor) -> ops.PlanDifferences:
    """What became of a plan between two versions; whoever does not serve there reads shown ones.

    Raises:
        PlanNotFound, PlanVersionNotFound: it is not the actor's to see.
    """
    row = readable(uow, cmd.id, actor)
    staff = is_staff(actor, row.path)
    older, newer = (_version(uow, row, number, staff=staff) for number in (cmd.older, cmd.newer))
    return ops.PlanDifferences(
        older=older.version,
        newer=newer.version,
        older_at=older.at,
        newer_at=newer.at,
        changes=aside(_changes, _said(older), _said(newer)),
    )


# -- shared ---------------------------------------------------------------------------------------


def for_committee(uow: UnitOfWork, plan_id: str, actor: Actor) -> tuple[PlanRow, Doer]:
    """The plan under its lock, for somebody who serves on its committee.

    Raises:
        PlanNotFound, Forbidden: it is not the actor's to see, or she serves elsewhere.
    """
    doer = serving(actor, readable(uow, plan_id, actor).path)
    return repository.plan(uow.session, plan_id, lock=True), doer


def _write(
    uow: UnitOfWork,
    row: PlanRow,
    cmd: ops.CreatePlan | ops.UpdatePlan,
    before: list[str],
    doer: Doer,
    now: datetime,
) -> None:
    named = {
        issue_id: FieldError(f"items.{i}.evidence.{j}.issue_ids", "not of this community")
        for i, item in enumerate(cmd.items)
        for j, one in enumerate(item.evidence)
        for issue_id in one.issue_ids
    }
    foreign = repository.foreign_issues(uow.session, named, row.community_id)
    if foreign:
        raise UnknownEvidence(errors=[named[one] for one in sorted(foreign)])
    items = rules.keyed(cmd.items, before, row.fresh)
    row.fresh += sum(item.key is None for item in cmd.items)
    row.version, row.updated_at = row.version + 1, now
    uow.session.add(
        PlanVersionRow(
            plan_id=row.id,
            version=row.version,
            title=cmd.title,
            summary=cmd.summary,
            items=items,
            size=len(items),
            budget_fen=rules.budget_of(items),
            shown=False,
            written_by=doer.person_id,
            role=doer.role,
            at=now,
        )
    )


def _require_surveys(
    uow: UnitOfWork, cmd: ops.CreatePlan | ops.UpdatePlan, community_id: str
) -> None:
    """Let items rest on surveys that the community was asked, as votes knows them."""
    named = {
        one.ref: FieldError(f"items.{i}.evidence.{j}.ref", "no survey of this community")
        for i, item in enumerate(cmd.items)
        for j, one in enumerate(item.evidence)
        if one.kind == "survey_answer"
    }
    wanted = [ref for ref in named if is_id(ref)][:MOST_SURVEYS]
    told = (
        uow.ask("votes", "known_surveys", community_id=community_id, ids=wanted) if wanted else {}
    )
    unknown = named.keys() - set(told.get("ids", ()))
    if unknown:
        raise UnknownEvidence(errors=[named[ref] for ref in sorted(unknown)])


def _step(uow: UnitOfWork, row: PlanRow, doer: Doer, reason: str | None, now: datetime) -> None:
    uow.session.add(
        PlanStepRow(
            plan_id=row.id,
            state=row.state,
            version=row.version,
            reason=reason,
            actor_id=doer.person_id,
            role=doer.role,
            at=now,
        )
    )


def _tell(uow: UnitOfWork, row: PlanRow, title: str, doer: Doer, reason: str | None) -> None:
    uow.emit(
        PlanChanged(
            plan_id=row.id,
            community_id=row.community_id,
            path=row.path,
            plan_title=title,
            plan_version=row.version,
            state=_state(row),
            due_at=row.closes_at if row.state == "open" else None,
            reason=reason,
            actor_id=doer.person_id or "",
            actor_role=doer.role,
        )
    )


def _require_version(row: PlanRow, read: int) -> None:
    if row.version != read:
        raise PlanChangedMeanwhile()


def _version(uow: UnitOfWork, row: PlanRow, number: int, *, staff: bool) -> PlanVersionRow:
    found = repository.version(uow.session, row.id, number)
    if not (staff or found.shown):
        raise PlanVersionNotFound()
    return found


def _said(row: PlanVersionRow) -> tuple[str, str, list[dict[str, Any]]]:
    return row.title, row.summary, row.items


def _changes(older: Any, newer: Any) -> list[ops.PlanChange]:
    return [
        ops.PlanChange(
            item=one.item,
            title=one.title,
            kind=one.kind,
            field=one.field,
            before=one.before,
            after=one.after,
            words=[ops.PlanWords(kind=kind, text=text) for kind, text in one.words],
        )
        for one in plan_differences.between(older, newer)
    ]


def _state(row: PlanRow) -> PlanState:
    return cast(PlanState, row.state)


def _item_state(stored: str) -> ItemState:
    return cast(ItemState, stored)
