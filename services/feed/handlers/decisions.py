"""Decisions on content: the queue, the decision, the appeal to another person, the log."""

from datetime import datetime, timedelta

from services import directory
from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.events import ContentDecided
from services.contracts.operations.base import ListCommand
from services.contracts.operations.feed import moderation as ops
from services.feed.domain import comments as comment_rules
from services.feed.domain import moderation as rules
from services.feed.domain import posts as post_rules
from services.feed.domain import speaking
from services.feed.handlers import comments, posts
from services.feed.handlers.common import catalogue, readable
from services.feed.handlers.moderation import (
    Content,
    log_case,
    module_of_case,
    open_case,
    put_state,
    removed,
    reported,
    told,
)
from services.feed.handlers.questions import asked_about
from services.feed.models import ModerationCase
from services.feed.repository import case_views as views
from services.feed.repository import comments as comment_rows
from services.feed.repository import moderation as repository
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

_STATES = {"waiting": ("open", "appealed")}
_TOWN = frozenset({Role.TOWN_ADMIN})
_ALL_CASES = COMMITTEE | _TOWN
_READ_THE_LOG = COMMITTEE | {Role.AUDITOR}
_AT_A_TIME = 200


def list_cases(uow: UnitOfWork, cmd: ops.ListModerationCases, actor: Actor) -> JsonText:
    """The cases of the modules that the actor moderates; committee and town see all.

    Those about her own content are not among them, as they hold what others reported of her; what
    is hers to know of them is in :func:`list_my_cases`.

    Raises:
        NotAModerator: she moderates none here.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    mine: list[str] | None = None
    if not actor.holds(_ALL_CASES, community.path):
        here = catalogue(uow, community.id)
        mine = [
            key
            for key, module in here.by_key.items()
            if speaking.may_moderate(module, actor, community.path)
        ]
        if not mine:
            raise post_rules.NotAModerator()
    page = views.cases_page(
        uow.session,
        community_id=community.id,
        modules=mine,
        states=_STATES.get(cmd.state, (cmd.state,)),
        me=actor.person_id,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def get_case(uow: UnitOfWork, cmd: ops.OfCase, actor: Actor) -> JsonText:
    """One case with its evidence; see :func:`list_cases` for whose.

    Raises:
        CaseNotFound: there is none, or none that is hers to see.
    """
    case = _seen(uow, cmd.id, actor)
    if case.author_id == actor.person_id:
        raise rules.CaseNotFound()
    return JsonText(views.case_json(uow.session, case.id, actor.person_id))


def decide(uow: UnitOfWork, cmd: ops.DecideReport, actor: Actor, now: datetime) -> JsonText:
    """Decide a case; the author is told why.

    Who moderates the module decides; where the committee has nobody who may, the town's
    administrator does.

    Raises:
        NotImpartial: the content is the actor's own, or she reported it.
        CaseDecided: somebody was faster.
    """
    case, content = _locked(uow, cmd.id, actor)
    if not _moderates(uow, case, actor) and repository.somebody_else_decides(uow.session, case):
        raise post_rules.NotAModerator()
    _require_impartial(uow, case, actor)
    if case.state != "open":
        raise rules.CaseDecided()
    return _settle(uow, case, content, cmd.decision, cmd.reason, actor, now)


def take_down(uow: UnitOfWork, cmd: ops.TakeDown, actor: Actor, now: datetime) -> JsonText:
    """Open and decide a case about a post in one act, with all that belongs to a case.

    Raises:
        NotAModerator: the module is not the actor's to moderate.
        NotImpartial: the post is the actor's own, or she reported it.
        CaseDecided: it is not shown any more, or its author has appealed.
    """
    head = readable(uow, cmd.id, actor)
    content = Content(repository.locked_post(uow.session, head.id))
    return _take_down(uow, content, cmd.reason, actor, now)


def take_down_comment(
    uow: UnitOfWork, cmd: ops.TakeDownComment, actor: Actor, now: datetime
) -> JsonText:
    """Open and decide a case about a comment in one act; see :func:`take_down`."""
    found = comment_rows.comment_head(uow.session, cmd.id)
    if found is None:
        raise comment_rules.CommentNotFound()
    try:
        head = readable(uow, found.post_id, actor)
    except post_rules.PostNotFound:
        raise comment_rules.CommentNotFound() from None
    post = repository.locked_post(uow.session, head.id)
    content = Content(post, repository.locked_comment(uow.session, found.id))
    return _take_down(uow, content, cmd.reason, actor, now)


def take_down_question(
    uow: UnitOfWork, cmd: ops.TakeDownQuestion, actor: Actor, now: datetime
) -> JsonText:
    """Open and decide a case about a question in one act; see :func:`take_down`."""
    head = asked_about(uow, cmd.id, actor)
    post = repository.locked_post(uow.session, head.id)
    content = Content(post, question=repository.locked_question(uow.session, cmd.id))
    return _take_down(uow, content, cmd.reason, actor, now)


def _take_down(
    uow: UnitOfWork, content: Content, reason: str, actor: Actor, now: datetime
) -> JsonText:
    post = content.post
    module = catalogue(uow, post.community_id).of(post.module)
    if not speaking.may_moderate(module, actor, post.path):
        raise post_rules.NotAModerator()
    case = repository.open_case(uow.session, content.kind, content.id)
    if (case and case.state != "open") or content.state not in ("shown", "waiting"):
        raise rules.CaseDecided()
    if case is None:
        case = open_case(uow, content, "staff", now, was_shown=True, held=False, by=actor)
    _require_impartial(uow, case, actor)
    return _settle(uow, case, content, "take_down", reason, actor, now)


def _settle(
    uow: UnitOfWork,
    case: ModerationCase,
    content: Content,
    decision: rules.Decision,
    reason: str,
    actor: Actor,
    now: datetime,
) -> JsonText:
    """Write the first decision into an open case and carry it out."""
    case.state = "decided"
    case.decision, case.reason = decision, reason
    case.decided_by, case.decided_at = actor.person_id, now
    _carry_out(uow, case, content, decision, actor, now, final=False)
    log_case(
        uow,
        case,
        "decided",
        actor,
        now,
        role="" if _moderates(uow, case, actor) else Role.TOWN_ADMIN.value,
        reason=reason,
        details={"decision": decision},
    )
    uow.session.flush()
    return JsonText(views.case_json(uow.session, case.id, actor.person_id))


def appeal(uow: UnitOfWork, cmd: ops.AppealDecision, actor: Actor, now: datetime) -> JsonText:
    """Ask another person to look again; the author may, once, within 14 days.

    Raises:
        NothingToAppeal: nothing was decided against her, she appealed already, or deleted it.
        AppealTooLate: more than 14 days ago.
    """
    found = repository.case(uow.session, cmd.id)
    if found is None or found.author_id != actor.person_id or not found.held:
        raise rules.CaseNotFound()
    content = _content(uow, found)
    case = repository.locked_case(uow.session, cmd.id)
    rules.check_appeal(case.state, case.decision, case.decided_at, now)
    if content.state == "deleted":
        raise rules.NothingToAppeal()
    case.state, case.appeal, case.appealed_at = "appealed", cmd.reason, now
    uow.session.flush()
    log_case(uow, case, "appealed", None, now)
    nobody_else = not repository.somebody_else_decides(uow.session, case)
    uow.emit(reported(case, appealed=True, for_town=nobody_else))
    return JsonText(views.my_case_json(uow.session, case.id, within=rules.APPEAL_WITHIN, now=now))


def decide_appeal(uow: UnitOfWork, cmd: ops.DecideAppeal, actor: Actor, now: datetime) -> JsonText:
    """The second person's decision, which is final.

    Who moderates the module decides, but not who decided first; where the committee has nobody
    else, the town's administrator does.

    Raises:
        AnotherPersonDecides: the actor decided first, or a second person is there for it.
        NotImpartial: the content is the actor's own, or she reported it.
        CaseDecided: there is no appeal, or it was decided.
    """
    case, content = _locked(uow, cmd.id, actor)
    _require_impartial(uow, case, actor)
    if case.decided_by == actor.person_id:
        raise rules.AnotherPersonDecides()
    if not _moderates(uow, case, actor) and repository.somebody_else_decides(uow.session, case):
        raise rules.AnotherPersonDecides()
    if case.state != "appealed":
        raise rules.CaseDecided()
    case.state = "final"
    case.final_decision, case.final_reason = cmd.decision, cmd.reason
    case.final_by, case.final_at = actor.person_id, now
    _carry_out(uow, case, content, cmd.decision, actor, now, final=True)
    role = "" if _moderates(uow, case, actor) else Role.TOWN_ADMIN.value
    log_case(
        uow,
        case,
        "appeal_decided",
        actor,
        now,
        role=role,
        reason=cmd.reason,
        details={"decision": cmd.decision},
    )
    uow.session.flush()
    return JsonText(views.case_json(uow.session, case.id, actor.person_id))


def list_my_cases(uow: UnitOfWork, cmd: ListCommand, actor: Actor, now: datetime) -> JsonText:
    """What was decided about the actor's posts and comments, or keeps them waiting."""
    page = views.my_cases_page(
        uow.session,
        me=actor.person_id,
        within=rules.APPEAL_WITHIN,
        now=now,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def list_log(uow: UnitOfWork, cmd: ops.ListModerationLog, actor: Actor) -> JsonText:
    """The moderation log of a community, for its committee and the auditor."""
    community = directory.require_reader(uow, actor, cmd.cid)
    if not actor.holds(_READ_THE_LOG, community.path):
        raise Forbidden()
    page = views.log_page(
        uow.session, community_id=community.id, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


def forget_evidence(uow: UnitOfWork, now: datetime, kept_days: int) -> int:
    """Drop the words of cases decided so long ago; the log and the decisions stay."""
    before = now - timedelta(days=kept_days)
    return repository.forget_evidence(uow.session, before, now, _AT_A_TIME)


# -- what they share --------------------------------------------------------------------------


def _seen(uow: UnitOfWork, case_id: str, actor: Actor) -> ModerationCase:
    """The case, when the actor may see it: who moderates, and the town's administrator."""
    case = repository.case(uow.session, case_id)
    if case is None or not (_moderates(uow, case, actor) or actor.holds(_TOWN, case.path)):
        raise rules.CaseNotFound()
    return case


def _moderates(uow: UnitOfWork, case: ModerationCase, actor: Actor) -> bool:
    return speaking.may_moderate(module_of_case(uow, case), actor, case.path)


def _locked(uow: UnitOfWork, case_id: str, actor: Actor) -> tuple[ModerationCase, Content]:
    """The case and its content, locked in the order in which all lock them."""
    content = _content(uow, _seen(uow, case_id, actor))
    return repository.locked_case(uow.session, case_id), content


def _content(uow: UnitOfWork, case: ModerationCase) -> Content:
    post = repository.locked_post(uow.session, case.post_id)
    if case.target == "post":
        return Content(post)
    if case.target == "question":
        return Content(post, question=repository.locked_question(uow.session, case.target_id))
    return Content(post, repository.locked_comment(uow.session, case.target_id))


def _require_impartial(uow: UnitOfWork, case: ModerationCase, actor: Actor) -> None:
    if case.author_id == actor.person_id or repository.has_reported(
        uow.session, case.id, actor.person_id
    ):
        raise rules.NotImpartial()


def _carry_out(
    uow: UnitOfWork,
    case: ModerationCase,
    content: Content,
    decision: rules.Decision,
    actor: Actor,
    now: datetime,
    *,
    final: bool,
) -> None:
    """Do to the content what was decided, and tell whom it concerns.

    The author hears of a decision only when the content was kept from the neighbours: she would
    ask who reported her otherwise.
    """
    was = content.state
    becomes = rules.becomes(was, decision, was_shown=case.was_shown)
    if becomes != was:
        case.held = True
        put_state(uow, content, becomes, actor.person_id, now)
        if becomes == "shown":
            _show(uow, case, content)
        elif was == "shown":
            uow.emit(removed(content))
        if becomes == "taken_down":
            case.was_shown = True
    if case.held:
        uow.emit(
            ContentDecided.model_validate(
                {
                    "case_id": case.id,
                    "target": case.target,
                    "target_id": case.target_id,
                    "post_id": case.post_id,
                    "community_id": case.community_id,
                    "path": case.path,
                    "module": case.module,
                    "author_id": case.author_id,
                    "decision": decision,
                    "decided_by": actor.person_id,
                    "final": final,
                }
            )
        )


def _show(uow: UnitOfWork, case: ModerationCase, content: Content) -> None:
    """Tell of what is shown now; what the neighbours knew already is told to nobody twice.

    A comment below a post that nobody sees is told to nobody.
    """
    known, case.was_shown = case.was_shown, True
    if content.post.state != "shown":
        return
    if known or content.question is not None:
        uow.emit(told(content, shown_again=content.kind == "post"))
    elif content.comment is None:
        posts.publish(uow, content.post)
    else:
        answered = repository.answered_author(uow.session, content.comment.id)
        comments.publish(uow, content.post, content.comment, answered)
