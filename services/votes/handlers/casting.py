"""Casting: a batch of ballots of one poll, each with its own voter, key and answer.

::

    tokens, shapes ─▶ head locked ─▶ in time? ─▶ answered before? ─▶ entries ─▶ marks taken
                                                                                     │
        answers ◀─ commit ◀─ answers kept ◀─ leaves linked ◀─ shuffled ◀─ sealed ◀───┘

The head is taken once for all of them, so a batch costs a dozen statements, however large it is.
One bad ballot does not spoil the others. Between the mark on the roll and the ballot in the box
nothing is kept: the order is shuffled, the receipt goes to the voter alone.
"""

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast as cast_to

from services.contracts.actor import Actor
from services.contracts.errors import IdempotencyKeyReused, Internal, ShequError, refusal
from services.contracts.operations import BY_ID
from services.contracts.operations.votes import polls as ops
from services.kit import logs
from services.kit.uow import UnitOfWork
from services.kit.worker import validated
from services.votes import repository
from services.votes.crypto import answers
from services.votes.domain import ballots as rules
from services.votes.domain import ledger as chain
from services.votes.domain import receipts
from services.votes.domain.ballots import Entry, NotOnRoll, SubjectNotFound
from services.votes.domain.proxies import Authority
from services.votes.domain.rolls import Mark
from services.votes.handlers import ledger, proxies, rolls
from services.votes.handlers.sealing import Sealing
from services.votes.handlers.telling import EVERY
from services.votes.models import PollHeadRow
from services.votes.repository.ballots import AtTheBox

Verify = Callable[[str], Actor]
"""The actor behind a token, or the error of a token that is none."""

_shuffle = random.SystemRandom().shuffle
log = logs.get(__name__)


@dataclass(slots=True)
class Sent:
    """One ballot on its way: who casts it and what, then what came of it."""

    key: str
    body_hash: str
    actor: Actor | None = None
    command: ops.CastBallot | None = None
    answer: str = ""
    entry: Entry | None = None
    replaces: int | None = None
    receipt: str = ""
    replayed: bool = False
    error: ShequError | None = None
    twin: "Sent | None" = None

    @property
    def voter(self) -> Actor:
        """Whose ballot it is, once that is known."""
        return cast_to(Actor, self.actor)

    @property
    def wanted(self) -> ops.CastBallot:
        """What she sent, once its shape was looked at."""
        return cast_to(ops.CastBallot, self.command)

    @property
    def voting(self) -> Entry:
        """The entry that votes, once it was found."""
        return cast_to(Entry, self.entry)


def cast(
    uow: UnitOfWork, cmd: ops.CastBallots, verify: Verify, caller: Actor | None, public_url: str
) -> ops.BallotAnswers:
    """Take the ballots that can be taken, and say of each what came of it.

    Args:
        verify: who is behind a ballot's token.
        caller: whose call it is, when somebody's ballot comes alone: others may be asked about her.
    """
    sent = [_read(one, cmd.id, verify) for one in cmd.ballots]
    alone = caller is not None and len(sent) == 1
    if alone and sent[0].error is None:
        sent[0].error = refusal(_find_entries, uow, sent[0].wanted, sent[0].voter)
    _take(uow, cmd.id, [one for one in sent if one.error is None])
    _answer_twins(sent)
    return ops.BallotAnswers(answers=[_answer(one, cmd.id, public_url, alone) for one in sent])


def cast_one(uow: UnitOfWork, cmd: ops.CastBallot, actor: Actor, public_url: str) -> ops.Receipt:
    """A ballot that comes by itself: a batch of one, under a key of its own.

    Raises:
        ShequError: what became of it instead.
    """
    one = Sent(secrets.token_hex(16), "", actor, cmd)
    _find_entries(uow, cmd, actor)
    _take(uow, cmd.id, [one])
    if one.error is not None:
        raise one.error
    return _receipt(one.receipt, cmd.id, public_url)


def _read(one: ops.SentBallot, poll_id: str, verify: Verify) -> Sent:
    """Who it is and what she wants: the checks that every operation goes through."""
    sent = Sent(one.idempotency_key, one.body_hash)
    try:
        sent.actor = verify(one.token)
        BY_ID["castBallot"].permit(sent.actor)
        sent.command = validated(ops.CastBallot, {**one.ballot, "id": poll_id})
    except ShequError as error:
        sent.error = error
    return sent


def _find_entries(uow: UnitOfWork, cmd: ops.CastBallot, actor: Actor) -> None:
    """Ask for entries of the account that the roll does not know yet; no lock is held here."""
    poll = repository.polls.poll(uow.session, cmd.id)
    known = repository.ballots.entries_of(uow.session, cmd.id, [actor.person_id])
    mine = known.get(actor.person_id, {})
    if not mine or (cmd.subject_id is not None and cmd.subject_id not in mine):
        rolls.subjects(uow, actor, poll)


def _answer(one: Sent, poll_id: str, public_url: str, alone: bool) -> ops.BallotAnswer:
    if one.error is None:
        receipt = _receipt(one.receipt, poll_id, public_url)
        return ops.BallotAnswer(receipt=receipt, replayed=one.replayed)
    again = isinstance(one.error, (NotOnRoll, SubjectNotFound)) and not alone
    return ops.BallotAnswer(error=one.error.to_wire(), alone=again)


def _receipt(receipt: str, poll_id: str, public_url: str) -> ops.Receipt:
    shown = receipts.shown(receipt)
    return ops.Receipt(receipt=shown, poll_id=poll_id, url=f"{public_url}/verify#{shown}")


# -- under the head's lock -------------------------------------------------------------------------


def _take(uow: UnitOfWork, poll_id: str, sent: Sequence[Sent]) -> None:
    """Take ballots; each gets its receipt or its error.

    What can be read before is read before the head is locked. An entry that changes in between is
    noticed by the statement that takes it.
    """
    if not sent:
        return
    people = {one.voter.person_id for one in sent}
    try:
        sealing = Sealing.known(uow, poll_id)
        entries = repository.ballots.may_vote_for(
            uow.session, poll_id, sealing.community_id, people
        )
        head = ledger.lock(uow, poll_id)
    except ShequError as error:
        _refuse(sent, error)
        return
    sealing, there = _at_the_box(uow, sealing, sent)
    left = _unanswered(sealing, there, sent)
    try:
        _check_open(sealing, there)
    except ShequError as error:
        _refuse(left, error)
        return
    proxies_held = proxies.held(uow, poll_id, [p for one in left if (p := _proxy_of(one))])
    for one in left:
        _choose_entry(one, entries.get(one.voter.person_id, {}), proxies_held)
    taken = _mark(uow, sealing, [one for one in left if one.error is None])
    if taken:
        _lay_down(uow, sealing, head, taken)


def _at_the_box(
    uow: UnitOfWork, sealing: Sealing, sent: Sequence[Sent]
) -> tuple[Sealing, AtTheBox]:
    """The poll as it is now that nobody else leads it on, and which answers it has given."""
    _name_answers(sealing, sent)
    there = repository.ballots.at_the_box(
        uow.session, sealing.poll_id, [one.answer for one in sent]
    )
    if there.box == sealing.box:
        return sealing, there
    return _at_the_box(uow, Sealing.read(uow, sealing.poll_id), sent)


def _check_open(sealing: Sealing, there: AtTheBox) -> None:
    """Whether ballots are in time."""
    rules.check_time(there.state, there.opens_at, there.closes_at, there.legal_now)
    rules.check_online(sealing.rules)


def _refuse(sent: Sequence[Sent], error: ShequError) -> None:
    for one in sent:
        one.error = error


def _name_answers(sealing: Sealing, sent: Sequence[Sent]) -> None:
    """Each gets the name under which its answer is kept; the same request twice has one."""
    first: dict[str, Sent] = {}
    for one in sent:
        one.answer = answers.answer_id(sealing.pair, sealing.poll_id, one.voter.person_id, one.key)
        one.twin = first.setdefault(one.answer, one)


def _unanswered(sealing: Sealing, there: AtTheBox, sent: Sequence[Sent]) -> list[Sent]:
    """Those that were not answered before: a repeat gets the receipt of the first time."""
    kept = there.answers
    left = []
    for one in sent:
        if one.answer in kept:
            one.replayed = True
            try:
                body_hash, one.receipt = answers.recall(one.answer, one.key, kept[one.answer])
            except ValueError:
                log.error("a kept answer was altered", poll_id=sealing.poll_id)
                one.error = Internal()
                continue
            one.error = None if body_hash == one.body_hash else IdempotencyKeyReused()
        elif one.twin is one:
            left.append(one)
        elif one.body_hash != one.twin.body_hash:  # type: ignore[union-attr]
            one.error = IdempotencyKeyReused()
    return left


def _answer_twins(sent: Sequence[Sent]) -> None:
    """The same request twice in one batch has one answer."""
    for one in sent:
        if one.twin is not None and one.twin is not one and not (one.error or one.receipt):
            one.receipt, one.error, one.replayed = one.twin.receipt, one.twin.error, True


def _proxy_of(one: Sent) -> tuple[str, str] | None:
    """Who votes for which entry, when it is not her own."""
    code = one.wanted.on_behalf_of
    return None if code is None else (one.voter.person_id, code)


def _choose_entry(
    one: Sent,
    own: Mapping[str, Entry],
    proxies_held: Mapping[tuple[str, str], tuple[Authority, Entry]],
) -> None:
    """Which entry it is for; of somebody else by a proxy, or one of her own."""
    try:
        if one.wanted.on_behalf_of is not None:
            one.entry = proxies.entry_for(proxies_held, one.voter, one.wanted)
        else:
            one.entry = rules.own_entry(own, one.wanted.subject_id)
    except ShequError as error:
        one.error = error


def _mark(uow: UnitOfWork, sealing: Sealing, sent: Sequence[Sent]) -> list[Sent]:
    """Take the entries, each once; those ballots that may be laid into the box."""
    replaceable = _replaceable(uow, sealing, sent)
    fresh: dict[str, Sent] = {}
    changing: dict[str, Sent] = {}
    for one in sent:
        code, changes = one.voting.code, one.wanted.receipt is not None
        try:
            rules.check_entry(one.voting, sealing.rules, changes=changes)
            if code in fresh or code in changing:
                raise rules.AlreadyVoted()
            if changes:
                one.replaces = _replaced(one, sealing, replaceable)
            (changing if changes else fresh)[code] = one
        except ShequError as error:
            one.error = error
    for to in (Mark.ONLINE, Mark.PROXY):
        wanted = [code for code, one in fresh.items() if _mark_of(one) is to]
        if not wanted:
            continue
        got = repository.rolls.take(uow.session, sealing.poll_id, wanted, Mark.FREE, to)
        _tell_the_late(uow, sealing, {code: fresh.pop(code) for code in set(wanted) - got})
    return [*fresh.values(), *changing.values()]


def _mark_of(one: Sent) -> Mark:
    return Mark.ONLINE if one.wanted.on_behalf_of is None else Mark.PROXY


def _tell_the_late(uow: UnitOfWork, sealing: Sealing, late: dict[str, Sent]) -> None:
    """Somebody took these entries meanwhile, the paper desk as it may be."""
    if not late:
        return
    states = repository.ballots.states(uow.session, sealing.poll_id, list(late))
    for code, one in late.items():
        entry = Entry(code, states[code])
        error = refusal(rules.check_entry, entry, sealing.rules, changes=False)
        one.error = error or rules.AlreadyVoted()


def _replaceable(
    uow: UnitOfWork, sealing: Sealing, sent: Sequence[Sent]
) -> dict[str, tuple[int, str | None]]:
    """The ballots that stand under the receipts which were brought."""
    if not sealing.rules.change_of_vote:
        return {}
    wanted = []
    for one in sent:
        if one.wanted.receipt is not None:
            try:
                wanted.append(receipts.hashed(receipts.read(one.wanted.receipt)))
            except ShequError:
                continue  # it is told when its own turn comes
    if not wanted:
        return {}
    return repository.ballots.replaceable(uow.session, sealing.poll_id, wanted)


def _replaced(one: Sent, sealing: Sealing, replaceable: dict[str, tuple[int, str | None]]) -> int:
    """The position of the ballot whose receipt was brought, which must be the entry's own."""
    receipt = receipts.read(str(one.wanted.receipt))
    position, tag = replaceable.get(receipts.hashed(receipt), (0, None))
    if tag is None or tag != receipts.tag(receipt, sealing.poll_id, one.voting.code):
        raise rules.ReceiptNotYours()
    return position


def _lay_down(uow: UnitOfWork, sealing: Sealing, head: PollHeadRow, taken: list[Sent]) -> None:
    """Seal, shuffle, link, keep the answers."""
    _shuffle(taken)
    new = []
    for one in taken:
        one.receipt, ballot = sealing.sealed(one.wanted.choice, one.voting)
        new.append(ballot)
    kept = {
        one.answer: answers.keep(one.answer, one.key, one.body_hash, one.receipt) for one in taken
    }
    first = head.leaves
    entry = chain.linked(
        head.seq, head.hash, "leaves", {"first": first, "leaves": [ballot.leaf for ballot in new]}
    )
    repository.ballots.add(uow.session, sealing.poll_id, first, entry, new, kept)
    repository.ledger.moved(head, entry, first + len(new))
    _will_tell(uow, head)
    ledger.grow(uow, sealing.poll_id, first, head.leaves)
    replaced = sorted(one.replaces for one in taken if one.replaces is not None)
    if replaced:
        ledger.supersede(uow, head, replaced, "ballot")


def _will_tell(uow: UnitOfWork, head: PollHeadRow) -> None:
    """Others will be told of the turnout: at once, but no sooner than a second after last time."""
    if head.untold:
        return
    head.untold = True
    legal = repository.clock.legal_now(uow.session)
    due_at = max(legal, head.told_at + EVERY) if head.told_at else legal
    repository.due.put(uow.session, "poll.turnout", head.poll_id, due_at)
