"""What residents say of a plan while it lies open, and what the committee answers.

The comments are the bridge's own, as they belong to a version and an item, end with the period and
keep a plan from being adopted while one waits for an answer: none of which a thread has (ADR 0023).
What may be said is feed's to judge. It is asked each time: whether she may speak to the neighbours
here, and what its lexicon finds. While feed is away a comment waits until the committee has looked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, ShequError
from services.contracts.events import PlanCommentAnswered
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.feed.moderation import SpeechChecked
from services.contracts.operations.grid_bridge import plans as ops
from services.grid_bridge import repository_plans as repository
from services.grid_bridge.domain import plans as rules
from services.grid_bridge.domain.plans import (
    NoCommentsNow,
    PlanCommentNotFound,
    PlanCommentSettled,
    PlanNotFound,
    TooManyPlanComments,
    UnknownPlanItem,
)
from services.grid_bridge.handlers.common import Doer, is_staff
from services.grid_bridge.handlers.plan_views import readable
from services.grid_bridge.handlers.plans import for_committee
from services.grid_bridge.models import PlanCommentRow, PlanRow
from services.kit import logs
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

log = logs.get(__name__)


def list_comments(
    uow: UnitOfWork, cmd: ops.ListPlanComments, actor: Actor
) -> Page[ops.PlanComment]:
    """Comments as the actor may read them, newest first."""
    row = readable(uow, cmd.id, actor)
    rows = repository.page_of_comments(
        uow.session,
        row.id,
        reader=actor.eyes,
        staff=is_staff(actor, row.path),
        item=cmd.item,
        unanswered=cmd.unanswered,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=seen(uow, row, page, actor),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def comment(
    uow: UnitOfWork, cmd: ops.CommentOnPlan, actor: Actor, now: datetime
) -> ops.PlanComment:
    """A neighbour comments on the plan, or on one item.

    Raises:
        PlanNotFound, NotAMember, ObserverReadOnly: it is not hers to see, or to take part in.
        NoCommentsNow: it does not lie open at this moment.
        UnknownPlanItem, TooManyPlanComments: no such item; she has said enough.
        Silenced, WordsRefused: feed's word, see the module.
    """
    found = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, found.community_id)
    _require_open(found, now)
    waits = _must_wait(uow, found.community_id, cmd.body)  # asked before anything is locked
    row = repository.plan(uow.session, cmd.id, lock=True)
    _require_open(row, now)
    said = repository.version(uow.session, row.id, row.version)
    if cmd.item is not None and cmd.item not in {item["key"] for item in said.items}:
        raise UnknownPlanItem(errors=[FieldError("item", "not in this plan")])
    if repository.said_by(uow.session, row.id, actor.person_id) >= rules.MOST_COMMENTS:
        raise TooManyPlanComments()
    new = PlanCommentRow(
        id=new_id(),
        plan_id=row.id,
        version=row.version,
        item=cmd.item,
        author_id=actor.person_id,
        body=cmd.body,
        state="waiting" if waits else "shown",
        created_at=now,
    )
    uow.session.add(new)
    _count(row, new, 1)
    return _one(uow, row, new, actor)


def answer(
    uow: UnitOfWork, cmd: ops.AnswerPlanComment, actor: Actor, now: datetime
) -> ops.PlanComment:
    """The committee answers, or puts its answer better as long as the plan is not adopted.

    Raises:
        PlanCommentNotFound, Forbidden: it is not of the actor's committee.
        PlanCommentSettled: it is not shown; or it was answered, and the plan adopted with that.
    """
    row, found, doer = _for_committee(uow, cmd.id, actor)
    first = found.answer is None
    if found.state != "shown" or not (first or row.state in ("open", "draft")):
        raise PlanCommentSettled()
    found.answer, found.answered_at = cmd.body, now
    found.answered_by, found.answered_role = actor.person_id, doer.role
    if first:
        row.unanswered -= 1
        _tell(uow, row, found, "answered", doer)
    return _one(uow, row, found, actor)


def decide(
    uow: UnitOfWork, cmd: ops.DecidePlanComment, actor: Actor, now: datetime
) -> ops.PlanComment:
    """Show a comment that waits or was hidden, or hide one; its author is told why.

    Raises:
        PlanCommentNotFound, Forbidden: it is not of the actor's committee.
        PlanCommentSettled: it stands like that already, or was taken back.
    """
    row, found, doer = _for_committee(uow, cmd.id, actor)
    state: Literal["shown", "hidden"] = "shown" if cmd.decision == "show" else "hidden"
    if found.state in (state, "withdrawn"):
        raise PlanCommentSettled()
    _count(row, found, -1)
    found.state, found.decision_reason = state, cmd.reason
    found.decided_by, found.decided_at = actor.person_id, now
    _count(row, found, 1)
    _tell(uow, row, found, state, doer)
    return _one(uow, row, found, actor)


def withdraw(uow: UnitOfWork, cmd: ops.WithdrawPlanComment, actor: Actor) -> ops.PlanComment:
    """The author takes a comment back, wherever she lives now: its words are deleted.

    Raises:
        PlanCommentNotFound: there is none of hers.
        PlanCommentSettled: it was taken back already.
    """
    row = repository.plan(uow.session, repository.plan_of_comment(uow.session, cmd.id), lock=True)
    found = repository.comment(uow.session, cmd.id)
    if found.author_id != actor.person_id:
        raise PlanCommentNotFound()
    if found.state == "withdrawn":
        raise PlanCommentSettled()
    _count(row, found, -1)
    found.state, found.body = "withdrawn", ""
    return _one(uow, row, found, actor)


def forget(uow: UnitOfWork, person_id: str) -> None:
    """Somebody has left for good: what she said of plans goes with her."""
    repository.forget_commenter(uow.session, person_id)


def seen(
    uow: UnitOfWork, plan: PlanRow, rows: Sequence[PlanCommentRow], actor: Actor
) -> list[ops.PlanComment]:
    """Comments with their authors, as neighbours know them; two statements for a page."""
    authors = [row.author_id for row in rows if row.author_id]
    cards = directory.cards(uow, authors, plan.community_id)
    staff = is_staff(actor, plan.path)
    return [_shown(row, cards, actor, staff=staff) for row in rows]


def _shown(
    row: PlanCommentRow, cards: dict[str, directory.Card], actor: Actor, *, staff: bool
) -> ops.PlanComment:
    card = cards.get(row.author_id or "")
    mine = row.author_id is not None and row.author_id == actor.eyes
    return ops.PlanComment(
        id=row.id,
        plan_id=row.plan_id,
        version=row.version,
        item=row.item,
        body=row.body,
        state=row.state,
        author=ops.PlanCommenter(
            person_id=card.person_id,
            display_name=card.display_name,
            building_label=card.building_label,
        )
        if card
        else None,
        mine=mine,
        created_at=row.created_at,
        answer=row.answer,
        answered_at=row.answered_at,
        answered_role=row.answered_role,
        decision_reason=row.decision_reason if mine or staff else None,
    )


def _one(uow: UnitOfWork, plan: PlanRow, row: PlanCommentRow, actor: Actor) -> ops.PlanComment:
    uow.session.flush()
    (found,) = seen(uow, plan, [row], actor)
    return found


def _require_open(row: PlanRow, now: datetime) -> None:
    if not rules.takes_comments(row.state, row.opens_at, row.closes_at, now):
        raise NoCommentsNow()


def _must_wait(uow: UnitOfWork, community_id: str, body: str) -> bool:
    """Whether somebody has to look before the neighbours read it (feed has 2 s to say)."""
    try:
        told = uow.ask("feed", "check_speech", cid=community_id, body=body)
    except ShequError as error:
        if error.status < 500:
            raise
        log.warning("a comment waits, as nobody judged its words", code=error.code)
        return True
    return SpeechChecked.model_validate(told).held


def _for_committee(
    uow: UnitOfWork, comment_id: str, actor: Actor
) -> tuple[PlanRow, PlanCommentRow, Doer]:
    plan_id = repository.plan_of_comment(uow.session, comment_id)
    try:
        row, doer = for_committee(uow, plan_id, actor)
    except PlanNotFound:
        raise PlanCommentNotFound() from None
    return row, repository.comment(uow.session, comment_id), doer


def _count(row: PlanRow, found: PlanCommentRow, by: int) -> None:
    """Let a comment count in its plan's sums, or (``by`` −1) not any more."""
    row.comments += by * (found.state == "shown")
    row.unanswered += by * (
        found.state == "waiting" or (found.state == "shown" and found.answer is None)
    )


def _tell(
    uow: UnitOfWork,
    row: PlanRow,
    found: PlanCommentRow,
    decision: Literal["answered", "shown", "hidden"],
    doer: Doer,
) -> None:
    if found.author_id is None:
        return
    uow.emit(
        PlanCommentAnswered(
            plan_id=row.id,
            comment_id=found.id,
            community_id=row.community_id,
            path=row.path,
            plan_title=repository.version(uow.session, row.id, row.version).title,
            author_id=found.author_id,
            decision=decision,
            actor_id=doer.person_id or "",
            actor_role=doer.role,
        )
    )
