"""The result: counted, certified and told as soon as the last paper is accounted for."""

from datetime import datetime, timedelta
from typing import Final

from services.contracts.events import ResultPublished
from services.contracts.operations.votes.counting import Outcome
from services.kit import logs
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_polls as texts
from services.votes.domain import chain, counting, waiting
from services.votes.domain import polls as rules_of_life
from services.votes.domain.ballots import Choice
from services.votes.domain.chain import Hand
from services.votes.domain.chain import State as TopicState
from services.votes.domain.counting import BadTally, Tally
from services.votes.domain.paper_sheets import Line
from services.votes.domain.polls import COUNTING, Hold, State
from services.votes.handlers import certificates, common, ledger, polls, reconciling
from services.votes.handlers.common import CLOCK
from services.votes.models import PollRow, ResultRow, TopicRow
from services.votes.models.base import Json

_RESULT: Final = "结果"
log = logs.get(__name__)


def publish(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``poll.publish``: once every paper is accounted for, or by the deadline.

    Papers that never came back count as such then; a sheet that only one person has entered is
    waited for as long as it takes, and everybody is told. So are numbers that are no count: they
    do not become one by being tried again, and the desk may stop the poll.
    """
    topic, poll = polls.locked(uow, poll_id)
    if poll.state != State.CLOSED:
        return None
    disagreeing = reconciling.disagreeing(uow, poll.id)
    missing = _missing(uow, poll, disagreeing, now)
    if missing:
        again, deadline = polls.hold(uow, topic, poll, _RESULT, missing, now), _deadline(poll)
        return min(again, deadline) if now < deadline else again
    rules, roll = polls.rules_of(poll), polls.roll_of(poll)
    tally, taken_part = tallied(uow, poll), polls.taken_part(uow, poll)
    try:
        outcome = counting.evaluate(
            rules,
            roll,
            taken_part,
            tally.votes(),
            tally.spoiled,
            extended=rules.extension.times,  # that was the close's to say
        )
    except BadTally as error:
        log.error("no count", poll=poll.id, fields=[one.field for one in error.errors])
        return polls.hold(uow, topic, poll, _RESULT, [Hold.TALLY], now)
    rules_of_life.step(poll.state, State.PUBLISHED)
    poll.state, poll.published_at, poll.held = State.PUBLISHED.value, now, None
    figures = certificates.figures(uow, poll, roll, tally, taken_part, outcome, disagreeing)
    result = _certified(uow, topic, poll, figures, outcome, now)
    _lead_on(uow, topic, poll, result, outcome, now)
    uow.emit(
        ResultPublished(
            poll_id=poll.id,
            topic_id=topic.id,
            community_id=poll.community_id,
            path=poll.path,
            title=poll.title,
            convener=poll.convener,
            passed=outcome.passed,
            certificate_hash=result.certificate_hash,
        )
    )
    return None


def _missing(uow: UnitOfWork, poll: PollRow, disagreeing: list[Line], now: datetime) -> list[Hold]:
    """Every line of the books agrees; after the deadline, those do that bear on the result.

    So nobody keeps a result back for ever by a line that cannot be mended (a ballot in the wrong
    urn): it is published, and the lines stand on its certificate.
    """
    if reconciling.unconfirmed(uow, poll.id):
        return [Hold.SHEETS]
    if not disagreeing:
        return []
    if now >= _deadline(poll):
        return [] if reconciling.adds_up(uow, poll.id) else [Hold.SHEETS]
    return [Hold.PAPERS] if reconciling.out(uow, poll.id) else [Hold.SHEETS]


def _deadline(poll: PollRow) -> datetime:
    """Until when papers are waited for."""
    return (poll.closed_at or poll.closes_at) + COUNTING


def tallied(uow: UnitOfWork, poll: PollRow) -> Tally:
    """What was voted, by channel."""
    online = repository.ballots.tallies(uow.session, poll.id)
    sheets = repository.paper.tallies(uow.session, poll.id)
    cast = {one: online[Choice(one)] for one in counting.CHOICES if Choice(one) in online}
    return Tally(online=cast, paper=sheets.votes, spoiled=sheets.spoiled)


def _certified(
    uow: UnitOfWork,
    topic: TopicRow,
    poll: PollRow,
    figures: Json,
    outcome: Outcome,
    now: datetime,
) -> ResultRow:
    """Store the result with its certificate, and put both into the bulletin."""
    rules = polls.rules_of(poll)
    certificate = certificates.canonical(uow, topic, poll, figures, now)
    hash_ = certificates.hash_of(certificate)
    result = ResultRow(
        poll_id=poll.id,
        topic_id=topic.id,
        passed=outcome.passed,
        figures=figures,
        certificate=certificate,
        certificate_hash=hash_,
        published_at=now,
        ends_at=now + timedelta(days=rules.publicity_days) if outcome.passed else None,
    )
    uow.session.add(result)
    told = {name: figures[name] for name in ("online", "paper", "passed")}
    ledger.append(uow, poll.id, "result", {**told, "certificate": hash_})
    return result


def _lead_on(
    uow: UnitOfWork,
    topic: TopicRow,
    poll: PollRow,
    result: ResultRow,
    outcome: Outcome,
    now: datetime,
) -> None:
    """To the publicity of what passed; to the end, for a while locked, of what did not."""
    to = TopicState.PUBLICITY if outcome.passed else TopicState.CLOSED
    chain.step(common.settings_of(topic), TopicState(topic.state), to, {Hand.CLOCK}, None)
    if outcome.passed:
        text = texts.published(result.ends_at)
    else:
        topic.outcome = "not_passed"
        topic.locked_until = waiting.locked_until(now, outcome.lock_days)
        text = texts.failed(topic.locked_until)
    ref = {"poll_id": poll.id}
    common.lead(uow, topic, to, CLOCK, now, text=text, ref=ref, until=result.ends_at)
    if result.ends_at is not None:
        repository.due.put(uow.session, "publicity.end", poll.id, result.ends_at)
