"""A poll from its announcement to its close: what the clock does with it, and who may stop it.

Whoever leads a poll on holds its topic's lock, then its own, then the head of its bulletin, in this
order. A poll that was stopped leaves its duties standing: they find nothing to do.
"""

from datetime import datetime, timedelta
from fractions import Fraction

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import NotFound
from services.contracts.events import (
    PollAnnounced,
    PollClosed,
    PollExtended,
    PollOpened,
    PollReminded,
    PollVoided,
)
from services.contracts.ids import new_id
from services.contracts.operations.votes import polls as ops
from services.contracts.operations.votes.common import Choice
from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_polls as texts
from services.votes.domain import chain, counting, waiting
from services.votes.domain import polls as rules_of_life
from services.votes.domain import rules as rule_sets
from services.votes.domain.chain import Hand
from services.votes.domain.chain import State as TopicState
from services.votes.domain.polls import COUNTING, RETRY, Hold, Span, State
from services.votes.handlers import (
    ballots,
    certificates,
    common,
    ledger,
    objections,
    proposals,
    rolls,
)
from services.votes.handlers.common import CLOCK, Doer
from services.votes.models import PollRow, TopicRow
from services.votes.repository.polls import PollNotFound

SECOND = timedelta(seconds=1)


def visible(uow: UnitOfWork, actor: Actor, poll_id: str) -> PollRow:
    """The poll, when the actor may read its community.

    Raises:
        PollNotFound: it does not exist or is not hers to see.
    """
    row = repository.polls.poll(uow.session, poll_id)
    try:
        directory.require_reader(uow, actor, row.community_id)
    except NotFound:
        raise PollNotFound() from None
    return row


def locked(uow: UnitOfWork, poll_id: str) -> tuple[TopicRow, PollRow]:
    """The poll and its topic, both locked, the topic first."""
    topic_id = repository.polls.poll(uow.session, poll_id).topic_id
    topic = repository.topics.topic(uow.session, topic_id, lock=True)
    return topic, repository.polls.poll(uow.session, poll_id, lock=True)


def rules_of(poll: PollRow) -> RuleSet:
    """The poll's whole rule set."""
    return RuleSet.model_validate(poll.rules)


# -- announced -------------------------------------------------------------------------------------


def announce(uow: UnitOfWork, topic: TopicRow, doer: Doer, now: datetime) -> PollRow:
    """Announce a poll on the topic's newest text: its rules, its times, its roll being drawn.

    The notice is never cut short: an opening that comes too soon for it moves, and the close too.
    The topic is locked by the caller, who leads it on.

    Raises:
        Locked: the same was voted down a short while ago.
    """
    until = repository.results.locked_until(uow.session, topic, now)
    if until is not None:
        raise waiting.Locked(f"locked until {until.isoformat()}")
    proposal = proposals.current(uow, topic)
    chosen = RuleSet.model_validate(proposal.rules)
    wished = Span(proposal.opens_at, proposal.closes_at)
    voting = rules_of_life.announced(wished, now, chosen.notice_days)
    poll = PollRow(
        id=new_id(),
        topic_id=topic.id,
        community_id=topic.community_id,
        path=topic.path,
        title=topic.title,
        state=State.ANNOUNCED.value,
        convener=topic.convener,
        proposal=proposal.version,
        rules=chosen.model_dump(mode="json"),
        secrecy=chosen.secrecy,
        announced_at=now,
        opens_at=voting.opens_at,
        closes_at=voting.closes_at,
    )
    uow.session.add(poll)
    uow.session.flush()
    topic.poll_id, topic.deadline_at = poll.id, voting.opens_at
    text = texts.announced(voting, moved=voting != wished)
    common.tell(uow, topic, "poll_announced", doer, text, now, ref={"poll_id": poll.id})
    rolls.draw(uow, poll, now)
    repository.due.put(uow.session, "poll.open", poll.id, poll.opens_at)
    uow.emit(
        PollAnnounced(
            poll_id=poll.id,
            topic_id=topic.id,
            community_id=poll.community_id,
            path=poll.path,
            title=poll.title,
            convener=poll.convener,
            opens_at=poll.opens_at,
            closes_at=poll.closes_at,
            actor_id=doer.person_id,
        )
    )
    return poll


# -- opened ----------------------------------------------------------------------------------------


def open_poll(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``poll.open``: voting begins, or what is missing is said and looked at again."""
    topic, poll = locked(uow, poll_id)
    if poll.state != State.ANNOUNCED:
        return None
    if now < poll.opens_at:
        return poll.opens_at
    missing = _missing(uow, topic, poll)
    if missing:
        return hold(uow, topic, poll, "表决", missing, now)
    chain.step(
        common.settings_of(topic), TopicState(topic.state), TopicState.VOTING, {Hand.CLOCK}, None
    )
    rolls.freeze(uow, poll)
    planned = Span(poll.opens_at, poll.closes_at)
    poll.closes_at = rules_of_life.opened(planned, now, held=poll.held is not None)
    poll.state, poll.opened_at, poll.held = State.OPEN.value, now, None
    confirmed = repository.rules.confirmed(uow.session, _district(uow, poll))
    frozen = rule_sets.with_confirmations(rules_of(poll), confirmed)
    poll.rules, poll.rules_hash = frozen.model_dump(mode="json"), rule_sets.digest(frozen)
    ledger.open_chain(uow, poll, proposals.current(uow, topic).hash, now)
    moved = poll.closes_at != planned.closes_at
    text = texts.opened(poll.closes_at, poll.roll_size, moved=moved)
    ref, until = {"poll_id": poll.id}, poll.closes_at
    common.lead(uow, topic, TopicState.VOTING, CLOCK, now, text=text, ref=ref, until=until)
    _set_clock(uow, poll, now)
    uow.emit(
        PollOpened(
            poll_id=poll.id,
            topic_id=topic.id,
            community_id=poll.community_id,
            path=poll.path,
            title=poll.title,
            convener=poll.convener,
            roll_size=poll.roll_size,
            closes_at=poll.closes_at,
        )
    )
    return None


def _district(uow: UnitOfWork, poll: PollRow) -> str:
    return directory.community(uow, poll.community_id).district_id


def _missing(uow: UnitOfWork, topic: TopicRow, poll: PollRow) -> list[Hold]:
    missing = []
    if poll.roll_state == "drawing":
        missing.append(Hold.ROLL)
    elif not repository.polls.anybody(uow.session, poll.id):
        missing.append(Hold.EMPTY_ROLL)
    if objections.unanswered(uow, topic.id, "notice"):
        missing.append(Hold.OBJECTIONS)
    if topic.proposal != poll.proposal:
        missing.append(Hold.TEXT)
    return missing


def hold(
    uow: UnitOfWork, topic: TopicRow, poll: PollRow, what: str, missing: list[Hold], now: datetime
) -> datetime:
    """Say once what is missing, and when it is looked at again."""
    told = {"what": what, "missing": [one.value for one in missing]}
    if poll.held != told:
        poll.held = told
        text = texts.held(what, missing)
        common.tell(uow, topic, "poll_held", CLOCK, text, now, ref={"poll_id": poll.id})
    return now + RETRY


def _set_clock(uow: UnitOfWork, poll: PollRow, now: datetime) -> None:
    at = rules_of_life.reminded(now, poll.closes_at)
    repository.due.put(uow.session, "poll.remind", poll.id, at)
    repository.due.put(uow.session, "poll.close", poll.id, poll.closes_at)


def remind(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``poll.remind``: who has not voted may want to know that voting ends soon."""
    poll = repository.polls.poll(uow.session, poll_id, lock=True)
    if poll.state == State.OPEN and now < poll.closes_at:
        uow.emit(
            PollReminded(
                poll_id=poll.id,
                topic_id=poll.topic_id,
                community_id=poll.community_id,
                path=poll.path,
                title=poll.title,
                convener=poll.convener,
                closes_at=poll.closes_at,
            )
        )
    return None


# -- closed ----------------------------------------------------------------------------------------


def close_poll(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``poll.close``: by the database's clock, as ballots are; or voting goes on."""
    topic, poll = locked(uow, poll_id)
    if poll.state != State.OPEN:
        return None
    repository.paper.take_book(uow.session, poll.id)
    ledger.lock(uow, poll.id)  # what is under way at the desk, or in a batch, comes before
    legal = repository.clock.legal_now(uow.session)
    if legal < poll.closes_at:
        return max(poll.closes_at, now + SECOND)
    days = _days_more(uow, poll)
    if days:
        return _extend(uow, topic, poll, days, now)
    poll.state, poll.closed_at = State.CLOSED.value, legal
    topic.deadline_at = legal + COUNTING
    ballots.open_box(uow, poll, now)
    common.tell(uow, topic, "poll_closed", CLOCK, texts.closed(), now, ref={"poll_id": poll.id})
    repository.due.put(uow.session, "poll.publish", poll.id, now)
    uow.emit(
        PollClosed(
            poll_id=poll.id,
            topic_id=topic.id,
            community_id=poll.community_id,
            path=poll.path,
            title=poll.title,
            convener=poll.convener,
        )
    )
    return None


def _days_more(uow: UnitOfWork, poll: PollRow) -> int:
    """By how many days voting goes on: too few took part, whatever they voted."""
    rules = rules_of(poll)
    if poll.extended >= rules.extension.times:
        return 0
    came = taken_part(uow, poll)
    said: dict[Choice, counting.Side] = {"for": came}  # what they said is sealed
    try:
        outcome = counting.evaluate(rules, roll_of(poll), came, said, extended=poll.extended)
    except counting.BadTally:
        return 0  # voting ends as announced; that the numbers are none, the counting says
    return outcome.extend_days


def _extend(
    uow: UnitOfWork, topic: TopicRow, poll: PollRow, days: int, now: datetime
) -> datetime | None:
    more = Span(poll.closes_at, poll.closes_at + timedelta(days=days))
    poll.closes_at = rules_of_life.opened(more, now, held=False)
    poll.extended += 1
    topic.deadline_at = poll.closes_at
    ledger.append(
        uow,
        poll.id,
        "extended",
        {"closes_at": certificates.moment(poll.closes_at), "times": poll.extended},
    )
    text = texts.extended(poll.closes_at, poll.extended)
    common.tell(uow, topic, "poll_extended", CLOCK, text, now, ref={"poll_id": poll.id})
    at = rules_of_life.reminded(now, poll.closes_at)
    repository.due.put(uow.session, "poll.remind", poll.id, at)
    uow.emit(
        PollExtended(
            poll_id=poll.id,
            topic_id=topic.id,
            community_id=poll.community_id,
            path=poll.path,
            title=poll.title,
            convener=poll.convener,
            closes_at=poll.closes_at,
        )
    )
    return poll.closes_at


def roll_of(poll: PollRow) -> counting.Side:
    """Everybody entitled."""
    return counting.Side(
        poll.roll_size, poll.roll_households, poll.roll_area, Fraction(poll.roll_heads)
    )


def taken_part(uow: UnitOfWork, poll: PollRow) -> counting.Side:
    """Everybody whose entry has voted, over whatever channel."""
    return repository.polls.sums(uow.session, poll.id)


# -- stopped ---------------------------------------------------------------------------------------


def void(uow: UnitOfWork, cmd: ops.VoidPoll, actor: Actor, now: datetime) -> PollRow:
    """The desk stops a poll: from its notice the topic goes back to its text, later it ends.

    Raises:
        PollNotFound: it is not the actor's to see.
        NotYourStep: she does not belong to the body that convenes it.
        PollRefuses: it has a result already, or was stopped before.
    """
    visible(uow, actor, cmd.id)
    topic, poll = locked(uow, cmd.id)
    doer = common.desk(actor, poll)
    rules_of_life.require_running(poll.state)
    announced = poll.state == State.ANNOUNCED
    to = TopicState.PROPOSAL if announced else TopicState.CLOSED
    chain.step(common.settings_of(topic), TopicState(topic.state), to, {Hand.DESK}, cmd.reason)
    stop(uow, topic, doer, cmd.reason, now)
    if to is TopicState.CLOSED:
        topic.outcome = "voided"
    common.lead(uow, topic, to, doer, now, reason=cmd.reason, ref={"poll_id": poll.id})
    return poll


def stop(uow: UnitOfWork, topic: TopicRow, doer: Doer, reason: str, now: datetime) -> None:
    """The topic leaves its poll, for a public reason: what runs is void, a result is taken back.

    For whoever leads a topic out of notice, voting or publicity; the topic is locked. Without a
    poll, or with one that is over, nothing happens.
    """
    if topic.poll_id is None:
        return
    poll = repository.polls.poll(uow.session, topic.poll_id, lock=True)
    if poll.state == State.VOID:
        return
    was, told = State(poll.state), texts.voided()
    rules_of_life.step(was, State.VOID)
    poll.state, poll.void_reason, poll.held = State.VOID.value, reason, None
    if was is State.PUBLISHED:
        _annul(uow, topic, poll, doer, reason, now)
        told = texts.ANNULLED
    if was is not State.ANNOUNCED:
        ledger.append(uow, poll.id, "voided", {"reason": reason})
    ref = {"poll_id": poll.id}
    common.tell(uow, topic, "poll_voided", doer, told, now, reason=reason, ref=ref)
    uow.emit(
        PollVoided(
            poll_id=poll.id,
            topic_id=topic.id,
            community_id=poll.community_id,
            path=poll.path,
            title=poll.title,
            convener=poll.convener,
            reason=reason,
            actor_id=doer.person_id,
        )
    )


def _annul(
    uow: UnitOfWork, topic: TopicRow, poll: PollRow, doer: Doer, reason: str, now: datetime
) -> None:
    """What was decided counts for nothing, and what was voted down may come back at once.

    Raises:
        PollRefuses: it holds already: what was adopted is repealed by a vote.
    """
    result = repository.results.result(uow.session, poll.id, lock=True)
    if result is None or result.adopted_at is not None:
        raise rules_of_life.PollRefuses()
    result.annulled_at, result.annulled_by, result.annul_reason = now, doer.person_id, reason
    topic.locked_until = None
