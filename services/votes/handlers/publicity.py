"""The publicity (公示) of a result: objections, sign-off, adoption, filing; or it is taken back."""

from datetime import datetime

from services.contracts.actor import Actor, Role
from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.votes import results as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_polls as texts
from services.votes.domain import chain
from services.votes.domain import polls as rules_of_life
from services.votes.domain import publicity as rules
from services.votes.domain.chain import Hand, NotYourStep
from services.votes.domain.chain import State as TopicState
from services.votes.domain.days import day_of
from services.votes.domain.polls import RETRY, State
from services.votes.domain.publicity import Awaits
from services.votes.handlers import common, covenants, objections, polls
from services.votes.handlers.common import CLOCK, Doer
from services.votes.models import PollRow, ResultRow, TopicRow

SUPERVISORS = frozenset({Role.SUPERVISOR})


class BadFilingDate(Invalid):
    """It was filed after it was adopted, and not in the future."""

    code = "votes.bad_filing_date"
    zh, en = "备案日期应在通过之后、今天之前", "It is filed after its adoption, and by today"


def end(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``publicity.end``: the decision holds, or what it waits for is said."""
    topic, poll = polls.locked(uow, poll_id)
    result = repository.results.result(uow.session, poll_id, lock=True)
    if result is None or result.ends_at is None or topic.state != TopicState.PUBLICITY:
        return None
    if now < result.ends_at:
        return result.ends_at
    missing = awaited(uow, topic, result, now)
    if missing:
        return _wait(uow, topic, poll, result, missing, now)
    _adopt(uow, topic, poll, result, now)
    return None


def awaited(uow: UnitOfWork, topic: TopicRow, result: ResultRow, now: datetime) -> list[Awaits]:
    """What the result still waits for; nothing once it holds, or if the motion failed."""
    if result.ends_at is None or topic.state != TopicState.PUBLICITY:
        return []
    return rules.awaits(
        common.settings_of(topic),
        over=now >= result.ends_at,
        unanswered=len(objections.unanswered(uow, topic.id, "publicity")),
        signed=result.sign_off,
    )


def _wait(
    uow: UnitOfWork,
    topic: TopicRow,
    poll: PollRow,
    result: ResultRow,
    missing: list[Awaits],
    now: datetime,
) -> datetime:
    """Say once what is missing and by when it is due, and once more when that has passed."""
    if Awaits.SIGN_OFF in missing and result.sign_by is None:
        result.sign_by = rules.sign_by(common.settings_of(topic), now)
    late = Awaits.SIGN_OFF in missing and result.sign_by is not None and now >= result.sign_by
    told = {"missing": [one.value for one in missing], "late": late}
    if result.waits != told:
        result.waits = told
        by = result.sign_by if Awaits.SIGN_OFF in missing else None
        topic.deadline_at = by
        text = texts.UNSIGNED if late else texts.waits(missing, by)
        common.tell(uow, topic, "result_waits", CLOCK, text, now, ref={"poll_id": poll.id})
    return now + RETRY


def _adopt(
    uow: UnitOfWork, topic: TopicRow, poll: PollRow, result: ResultRow, now: datetime
) -> None:
    settings = common.settings_of(topic)
    chain.step(settings, TopicState(topic.state), TopicState.ADOPTED, {Hand.CLOCK}, None)
    result.adopted_at, result.waits = now, None
    common.lead(uow, topic, TopicState.ADOPTED, CLOCK, now, ref={"poll_id": poll.id})
    if "filing" in settings.steps:
        result.file_by = rules.file_by(settings, now)
        topic.deadline_at = result.file_by
        text = texts.to_file(result.file_by)
        common.tell(uow, topic, "filing_due", CLOCK, text, now, ref={"poll_id": poll.id})
        repository.due.put(uow.session, "filing.overdue", poll.id, result.file_by)
    covenants.adopt(uow, topic, poll, now)


def file_late(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``filing.overdue``: everybody reads that the filing is late."""
    topic, poll = polls.locked(uow, poll_id)
    result = repository.results.result(uow.session, poll_id, lock=True)
    if result is not None and result.adopted_at is not None and result.filed_at is None:
        ref = {"poll_id": poll.id}
        common.tell(uow, topic, "filing_overdue", CLOCK, texts.OVERDUE, now, ref=ref)
    return None


# -- what people decide ----------------------------------------------------------------------------


def sign_off(uow: UnitOfWork, cmd: ops.SignOff, actor: Actor, now: datetime) -> PollRow:
    """The supervisory committee signs the result, or says publicly why not; it may come round.

    Raises:
        PollNotFound: it is not the actor's to see.
        Forbidden: she supervises elsewhere.
        NotYourStep: she belongs to the body that convened the poll: nobody supervises herself.
        NothingToSign: this community's chain has no sign-off, or the result waits for none.
    """
    topic, poll, result = _result(uow, actor, cmd.id)
    actor.require(SUPERVISORS, poll.path)
    if common.convenes(actor, poll):
        raise NotYourStep()
    if result is None:
        raise rules.NothingToSign()
    in_publicity = topic.state == TopicState.PUBLICITY
    settings = common.settings_of(topic)
    rules.require_to_sign(settings, in_publicity=in_publicity, signed=result.sign_off)
    result.sign_off, result.sign_note = cmd.decision, cmd.note
    result.signed_at, result.signed_by = now, actor.person_id
    doer = Doer(Role.SUPERVISOR, actor.person_id)
    text, ref = texts.signed(cmd.decision), {"poll_id": poll.id}
    common.tell(uow, topic, "signed_off", doer, text, now, reason=cmd.note, ref=ref)
    common.look_again(uow, poll.id, now)
    return poll


def file(uow: UnitOfWork, cmd: ops.RecordFiling, actor: Actor, now: datetime) -> PollRow:
    """The desk records that what was adopted is on file (备案).

    Raises:
        PollNotFound: it is not the actor's to see.
        NotYourStep: she does not belong to the body that convened the poll.
        NothingToFile: nothing was adopted, or this community's chain has no filing.
        AlreadyFiled: it is.
        BadFilingDate: before the adoption, or in the future.
    """
    topic, poll, result = _result(uow, actor, cmd.id)
    doer = common.desk(actor, poll)
    if result is None or result.adopted_at is None:
        raise rules.NothingToFile()
    rules.require_to_file(due=result.file_by is not None, filed=result.filed_at is not None)
    if not day_of(result.adopted_at) <= cmd.filed_on <= day_of(now):
        raise BadFilingDate(errors=[FieldError("filed_on", "must be since the adoption, by today")])
    result.file_number, result.file_authority = cmd.number, cmd.authority
    result.filed_on, result.filed_at, result.filed_by = cmd.filed_on, now, actor.person_id
    topic.deadline_at = None
    text = texts.filed(cmd.number, cmd.authority)
    common.tell(uow, topic, "filed", doer, text, now, ref={"poll_id": poll.id})
    return poll


def annul(uow: UnitOfWork, cmd: ops.AnnulResult, actor: Actor, now: datetime) -> PollRow:
    """The desk takes a result back that does not hold yet, or by which a motion failed.

    What was adopted is repealed by a vote, not by a desk. What had failed may come back at once.

    Raises:
        PollNotFound: it is not the actor's to see.
        NotYourStep: she does not belong to the body that convened the poll.
        PollRefuses: there is no result, or what it decided holds already.
    """
    topic, poll, _ = _result(uow, actor, cmd.id)
    doer = common.desk(actor, poll)
    if poll.state != State.PUBLISHED or topic.poll_id != poll.id:
        raise rules_of_life.PollRefuses()
    polls.stop(uow, topic, doer, cmd.reason, now)
    if topic.state == TopicState.PUBLICITY:
        settings, was = common.settings_of(topic), TopicState(topic.state)
        chain.step(settings, was, TopicState.CLOSED, {Hand.DESK}, cmd.reason)
        topic.outcome = "annulled"
        ref = {"poll_id": poll.id}
        common.lead(uow, topic, TopicState.CLOSED, doer, now, reason=cmd.reason, ref=ref)
    return poll


def _result(
    uow: UnitOfWork, actor: Actor, poll_id: str
) -> tuple[TopicRow, PollRow, ResultRow | None]:
    polls.visible(uow, actor, poll_id)
    topic, poll = polls.locked(uow, poll_id)
    return topic, poll, repository.results.result(uow.session, poll_id, lock=True)
