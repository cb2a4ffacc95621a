"""Issues as their readers may see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    GetIssue,
    Issue,
    IssueAct,
    IssueAssignee,
    IssueHelper,
    IssueMerge,
    IssueReporter,
    IssueSummary,
    ListIssues,
    OfficeAct,
    Promise,
    Suggestion,
    TimelineEntry,
)
from services.contracts.surnames import surname
from services.grid_bridge import (
    repository,
    repository_casework,
    repository_consultations,
    repository_desk,
    repository_handling,
    slots,
)
from services.grid_bridge.domain import handling, sla
from services.grid_bridge.domain.acts import possible
from services.grid_bridge.domain.consultation import is_guest
from services.grid_bridge.handlers import locating, looks
from services.grid_bridge.handlers.common import (
    is_staff,
    read_attachments,
    reader,
    serving,
    visible,
)
from services.grid_bridge.models import IssueRow, PromiseRow
from services.kit.pages import decode_cursor, decode_moment, encode_cursor
from services.kit.uow import UnitOfWork

SOMEBODY = "邻居"
COLLEAGUE = "居委会工作人员"
HELPER = "代办人"


def list_issues(
    uow: UnitOfWork, cmd: ListIssues, actor: Actor, now: datetime
) -> Page[IssueSummary]:
    """The issues of a community, newest first; who handles what is the committee's matter."""
    by_limit = cmd.sort == "due"
    community, guest = reader(uow, actor, cmd.cid)
    if any(one is not None for one in (cmd.assignee, cmd.has_duplicates, cmd.topic)):
        serving(actor, community.path)
    rows = repository_casework.page_of_issues(
        uow.session,
        cmd,
        assignee=actor.person_id if cmd.assignee == "me" else cmd.assignee,
        now=now,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor and not by_limit else None,
        after=decode_moment(cmd.cursor) if cmd.cursor and by_limit else None,
        mine=repository_casework.own(actor) if cmd.mine else None,
        among=repository_consultations.issues_of_guest(actor) if guest else None,
    )
    shown = rows[: cmd.limit]
    items = [IssueSummary(**facts) for facts in _facts(uow, shown, actor, now)]
    last = items[-1] if len(rows) > cmd.limit else None
    limit = [last.promise.due_at.isoformat()] if by_limit and last and last.promise else []
    return Page[IssueSummary](
        items=items, next_cursor=encode_cursor(*limit, last.id) if last else None
    )


def get_issue(uow: UnitOfWork, cmd: GetIssue, actor: Actor, now: datetime) -> Issue:
    """One issue with its timeline."""
    return shown(uow, visible(uow, actor, cmd.id), actor, now)


def shown(uow: UnitOfWork, row: IssueRow, actor: Actor, now: datetime) -> Issue:
    """The issue with its timeline, as ``actor`` may see it."""
    uow.session.flush()
    (facts,) = _facts(uow, [row], actor, now)
    staff = is_staff(actor, row.path)
    under_way = repository_desk.under_way(uow.session, row.id) if staff else None
    acts = {one.value for one in possible(repository.as_issue(row))} if staff else set()
    return Issue(
        **facts,
        acts=[one for one in get_args(OfficeAct) if one in acts] if staff else None,
        referral_id=under_way.referral if under_way else None,
        consultation_id=under_way.consultation if under_way else None,
        timeline=[
            TimelineEntry(
                at=line.at,
                kind=line.kind,
                actor_role=line.actor_role,
                text=line.text,
                attachments=read_attachments(line.attachments),
                guide=line.guide if staff else None,
            )
            for line in repository.timeline(uow.session, row.id, staff=staff)
        ],
        my_acts=_my_acts(row, facts),
    )


def _my_acts(row: IssueRow, facts: Mapping[str, Any]) -> list[IssueAct]:
    merge: IssueMerge | None = facts["merge"]
    found = handling.acts(
        repository.as_issue(row),
        mine=facts["mine"],
        merge_asked=merge is not None and merge.state == "asked",
    )
    return [IssueAct(act=act, why_not=why) for act, why in found.items()]


def _facts(
    uow: UnitOfWork, rows: Sequence[IssueRow], actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """What lists and details have in common, in three queries for a whole page (four for staff)."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    promises = repository.running_promises(uow.session, ids)
    today = now.astimezone(sla.ZONE).date()
    beside = repository_handling.beside(uow.session, ids, actor.eyes, today)
    people = [
        who
        for row in rows
        for who in (
            row.reporter_id, row.assisted_by, row.assignee_id, beside[row.id].cover_id
        )
        if who
    ]  # fmt: skip
    cards = directory.cards(uow, people, rows[0].community_id)
    if staff := is_staff(actor, rows[0].path):
        looks.tell(uow, rows, actor, now)
    return [
        {
            "id": row.id,
            "post_id": row.post_id,
            "community_id": row.community_id,
            "title": row.title,
            "body": row.body,
            "status": row.status,
            "category": row.category,
            "slot": row.slot,
            "slot_name": row.slot_name or slots.name_of(row.slot),
            "catalogue_version": row.catalogue_version,
            "standard_code": row.standard_code,
            "suggestion": _suggestion(uow, row) if staff else None,
            "promise": promise_view(promises.get(row.id), now),
            "work_order_no": row.work_order_no,
            "outcome": row.result,
            "location": locating.shown(row.location, staff=staff),
            "attachments": read_attachments(row.attachments),
            "hide_name": row.hide_name,
            "reporter": _reporter(row, actor, cards, staff=staff),
            "assisted_by": _helper(row, actor, cards, staff=staff),
            "mine": _is_own(row, actor),
            "score": row.score,
            "source": row.source,
            "supporters": row.supporters,
            "supported": beside[row.id].supported,
            "merge": _merge(beside[row.id]),
            "undertaking_due_at": beside[row.id].undertaking_due_at,
            "last_step": beside[row.id].last_step,
            "assignee": _colleague(row.assignee_id if staff else None, cards),
            "covered_by": _colleague(beside[row.id].cover_id if staff else None, cards),
            "minutes": row.minutes if staff else None,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def _suggestion(uow: UnitOfWork, row: IssueRow) -> Suggestion | None:
    """The classifier's advice in the district's catalogue as it stands, asked for once."""
    if row.suggestion is None:
        return None
    said = Suggestion.model_validate(row.suggestion)
    return slots.as_here(said, slots.current(uow, row.community_id))


def promise_view(row: PromiseRow | None, now: datetime) -> Promise | None:
    """The running promise as the resident reads it; None when none runs."""
    if row is None:
        return None
    paused = row.paused_at is not None
    overdue = not paused and row.due_at < now
    near = sla.risk_time(repository.as_promise(row)) <= now
    return Promise(
        due_at=row.due_at,
        paused=paused,
        stage=row.stage,
        overdue=overdue,
        provisional=row.provisional,
        at_risk=near and not paused and not overdue,
        told_to=sla.told_to(row.rung),
    )


def _reporter(
    row: IssueRow, actor: Actor, cards: dict[str, directory.Card], *, staff: bool
) -> IssueReporter | None:
    if not _named(row, actor, staff=staff):
        return None
    if row.reporter_id is None:
        return None
    card = cards.get(row.reporter_id)
    return IssueReporter(
        person_id=row.reporter_id,
        display_name=_called(card, actor) if card else SOMEBODY,
        building_label=card.building_label if card else "",
    )


def _helper(
    row: IssueRow, actor: Actor, cards: dict[str, directory.Card], *, staff: bool
) -> IssueHelper | None:
    if row.assisted_by is None or not _named(row, actor, staff=staff):
        return None  # who knows the helper would guess whom she helped
    card = cards.get(row.assisted_by)
    return IssueHelper(
        person_id=row.assisted_by, display_name=_called(card, actor) if card else HELPER
    )


def _called(card: directory.Card, actor: Actor) -> str:
    """What somebody is called: who only watches is told a surname, beside the building."""
    return surname(card.display_name) if actor.is_observer else card.display_name


def _merge(beside: Row[Any]) -> IssueMerge | None:
    if beside.into_id is None:
        return None
    return IssueMerge(
        into=beside.into_id,
        title=beside.into_title,
        state=beside.merge_state,
        reason=beside.merge_reason,
        asked_at=beside.asked_at,
    )


def _colleague(person_id: str | None, cards: dict[str, directory.Card]) -> IssueAssignee | None:
    if person_id is None:
        return None
    card = cards.get(person_id)
    return IssueAssignee(person_id=person_id, display_name=card.display_name if card else COLLEAGUE)


def _named(row: IssueRow, actor: Actor, *, staff: bool) -> bool:
    """Whether the actor may know who reported it; a department needs not, as with a referral."""
    if is_guest(actor, row.path):
        return _is_own(row, actor)
    return staff or not row.hide_name or _is_own(row, actor)


def _is_own(row: IssueRow, actor: Actor) -> bool:
    """Whether it is the actor's own; to a helper only what she reported for the person."""
    return row.reporter_id == actor.person_id and actor.acted_by in ("", row.assisted_by)
