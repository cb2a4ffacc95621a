"""What residents do with an issue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import Conflict, FieldError, Invalid
from services.contracts.events import (
    Attachment,
    IssueRated,
    IssueReopened,
    IssueReported,
    WorkOrderRated,
    WorkOrderReopened,
)
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import (
    Issue,
    IssueFromPost,
    IssueReceipt,
    IssueSource,
    RateIssue,
    RecordIntake,
    ReopenIssue,
    ReportIssue,
)
from services.grid_bridge import repository, texts, texts_handling, texts_open311
from services.grid_bridge.domain import issue as rules
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.domain.work_order import REOPENABLE, State
from services.grid_bridge.files import Files, attach
from services.grid_bridge.handlers import (
    locating,
    outcomes,
    post_clocks,
    promises,
    undertakings,
)
from services.grid_bridge.handlers.common import (
    Doer,
    about,
    for_reporter,
    nameless,
    plain,
    serving,
    tell,
)
from services.grid_bridge.handlers.reading import shown
from services.grid_bridge.models import IssueRow, RatingRow
from services.kit.uow import UnitOfWork


class AlreadyAnIssue(Conflict):
    """The post is the thread of an issue."""

    code = "grid.already_an_issue"
    zh, en = "这个帖子已登记为问题", "This post is an issue already"


class WhoseCase(Invalid):
    """A case is a resident's or nobody's; which of both must be said."""

    code = "grid.whose_case"
    zh, en = "请选择反映人，或注明匿名", "Name the resident, or say that nobody is named"


class NotAResident(Invalid):
    """Whoever is named as the reporter does not belong to this community."""

    code = "grid.not_a_resident"
    zh, en = "此人不是本社区成员", "That person does not belong to this community"


class NoReporter(Conflict):
    """The post's author has left; there is nobody to answer to."""

    code = "grid.no_reporter"
    zh, en = "发帖人已注销，无法登记", "The post's author has left"


def report(
    uow: UnitOfWork, cmd: ReportIssue, actor: Actor, files: Files, now: datetime
) -> IssueReceipt:
    """A neighbour reports a problem, or a helper does for her; feed makes the thread."""
    directory.require_member(uow, actor, cmd.cid)
    community = directory.community(uow, cmd.cid)
    attachments = attach(files, cmd.attachments, actor.person_id)
    row = new_issue(
        community,
        now,
        post_id=new_id(),
        reporter_id=actor.person_id,
        assisted_by=actor.acted_by or None,
        title=cmd.title,
        body=cmd.body,
        hide_name=cmd.hide_name,
        attachments=attachments,
    )
    row.location = locating.settled(uow, cmd.location, community.district_id)
    doer = Doer(Role.RESIDENT, actor.person_id)
    return opened(uow, row, doer, attachments, now, from_post=False)


def from_post(uow: UnitOfWork, cmd: IssueFromPost, actor: Actor, now: datetime) -> IssueReceipt:
    """Staff turn a post into an issue; its author becomes the reporter."""
    post = uow.ask("feed", "get_thread_source", id=cmd.id)
    community = directory.require_reader(uow, actor, post["community_id"])
    doer = serving(actor, community.path)
    if post["issue_id"] or repository.issue_of_post(uow.session, cmd.id):
        raise AlreadyAnIssue()
    if not post["author_id"]:
        raise NoReporter()
    attachments = [Attachment.model_validate(one) for one in post["attachments"]]
    row = new_issue(
        community,
        now,
        post_id=cmd.id,
        reporter_id=post["author_id"],
        title=post["title"],
        body=post["body"],
        hide_name=bool(post["hide_name"]),
        attachments=attachments,
        source="post",
    )
    try:
        return opened(uow, row, doer, attachments, now, from_post=True)
    except IntegrityError:  # a colleague was a moment faster
        raise AlreadyAnIssue() from None


def take_in(
    uow: UnitOfWork, cmd: RecordIntake, actor: Actor, files: Files, now: datetime
) -> IssueReceipt:
    """The committee takes in a call, a visit or a letter, of a resident or of nobody named.

    Raises:
        WhoseCase: neither a resident nor "anonymous" was named, or both.
        NotAResident: that person does not belong here.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    doer = serving(actor, community.path)
    if cmd.anonymous == (cmd.person_id is not None):
        raise WhoseCase(errors=[FieldError("person_id", "a resident, or anonymous: one of both")])
    if cmd.person_id is not None:
        card = directory.card(uow, cmd.person_id, community.id)
        if card is None or not card.present:
            raise NotAResident(errors=[FieldError("person_id", "not a resident here")])
    attachments = attach(files, cmd.attachments, actor.person_id)
    row = new_issue(
        community,
        now,
        post_id=new_id(),
        reporter_id=cmd.person_id,
        title=cmd.title,
        body=cmd.body,
        hide_name=cmd.person_id is not None and cmd.hide_name,
        attachments=attachments,
        source=cmd.source,
        taken_by=actor.person_id,
    )
    row.location = locating.settled(uow, cmd.location, community.district_id)
    return opened(uow, row, doer, attachments, now, from_post=False)


def rate(uow: UnitOfWork, cmd: RateIssue, actor: Actor, now: datetime) -> Issue:
    """The reporter judges the outcome; an order's platform hears of it."""
    row, doer = for_reporter(uow, actor, cmd.id)
    changed = rules.rate(repository.as_issue(row), solved=cmd.solved)
    confirmed = changed.status is Status.SOLVED and row.status != Status.SOLVED
    repository.keep(row, changed, now)
    if confirmed:  # her judgement is her yes, too
        undertakings.said(uow, row, doer, now, solved=True, comment="")
    row.score = cmd.score
    order_no = _finished_order(row)
    uow.session.add(
        RatingRow(
            issue_id=row.id,
            round=row.round,
            score=cmd.score,
            solved=cmd.solved,
            comment=cmd.comment,
            work_order_no=order_no,
            at=now,
        )
    )
    tell(
        uow,
        row,
        "rated",
        doer,
        texts.rated(cmd.score, solved=cmd.solved, comment=cmd.comment),
        now,
    )
    uow.emit(IssueRated(**about(row), score=cmd.score, solved=cmd.solved, nameless=nameless(row)))
    if order_no:
        order = repository.order(uow.session, order_no)
        uow.emit(
            WorkOrderRated(
                work_order_no=order.no,
                district=order.district_id,
                category=order.category,
                score=cmd.score,
                solved=cmd.solved,
                comment=cmd.comment,
                at=now,
            )
        )
    return shown(uow, row, actor, now)


def reopen(uow: UnitOfWork, cmd: ReopenIssue, actor: Actor, now: datetime) -> Issue:
    """The reporter is not satisfied; a closed order goes back to the platform (重办)."""
    row, doer = for_reporter(uow, actor, cmd.id)
    order_no = _finished_order(row)
    repository.keep(row, rules.reopen(repository.as_issue(row)), now)
    row.triaged_at = None
    promises.start(uow, row, sla.Stage.FIRST_RESPONSE, now)
    tell(uow, row, "reopened", doer, cmd.reason, now, reason=cmd.reason)
    outcomes.take_back(uow, row, doer, cmd.reason, now)
    uow.emit(
        IssueReopened(
            **about(row), reason=cmd.reason, work_order_no=order_no, nameless=nameless(row)
        )
    )
    if order_no:
        order = repository.order(uow.session, order_no)
        uow.emit(
            WorkOrderReopened(
                work_order_no=order.no,
                district=order.district_id,
                category=order.category,
                reason=cmd.reason,
                at=now,
            )
        )
    return shown(uow, row, actor, now)


def _finished_order(row: IssueRow) -> str | None:
    """The issue's order when the grid has done it, so that rating and reopening concern it."""
    done = row.status == Status.CLOSED and row.order_state is not None
    return row.work_order_no if done and State(row.order_state or "") in REOPENABLE else None


def new_issue(
    community: directory.Community,
    now: datetime,
    *,
    post_id: str,
    reporter_id: str | None,
    title: str,
    body: str,
    hide_name: bool,
    attachments: Sequence[Attachment],
    assisted_by: str | None = None,
    source: IssueSource = "app",
    taken_by: str | None = None,
) -> IssueRow:
    """An issue as it begins; :func:`opened` stores it."""
    fresh = rules.Issue()
    return IssueRow(
        id=new_id(),
        post_id=post_id,
        community_id=community.id,
        path=community.path,
        reporter_id=reporter_id,
        assisted_by=assisted_by,
        title=title,
        body=body,
        hide_name=hide_name,
        location=None,
        attachments=plain(attachments),
        status=fresh.status,
        category=None,
        slot=None,
        standard_code=None,
        suggestion=None,
        round=fresh.round,
        last_outcome=None,
        proof=fresh.proof,
        rated=fresh.rated,
        score=None,
        result=None,
        work_order_no=None,
        order_state=None,
        triaged_at=None,
        source=source,
        taken_by=taken_by,
        assignee_id=None,
        supporters=0,
        minutes=0,
        created_at=now,
        updated_at=now,
    )


def _first_line(row: IssueRow) -> str:
    if row.source == "open311":
        return texts_open311.RECEIVED
    if row.source in texts_handling.SOURCES:
        return texts_handling.taken_in(row.source, anonymous=row.reporter_id is None)
    return texts.reported(from_post=row.source == "post", assisted=row.assisted_by is not None)


def opened(
    uow: UnitOfWork,
    row: IssueRow,
    doer: Doer,
    attachments: Sequence[Attachment],
    now: datetime,
    *,
    from_post: bool,
) -> IssueReceipt:
    """Store a new issue, promise a first response, and tell of it."""
    uow.session.add(row)
    uow.session.flush()
    promises.start(uow, row, sla.Stage.FIRST_RESPONSE, now)
    if from_post:
        post_clocks.hand_over(uow, row, now)
    tell(
        uow,
        row,
        "reported",
        doer,
        _first_line(row),
        now,
        attachments=() if from_post else attachments,
    )
    head: dict[str, Any] = dict(about(row))
    outside = row.source == "open311"
    uow.emit(
        IssueReported(
            **head,
            title=row.title,
            body=row.body,
            hide_name=row.hide_name or outside,
            attachments=list(attachments),
            reported_at=now,
            from_post=from_post,
            taken_up_by=doer.person_id if from_post else row.taken_by,
            assisted_by=row.assisted_by,
            source="app" if outside else row.source,
            channel=row.source if outside else "",
        )
    )
    locating.tell_doubt(uow, row, now)
    return IssueReceipt(id=row.id, post_id=row.post_id, status="reported")
