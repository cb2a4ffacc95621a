"""What the committee does with an issue: confirm, answer, govern, escalate."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import (
    IssueAnswered,
    IssueEscalated,
    IssueTriaged,
    SelfGovernanceRecorded,
    WorkOrderOpened,
)
from services.contracts.events import grid as border
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import (
    AnswerIssue,
    EscalateIssue,
    Issue,
    RecordSelfGovernance,
    TriageIssue,
    WorkOrder,
)
from services.grid_bridge import clocks, repository, repository_library, slots, texts
from services.grid_bridge.domain import codes, outlines, sla
from services.grid_bridge.domain import issue as rules
from services.grid_bridge.domain.issue import Category
from services.grid_bridge.domain.numbers import Series, counter
from services.grid_bridge.domain.work_order import Mirror
from services.grid_bridge.files import Files, attach, has_photo, signed
from services.grid_bridge.handlers import (
    guides,
    learning,
    library,
    naming,
    outcomes,
    promises,
    undertakings,
)
from services.grid_bridge.handlers.common import (
    Doer,
    about,
    for_committee,
    plain,
    read_attachments,
    stored_limits,
    tell,
)
from services.grid_bridge.handlers.orders import view
from services.grid_bridge.handlers.reading import shown
from services.grid_bridge.models import IssueRow, SelfGovernanceRow, WorkOrderRow
from services.kit.uow import UnitOfWork


def triage(uow: UnitOfWork, cmd: TriageIssue, actor: Actor, now: datetime) -> Issue:
    """A human confirms what kind of problem it is; the promise of that kind begins."""
    row, doer = for_committee(uow, actor, cmd.id)
    confirm(uow, row, doer, cmd, now)
    return shown(uow, row, actor, now)


def confirm(uow: UnitOfWork, row: IssueRow, doer: Doer, cmd: TriageIssue, now: datetime) -> None:
    """Sort the issue, whose lock the caller holds, and tell."""
    category = Category(cmd.category)
    here = slots.current(uow, row.community_id)
    slot = here.get(cmd.slot) if cmd.slot else None
    changed = rules.triage(repository.as_issue(row), category, cmd.slot)
    code = slot.code if slot else None
    if cmd.standard_code:
        given = cmd.standard_code
        code = here.code(given.standard, given.kind, given.code)
    repository.keep(row, changed, now)
    row.catalogue_version, row.slot_name = here.version, slot.name if slot else None
    row.standard_code = _plain_code(code)
    # the limit counts from the first triage until an answer: deciding anew does not buy time
    row.triaged_at = row.triaged_at or now
    promise = promises.start(uow, row, promises.STAGE_OF[category], now, since=row.triaged_at)
    learning.label(uow, row, cmd.category, cmd.slot, doer, now)
    tell(
        uow,
        row,
        "triaged",
        doer,
        texts.triaged(category, slot.name if slot else None, promise.due_at),
        now,
        reason=cmd.reason,
    )
    uow.emit(
        IssueTriaged(
            **about(row),
            category=cmd.category,
            slot=cmd.slot,
            actor_id=doer.person_id or "",
            actor_role=doer.role,
            due_at=promise.due_at,
            slot_name=slot.name if slot else "",
        )
    )


def answer(uow: UnitOfWork, cmd: AnswerIssue, actor: Actor, files: Files, now: datetime) -> Issue:
    """The committee answers on the thread; what was promised is kept."""
    row, doer = for_committee(uow, actor, cmd.id)
    changed = rules.answer(repository.as_issue(row), cmd.outcome)
    attachments = attach(files, cmd.attachments, actor.person_id)
    guide = guides.use(uow, cmd, row, doer, now)
    repository.keep(row, changed, now)
    row.triaged_at = None
    promises.end(uow, row, now)
    text = texts.joined(texts.OUTCOMES[cmd.outcome], cmd.body)
    tell(uow, row, "answered", doer, text, now, attachments=attachments, guide=guide)
    answered = IssueAnswered(
        **about(row),
        outcome=cmd.outcome,
        body=cmd.body,
        actor_id=actor.person_id,
        actor_role=doer.role,
        attachments=attachments,
    )
    outcomes.emit(uow, row, answered, doer, text, now, attachments=attachments)
    return shown(uow, row, actor, now)


def record_step(
    uow: UnitOfWork, cmd: RecordSelfGovernance, actor: Actor, files: Files, now: datetime
) -> Issue:
    """The neighbourhood tries by itself; a step may end the attempt."""
    row, doer = for_committee(uow, actor, cmd.id)
    before = repository.as_issue(row)
    rules.record_step(before, cmd.step, None, photo=False)  # 409 before 422 about attachments
    attachments = attach(files, cmd.attachments, actor.person_id)
    changed = rules.record_step(before, cmd.step, cmd.outcome, photo=has_photo(attachments))
    repository.keep(row, changed, now)
    dated = cmd.step == "undertaking" and cmd.due_at is not None and cmd.outcome is None
    uow.session.add(
        SelfGovernanceRow(
            issue_id=row.id,
            round=row.round,
            step=cmd.step,
            note=cmd.note,
            spoke_with=cmd.with_,
            due_at=cmd.due_at,
            outcome=cmd.outcome,
            actor_id=actor.person_id,
            actor_role=doer.role,
            attachments=plain(attachments),
            at=now,
            remind_at=cmd.due_at if dated else None,
            checked_at=None,
        )
    )
    if cmd.step == "check" or cmd.outcome:
        undertakings.checked(uow, row, now)
    if cmd.outcome == "solved":
        promises.end(uow, row, now)
    else:
        promises.at_work(uow, row, now)
        if dated and cmd.due_at:
            promises.stretch(uow, row, cmd.due_at, now)
    text = texts.step(cmd.step, cmd.note, cmd.with_, cmd.due_at, cmd.outcome)
    tell(uow, row, cmd.step, doer, text, now, attachments=attachments)
    recorded = SelfGovernanceRecorded(
        **about(row),
        step=cmd.step,
        note=cmd.note,
        outcome=cmd.outcome,
        actor_id=actor.person_id,
        actor_role=doer.role,
        attachments=attachments,
        due_at=cmd.due_at,
    )
    if cmd.outcome == "solved":
        outcomes.emit(uow, row, recorded, doer, text, now, attachments=attachments)
    else:
        uow.emit(recorded)
    return shown(uow, row, actor, now)


def escalate(
    uow: UnitOfWork, cmd: EscalateIssue, actor: Actor, files: Files, now: datetime
) -> WorkOrder:
    """Into the library of actively discovered problems, and to the grid as a work order."""
    row, doer = for_committee(uow, actor, cmd.id)
    return view(hand_over(uow, row, doer, cmd, files, now), [], now, reduced=False)


def hand_over(
    uow: UnitOfWork, row: IssueRow, doer: Doer, cmd: EscalateIssue, files: Files, now: datetime
) -> WorkOrderRow:
    """Open the order of an issue whose lock the caller holds, through the gate, and tell."""
    changed = rules.escalate(repository.as_issue(row), urgent=cmd.urgent)
    community = directory.community(uow, row.community_id)
    reporter = naming.reporter_for_grid(uow, row)  # before the counters, which others wait for
    order = _order(uow, row, community, cmd, now)
    repository.keep(row, changed, now)
    row.work_order_no = order.no
    uow.session.add(order)
    uow.session.flush()
    library.entered(uow, order, now)
    promises.start_for_order(uow, row, order.deadline, now)
    text = texts.escalated(order.no, urgent=cmd.urgent)
    tell(uow, row, "escalated", doer, text, now, reason=cmd.reason)
    uow.emit(
        IssueEscalated(
            **about(row),
            work_order_no=order.no,
            reason=cmd.reason,
            urgent=cmd.urgent,
            actor_id=doer.person_id or "",
            actor_role=doer.role,
        )
    )
    uow.emit(opened(uow, row, order, community, reporter, files, now))
    return order


def _order(
    uow: UnitOfWork,
    row: IssueRow,
    community: directory.Community,
    cmd: EscalateIssue,
    now: datetime,
) -> WorkOrderRow:
    here = slots.kept(uow, row.catalogue_version)
    slot = here.get(row.slot or "")
    urgency: sla.Urgency = "urgent" if cmd.urgent else "normal"
    pace, share = slot.limits.of(urgency)
    calendar = clocks.at(uow, row.community_id).calendar
    overall, stages = sla.order_deadlines(
        now, urgency, pace.on_site, pace.disposed, calendar, share
    )
    fresh = Mirror()
    # The two counters are locked in this order everywhere, so that two escalations cannot wait
    # for each other.
    no = repository.next_number(uow.session, counter(Series.WORK_ORDER, community.code12, now))
    entry = repository_library.entry_of(uow.session, row.id)  # handed over again: its number stays
    library_no = (
        entry.no
        if entry
        else repository.next_number(uow.session, counter(Series.LIBRARY, community.code12, now))
    )
    order = WorkOrderRow(
        no=no,
        id=new_id(),
        issue_id=row.id,
        community_id=row.community_id,
        path=row.path,
        district_id=community.district_id,
        reporter_id=row.reporter_id,
        title=row.title,
        category=row.category,
        catalogue_version=here.version,
        slot=slot.key,
        slot_name=slot.name,
        standard_code=row.standard_code,
        department_code=slot.department.code,
        department_name=slot.department.name,
        urgency=urgency,
        urged=False,
        reason=cmd.reason,
        state=fresh.state,
        applied=fresh.applied,
        used=fresh.used,
        handled_by="",
        platform_ref="",
        deadline=overall,
        library_no=library_no,
        opened_at=now,
        updated_at=now,
        stages=stored_limits(stages),
    )
    return order


def opened(
    uow: UnitOfWork,
    row: IssueRow,
    order: WorkOrderRow,
    community: directory.Community,
    reporter: border.Reporter | None,
    files: Files,
    now: datetime,
) -> WorkOrderOpened:
    """What the grid platform is told: everything it needs, and a name only where it may be."""
    steps = repository.self_governance(uow.session, row.id)
    stored = [row.attachments, *(step.attachments for step in steps)]
    photos = [one for some in stored for one in read_attachments(some)]
    place = row.location or {}
    point = outlines.in_wgs84(place)
    return WorkOrderOpened(
        work_order_no=order.no,
        district=order.district_id,
        category=order.category,
        community=border.CommunityRef(
            id=community.id, name=community.name, code12=community.code12
        ),
        catalogue=border.CatalogueRef(
            version=order.catalogue_version, slot=order.slot, name=order.slot_name
        ),
        code=border.StandardCode.model_validate(order.standard_code),
        title=row.title,
        description=row.body,
        location=border.Location(
            address=place.get("address") or community.name,
            lng=point.lng if point else None,
            lat=point.lat if point else None,
            crs="WGS84" if point else None,
        ),
        urgency="urgent" if order.urgency == "urgent" else "normal",
        library_entry=border.LibraryEntry(
            no=order.library_no, slot=order.slot, entered_at=order.opened_at
        ),
        external_ref=row.id,
        attachments=signed(files, photos, now),
        self_governance=[
            border.SelfGovernanceStep(
                step=step.step, note=step.note, at=step.at, outcome=step.outcome
            )
            for step in steps
        ],
        department=border.Department(code=order.department_code, name=order.department_name),
        deadlines=border.Deadlines(
            overall=order.deadline,
            stages=[border.StageDeadline.model_validate(one) for one in order.stages or ()],
        ),
        reported_at=row.created_at,
        reporter=reporter,
    )


def _plain_code(code: codes.Code | None) -> dict[str, str] | None:
    if code is None:
        return None
    return {
        "standard": code.standard,
        "kind": code.kind,
        "code": code.code,
        "name": code.name,
    }
