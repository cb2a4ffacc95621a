"""Reports by neighbours: one case for a content, whoever reports it; a storm of them holds it.

Who reported is kept with the case and told to nobody; see ``domain.moderation`` for the rest.
"""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.feed import moderation as ops
from services.feed.domain import comments as comment_rules
from services.feed.domain import moderation as rules
from services.feed.domain import posts as post_rules
from services.feed.domain import questions as question_rules
from services.feed.domain import speaking
from services.feed.handlers.common import readable
from services.feed.handlers.moderation import (
    Content,
    hold,
    log_case,
    module_of_case,
    open_case,
    reported,
)
from services.feed.handlers.questions import asked_about
from services.feed.models import ModerationCase
from services.feed.repository import comments as comment_rows
from services.feed.repository import moderation as repository
from services.kit.uow import UnitOfWork


def report_post(uow: UnitOfWork, cmd: ops.ReportContent, actor: Actor, now: datetime) -> ops.Report:
    """Report a post.

    Raises:
        OwnContent: it is the reporter's own.
        PostNotFound: it is not shown (any more).
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    content = Content(repository.locked_post(uow.session, head.id))
    if content.state != "shown":
        raise post_rules.PostNotFound()
    return _report(uow, content, cmd.kind, cmd.reason, actor, now)


def report_comment(
    uow: UnitOfWork, cmd: ops.ReportComment, actor: Actor, now: datetime
) -> ops.Report:
    """Report a comment.

    Raises:
        OwnContent: it is the reporter's own.
        CommentNotFound: it is not shown (any more).
    """
    found = comment_rows.comment_head(uow.session, cmd.id)
    if found is None:
        raise comment_rules.CommentNotFound()
    try:
        head = readable(uow, found.post_id, actor)
    except post_rules.PostNotFound:
        raise comment_rules.CommentNotFound() from None
    directory.require_member(uow, actor, head.community_id)
    post = repository.locked_post(uow.session, head.id)
    content = Content(post, repository.locked_comment(uow.session, cmd.id))
    if content.state != "shown" or post.state != "shown":
        raise comment_rules.CommentNotFound()
    return _report(uow, content, cmd.kind, cmd.reason, actor, now)


def report_question(
    uow: UnitOfWork, cmd: ops.ReportQuestion, actor: Actor, now: datetime
) -> ops.Report:
    """Report a supervision question.

    Raises:
        OwnContent: it is the reporter's own.
        QuestionNotFound: it is not shown (any more).
    """
    head = asked_about(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    post = repository.locked_post(uow.session, head.id)
    content = Content(post, question=repository.locked_question(uow.session, cmd.id))
    if content.state != "shown" or post.state != "shown":
        raise question_rules.QuestionNotFound()
    return _report(uow, content, cmd.kind, cmd.reason, actor, now)


def _report(
    uow: UnitOfWork,
    content: Content,
    kind: ops.ReportKind,
    reason: str,
    actor: Actor,
    now: datetime,
) -> ops.Report:
    if content.author_id == actor.person_id:
        raise rules.OwnContent()
    case = repository.open_case(uow.session, content.kind, content.id)
    if case is None:
        case = open_case(uow, content, "report", now, was_shown=True, held=False)
    office = speaking.office_in(module_of_case(uow, case), actor, case.path) or ""
    if repository.put_report(uow.session, case.id, actor.person_id, office, kind, reason, now):
        # The log is read by many: it says that somebody reported, not who, unless in office.
        who = actor if office else None
        log_case(uow, case, "reported", who, now, role=office, details={"kind": kind})
        case.evidence = {**case.evidence, "reported": True}
        if office and not repository.somebody_else_decides(uow.session, case):
            uow.emit(reported(case, for_town=True))  # who could have decided has reported it
        _hold_in_a_storm(uow, content, case, now)
    return ops.Report(
        id=case.id, target=content.kind, target_id=content.id, kind=kind, reported_at=now
    )


def _hold_in_a_storm(
    uow: UnitOfWork, content: Content, case: ModerationCase, now: datetime
) -> None:
    edited_at = content.post.edited_at if content.kind == "post" else None
    recent = repository.homes_reporting_since(uow.session, case.id, now - rules.STORM.within)
    if recent < rules.STORM.homes:
        return
    kept = repository.kept_since(uow.session, content.kind, content.id, edited_at)
    if rules.storms(recent, official=content.official, is_issue=content.is_issue, kept_before=kept):
        hold(uow, content, case, now)
        log_case(uow, case, "held", None, now, details={"homes": recent})
