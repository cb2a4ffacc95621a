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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast as cast_to

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import IdempotencyKeyReused, ShequError
from services.contracts.operations import BY_ID
from services.contracts.operations.votes import polls as ops
from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.kit.worker import validated
from services.votes import repository
from services.votes.crypto import answers, box, keys
from services.votes.domain import ballots as rules
from services.votes.domain import receipts
from services.votes.domain.ballots import Ballot, Choice, Entry, NotOnRoll, SubjectNotFound
from services.votes.domain.rolls import Mark
from services.votes.handlers import ledger, proxies, rolls
from services.votes.models import PollHeadRow, PollRow
from services.votes.repository.ballots import New

Verify = Callable[[str], Actor]
"""The actor behind a token, or the error of a token that is none."""

_shuffle = random.SystemRandom().shuffle


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
    new: New | None = field(default=None, repr=False)

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
        sent[0].error = _caught(_find_entries, uow, sent[0].wanted, sent[0].voter)
    _take(uow, cmd.id, [one for one in sent if one.error is None])
    _answer_twins(sent)
    return ops.BallotAnswers(answers=[_answer(one, cmd.id, public_url, alone) for one in sent])


def cast_one(uow: UnitOfWork, cmd: ops.CastBallot, actor: Actor, public_url: str) -> ops.Receipt:
    """A ballot that comes by itself: a batch of one, without an answer to be kept.

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


def _caught(check: Callable[..., None], *args: object) -> ShequError | None:
    try:
        check(*args)
    except ShequError as error:
        return error
    return None


def _answer(one: Sent, poll_id: str, public_url: str, alone: bool) -> ops.BallotAnswer:
    if one.error is None:
        receipt = _receipt(one.receipt, poll_id, public_url)
        return ops.BallotAnswer(receipt=receipt, replayed=one.replayed)
    again = isinstance(one.error, (NotOnRoll, SubjectNotFound)) and not alone
    return ops.BallotAnswer(error=one.error.to_wire(), alone=again)


def _receipt(receipt: str, poll_id: str, public_url: str) -> ops.Receipt:
    shown = receipts.shown(receipt)
    return ops.Receipt(receipt=shown, poll_id=poll_id, url=f"{public_url}/verify?receipt={shown}")


# -- under the head's lock -------------------------------------------------------------------------


def _take(uow: UnitOfWork, poll_id: str, sent: Sequence[Sent]) -> None:
    """Take ballots; each gets its receipt or its error."""
    if not sent:
        return
    try:
        poll = repository.polls.poll(uow.session, poll_id)
        head = ledger.lock(uow, poll_id)
    except ShequError as error:
        _refuse(sent, error)
        return
    uow.session.refresh(poll)  # as it is now that nobody else casts
    sealing = _Sealing.of(uow, poll)
    left = _unanswered(uow, sealing, sent)
    try:
        rules.check_time(
            poll.state, poll.opens_at, poll.closes_at, repository.clock.legal_now(uow.session)
        )
        if "online" not in sealing.rules.channels:
            raise rules.NoOnlineVoting()
    except ShequError as error:
        _refuse(left, error)
        return
    _choose_entries(uow, poll, left)
    taken = _mark(uow, sealing, [one for one in left if one.error is None])
    if taken:
        _lay_down(uow, sealing, head, taken)
        _will_tell(uow, head)


def _refuse(sent: Sequence[Sent], error: ShequError) -> None:
    for one in sent:
        one.error = error


@dataclass(frozen=True, slots=True)
class _Sealing:
    """What all ballots of a poll have in common."""

    poll_id: str
    rules: RuleSet
    box: bytes
    pair: keys.Pair

    @classmethod
    def of(cls, uow: UnitOfWork, poll: PollRow) -> "_Sealing":
        kept = repository.ledger.box(uow.session, poll.id)
        pair = keys.ring().pair(kept.pair)
        chosen = RuleSet.model_validate(poll.rules)
        return cls(poll.id, chosen, bytes.fromhex(kept.public), pair)

    @property
    def secret(self) -> bool:
        """Whether nobody ever learns whose ballot it is."""
        return self.rules.secrecy == "secret"

    def sealed(self, one: Sent) -> New:
        """The ballot as it is kept, with a receipt of its own."""
        one.receipt = receipts.new()
        hashed, code = receipts.hashed(one.receipt), one.voting.code
        area, heads = rules.weighed(one.voting, self.rules)
        named = {} if self.secret else {"code": code, "salt": secrets.token_hex(16)}
        ballot = Ballot(Choice(one.wanted.choice), area, heads, **named)
        sealed = box.seal(self.box, self.poll_id, ballot.text())
        return New(
            leaf=rules.secret_leaf(sealed, hashed) if self.secret else rules.named_leaf(ballot),
            receipt=hashed,
            sealed=box.as_text(sealed),
            code=None if self.secret else code,
            tag=receipts.tag(one.receipt, self.poll_id, code)
            if self.rules.change_of_vote
            else None,
        )


def _unanswered(uow: UnitOfWork, sealing: _Sealing, sent: Sequence[Sent]) -> list[Sent]:
    """Those that were not answered before: a repeat gets the receipt of the first time."""
    first: dict[str, Sent] = {}
    for one in sent:
        one.answer = answers.answer_id(sealing.pair, sealing.poll_id, one.voter.person_id, one.key)
        one.twin = first.setdefault(one.answer, one)
    kept = repository.ballots.answers(uow.session, list(first))
    left = []
    for one in sent:
        if one.answer in kept:
            body_hash, one.receipt = answers.recall(one.answer, one.key, kept[one.answer])
            one.replayed = True
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


def _choose_entries(uow: UnitOfWork, poll: PollRow, sent: Sequence[Sent]) -> None:
    """Which entry each of them votes for; children have none."""
    people = {one.voter.person_id for one in sent}
    entries = repository.ballots.entries_of(uow.session, poll.id, people)
    cards = directory.cards(uow, people, poll.community_id)
    for one in sent:
        person = one.voter.person_id
        card = cards.get(person)
        mine = {} if card is not None and card.standing == "child" else entries.get(person, {})
        try:
            if one.wanted.on_behalf_of is not None:
                one.entry = proxies.entry_for(uow, poll, one.voter, one.wanted)
            else:
                one.entry = rules.own_entry(mine, one.wanted.subject_id)
        except ShequError as error:
            one.error = error


def _mark(uow: UnitOfWork, sealing: _Sealing, sent: Sequence[Sent]) -> list[Sent]:
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


def _tell_the_late(uow: UnitOfWork, sealing: _Sealing, late: dict[str, Sent]) -> None:
    """Somebody took these entries meanwhile, the paper desk as it may be."""
    if not late:
        return
    states = repository.ballots.states(uow.session, sealing.poll_id, list(late))
    for code, one in late.items():
        entry = Entry(code, states[code])
        check = (rules.check_entry, entry, sealing.rules)
        one.error = _caught(lambda c=check: c[0](c[1], c[2], changes=False)) or rules.AlreadyVoted()


def _replaceable(
    uow: UnitOfWork, sealing: _Sealing, sent: Sequence[Sent]
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


def _replaced(one: Sent, sealing: _Sealing, replaceable: dict[str, tuple[int, str | None]]) -> int:
    """The position of the ballot whose receipt was brought, which must be the entry's own."""
    receipt = receipts.read(str(one.wanted.receipt))
    position, tag = replaceable.get(receipts.hashed(receipt), (0, None))
    if tag is None or tag != receipts.tag(receipt, sealing.poll_id, one.voting.code):
        raise rules.ReceiptNotYours()
    return position


def _lay_down(uow: UnitOfWork, sealing: _Sealing, head: PollHeadRow, taken: list[Sent]) -> None:
    """Seal, shuffle, link, keep the answers."""
    _shuffle(taken)
    new = [sealing.sealed(one) for one in taken]
    first = head.leaves
    entry = ledger.link(
        uow, head, "leaves", {"first": first, "leaves": [ballot.leaf for ballot in new]}
    )
    repository.ballots.add(uow.session, sealing.poll_id, first, entry.seq, new)
    head.leaves += len(new)
    ledger.grow(uow, sealing.poll_id, first, head.leaves)
    replaced = sorted(one.replaces for one in taken if one.replaces is not None)
    if replaced:
        ledger.supersede(uow, head, replaced, "ballot")
    kept = {
        one.answer: answers.keep(one.answer, one.key, one.body_hash, one.receipt)
        for one in taken
        if one.answer
    }
    repository.ballots.keep_answers(uow.session, sealing.poll_id, kept)


def _will_tell(uow: UnitOfWork, head: PollHeadRow) -> None:
    """Others will be told of the turnout: at once, but no sooner than a second after last time."""
    if head.untold:
        return
    head.untold = True
    legal = repository.clock.legal_now(uow.session)
    due_at = max(legal, head.told_at + timedelta(seconds=1)) if head.told_at else legal
    repository.due.put(uow.session, "poll.turnout", head.poll_id, due_at)
